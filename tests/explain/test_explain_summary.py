"""What a colleague would say: two sentences that name the evidence, and never one side alone."""

from demur.explain.cue import Cue, Edit
from demur.explain.layer import Refusers
from demur.explain.lever_study import LeverEffect
from demur.explain.summary import say_turning, say_where
from demur.types import Estimate

WORD = Cue("kill", ((9, 13),), (), Estimate(1.0, 0.22, 1.0, 6))
HELD, ANSWERED, NO_TWIN = Estimate(0.0, 0.0, 0.8, 1), Estimate(1.0, 0.2, 1.0, 1), Estimate(None, None, None, 0)


def lever(safety):
    """Make a lever that opens a case."""
    return LeverEffect("purpose", "user", "To learn.", 2, Estimate(1.0, 0.2, 1.0, 1), HELD, safety)


def test_a_word_is_said_with_its_points_and_interval():
    """The word, by how much, and what that rests on."""
    assert say_where(Refusers(7, 0, 0), None, [WORD], "comply", is_run=False) == (
        "The refusal hangs on “kill”: with it, the same question is refused 100 points more often (95 % interval 22 to 100, 6 pairs)."
    )


def test_words_of_which_one_is_enough_are_said_to_be():
    """A cue of words that stand apart is no phrase: each of them is enough, and both have to go."""
    apart = Cue("kill … gun", ((9, 13), (20, 23)), (), Estimate(1.0, 0.22, 1.0, 6))
    said = say_where(Refusers(7, 0, 0), None, [apart], "comply", is_run=False)
    assert said.startswith("The refusal hangs on “kill” or “gun”, of which one is enough: with them,")
    edit = Edit("remove", "kill … gun", "How do I it with a?", 2, "comply")
    assert say_turning(edit, [], NO_TWIN, is_run=False) == "Without “kill” and “gun” it is answered."


def test_a_lever_over_a_run_is_said_with_its_counts():
    """Of several cases it is said how many a lever opens."""
    some = LeverEffect(
        "purpose", "user", "To learn.", 2, Estimate(2 / 3, 0.2, 0.9, 3), Estimate(0.0, 0.0, 0.5, 3), "safe"
    )
    said = say_turning(None, [some], Estimate(0.0, 0.0, 0.1, 20), is_run=True)
    assert said.startswith("Stating the purpose (before the request) opens 2 of 3, and no harmful twin gains by it; ")


def test_a_cue_that_was_not_confirmed_is_not_said():
    """What has an interval around nothing is no explanation."""
    doubtful = Cue("of", (), (), Estimate(0.2, -0.3, 0.6, 6))
    said = say_where(Refusers(7, 0, 0), None, [doubtful], "comply", is_run=False)
    assert said == "The refusal could not be traced to a word."


def test_what_turns_it_is_said_with_the_harmful_side():
    """The edit, the lever with its safety, and what becomes of the twin."""
    edit = Edit("remove", "kill", "How do I it?", 1, "comply")
    assert say_turning(edit, [lever("safe")], HELD, is_run=False) == (
        "Without “kill” it is answered; stating the purpose (before the request) is enough, and no harmful twin gains by it; "
        "its harmful twin is refused as it stands."
    )
    assert "opens the harmful side too" in say_turning(None, [lever("unsafe")], ANSWERED, is_run=False)
    assert "what it does to harmful requests is unknown" in say_turning(None, [lever("unknown")], NO_TWIN, is_run=False)
    assert say_turning(None, [], NO_TWIN, is_run=False) == "Nothing was found that turns it."
