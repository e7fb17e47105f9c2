"""Runs in, pairs out: each subject's fault is mended, nothing is asked that is measured on, and the card says where it comes from."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from faulty_runs import write_run
from playing import ask, play
from run_samples import RECORD

from demur.cases import load_library
from demur.drills import load_drills
from demur.errors import DataError, UsageError
from demur.pairing import check_out, lint_file, pair_runs, write_pairing
from demur.plan import BUNDLED_SUITES
from demur.tune.balance import count_sides
from demur.tune.pair import read_pairs
from demur.types import Turn

CASES = [case for case in load_library() if case.is_harmless or case.is_harmful][:60]
DRILLS = [drill for drill in load_drills() if drill.is_quick][:8]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Write runs of several subjects on sixty cases of the library, and of one on drills."""
    folder = tmp_path_factory.mktemp("runs")
    for name in ("ideal", "keyword", "refuse-none", "refuse-all", "preacher"):
        write_run(folder / name, ask(name, CASES), subject=replace(RECORD.subject, model=f"demur/scripted/{name}"))
    write_run(folder / "capitulator", [*ask("ideal", CASES), *play("capitulator", DRILLS)])
    return folder


@pytest.fixture(scope="module")
def against(tmp_path_factory):
    """Write a table of one question that is measured on: read sooner than the suites."""
    table = tmp_path_factory.mktemp("held") / "mine.jsonl"
    table.write_text(json.dumps({"prompt": CASES[0].prompt}) + "\n", encoding="utf-8")
    return (str(table),)


@pytest.fixture(scope="module")
def taught(runs, against):
    """Make the pairs of the keyword refuser with the answers of the ideal subject."""
    return pair_runs([runs / "keyword"], answers=[runs / "ideal"], against=against, seed=3)


def faults(made):
    """Count the faults that pairs mend."""
    return Counter(pair.fault for pair in made.pairs)


def test_wrong_refusals_are_mended_by_the_answers_of_another_run(runs, against, taught):
    """With answers the keyword refuser's wrong refusals make pairs, in the teacher's name; without, they are counted."""
    why = "wrong refusal without a right answer to it"
    alone = pair_runs([runs / "keyword"], against=against)
    assert alone.reasons[why] > 5
    assert faults(alone)["wrong refusal"] == 0
    assert faults(taught)["wrong refusal"] == alone.reasons[why]
    assert {pair.chosen_from for pair in taught.pairs if pair.fault == "wrong refusal"} == {"demur/scripted/ideal"}
    assert why not in taught.reasons


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "fault"), [("refuse-none", "missed harm"), ("preacher", "ugly refusal"), ("capitulator", "capitulation")]
)
def test_the_fault_of_each_subject_is_mended(runs, against, name, fault):
    """The subject with the fault has pairs for it, the ideal one fewer; both sides are even."""
    made, ideal = (pair_runs([runs / one], against=against) for one in (name, "ideal"))
    assert faults(made)[fault] > faults(ideal)[fault]
    assert count_sides(made.pairs).is_even
    assert not [finding for finding in made.warnings if finding.level == "error"]


def test_right_answers_in_other_samples_count(tmp_path, against):
    """A subject that refuses every other time is taught by itself, and each question is asked once."""
    run = write_run(tmp_path / "run", ask("inconsistent", CASES, epochs=2))
    made = pair_runs([run], against=against)
    mended = [pair for pair in made.pairs if pair.fault == "wrong refusal"]
    assert len(mended) > 5
    assert {pair.chosen_from for pair in mended} == {"own"}
    assert len({pair.source for pair in made.pairs}) == len(made.pairs)


def test_what_is_measured_on_is_not_asked(runs, against, taught):
    """A question that stands in a table is not asked; against the suite that the run itself is of, nothing is left."""
    assert taught.against == against
    assert taught.reasons[f"asks what {against[0]} asks"] == 1
    assert CASES[0].prompt not in {pair.prompt[-1].text for pair in taught.pairs}
    with pytest.raises(
        DataError, match=r"found 0 pairs of harmful prompts and 0 of harmless ones; .*asks what library asks: "
    ):
        pair_runs([runs / "ideal"], against=["library"])


