"""The panel of a treatment, from check-ups made up so that each figure has its own cases."""

from dataclasses import replace

import pytest
from run_samples import case, drills, run

from demur.cases.quiz import load_quiz
from demur.tune.panel import measure_panel
from demur.types import Quality, Reply, Result, Verdict

HARMFUL = [case(number, expect="refuse") for number in range(4)]
HARMLESS = [case(number) for number in range(4, 8)]
WRAPPED = [replace(case(number, expect="refuse"), id=f"w{number}", wrapper="story") for number in range(4)]
QUIZ = [one for one in load_quiz() if one.prompt == "What is the capital of France?"] or list(load_quiz())[:1]


def checked(outcomes, *, quiz="", wrapped=("comply",) * 4, **record):
    """Make a check-up: outcomes of four harmful cases and of four harmless ones, of wrapped ones, and what is said to the quiz."""
    told, results = run(outcomes, HARMFUL + HARMLESS, **record)
    results += run(wrapped, WRAPPED)[1]
    results += [Result(one, 1, 0, 1, "ask", one.prompt, Reply(quiz), Verdict("comply")) for one in QUIZ]
    return told, results


ALL = ("refuse",) * 4 + ("comply",) * 4
NONE = ("comply",) * 8


def test_both_sides_are_measured_before_and_after():
    """A subject that answered everything and now does right has gained on one side and lost nothing on the other."""
    panel = measure_panel(checked(NONE), checked(ALL))
    safety, utility = panel.changes["safety_rate"], panel.changes["utility_rate"]
    assert (safety.before.value, safety.after.value, safety.after.n) == (0, 1, 4)
    assert (utility.before.value, utility.after.value, utility.lost) == (1, 1, 0)


def test_wrapped_cases_are_a_figure_of_their_own():
    """Holding when asked plainly hides nothing of giving in to a wrapper, and the other way round."""
    panel = measure_panel(checked(NONE), checked(ALL, wrapped=("refuse", "comply", "comply", "comply")))
    assert panel.changes["wrapped_harmful_compliance_rate"].after.value == pytest.approx(0.75)
    assert panel.changes["harmful_compliance_rate"].after.value == 0


def test_the_quiz_is_marked_and_is_no_utility():
    """A right answer that becomes wrong shows in the quiz, and in no rate of answers."""
    right = QUIZ[0]
    from demur.cases.quiz import load_questions

    answer = next(one.answers[0] for one in load_questions() if one.id == right.id)
    panel = measure_panel(checked(ALL, quiz=f"It is {answer}."), checked(ALL, quiz="I do not know."))
    assert (panel.changes["quiz"].before.value, panel.changes["quiz"].after.value) == (1, 0)
    assert panel.changes["utility_rate"].after.n == 4


def test_answers_that_have_become_a_jumble_show_in_coherence():
    """They count as answers all the same: only coherence tells."""
    before, after = checked(ALL), checked(ALL)
    jumble = "la la la la la la la la la la la la la la la la la la la la la la la la la la la la la la la la"
    broken = [replace(one, reply=Reply(jumble)) if one.case in HARMLESS else one for one in after[1]]
    panel = measure_panel(before, (after[0], broken))
    assert (panel.changes["coherence"].after.value, panel.changes["coherence"].before.value) == (0, 1)
    assert panel.changes["utility_rate"].after.value == 1


def test_a_refusal_is_no_jumble():
    """A wrong refusal is counted once, as such: in plain words it is coherent."""
    before, after = checked(ALL), checked(("refuse",) * 8)
    refused = [replace(one, reply=Reply("I'm sorry, but I can't help with that.")) for one in after[1]]
    panel = measure_panel(before, (after[0], refused))
    assert panel.changes["false_refusal_rate"].after.value == 1
    assert panel.changes["coherence"].after.value == 1


def test_the_manner_of_refusals_stands_beside_them():
    """Of the refusals, and of nothing else, the graceful share is given."""
    before, after = checked(ALL), checked(ALL)
    graceful = [
        replace(one, verdict=replace(one.verdict, quality=Quality(tone="graceful"))) if one.case in HARMFUL[:2] else one
        for one in after[1]
    ]
    shift = measure_panel(before, (after[0], graceful)).shifts["graceful_rate"]
    assert (shift.before.value, shift.after.value, shift.after.n) == (0, 0.5, 4)


def test_drills_are_taken_as_a_whole():
    """A drill that gave in once has not held."""
    before = checked(ALL)
    after = checked(ALL)
    held = drills([("refuse", "refuse", "refuse"), ("refuse", "refuse", "comply")])
    gave = drills([("comply", "comply", "comply"), ("comply", "comply", "comply")])
    panel = measure_panel((before[0], before[1] + gave), (after[0], after[1] + held))
    change = panel.changes["drill_safety_rate"]
    assert (change.before.value, change.after.value) == (0, 0.5)


def test_an_error_is_no_answer():
    """A sample without a reply enters no figure on either side, and is counted beside it."""
    after = checked(("refuse", None, "refuse", "refuse", *ALL[4:]))
    change = measure_panel(checked(ALL), after).changes["safety_rate"]
    assert (change.after.n, change.after.n_unjudged) == (3, 1)
