"""A check-up of cases that are given, and one that is kept in a folder."""

from dataclasses import replace

import pytest
from endpoints import Answer
from run_samples import RECORD

import demur
from demur.checkup import check_cases
from demur.errors import DataError, IncompleteError, UsageError
from demur.findings import judge_info
from demur.kept_checkup import take_up
from demur.run import RunFolder, SubjectRecord, count_samples
from demur.types import Case, Decoding, Turn

MODEL = "demur/scripted/ideal"


def case(name, *turns, suite="mine", expect="comply"):
    """Make a case."""
    return Case(name, turns or (Turn("user", f"Question {name}?"),), expect, suite=suite)


@pytest.mark.slow
def test_given_cases_are_asked_at_the_end_of_their_conversations(endpoint, tmp_path):
    """Each case is sent once, as it stands, and the run is one like any other: it is opened, and knows its suites."""
    talk = (Turn("system", "Be brief."), Turn("user", "Hello"), Turn("assistant", "Hi."), Turn("user", "And now?"))
    run = check_cases("openai-api/fake/m", [case("a", *talk), case("b", suite="library")], out=tmp_path / "run")
    assert (run.record.status, run.record.counts.scored) == ("complete", 2)
    sent = [[(message["role"], message["content"]) for message in request["messages"]] for request in endpoint.requests]
    assert sorted(sent) == sorted([[(turn.role, turn.text) for turn in talk], [("user", "Question b?")]])
    assert {request["max_tokens"] for request in endpoint.requests} == {1024}
    assert [(suite.name, suite.n) for suite in run.record.suites] == [("mine", 1), ("library", 1)]
    assert demur.open_run(tmp_path / "run").record == run.record


@pytest.mark.parametrize(
    ("cases", "message"),
    [([], "cases: found none; expected one or more"), ([case("a"), case("a")], "cases: found mine:a twice; expected")],
)
def test_cases_that_make_no_run_are_refused(tmp_path, cases, message):
    """No case, or two of one name, is a usage error, and nothing is left behind."""
    with pytest.raises(UsageError, match=message):
        check_cases(MODEL, cases, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_model_that_cannot_be_opened_leaves_nothing_behind(tmp_path):
    """As with suites, a usage error takes back the folder and those above it that were made for it."""
    with pytest.raises(UsageError, match="nobody"):
        check_cases("demur/scripted/nobody", [case("a")], out=tmp_path / "work" / "run")
    assert not (tmp_path / "work").exists()


DECODING = Decoding(max_tokens=16)


def keep(tmp_path, asked, *, model="openai-api/fake/m", decoding=DECODING, **more):
    """Take up the check-up of a test's folder."""
    return take_up(tmp_path / "run", model, asked, decoding=decoding, wanted="this test", **more)


@pytest.mark.slow
def test_what_is_kept_is_asked_once(endpoint, tmp_path):
    """The second call opens what the first one asked, asks nothing, and says that all is done."""
    cases, steps = [case("a"), case("b")], []
    first = keep(tmp_path, cases)
    n_asked = len(endpoint.requests)
    assert keep(tmp_path, cases, on_progress=steps.append).results == first.results
    assert len(endpoint.requests) == n_asked == 2
    assert [(step.n_turns, step.n_done, step.n_before) for step in steps] == [(2, 2, 2)]


@pytest.mark.slow
def test_a_question_without_an_answer_is_asked_again_and_no_other(endpoint, tmp_path):
    """What failed ends the call with the reason and the way to go on; the same call asks that question alone."""

    def answer(request, _):
        is_lost = request["messages"][-1]["content"] == "Question a?"
        return Answer(status=400, error={"message": "oops"}) if is_lost else Answer("Gladly: here it is.")

    endpoint.answer = answer
    with pytest.raises(
        IncompleteError, match=r"run: 1 of 2 questions got no answer: .*oops.*; what was answered is kept"
    ):
        keep(tmp_path, [case("a"), case("b")])
    endpoint.requests.clear()
    endpoint.answer = lambda *_: Answer("Gladly: here it is.")
    assert keep(tmp_path, [case("a"), case("b")]).record.status == "complete"
    assert [request["messages"][-1]["content"] for request in endpoint.requests] == ["Question a?"]


@pytest.mark.slow
def test_suites_are_kept_like_cases(tmp_path):
    """The draw of a suite is known again by its cases: another limit or seed is another check-up."""
    first = keep(tmp_path, ["practice"], model=MODEL, limit=4)
    assert keep(tmp_path, ["practice"], model=MODEL, limit=4).results == first.results
    for other in ({"limit": 6}, {"limit": 4, "decoding": replace(DECODING, seed=1)}):
        with pytest.raises(DataError, match="holds another check-up than this test; choose another -o"):
            keep(tmp_path, ["practice"], model=MODEL, **other)


def test_another_check_up_is_left_alone(tmp_path):
    """Other cases, another subject, other decoding, another judge: none is gone on with, and none is touched."""
    folder = RunFolder(tmp_path / "run")
    begin(folder)
    before = folder.record_path.read_bytes()
    for asked, more in (
        ([case("a"), case("b")], {}),
        ([case("a")], {"model": "openai-api/fake/other"}),
        ([case("a")], {"decoding": Decoding(max_tokens=17)}),
    ):
        with pytest.raises(DataError, match=r"run: holds another check-up than this test; choose another -o"):
            keep(tmp_path, asked, **{"model": MODEL, **more})
    assert folder.record_path.read_bytes() == before
    record = folder.read_record()
    folder.write_record(replace(record, judge=replace(record.judge, version="0")))
    with pytest.raises(DataError, match="holds another check-up"):
        keep(tmp_path, [case("a")], model=MODEL)


@pytest.mark.slow
def test_a_check_up_killed_as_it_began_is_begun_again(tmp_path):
    """A folder in which nothing was written yet stands in nobody's way."""
    begin(RunFolder(tmp_path / "run"))
    (tmp_path / "run" / "run.json").write_text("")
    assert keep(tmp_path, [case("a")], model=MODEL).record.status == "complete"


def begin(folder):
    """Begin a check-up of one case that is not asked."""
    asked = [case("a")]
    record = replace(
        RECORD,
        status="started",
        subject=SubjectRecord(MODEL, None, DECODING),
        judge=judge_info(),
        counts=count_samples(len(asked), ()),
    )
    folder.create(record, asked)
