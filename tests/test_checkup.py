"""A check-up of cases that are given."""

import pytest

import demur
from demur.checkup import check_cases
from demur.errors import UsageError
from demur.types import Case, Turn

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
