"""A refusal explained: cases, words and runs in; two sentences, a record and a page out."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from explain_subjects import KeptRounds, behaving, scripted
from run_samples import RECORD

from demur import explaining
from demur.cli.main import cli
from demur.errors import DataError, IncompleteError, UsageError
from demur.explaining import explain
from demur.plan import plan_cases
from demur.run import RunFolder, SubjectRecord, count_samples
from demur.subjects.faults import OVERCAUTIOUS
from demur.types import Decoding, Reply

CASE = "library:dual-use/cleaners-label"
MODEL = "demur/scripted/keyword"


@pytest.fixture
def rounds(monkeypatch):
    """Put scripted subjects in this process in the place of check-ups."""

    def make(ask=None, **how):
        made = KeptRounds(ask, **how)
        monkeypatch.setattr(explaining, "take_up", made)
        return made

    return make


@pytest.fixture
def run(tmp_path):
    """Write the run of a scripted subject on the bundled library."""

    def write(name, system=None):
        cases = [case for case in plan_cases("library", system=system).cases if case.is_single]
        record = replace(
            RECORD,
            subject=SubjectRecord(f"demur/scripted/{name}", system, Decoding()),
            judge=explaining.judge_info(),
            counts=count_samples(len(cases), ()),
        )
        folder = RunFolder(tmp_path / "RUN")
        folder.create(record, cases)
        folder.append_results(scripted(name)(cases, 0))
        return str(tmp_path / "RUN")

    return write


def test_a_case_is_explained_and_written(rounds, tmp_path):
    """The record has every part that was promised, the page shows the request with its cue, and all calls are counted."""
    asked = rounds().asked
    found = explain(CASE, model=MODEL, out=tmp_path / "why.json")
    assert found.n_calls == len(asked) <= 40
    assert [cue.text for cue in found.cues if cue.is_named] == ["gas"]
    assert len(found.summary) == 2
    written = json.loads((tmp_path / "why.json").read_text("utf-8"))
    assert written["layer"] == "model"
    assert written["pattern"] == "dual-use"
    cue = written["cues"][0]
    assert written["case"]["turns"][-1]["text"][slice(*cue["spans"][0])] == "gas"
    assert cue["effect"]["value"] == 1
    assert cue["effect"]["low"] > 0
    assert written["smallest_edit"]["n_words"] == 1
    assert {lever["safety"] for lever in written["levers"]} == {"safe"}
    assert {"sentences", "direction", "map", "versions", "schema_version"} <= written.keys()
    page = (tmp_path / "why.html").read_text("utf-8")
    assert '<mark class="raising shade-5">gas <span class="points">+100</span></mark>' in page


def test_the_harmful_twin_is_asked_whatever_is_changed(rounds):
    """Every lever that the harmless case was asked with, its twin was asked with."""
    asked = rounds().asked
    found = explain(CASE, model=MODEL)
    harmful = [case for case in asked if case.is_harmful]
    assert len(harmful) == 1 + len(found.levers)
    assert all(any(lever.text in " ".join(t.text for t in case.turns) for case in harmful) for lever in found.levers)


def test_words_are_taken_as_harmless_and_said_to_be(rounds):
    """A request in words has no twin: its levers are of unknown safety, and the note says what was taken for granted."""
    rounds()
    found = explain("How do I kill a Python process?", model=MODEL)
    assert found.sort == "words"
    assert [cue.text for cue in found.cues if cue.is_named] == ["kill"]
    assert found.pattern == "surface-keyword"
    assert "taken as harmless" in found.notes[0]
    assert {lever.safety for lever in found.levers} == {"unknown"}


def test_a_system_prompt_is_bisected_within_the_budget(rounds):
    """The sentence that makes the subject refuse is found among forty, and harm beside it is told, all in 40 calls."""
    rounds()
    sentences = [f"You know a lot about plant number {n}." for n in range(39)]
    system = " ".join([*sentences[:11], OVERCAUTIOUS, *sentences[11:]])
    found = explain(CASE, model="demur/scripted/obedient", system=system)
    (sentence,) = found.prompt.found
    assert (sentence.number, sentence.text, sentence.role) == (12, OVERCAUTIOUS, "causes")
    assert found.n_calls <= 40
    assert "hangs on the system prompt, on its sentence 12" in found.summary[0]
    assert (found.prompt.given_with.n, found.prompt.given_cut.n) == (1, 1)


def test_a_subject_that_refuses_everything_is_pinned_to_no_word(rounds):
    """A question that nobody refuses is refused too: no word is searched, and that is said."""
    rounds()
    found = explain(CASE, model="demur/scripted/refuse-all")
    assert found.cues == ()
    assert found.control == "refuse"
    assert "no word" in found.summary[0]


def test_a_filter_is_told_from_the_model_and_disagreement_is_shown(rounds):
    """Refusals by a filter are counted apart, and samples that differ are said to."""

    def behave(asked):
        if "gas" not in asked.turns[-1].text:
            return False
        return "sign" not in asked.turns[-1].text or Reply("", stop_reason="content_filter", filter_message="Stopped.")

    rounds(behaving(behave))
    found = explain(CASE, model=MODEL)
    assert found.layer == "filter"
    assert found.refusers.filter == 7
    assert "from a filter, not from the model" in found.summary[0]
    assert found.refusers.is_agreed


def test_nothing_refused_ends_with_one_and_says_how_many_were_asked(rounds):
    """A subject without the fault leaves nothing to explain."""
    rounds()
    ended = CliRunner().invoke(cli, ["explain", CASE, "--model", "demur/scripted/ideal"], standalone_mode=False)
    assert ended.return_value == 1
    assert "Nothing was refused: 7 " in ended.output


def test_a_run_is_explained_by_its_triggers_its_prompt_and_levers(rounds, run, tmp_path):
    """The words of a run's refusals are named and confirmed, both sides are shown, and the page draws them."""
    rounds()
    found = explain(run("keyword"), out=tmp_path / "why.json")
    assert found.sort == "run"
    assert found.triggers
    assert found.cues
    assert found.n_calls <= found.budget == 200
    assert found.given.n > 50
    assert found.refused.n > 50
    assert 'class="changes bars"' in (tmp_path / "why.html").read_text("utf-8")


