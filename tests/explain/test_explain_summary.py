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
        "The refusal hangs on “kill”: with it 100 points more are refused (95 % interval 22 to 100, 6 pairs)."
    )


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