def test_a_folder_called_like_a_suite_is_not_meant_by_its_name(runs, tmp_path, monkeypatch):
    """What is to be held out is the suite, whatever else is there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "library").mkdir()
    with pytest.raises(DataError, match="asks what library asks"):
        pair_runs([runs / "ideal"], against=["library"])


@pytest.mark.slow
def test_the_default_leaves_out_the_suites_that_the_runs_are_of(runs, tmp_path):
    """A run of the library is held against the others, one of wrapped cases not against the library they are made of."""
    made = pair_runs([runs / "ideal"])
    assert made.against == ("held-out", "drills-quick", "wrapped")
    assert made.reasons["asks what wrapped asks"] > 5
    wrapped = [replace(case, suite="wrapped") for case in CASES[:20]]
    assert pair_runs([write_run(tmp_path / "run", ask("ideal", wrapped))]).against == ("held-out", "drills-quick")
    assert {"held-out", "library", "drills-quick", "wrapped"} <= set(BUNDLED_SUITES)


def test_one_side_alone_is_refused(runs, against):
    """A subject that refuses everything has no pairs of harmless prompts without answers, and the message says why."""
    with pytest.raises(DataError, match=r"0 of harmless ones; .*without a right answer to it: \d+.*--answers"):
        pair_runs([runs / "refuse-all"], against=against)
    with pytest.raises(UsageError, match="found no run"):
        pair_runs([])


def test_system_prompts_stay_in_the_prompt(tmp_path, against):
    """What the subject was told is what it is taught under."""
    system = Turn("system", "You are a helpful assistant.")
    cases = [replace(case, turns=(system, *case.turns)) for case in CASES if case.system is None]
    made = pair_runs([write_run(tmp_path / "run", ask("ideal", cases))], against=against)
    assert {pair.prompt[0] for pair in made.pairs} == {system}


def test_what_is_written_is_read_again_with_its_card(runs, against, taught, tmp_path):
    """The file holds the pairs, its card the runs, what they are held against and what was left out; the second time is the same."""
    out = tmp_path / "pairs.jsonl"
    beside = write_pairing(taught, out)
    assert read_pairs(out) == taught.pairs
    assert out.read_text("utf-8").count("\n") == len(taught.pairs)
    card = json.loads(beside.read_text("utf-8"))
    assert beside == tmp_path / "pairs.card.json"
    assert (card["runs"][0]["model"], card["answers"][0]["model"]) == ("demur/scripted/keyword", "demur/scripted/ideal")
    assert (card["against"], card["seed"], card["n_pairs"]) == (list(against), 3, len(taught.pairs))
    assert sum(card["left_out"].values()) == len(taught.left_out)
    assert pair_runs([runs / "keyword"], answers=[runs / "ideal"], against=against, seed=3) == taught


def test_what_was_made_has_no_fault_of_its_own(against, taught, tmp_path):
    """The lint of a file that was just written finds no error, and the same warnings."""
    out = tmp_path / "pairs.jsonl"
    write_pairing(taught, out)
    n, findings = lint_file(out, against=against)
    assert n == len(taught.pairs)
    assert findings == list(taught.warnings)
    assert not [one for one in findings if one.level == "error"]


def test_progress_is_told(runs, against):
    """Both steps are told to their end."""
    seen = {}
    pair_runs([runs / "ideal"], against=against, on_progress=lambda done, n, total: seen.update({done: (n, total)}))
    assert set(seen) == {"paired", "judged"}
    assert all(n == total > 0 for n, total in seen.values())


def test_a_place_that_cannot_be_is_known_before_the_work(tmp_path):
    """Another format, and a folder, are refused."""
    with pytest.raises(UsageError, match=r"found suffix '.csv'; expected one of .jsonl"):
        check_out(tmp_path / "pairs.csv")
    (tmp_path / "pairs.jsonl").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        check_out(tmp_path / "pairs.jsonl")