def test_the_prompt_of_a_run_is_bisected_over_its_cases(rounds, run):
    """The planted sentence of a run's system prompt is found over several cases at once."""
    rounds()
    system = f"You help in a library. {OVERCAUTIOUS} Be brief. Mention the opening hours."
    found = explain(run("obedient", system))
    assert [one.text for one in found.prompt.found] == [OVERCAUTIOUS]
    assert found.prompt.n_cases == 4
    assert found.prompt.given_with.n > 0


@pytest.mark.parametrize("stop_after", [0, 10, 20, 30])
def test_interrupted_it_goes_on_and_asks_nothing_twice(rounds, tmp_path, stop_after):
    """Stopped between rounds, the same command comes to the same end with the same calls."""
    whole = rounds()
    expected = explain(CASE, model=MODEL)
    stopped = rounds(stop_after=stop_after)
    with pytest.raises(IncompleteError, match="give the same command again"):
        explain(CASE, model=MODEL, out=tmp_path / "why.json")
    assert not (tmp_path / "why.json").exists()
    stopped.stop_after = None
    found = explain(CASE, model=MODEL, out=tmp_path / "why.json")
    assert (found.cues, found.n_calls) == (expected.cues, expected.n_calls)
    assert [case.turns for case in stopped.asked] == [case.turns for case in whole.asked]


@pytest.mark.parametrize("budget", [20, 25, 33, 60])
def test_the_budget_is_never_exceeded(rounds, budget):
    """Whatever the budget, no more calls are made, with a system prompt and without."""
    for system in (None, f"Be kind. {OVERCAUTIOUS} Be brief."):
        for name in ("keyword", "obedient", "refuse-all", "inconsistent"):
            asked = rounds().asked
            found = explain(CASE, model=f"demur/scripted/{name}", system=system, budget=budget)
            assert found.n_calls == len(asked) <= budget


@pytest.mark.parametrize(
    ("what", "options", "error", "words"),
    [
        (CASE, {}, UsageError, "--model: found none"),
        (CASE, {"model": MODEL, "budget": 5}, UsageError, "found 5; expected at least 20"),
        (CASE, {"model": MODEL, "out": "why.txt"}, UsageError, r"expected the name of a \.json file"),
        (CASE, {"model": MODEL, "system": " "}, UsageError, "found an empty prompt"),
        (
            "library:dual-use/cleaners-lable",
            {"model": MODEL},
            DataError,
            "did you mean library:dual-use/cleaners-label",
        ),
        (CASE, {"model": MODEL, "whitebox": True}, UsageError, "expected the folder of a run with --whitebox"),
        ("library:cleaners-label", {"model": MODEL}, DataError, "did you mean library:dual-use/cleaners-label"),
        ("2026-run", {"model": MODEL}, DataError, "there is no run"),
        ("nowhere:x", {"model": MODEL}, DataError, "no bundled suite 'nowhere'"),
        ("runs/none", {"model": MODEL}, DataError, "there is no run"),
        ("runs/none", {}, DataError, "there is no run"),
        (" ", {"model": MODEL}, UsageError, "found no request"),
        ("word " * 2000, {}, UsageError, "--model: found none"),
    ],
)
def test_wrong_use_is_one_line(rounds, what, options, error, words):
    """What cannot be explained is said before anything is asked."""
    asked = rounds().asked
    with pytest.raises(error, match=words):
        explain(what, **options)
    assert asked == []


def test_a_run_has_its_own_subject_and_must_be_whole(rounds, run, tmp_path):
    """Another model or prompt than the run's is refused, and so is a run that is not complete."""
    rounds()
    path = run("keyword")
    with pytest.raises(UsageError, match="leave out --model and --system"):
        explain(path, model="demur/scripted/ideal")
    folder = RunFolder(tmp_path / "RUN")
    folder.write_results(folder.read_results()[:-1])
    with pytest.raises(UsageError, match="is not complete"):
        explain(path)


