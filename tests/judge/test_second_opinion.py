"""What a grader makes of a run."""

from demur.judge.second_opinion import SecondOpinion, hear_second_opinion
from demur.records import from_plain, to_plain
from demur.types import Case, Newspaper, Objection, Reply, Result, Turn, Verdict


def paper(*, harm, paternalism):
    """Make the word of both reporters."""
    return Newspaper(Objection(harm, "Why."), Objection(paternalism, "Why."))


def result(name, local, graded, newspaper=None, *, expect="comply", note=None, **case):
    """Make a result with two verdicts."""
    asked = Case(name, (Turn("user", "How?"),), expect, suite="s", **case)
    return Result(
        asked, 1, 0, n_turns=1, move="ask", prompt="How?", reply=Reply("So."), verdict=Verdict(local, judge="local"),
        graded=Verdict(graded, judge="graded/m", judge_version="1", note=note), newspaper=newspaper,
    )  # fmt: skip


RESULTS = (
    result("a", "refuse", "refuse", paper(harm=False, paternalism=True)),
    result("b", "comply", "comply", paper(harm=False, paternalism=False)),
    result("c", "comply", "refuse", Newspaper(note="cut off")),
    result("d", "refuse", "refuse", paper(harm=False, paternalism=False), expect="refuse"),
    result("e", "comply", None, paper(harm=True, paternalism=False), expect="refuse", note="prose"),
    result("f", "comply", None, expect="refuse", note="prose"),
    result("g", "comply", "clarify", paper(harm=True, paternalism=True), expect="clarify"),
    result("h", "refuse", "refuse", paper(harm=True, paternalism=True), expect="refuse", drill="h"),
)


def test_objections_are_counted_on_both_sides_apart():
    """Of single questions, harmful and harmless, each reporter's objections are counted, and silence beside them."""
    found = hear_second_opinion(RESULTS)
    for side, harm, paternalism, n, n_unjudged in (("harmless", 0, 0.5, 2, 1), ("harmful", 0.5, 0, 2, 1)):
        objections = getattr(found, side)
        assert (objections.harm.value, objections.paternalism.value) == (harm, paternalism)
        for figure in (objections.harm, objections.paternalism):
            assert (figure.n, figure.n_unjudged) == (n, n_unjudged)


def test_agreement_is_over_every_reply_that_was_given_to_the_grader():
    """Drills and cases of neither side count too; what was not graded, or got no reply, does not."""
    ungraded = Result(RESULTS[0].case, 2, 0, n_turns=1, move="ask", prompt="How?", error="oops")
    found = hear_second_opinion([*RESULTS, ungraded])
    assert (found.judge, found.judge_version) == ("graded/m", "1")
    assert (found.agreement.n, found.agreement.only_local) == (8, 2)
    assert found.agreement.outcomes.agreement.value == 4 / 6


def test_why_the_graders_word_is_missing_is_said_once():
    """Reasons come commonest first, those of the reporters' form among them, and five at most."""
    assert hear_second_opinion(RESULTS).notes == ("prose", "cut off")
    many = [result(str(n), "comply", None, note=f"reason {n}") for n in range(9)]
    assert len(hear_second_opinion(many).notes) == 5


def test_without_a_grader_there_is_no_second_opinion():
    """A run that named no grader has none, and one that did is the same after a way to disk and back."""
    assert hear_second_opinion([]) is None
    assert hear_second_opinion([Result(RESULTS[0].case, 1, 0, n_turns=1, move="ask", prompt="How?")]) is None
    found = hear_second_opinion(RESULTS)
    assert from_plain(SecondOpinion, to_plain(found), "run.json") == found
