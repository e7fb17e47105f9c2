"""Rules find what they say, where it stands, and refuse what could not be bounded."""

import re
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demur.errors import DataError
from demur.guard.rules.expression import read_expression
from demur.guard.rules.patterns import Match, Rule, RuleSet
from demur.guard.rules.phrases import is_joined


def rules_of(*patterns, phrases=()):
    """Make a set of one blocking rule."""
    return RuleSet([Rule("one", "test", "block", patterns, tuple(phrases))])


@pytest.mark.parametrize(
    ("pattern", "shortest", "longest"),
    [
        ("kill", 4, 4),
        (r"\bkill(?:ing|ed)?\b", 4, 7),
        ("a.{0,80}b", 2, 82),
        (r"a{3}", 3, 3),
        (r"(?i)[a-z\]]{2,5}x{,3}", 7, 10),
        (r"(?P<key>sk)-[[:alnum:]]{16,40}", 19, 43),
        (r"\Qa.b*\E{2}", 5, 5),
        (r"\x{1F600}\pL\p{Greek}\x41\101", 5, 5),
        (r"^(?m:^x$)$\z|(yy|zzz){2,3}?", 1, 9),
        (r"[]a]b", 2, 2),
        (r"(?s).(?-s).(?U:a{1,2})", 3, 4),
        ("a(|b)", 1, 2),
        ("()a", 1, 1),
    ],
)
def test_the_length_of_a_match_is_read_from_the_pattern(pattern, shortest, longest):
    """Shortest and longest match are known in characters, for all of RE2's syntax."""
    expression = read_expression(pattern)
    assert (expression.shortest, expression.longest) == (shortest, longest)
    assert rules_of(pattern).longest == {"one": longest}


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("a.*b", '".*" has no bound; write {0,80} instead'),
        ("a.+?b", '".+?" has no bound; write {1,80} instead'),
        (r"x(?:ab|\d){3,}", r'"(?:ab|\d){3,}" has no bound; write {3,80} instead'),
        (r"a[^*]*", '"[^*]*" has no bound'),
        ("(?=a)b", "a lookaround, which RE2 has not"),
        ("(?<!a)b", "a lookaround, which RE2 has not"),
        (r"(a)\1", "a backreference, which RE2 has not"),
        ("(?>a)b", "atomic group"),
        ("a\n*", r'pattern "a\n*": "\n*" has no bound'),
        ("a?", "can match without a single character"),
        (r"\b|a", "can match without a single character"),
        (r"\C", "takes a character apart"),
        ("(a", "RE2 cannot read it: missing ): (a"),
        ("\ud83d", "RE2 cannot read it"),
    ],
)
def test_a_pattern_that_cannot_be_bounded_is_refused(pattern, message):
    """One line names the rule, the part, and what to write instead."""
    with pytest.raises(DataError, match=re.escape(message)) as caught:
        rules_of(pattern)
    assert str(caught.value).startswith('rule "one": pattern "')
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([Rule("a", "c", "block", ("x",)), Rule("a", "c", "warn", ("y",))], 'two rules have the name "a"'),
        ([Rule("a", "c", "block")], "has nothing to look for"),
        ([Rule("a", "c", "block", phrases=(" ",))], "has an empty phrase"),
        ([Rule("a", "c", "stop", ("x",))], 'action "stop" is none of block, warn'),
    ],
)
def test_a_rule_that_means_nothing_is_refused(rules, message):
    """A rule needs a name of its own, an action and something to look for."""
    with pytest.raises(DataError, match=message):
        RuleSet(rules)


