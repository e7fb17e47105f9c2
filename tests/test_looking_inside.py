"""A look inside the model of a run, from its folder to what is written."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from explain_subjects import KeptRounds, behaving
from planted import make_results, make_tokenizer, plant, see_verdicts
from run_samples import RECORD

from demur import explaining, looking_inside
from demur.cli.main import cli
from demur.errors import UsageError
from demur.explain.inside.network import Network
from demur.findings import open_run
from demur.looking_inside import look_inside, open_network, read_inside
from demur.report.inside import render_inside
from demur.run import RunFolder, SubjectRecord
from demur.subjects.family import find_family
from demur.types import Decoding

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    """The planted model saved as anybody's is, a run of it, and the look at both."""
    folder = tmp_path_factory.mktemp("inside")
    network = plant().network
    network.model.save_pretrained(folder / "model")
    network.tokenizer.save_pretrained(folder / "model")
    results = see_verdicts(network, make_results())
    model = f"demur/local/{folder / 'model'}"
    run = RunFolder(folder / "run")
    record = replace(
        RECORD, subject=SubjectRecord(model, None, Decoding()), counts=replace(RECORD.counts, expected=len(results))
    )
    run.create(record, [one.case for one in results])
    run.append_results(results)
    said = []
    inside = look_inside(folder / "run", cache=folder / "states", on_progress=lambda *done: said.append(done))
    return folder, inside, said


def test_the_run_names_its_model(looked):
    """The subject of the run is read where no model is named, every prompt once, and the planted directions are found in what was saved."""
    _, inside, said = looked
    assert said[-1] == (200, 200)
    assert inside.direction.model.startswith("demur/local/")
    assert (inside.direction.n_prompts, inside.direction.n_unjudged, inside.direction.n_left_out) == (200, 0, 0)
    assert inside.direction.refusal.is_usable
    assert inside.direction.harm.layer == inside.direction.refusal.chosen.layer == 3


def test_what_is_written_is_plain(looked):
    """The JSON holds directions and cases, and every figure with its controls."""
    plain = json.loads(json.dumps(looked[1].to_plain(), allow_nan=False))
    assert set(plain) == {"direction", "map"}
    assert len(plain["map"]["cases"]) == 200
    assert plain["direction"]["refusal"]["induced"]["random"]["n"] == 20
    assert plain["direction"]["harm"]["auroc"]["n"] > 0


def test_a_second_look_finds_the_same_and_reads_nothing(looked):
    """What was read is kept: the second look passes fewer prompts through the model, and says the same."""
    folder, inside, _ = looked
    again = look_inside(folder / "run", cache=folder / "states")
    assert again.direction.n_rows == inside.direction.n_rows - 200
    assert replace(again.direction, n_rows=0) == replace(inside.direction, n_rows=0)
    assert again.map == inside.map


def test_the_page_shows_every_case_and_lets_nothing_in(looked):
    """A dot a case, the four corners with their counts, and a policy without a script; prompts are escaped."""
    inside = looked[1]
    cases = list(inside.map.cases)
    cases[0] = replace(cases[0], prompt="<script>alert(1)</script>")
    page = render_inside(inside.direction, replace(inside.map, cases=tuple(cases)))
    assert page.count('<svg class="case ') == 200 + 5
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "script-src &#39;none&#39;" in page
    for corner in ("False alarm", "Refused as harmful", "Answered", "Let through"):
        assert corner in page


def test_a_model_without_a_direction_has_a_page_too(tmp_path):
    """The page of the unplanted copy says why nothing is given, and draws no plane."""
    network = plant(is_planted=False).network
    inside = read_inside(network, see_verdicts(network, make_results()), name="unplanted", cache=tmp_path)
    page = render_inside(inside.direction, inside.map)
    assert "It refused 0 of 200" in page
    assert '<svg class="case ' not in page


def test_a_run_with_nothing_to_read_is_told(tmp_path):
    """A run of drills alone ends with one line, and so does a subject without weights."""
    network = plant().network
    assert isinstance(network, Network)
    drills = [replace(one, case=replace(one.case, drill="d")) for one in make_results()[:3]]
    with pytest.raises(UsageError, match="no single question"):
        read_inside(network, drills, name="planted")
    folder = RunFolder(tmp_path / "run")
    folder.create(RECORD, [make_results()[0].case])
    with pytest.raises(UsageError, match="has no weights"):
        look_inside(tmp_path / "run")


@pytest.mark.parametrize(
    ("tokenizer", "context", "words"),
    [
        ({"template": None}, None, "its tokenizer has no chat template"),
        ({"n_more": 9}, None, "/wrong: the tokenizer has 221 tokens and the model knows 212"),
        ({}, 6, "suite0:harm-0: found a prompt of .* expected fewer than 6, the model's context"),
    ],
)
def test_a_model_that_cannot_be_read_is_told_before_anything_is_asked(looked, tmp_path, tokenizer, context, words):
    """No chat template, the tokenizer of another model, a prompt beyond the context: one line, exit 2, and no call."""
    model = plant().network.model
    model.config.max_position_embeddings = context or model.config.max_position_embeddings
    model.save_pretrained(tmp_path / "wrong")
    make_tokenizer(**tokenizer).save_pretrained(tmp_path / "wrong")
    asked = []
    with pytest.raises(UsageError, match=words) as raised:
        explaining.explain(
            str(looked[0] / "run"),
            whitebox=True,
            model=f"demur/local/{tmp_path / 'wrong'}",
            on_progress=asked.append,
        )
    assert "\n" not in str(raised.value)
    assert raised.value.exit_code == 2
    assert asked == []


def test_the_explanation_of_a_run_opens_the_model_too(looked, monkeypatch, tmp_path):
    """What is found by asking and what is found inside stand in one record, and the pages lead from one to the other."""
    folder, inside, _ = looked
    monkeypatch.setattr(explaining, "take_up", KeptRounds(behaving(lambda _: False)))
    opened = []
    monkeypatch.setattr(explaining, "open_run", lambda path: opened.append(path) or open_run(path))
    monkeypatch.setattr(looking_inside, "open_run", explaining.open_run)
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(
        cli, ["explain", str(folder / "run"), "--whitebox", "-o", "why.json"], standalone_mode=False
    )
    assert ended.return_value == 0, ended.output
    found = json.loads((tmp_path / "why.json").read_text(encoding="utf-8"))
    assert {"cues", "pattern", "sentences", "layer"} <= set(found)
    assert found["direction"]["refusal"]["chosen"] == inside.to_plain()["direction"]["refusal"]["chosen"]
    assert len(found["map"]["cases"]) == 200
    assert 'href="why.inside.html"' in (tmp_path / "why.html").read_text(encoding="utf-8")
    assert "<svg" in (tmp_path / "why.inside.html").read_text(encoding="utf-8")
    assert opened == [str(folder / "run")]
    assert "200/200 prompts read" in ended.stderr
    assert "Refusal is decided by layer 3" in " ".join(ended.stdout.split())


def test_an_adapter_beside_its_model_is_read_as_the_subject_it_makes():
    """The blunt subject's own adapter, named by its folder, is the blunt subject; without it the weights are others."""
    blunt = find_family()["demur/smollm2-blunt"]
    keys = [
        open_network(name).key for name in (f"demur/smollm2@{blunt.adapter}", "demur/smollm2-blunt", "demur/smollm2")
    ]
    assert keys[0] == keys[1] != keys[2]
