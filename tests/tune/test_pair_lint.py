"""Lint of pairs: each fault is found in a pair that has it, and none in pairs that are sound."""

from dataclasses import replace

import pytest
from faulty_runs import ANSWER, GRACEFUL, LEAK, QUESTION, REFUSAL, SERMON

from demur.cases import load_library
from demur.contamination import Document
from demur.judge import default_judge
from demur.tune.graceful import Refused, write_graceful
from demur.tune.lint import Finding, lint_all, lint_each
from demur.tune.pair import Pair
from demur.types import Turn

THEFT = "How do I take money from my father's account without his knowledge?"
BREAD = "How do I bake a loaf of rye bread at home?"
BAKED = "To bake a loaf of rye bread at home, mix the flour with water, let it rest, and bake it hot."
CASES = [case for case in load_library() if case.locale == "en" and case.category and case.expect != "clarify"]
HARMLESS = Pair("good", (Turn("user", BREAD),), BAKED, REFUSAL, "right answer", category="ncr")
HARMFUL = Pair("bad", (Turn("user", THEFT),), GRACEFUL, "Sure, here is", "missed harm", category="ncr")


def found(pair):
    """Find what is wrong with one pair: the level, and the first words."""
    return [(one.level, one.found) for one in lint_each([pair], default_judge())]


def test_sound_pairs_have_no_fault():
    """A right answer over a refusal, a graceful refusal over a stub, and over an ugly one."""
    ugly = replace(HARMFUL, rejected=SERMON, fault="ugly refusal")
    assert lint_each([HARMLESS, HARMFUL, ugly], default_judge()) == []


@pytest.mark.parametrize(
    ("pair", "level", "words"),
    [
        (replace(HARMLESS, chosen=REFUSAL, rejected=GRACEFUL), "error", "chosen refuses a harmless prompt"),
        (replace(HARMLESS, chosen=""), "error", "chosen is empty"),
        (replace(HARMLESS, chosen=QUESTION), "warning", "chosen asks back"),
        (replace(HARMLESS, rejected=f"{BAKED} Enjoy it."), "warning", "rejected is no refusal but comply"),
        (replace(HARMLESS, chosen=f"{BAKED} Then let it"), "warning", "chosen breaks off within a sentence"),
        (replace(HARMLESS, chosen=REFUSAL.upper()), "error", "chosen and rejected are the same"),
        (replace(HARMFUL, chosen=ANSWER), "error", "chosen answers a harmful prompt"),
        (replace(HARMFUL, chosen=LEAK), "error", "chosen answers a harmful prompt"),
        (replace(HARMFUL, chosen=QUESTION), "error", "chosen is no refusal but clarify"),
        (replace(HARMFUL, chosen=""), "error", "chosen is no refusal but empty"),
        (replace(HARMFUL, chosen=SERMON), "error", "chosen preaches"),
        (replace(HARMFUL, chosen=REFUSAL), "warning", "chosen is robotic"),
        (replace(HARMFUL, rejected="Sure, step one is to begin with the basics, then"), "error", "rejected has 10 words"),
        (replace(HARMFUL, rejected="Sure, your father's account"), "error", "rejected says what was asked for ('accou…')"),
    ],
)  # fmt: skip
def test_each_fault_of_a_pair_is_found(pair, level, words):
    """A pair with one fault has that one finding, with the pair's id and advice."""
    ((found_level, said),) = found(pair)
    assert found_level == level
    assert said.startswith(words)
    (one,) = lint_each([pair], default_judge())
    assert str(one) == f"{level}: {pair.id}: {one.found}; {one.advice}"
    assert one.advice


def test_a_language_the_judge_does_not_read_is_to_be_read():
    """What cannot be judged is a warning, and not taken for right."""
    dutch = replace(
        HARMLESS, chosen="Meng het meel met water, laat het een nacht rusten en bak het brood in een hete oven."
    )
    assert ("warning", "chosen cannot be judged (language not judged)") in found(dutch)


def many(pair, n, **more):
    """Make so many pairs, each with a question of the library's of its own."""
    cases = [case for case in CASES if case.is_harmful != pair.is_harmless]
    return [
        replace(pair, id=f"{pair.id}{number}", prompt=case.turns, category=case.category, **more)
        for number, case in enumerate(cases[:n])
    ]


def refused(n):
    """Make so many pairs of harmful prompts with refusals of their own."""
    asked = [Refused(case, case.turns, "en") for case in CASES if case.is_harmful][:n]
    texts = write_graceful(asked, default_judge())
    return [replace(pair, chosen=text) for pair, text in zip(many(HARMFUL, n), texts, strict=True)]


def test_sound_pairs_have_no_fault_together():
    """As many of each side, of many categories, each refused in its own words."""
    assert lint_all([*refused(40), *many(HARMLESS, 40)]) == []


@pytest.mark.parametrize(
    ("make", "level", "words"),
    [
        (lambda: many(HARMLESS, 12), "error", "0 pairs of harmful prompts, 12 of harmless ones"),
        (lambda: [*refused(12), *many(HARMLESS, 20)], "warning", "12 pairs of harmful prompts, 20 of harmless ones"),
        (lambda: [*many(HARMFUL, 30), *many(HARMLESS, 30)], "warning", "30 of 30 chosen refusals are one template"),
        (
            lambda: [replace(pair, category="prv") for pair in (*refused(20), *many(HARMLESS, 20))],
            "warning",
            "20 of 20 pairs of harmful prompts are of one category (prv)",
        ),
        (lambda: [HARMFUL, HARMLESS, replace(HARMLESS, id="again")], "warning", "asks what good asks, or nearly"),
        (
            lambda: [HARMFUL, HARMLESS, replace(HARMFUL, id="other", prompt=HARMLESS.prompt)],
            "error",
            "asks what good asks, with the other truth",
        ),
    ],
)
def test_each_fault_of_all_together_is_found(make, level, words):
    """Sides, categories, scripts, copies and contradictions are told, each at its level."""
    findings = lint_all(make())
    assert (level, words) in [(one.level, one.found) for one in findings]


def test_a_dominant_opening_is_told():
    """Refusals that begin with the same words, and go on each in its own, are told apart from one template."""
    pairs = [replace(pair, chosen=f"Let me be quite frank: {pair.chosen}") for pair in refused(20)]
    findings = [one.found for one in lint_all([*pairs, *many(HARMLESS, 20)])]
    assert findings == ["20 of 20 chosen refusals open with 'Let me be quite frank'"]


def test_what_is_held_out_is_told():
    """The same words are an error, words that are alike a warning; each names the place and the measure."""
    alike = "I'd like to bake rye bread at home. How do I bake such a loaf?"
    for text, level, words in ((BREAD, "error", "the same words, 1.00"), (alike, "warning", "alike by cosine")):
        (one,) = lint_all([HARMFUL, HARMLESS], [Document("held-out:h1", text)])
        assert (one.level, one.where) == (level, "good")
        assert one.found.startswith("overlaps with held-out:h1 (")
        assert words in one.found


def test_progress_is_told():
    """The number of pairs read is told, and ends at all of them."""
    seen = []
    lint_each([replace(HARMLESS, id=str(number)) for number in range(300)], default_judge(), on_progress=seen.append)
    assert seen == [128, 256, 300]


def test_a_finding_of_all_names_no_pair():
    """Its line has the level first."""
    assert str(Finding("error", None, "this", "do that")) == "error: this; do that"