@pytest.mark.parametrize(
    ("phrase", "text", "place"),
    [
        ("kill", "they KILL it", (5, 9)),
        ("kill", "a skill, killer", None),
        ("kill", "(kill)", (1, 5)),
        ("kill me", "kill me_now", None),
        ("cafe", "cafe\u0301", None),
        ("straße", "die STRASSE!", (4, 11)),
        ("strasse", "die straße!", (4, 10)),
        ("as", "aß", None),
        ("i", "İ", None),
        ("x", "İİİ x", (4, 5)),
        ("x", "ßß x ß", (3, 4)),
        ("ß x", "ßß ß x ß", (3, 6)),
        ("自杀", "我想自杀了", (2, 4)),
        ("ฆ่า", "จะฆ่าเขา", (2, 5)),
        ("मार", "मारना मार", (6, 9)),
        ("x", "\ud83d x \ude00", (2, 3)),
        ("$$", "a$$b", (1, 3)),
    ],
)
def test_phrases_are_found_as_whole_words_in_any_case(phrase, text, place):
    """A phrase is compared case-folded, at word boundaries, and its place is that of the text as given."""
    found = rules_of(phrases=[phrase]).find(text)
    assert [(match.start, match.end) for match in found] == ([place] if place else [])


def test_no_word_begins_within_a_character_that_folds_to_several():
    """Wherever case folding makes several characters of one, they are of one word, so phrases keep to whole characters."""
    for code in range(sys.maxunicode + 1):
        folded = chr(code).casefold()
        assert all(is_joined(left, right) for left, right in pairwise(folded)), chr(code)


def naive(text, phrases):
    """Find the first phrase by trying every place of the text."""
    for start in range(len(text)):
        ends = [
            end
            for end in range(start + 1, len(text) + 1)
            if text[start:end].casefold() in {phrase.casefold() for phrase in phrases}
            and (not start or not is_joined(text[:start].casefold()[-1], text[start].casefold()[0]))
            and (end == len(text) or not is_joined(text[:end].casefold()[-1], text[end].casefold()[0]))
        ]
        if ends:
            return start, max(ends)
    return None


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.text("abßİs ", min_size=1, max_size=4).filter(str.strip), min_size=1, max_size=4),
    st.text("abßİſs \u0301.", max_size=20),
    st.integers(0, 3),
)
def test_phrases_agree_with_trying_every_place(phrases, text, start):
    """The automaton finds what a search by hand finds, and a later start only leaves out what begins before it."""
    found = rules_of(phrases=phrases).find(text)
    assert [(match.start, match.end) for match in found] == [place for place in [naive(text, phrases)] if place]
    if start <= len(text) and (not found or found[0].start >= start):
        assert rules_of(phrases=phrases).find(text, start) == found


def test_matches_come_earliest_first_and_one_a_rule():
    """Each rule tells its leftmost match, the longest of those that begin there; rules come by place, length and order."""
    rules = RuleSet(
        [
            Rule("late", "c", "warn", ("ba",)),
            Rule("short", "c", "block", ("a|ab",)),
            Rule("tied", "c", "block", ("[a]b",)),
            Rule("long", "c", "warn", phrases=("abba", "abba abba")),
        ]
    )
    assert rules.find("abba abba") == [
        Match("long", 0, 9),
        Match("short", 0, 2),
        Match("tied", 0, 2),
        Match("late", 2, 4),
    ]
    assert rules.find("") == []
    assert rules["late"].action == "warn"
    assert (rules.furthest("block"), rules.furthest("warn")) == (2, 9)


def test_patterns_look_at_what_stands_before_the_start():
    """Searching from a place on sees the character before it."""
    assert rules_of(r"\bb").find("ab b", 1) == [Match("one", 3, 4)]
    assert rules_of("^b").find("ab", 1) == []


def test_a_set_beyond_the_default_memory_still_matches():
    """Patterns with gaps that do not fit into RE2's usual memory are given more instead of silently matching nothing."""
    rules = RuleSet([Rule(f"r{n}", "c", "block", (rf"(?i)start{n}\b.{{0,80}}\bend{n}\b",)) for n in range(200)])
    assert rules.find("x start77 of the END77.") == [Match("r77", 2, 22)]
