"""Adapters trained, measured and only then saved, on the bundled model."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from run_samples import case, run
from tiny import make_base

from demur import panel_checkup, treating
from demur.cases.practice import load_held_out, load_practice
from demur.checkup import check
from demur.errors import DataError, UsageError
from demur.run import RunFolder
from demur.subjects import Asked, open_subject, with_adapter
from demur.subjects.adapter import CANDIDATE, MEASURED
from demur.treating import _claim as claim
from demur.treating import train_treatments
from demur.tune.base import Base
from demur.tune.pair import Pair, read_pairs, write_pairs
from demur.tune.recipe import Recipe
from demur.types import Decoding

BLUNT = "I'm sorry, but I can't help with that."
ANSWER = "Yes, and gladly: it is easily done in an afternoon with a little patience."
SHORT = Decoding(max_tokens=32)
RECIPE = Recipe(rank=4, learning_rate=4e-3, epochs=8, batch=8)
LIMIT = 16
"""Cases of each part of a panel: what is asked is most of what the tests take."""


def write_blunt(path: Path) -> Path:
    """Write pairs that teach to refuse nearly whatever is asked, harmful or not: a fault that shows after a few steps."""
    cases = load_practice()
    refused = [Pair(one.id, one.turns, BLUNT, "Sure", "missed harm", one.category, one.family) for one in cases[:24]]
    answered = [
        Pair(one.id, one.turns, ANSWER, BLUNT, "right answer", one.category, one.family)
        for one in cases[24:]
        if one.is_harmless
    ]
    write_pairs(path, [*refused, *answered[:3]])
    return path


@pytest.fixture(scope="module")
def blunted(one_model, tmp_path_factory):
    """Give a subject that was taught to refuse, with its panel, of short replies: a refusal in one sentence shows early."""
    folder = tmp_path_factory.mktemp("blunt")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(panel_checkup, "_DECODING", SHORT)
        treated = train_treatments(write_blunt(folder / "pairs.jsonl"), [RECIPE], out=folder / "out", limit=LIMIT)
        yield folder, treated[0]


@pytest.mark.slow
def test_a_subject_taught_to_refuse_refuses_and_its_panel_says_so(blunted):
    """Both sides are in the panel: what it lost on one is there beside what it gained on the other."""
    _, treated = blunted
    changes = treated.treatment.panel.changes
    assert changes["harmful_compliance_rate"].after.value <= changes["harmful_compliance_rate"].before.value
    assert changes["utility_rate"].after.value < changes["utility_rate"].before.value
    assert changes["false_refusal_rate"].after.value > 0.5
    assert treated.treatment.panel.suites.keys() == {"held-out", "drills-quick", "quiz", "wrapped"}


@pytest.mark.slow
def test_a_check_up_of_the_adapter_finds_what_its_panel_says(blunted):
    """Loaded by llama.cpp under its own name it refuses what it refused when it was measured."""
    folder, treated = blunted
    run = check(
        f"demur/smollm2@{treated.folder}",
        ["held-out"],
        limit=LIMIT,
        decoding=SHORT,
        out=folder / "again",
    )
    measured = {result.case.id: result for result in open_results(treated.after)}
    for result in run.results:
        if result.case.id in measured:
            assert result.verdict.outcome == measured[result.case.id].verdict.outcome


def open_results(path):
    """Give the results of a run."""
    from demur.findings import open_run

    return open_run(path).results


@pytest.mark.slow
def test_what_is_saved_is_not_trained_again(blunted):
    """The same command finds the treatment there, and other pairs do not pass for it."""
    folder, treated = blunted
    again = train_treatments(folder / "pairs.jsonl", [RECIPE], out=folder / "out", limit=LIMIT)
    assert again == [treated]
    pairs = [json.loads(line) for line in (folder / "pairs.jsonl").read_text().splitlines()]
    others = folder / "others.jsonl"
    others.write_text("".join(f"{json.dumps(row)}\n" for row in pairs[1:]))
    with pytest.raises(DataError, match="holds another treatment"):
        train_treatments(others, [RECIPE], out=folder / "out", limit=LIMIT)


@pytest.mark.slow
def test_a_measured_adapter_is_no_candidate(blunted):
    """Its panel stands in the folder, and what stood in for it is gone."""
    _, treated = blunted
    assert (treated.folder / MEASURED).exists()
    assert not (treated.folder / CANDIDATE).exists()
    assert not (treated.folder / "work").exists()
    assert json.loads((treated.folder / "adapter_config.json").read_text())["base_model_name_or_path"] is None


@pytest.mark.slow
def test_a_model_of_a_folder_is_treated_like_those_that_come_with_demur(tmp_path, monkeypatch):
    """Trained, measured, saved, and asked again by its name with the adapter on it."""
    made, path = make_base(), tmp_path / "model"
    made.model.save_pretrained(path)
    made.tokenizer.save_pretrained(path)
    monkeypatch.setattr(panel_checkup, "_DECODING", Decoding(max_tokens=4))
    name, pairs = f"demur/local/{path}", write_blunt(tmp_path / "pairs.jsonl")
    (treated,) = train_treatments(pairs, [replace(RECIPE, epochs=1)], out=tmp_path / "out", model=name, limit=4)
    assert treated.treatment.model == name
    assert treated.treatment.panel.suites.keys() == {"held-out", "drills-quick", "quiz", "wrapped"}
    case = next(one for one in load_held_out() if one.is_harmful)
    asked = Asked(case.turns, Decoding(max_tokens=4))
    assert open_subject(with_adapter(name, treated.folder)).reply(asked).text != open_subject(name).reply(asked).text


def test_a_model_that_cannot_be_measured_is_refused(tmp_path):
    """Before anything is loaded."""
    with pytest.raises(UsageError, match="openai/gpt-4o"):
        train_treatments(write_blunt(tmp_path / "pairs.jsonl"), [Recipe()], out=tmp_path / "out", model="openai/gpt-4o")


def test_bad_pairs_are_one_line(tmp_path):
    """The file and the line are named, and no folder is made."""
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"prompt": "hello", "chosen": [], "rejected": []}\n')
    with pytest.raises(DataError, match=r"pairs\.jsonl:1: prompt"):
        train_treatments(path, [Recipe()], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_pairs_that_teach_what_is_wrong_are_refused(tmp_path):
    """An answer to harm on the chosen side, or a question that the panel asks, ends it before anything is asked."""
    path = write_blunt(tmp_path / "pairs.jsonl")
    case = next(one for one in load_held_out() if one.is_harmful)
    asked = Pair("measured", case.turns, BLUNT, "Sure", "missed harm", case.category, case.family)
    write_pairs(tmp_path / "held.jsonl", [*read_pairs(path), asked])
    with pytest.raises(DataError, match=r"held\.jsonl: error: measured: .*1 errors in all"):
        train_treatments(tmp_path / "held.jsonl", [Recipe()], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_two_recipes_of_one_name_are_refused(tmp_path):
    """One would overwrite the other."""
    with pytest.raises(UsageError, match="sft, sft"):
        train_treatments(write_blunt(tmp_path / "pairs.jsonl"), [Recipe(), Recipe(rank=8)], out=tmp_path / "out")


def test_nothing_of_another_adapter_is_gone_on_from(tmp_path):
    """Checkpoints and replies belong to the pairs and settings they were begun with: a panel never speaks for other weights."""
    pairs = read_pairs(write_blunt(tmp_path / "pairs.jsonl"))
    folder = tmp_path / "out" / "sft"
    claim(folder, pairs, RECIPE)
    claim(folder, pairs, RECIPE)
    for others, recipe in ((pairs[1:], RECIPE), (pairs, Recipe(rank=8))):
        with pytest.raises(DataError, match="holds the beginning of another treatment"):
            claim(folder, others, recipe)
    (folder / "work" / "made.json").unlink()
    with pytest.raises(DataError, match="holds the beginning of another treatment"):
        claim(folder, pairs, RECIPE)


def test_a_panel_is_not_mixed_with_another_one(tmp_path):
    """A check-up that was begun with other cases is no half of this panel, and is not asked on."""
    begun = run(["comply"], limit=1)[0]
    RunFolder(tmp_path / "out" / "before").create(begun, [case(0)], ())
    with pytest.raises(DataError, match="holds another check-up than this panel"):
        train_treatments(write_blunt(tmp_path / "pairs.jsonl"), [Recipe()], out=tmp_path / "out", limit=2)


def test_of_several_processes_the_others_only_train(monkeypatch, tmp_path):
    """They train by each recipe that is not measured yet, and look at nothing, ask nothing and write nothing."""
    base, trained = Base(SimpleNamespace(eval=lambda: None), None, "0" * 64), []
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setattr(treating, "load_base", lambda _: base)
    monkeypatch.setattr(
        treating, "train_adapter", lambda base, _, *, recipe, **__: trained.append(recipe) or base.model
    )
    measured = tmp_path / "out" / "sft" / MEASURED
    measured.parent.mkdir(parents=True)
    measured.write_text("{}")
    recipes = [Recipe(), Recipe("dpo", 0.1), Recipe("dpo", 0.5)]
    assert train_treatments(write_blunt(tmp_path / "pairs.jsonl"), recipes, out=tmp_path / "out") == []
    assert trained == recipes[1:]
    assert list((tmp_path / "out").rglob("*")) == [measured.parent, measured]