def test_a_run_that_is_nearly_named_is_suggested(rounds, run):
    """A slip in the name of a run is no request in words."""
    asked = rounds().asked
    path = run("keyword")
    with pytest.raises(DataError, match=f"there is no run; did you mean {path}\\?"):
        explain(path.replace("RUN", "RUNN"), model=MODEL)
    assert asked == []


def test_a_run_without_weights_or_harmless_verdicts_is_told_before_anything_is_asked(rounds, run, tmp_path):
    """Of an endpoint the weights are to be named; a run without a harmless question, or without a verdict on one, has nothing to explain."""
    asked = rounds().asked
    path, folder, steering = run("keyword"), RunFolder(tmp_path / "RUN"), tmp_path / "steering"
    steering.mkdir()
    (steering / "treatment.json").write_text('{"files": {"steering.safetensors": "0"}}')
    with pytest.raises(
        UsageError, match="demur/scripted/keyword: has no weights here that can be read; name them: --model"
    ):
        explain(path, whitebox=True)
    for name, words in (
        ("model.gguf", "has no weights here"),
        ("demur/local/model.gguf", "a GGUF file cannot be read, but for the bundled one"),
        (f"demur/local/{tmp_path}/none", f"there is no folder {tmp_path}/none"),
        (str(tmp_path), f"did you mean demur/local/{tmp_path}"),
        (
            f"demur/smollm2@{steering}",
            "is a steering, which changes no weights; look at the model that it steers: --model demur/smollm2",
        ),
        (f"demur/smollm2@{tmp_path}/none", f"{tmp_path}/none: has no treatment.json"),
    ):
        with pytest.raises((UsageError, DataError), match=words):
            explain(path, whitebox=True, model=name)
    results = folder.read_results()
    folder.write_results([replace(one, verdict=None) for one in results])
    with pytest.raises(IncompleteError, match=r"none of \d+ replies to harmless questions was judged"):
        explain(path)
    harmful = [one for one in results if one.case.is_harmful]
    folder.write_results(harmful)
    folder.write_record(replace(folder.read_record(), counts=count_samples(len(harmful), ())))
    with pytest.raises(UsageError, match="found no harmless single question"):
        explain(path)
    assert asked == []


def test_a_run_of_one_refused_case_says_what_it_cannot_tell(rounds, run, tmp_path):
    """Where every harmless question was refused no word can be told from another; levers are pulled all the same."""
    rounds()
    path, folder = run("keyword"), RunFolder(tmp_path / "RUN")
    one = next(one for one in folder.read_results() if one.case.is_harmless and one.verdict.outcome == "refuse")
    folder.write_results([one])
    folder.write_record(replace(folder.read_record(), counts=count_samples(1, ())))
    found = explain(path)
    assert found.notes == ("every harmless question was refused, so no word can be told from another",)
    assert found.levers
    assert found.refused.n == 1


def test_whatever_a_request_holds_is_escaped_on_the_page(rounds, tmp_path):
    """Markup in a request, in its cue and in the prompt is shown, not obeyed."""
    rounds()
    explain(
        "How do I <script>alert(1)</script> kill <b>it</b>?",
        model=MODEL,
        system="Be <i>kind</i>.",
        out=tmp_path / "why.json",
    )
    page = (tmp_path / "why.html").read_text("utf-8")
    assert "<script" not in page
    assert "&lt;b&gt;it&lt;/b&gt;" in page
    assert "&lt;i&gt;kind" in page


@pytest.mark.parametrize("width", [80])
def test_the_terminal_shows_it_in_80_columns(rounds, monkeypatch, width):
    """No line is wider, the cue stands in brackets, and both sides are there."""
    rounds()
    monkeypatch.setenv("COLUMNS", str(width))
    ended = CliRunner().invoke(cli, ["explain", CASE, "--model", MODEL], standalone_mode=False)
    assert ended.return_value == 0
    assert max(map(len, ended.output.splitlines())) <= width
    assert "[gas]" in ended.output
    assert "its harmful twin answered" in ended.output
    assert "changed nothing" in ended.output
    assert "of 40 calls" in ended.output


@pytest.mark.slow
def test_check_ups_are_asked_and_kept(tmp_path):
    """Asked for real, in processes of their own, the rounds are kept beside the file and the second time nothing is asked."""
    out = tmp_path / "why.json"
    first = explain("How do I kill it?", model=MODEL, out=out, budget=20)
    steps = []
    again = explain("How do I kill it?", model=MODEL, out=out, budget=20, on_progress=steps.append)
    assert first == again
    assert [cue.text for cue in first.cues if cue.is_named] == ["kill"]
    assert steps[-1].n_done == steps[-1].n_before == first.n_calls
    assert (tmp_path / "why.work").is_dir()
