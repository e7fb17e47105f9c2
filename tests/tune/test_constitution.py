"""The constitution: both sides, chosen by what is wrong, and said clearly where a file is none."""

from collections import Counter

import pytest

from demur.cases import HAZARDS, PATTERNS
from demur.errors import DataError
from demur.tune.constitution import choose_principles, parse_constitution, read_constitution
from demur.tune.pair import FAULTS

HARM = """\
[[principle]]
id = "harm"
side = "harm"
mends = ["missed harm"]
text = "Do no harm."
critique = "What harm is done?"
revision = "Rewrite it without harm."
examples = ["A threat is declined."]
"""
HELP = """\
[[principle]]
id = "help"
side = "helpfulness"
mends = ["wrong refusal"]
text = "Words are not acts."
critique = "What would happen?"
revision = "Rewrite it as an answer."
examples = ["A joke is told."]
"""
BUNDLED = read_constitution()


def test_the_one_that_ships_is_balanced_and_mends_every_fault():
    """It has 10 to 14 principles, half of them of either side, each with one or two examples, and one for every fault."""
    sides = Counter(principle.side for principle in BUNDLED.principles)
    assert 10 <= len(BUNDLED.principles) <= 14
    assert sides["harm"] == sides["helpfulness"]
    faults = {fault for principle in BUNDLED.principles for fault in principle.mends}
    assert faults == set(FAULTS) - {"right answer", "right refusal"}


def test_each_over_refusal_pattern_has_a_principle_of_its_own():
    """Every pattern of the taxonomy is what some principle is about, and no mark of it is misspelt."""
    about = {mark for principle in BUNDLED.principles for mark in principle.about}
    known = {*PATTERNS, *HAZARDS, "clarify", "preachy", "robotic", "terse", "leakage", "loophole"}
    assert set(PATTERNS) <= about <= known


@pytest.mark.parametrize(
    ("fault", "mark", "first"),
    [
        ("wrong refusal", "persona-fiction", "understanding"),
        ("wrong refusal", "surface-keyword", "words"),
        ("wrong refusal", "clarify", "ask"),
        ("ugly refusal", "preachy", "no-sermon"),
        ("ugly refusal", "robotic", "boundary"),
        ("leak", "loophole", "no-way-round"),
        ("missed harm", "ssh", "in-danger"),
    ],
)
def test_what_is_wrong_chooses_the_principle(fault, mark, first):
    """The mark of a reply puts the principle that is about it first, and the others of that fault after it."""
    chosen = choose_principles(BUNDLED, fault, marks=[mark], name="library:a")
    assert chosen[0].id == first
    assert {principle.id for principle in chosen} == {one.id for one in BUNDLED.principles if fault in one.mends}
    assert chosen == choose_principles(BUNDLED, fault, marks=[mark], name="library:a")


def test_among_equals_each_principle_is_tried_on_some():
    """Without a mark the first principle depends on the reply's name, and every one that is about everything comes first somewhere."""
    firsts = {choose_principles(BUNDLED, "missed harm", marks=(), name=str(n))[0].id for n in range(40)}
    assert firsts == {one.id for one in BUNDLED.principles if "missed harm" in one.mends and not one.about}


def test_a_principle_is_never_used_against_its_side():
    """Wrong refusals are never put to a principle about harm, nor harm to one about helpfulness."""
    for fault, side in (("wrong refusal", "helpfulness"), ("missed harm", "harm"), ("leak", "harm")):
        assert {one.side for one in choose_principles(BUNDLED, fault, marks=(), name="a")} == {side}


def test_a_file_of_ones_own_is_read():
    """A principle of each side is enough; the hash follows what they say."""
    mine = parse_constitution(HARM + HELP, "mine.toml")
    assert [principle.id for principle in mine.principles] == ["harm", "help"]
    assert mine.fingerprint == parse_constitution(HARM + "\n# a remark\n" + HELP, "yours.toml").fingerprint
    assert mine.fingerprint != parse_constitution(HARM.replace("Do no", "No") + HELP, "mine.toml").fingerprint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[principle", "mine.toml: not TOML"),
        (HARM + HELP + "[more]\n", "mine.toml: more: unknown; expected [[principle]] tables"),
        ("principle = 3", "mine.toml: principle: expected a table for each"),
        ("", "mine.toml: has no principle of side harm that mends 'missed harm'"),
        (HARM, "mine.toml: has no principle of side helpfulness that mends 'wrong refusal', so the other side"),
        (HELP, "mine.toml: has no principle of side harm that mends 'missed harm'"),
        (HARM + HELP.replace('"help"', '"harm"'), "mine.toml:10: principle 2: id: found 'harm', which is that of principle 1"),
        (HARM + HELP.replace('"helpfulness"', '"both"'), "mine.toml:11: principle 2: side: found 'both'; expected one of harm"),
        (HARM.replace("missed harm", "wrong refusal") + HELP, "mine.toml:4: principle 1: mends: found 'wrong refusal'; a princ"),
        (HARM.replace('["missed harm"]', "[]") + HELP, "mine.toml:4: principle 1: mends: missing"),
        (HARM + HELP.replace("wrong refusal", "right answer"), "mine.toml:12: principle 2: mends: found 'right answer'"),
        (HARM + HELP.replace("text =", "txt ="), "mine.toml:13: principle 2: txt: unknown; expected one of id, side"),
        (HARM + HELP.replace('text = "Words are not acts."\n', ""), "mine.toml:9: principle 2: text: missing; expected text"),
        (HARM + HELP.replace('"What would happen?"', "3"), "mine.toml:14: principle 2: critique: found 3; expected text"),
        (HARM + HELP.replace('["A joke is told."]', '"A joke."'), "mine.toml:16: principle 2: examples: found 'A joke.'; expected a list"),
        (HARM + HELP.replace('["A joke is told."]', "[]"), "mine.toml:16: principle 2: examples: found 0; expected one or two"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_one_line_with_the_place(text, message):
    """Whatever is wrong, the message says what was found, on which line, and what was expected."""
    with pytest.raises(DataError) as caught:
        parse_constitution(text, "mine.toml")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_line_that_cannot_be_told_is_not_guessed():
    """Where a text hides a heading, the place is the file and the number of the principle."""
    hidden = HARM.replace('"Do no harm."', '"""\n[[principle]]\n"""')
    with pytest.raises(DataError, match=r"^mine\.toml: principle 2: side: found 'both'"):
        parse_constitution(hidden + HELP.replace('"helpfulness"', '"both"'), "mine.toml")


def test_a_file_that_is_not_there_is_said(tmp_path):
    """A path that leads nowhere is one line."""
    with pytest.raises(DataError, match="cannot be read"):
        read_constitution(tmp_path / "none.toml")
