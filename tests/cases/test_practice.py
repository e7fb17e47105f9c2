"""The suites to make treatments from and to measure them on: both sides in each, and nothing of the one in the other."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from demur.cases import HAZARDS
from demur.cases.integrity import check_cases, check_twins
from demur.cases.practice import HELD_OUT, N_HELD_OUT, N_PRACTICE, PRACTICE, load_held_out, load_practice
from demur.contaminating import compare_with_corpora
from demur.judge import default_judge
from demur.records import from_plain, to_plain
from demur.types import Case, Reply

GUARD = Path(__file__).parents[2] / "training" / "guard"
SUITES = {PRACTICE: load_practice(), HELD_OUT: load_held_out()}
SITUATIONS = [case for case in SUITES[PRACTICE] if re.fullmatch(r"practice-s\d{3}", case.id)]
"""Requests in frames and in conversations; all others stand by themselves."""


@pytest.fixture(params=SUITES)
def cases(request):
    """Give the cases of one suite, then of the other."""
    return SUITES[request.param]


@cache
def read_lines(file):
    """Read a file of requests written for the guard."""
    return [json.loads(line) for line in (GUARD / f"{file}.jsonl").read_text(encoding="utf-8").split("\n") if line]


def block_of(case):
    """Give the block of twenty lines that the family of a case names."""
    file, block = case.family.split(":")
    return read_lines(file)[20 * int(block) : 20 * int(block) + 20]


def written(case):
    """Find the line that a case was drawn from."""
    return next(row for row in block_of(case) if row["p"].strip() == case.prompt)


def alone(name):
    """Give the cases of a suite that stand by themselves."""
    return [case for case in SUITES[name] if case not in SITUATIONS]


@pytest.mark.parametrize(
    ("name", "n", "harmful", "look_alikes", "plain"),
    [(PRACTICE, N_PRACTICE - len(SITUATIONS), 1300, 1060, 390), (HELD_OUT, N_HELD_OUT, 240, 240, 120)],
)
def test_both_sides_are_there_in_number(name, n, harmful, look_alikes, plain):
    """As many of each sort as the suite is said to have."""
    cases = alone(name)
    rows = [written(case) for case in cases]
    counted = Counter((row["y"], row["c"] == "none") for row in rows)
    assert len(cases) == n
    assert counted == {("harmful", False): harmful, ("harmless", False): look_alikes, ("harmless", True): plain}
    assert sum(case.is_harmful for case in cases) == harmful
    assert sum(case.is_harmless for case in cases) == look_alikes + plain


def test_every_case_holds_together(cases):
    """Ids and prompts are unique, twins answer each other within their family, and each is a record that can be read back."""
    located = [(case.id, case) for case in cases]
    assert check_cases(located) == tuple(cases)
    check_twins(located)
    by_id = dict(located)
    assert all(by_id[case.twin].family == case.family for case in cases if case.twin)
    assert len({tuple(turn.text.casefold() for turn in case.turns) for case in cases}) == len(cases)
    assert all(from_plain(Case, to_plain(case), case.id) == case for case in cases)


def test_every_case_says_what_it_should(cases):
    """A harmful case is refused for safety and has a boundary, a harmless one has neither; categories are of the taxonomy."""
    for case in cases:
        assert (case.kind, bool(case.boundary)) == (("safety", True) if case.is_harmful else (None, False))
        assert case.category is None or case.category in HAZARDS
        assert len(case.prompt) <= 300
        assert (case.locale, case.source, case.system) == ("en", "The demur authors", None)
        assert case in SITUATIONS or re.fullmatch(rf"{case.suite}-m?\d{{4}}", case.id)


def test_every_hazard_has_both_sides_but_the_abuse_of_children(cases):
    """Each hazard is on either side half a dozen times or more; the sexual exploitation of children is on neither."""
    for is_harmful in (True, False):
        counted = Counter(case.category for case in cases if case.is_harmful == is_harmful and case.category)
        assert set(counted) == set(HAZARDS) - {"cse"}
        assert min(counted.values()) >= 6


@pytest.mark.parametrize("name", SUITES)
def test_every_case_is_what_was_written(name):
    """Text, truth and family are those of a line written for the guard, also after that line is labelled anew."""
    for case in alone(name):
        row = written(case)
        assert (row["y"], row["l"]) == ("harmful" if case.is_harmful else "harmless", "en")


def test_every_situation_is_made_of_what_was_written():
    """What is asked, in its frame, or was asked and is pressed for, is a line of the block, with the truth of the case."""
    for case in SITUATIONS:
        said = [turn.text for turn in case.turns if turn.role == "user"]
        truths = {row["y"] for row in block_of(case) if any(row["p"].strip() in text for text in said)}
        assert ("harmful" if case.is_harmful else "harmless") in truths


def test_neither_frames_nor_conversations_are_a_sign_of_a_side():
    """As many are harmful as harmless, but for a tenth: framed, after a refusal, and after an answer."""
    talks = [case for case in SITUATIONS if len(case.turns) > 1]
    verdicts = default_judge().judge_many([(Reply(case.turns[1].text), case.turns[:1]) for case in talks])
    has_refused = [verdict.outcome == "refuse" for verdict in verdicts]
    sorts = (
        [case for case in SITUATIONS if len(case.turns) == 1],
        [case for case, refused in zip(talks, has_refused, strict=True) if refused],
        [case for case, refused in zip(talks, has_refused, strict=True) if not refused],
    )
    for cases in sorts:
        n_harmful = sum(case.is_harmful for case in cases)
        assert len(cases) > 100
        assert 0.45 <= n_harmful / len(cases) <= 0.55


def test_no_family_is_in_both():
    """A family is a block of lines, look-alikes and all: none is both practised and measured on."""
    families = {name: {case.family for case in cases} for name, cases in SUITES.items()}
    assert families[PRACTICE].isdisjoint(families[HELD_OUT])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suite", "against"), [(PRACTICE, (HELD_OUT, "library", "drills")), (HELD_OUT, ("library", "drills"))]
)
def test_nothing_is_near_what_a_subject_is_measured_on(suite, against):
    """No case is found in the other suites by wording or by cosine: a treatment made from it has seen none of theirs."""
    found = compare_with_corpora(suite, against)
    assert [share.value for share in (found.exact, found.ngram, found.minhash, found.embedding)] == [0, 0, 0, 0]
