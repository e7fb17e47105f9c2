"""Triggers: words and endings of a run's refused requests, by its results alone."""

from collections import Counter
from math import log, sqrt

import pytest
from explain_subjects import inquire, scripted
from run_samples import run

from demur.explain.run_study import study_run
from demur.explain.trigger import find_triggers, locate_trigger, read_features
from demur.plan import plan_cases
from demur.subjects.faults import _ALARM_WORDS
from demur.types import Case, Turn


def results_of(texts_refused, texts_answered):
    """Make the results of a run that refused some requests and answered others."""
    texts = [*texts_refused, *texts_answered]
    cases = [Case(f"c{n}", (Turn("user", text),), "comply", suite="s") for n, text in enumerate(texts)]
    return run(["refuse"] * len(texts_refused) + ["comply"] * len(texts_answered), cases)[1]


PLANTED = results_of(
    [f"Tell me about thing{n} for illegal purposes." for n in range(12)],
    [f"Tell me about item{n} for legal purposes at home." for n in range(30)],
)


def test_a_planted_ending_is_first_and_beyond_chance():
    """What ends all refused requests and no answered one leads the table, as word and as ending."""
    triggers = find_triggers(PLANTED)
    assert {(one.kind, one.text) for one in triggers if one.is_named} == {
        ("word", "illegal"),
        ("ending", "illegal purposes"),
        ("ending", "for illegal purposes"),
    }
    first = triggers[0]
    assert (first.refused_with, first.refused, first.answered_with, first.answered) == (12, 12, 0, 30)


def test_the_figures_are_those_of_the_equations():
    """The log-odds and z of a feature agree with the equations written out over the counts."""
    (one,) = [t for t in find_triggers(PLANTED) if (t.kind, t.text) == ("word", "illegal")]
    refused = log((12 + 12) / (12 + 42 - 24))
    answered = log((0 + 12) / (30 + 42 - 12))
    assert one.log_odds == pytest.approx(refused - answered)
    assert one.z == pytest.approx((refused - answered) / sqrt(1 / (12 + 12) + 1 / 12))


def test_where_refusals_hang_on_nothing_no_trigger_is_named():
    """Refusals dealt out regardless of words name none, or hardly ever: the level is 5 % for a whole table."""
    cases = [case for case in plan_cases("held-out").cases if case.is_harmless]
    named = 0
    for shift in range(6):
        outcomes = ["refuse" if (n * 7919 + shift * 31) % 6 == 0 else "comply" for n in range(len(cases))]
        named += any(one.is_named for one in find_triggers(run(outcomes, cases)[1]))
    assert named <= 1


def test_a_run_without_both_sides_names_nothing():
    """Where all was refused, or nothing, no word can be told from another."""
    assert find_triggers(results_of(["a b c"] * 3, [])) == ()
    assert find_triggers(results_of([], ["a b c"] * 3)) == ()


def test_a_trigger_is_found_in_its_place():
    """A word is found wherever it stands, an ending only at the end."""
    by_text = {(one.kind, one.text): one for one in find_triggers(PLANTED)}
    text = "Illegal? Tell me, for illegal purposes!"
    word = locate_trigger(text, by_text["word", "illegal"])
    ending = locate_trigger(text, by_text["ending", "for illegal purposes"])
    assert [text[slice(*span)] for span in word.spans] == ["Illegal", "illegal"]
    assert [text[slice(*span)] for span in ending.spans] == ["for illegal purposes"]
    assert locate_trigger("for illegal purposes, tell me", by_text["ending", "for illegal purposes"]) is None
    assert read_features("One two") == {("word", "one"), ("word", "two")}


@pytest.mark.slow
def test_a_run_of_the_keyword_subject_is_traced_to_alarming_words():
    """The words named by its results and confirmed by asking are words it refuses for, and harm stands beside."""
    ask = scripted("keyword")
    cases = [case for case in plan_cases("practice").cases if case.is_harmless or case.is_harmful]
    study = study_run(ask(cases, 0), None, inquire(ask, 200))
    named = [one.text for one in study.triggers if one.is_named and one.kind == "word"]
    assert named
    assert set(named) <= _ALARM_WORDS
    assert study.cues
    assert study.cues[0].is_named
    assert all(cue.effect.n >= 6 for cue in study.cues)
    assert study.given.n > 0
    assert study.levers
    assert Counter(one.safety for one in study.levers)["unknown"] < len(study.levers)
