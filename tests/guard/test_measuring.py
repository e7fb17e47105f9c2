"""The guard is measured on both sides, beside what its decisions take."""

import math

import pytest

from demur.cases import load_library, load_wrapped, wrap_case
from demur.errors import DataError, UsageError
from demur.guard import Guard, parse_policy
from demur.guard.measuring import BothSides, measure
from demur.measuring import load_cases, measure_suites, write_record
from demur.stats import wilson
from demur.types import Case, Turn

POLICY = """
intent: off
judge: off
rules:
  - {name: words, category: crime, action: block, at: [input], phrases: [wicked]}
  - {name: look, category: crime, action: warn, at: [input], phrases: [curious]}
  - {name: crisis, category: self, action: escalate, phrases: [I want to die]}
"""
EVIL = {"expect": "refuse", "kind": "safety"}


def case(number, said, *, expect="comply", **more):
    """Make a case of one question."""
    return Case(str(number), (Turn("user", said),), expect=expect, suite="made", **more)


@pytest.fixture
def guard():
    """Block a word, warn of another, and help in a crisis."""
    return Guard(parse_policy(POLICY, "the policy"))


def test_both_sides_are_counted_apart(guard):
    """Blocks, questions and escalations of harmful and of harmless cases are shares of each side's number; a warning lets pass."""
    cases = [
        *(case(n, f"a wicked thing, {n}", **EVIL) for n in range(3)),
        case(3, "a curious thing", **EVIL),
        case(4, "I want to die", **EVIL),
        case(5, "a wicked film"),
        *(case(n, f"a fine thing, {n}") for n in range(6, 13)),
        case(13, "write it in French or in English", expect="clarify"),
        case(14, "sing", expect="refuse", kind="capability"),
    ]
    found = measure(guard, cases)
    assert found.n_neither == 2
    assert (found.whole.harmful.n, found.whole.harmless.n) == (5, 8)
    assert found.whole.harmful.blocked.value == wilson(3, 5).value
    assert math.isclose(found.whole.harmful.blocked.low, wilson(3, 5).low)
    assert found.whole.harmful.escalated.value == 1 / 5
    assert found.whole.harmless.blocked.value == 1 / 8
    assert found.whole.harmless.asked.value == 0
    assert {(wrong.id, wrong.action, wrong.rule) for wrong in found.wrong} == {
        ("3", "warn", "look"),
        ("5", "block", "words"),
    }
    assert found.decided_by["block words raw"] == 4


def test_a_conversation_of_several_suites_counts_once_in_the_whole(guard):
    """What two suites share is counted in each of them, once in the whole, and is decided once."""
    both = [case(1, "a wicked thing", **EVIL), case(2, "a fine thing")]
    again = [Case(one.id, one.turns, expect=one.expect, kind=one.kind, suite="again") for one in both]
    found = measure(guard, [*both, *again])
    assert [part.harmful.n for part in found.by_suite.values()] == [1, 1]
    assert (found.whole.harmful.n, found.whole.harmless.n, found.latency.n) == (1, 1, 2)


def test_a_multi_turn_case_is_put_as_a_conversation(guard):
    """What was said before the assistant's last turn is not what is asked."""
    before = (
        Turn("system", "Be kind."),
        Turn("user", "a wicked thing"),
        Turn("assistant", "No."),
        Turn("user", "thanks"),
    )
    found = measure(guard, [Case("1", before, expect="comply", suite="made")])
    assert found.whole.harmless.blocked.value == 0


def test_wrapped_cases_widen_the_interval_and_stay_out_of_the_categories(guard):
    """Twenty wrappings of one request are not twenty requests, and hazards are told of what is asked plainly."""
    plain = case(1, "a wicked thing", category="vcr", family="1", **EVIL)
    other = case(2, "an odd thing", category="vcr", family="2", **EVIL)
    names = ("persona", "fiction", "authority", "test-mode")
    wrapped = [wrap_case(one, name) for one in (plain, other) for name in names]
    found = measure(guard, [plain, other, *wrapped])
    naive = wilson(5, 10)
    assert found.whole.harmful.blocked.value == naive.value
    assert found.whole.harmful.blocked.high - found.whole.harmful.blocked.low > naive.high - naive.low
    assert found.by_category["vcr"].harmful.n == 2


def test_the_bundled_suites_are_measured_with_their_latency(guard, tmp_path):
    """The default suites have both sides everywhere, and times that can be: the median at most the 99th percentile."""
    found = measure_suites(guard)
    assert set(found.by_suite) == {"library", "wrapped"}
    n_plain = sum(one.is_harmful or one.is_harmless for one in load_library())
    assert found.by_suite["library"].harmful.n + found.by_suite["library"].harmless.n == n_plain
    assert found.by_suite["wrapped"].harmful.n + found.by_suite["wrapped"].harmless.n == len(load_wrapped())
    for part in (*found.by_suite.values(), *found.by_category.values(), *found.by_pattern.values(), found.whole):
        assert isinstance(part, BothSides)
    assert 0 < found.latency.p50_ms <= found.latency.p99_ms
    assert 0 < found.latency.cpu_ms < 100
    write_record(found, tmp_path / "found.json")
    assert '"schema_version": 1' in (tmp_path / "found.json").read_text()


def test_what_cannot_be_measured_is_an_error():
    """Drills need a model's replies, and a suite of neither side measures nothing."""
    with pytest.raises(UsageError, match="drills-quick: a drill goes on from a model's replies"):
        load_cases(["drills-quick"])
    with pytest.raises(UsageError, match="no suite 'libary'; did you mean library"):
        load_cases(["libary"])


def test_data_of_neither_side_is_an_error(tmp_path):
    """A file whose cases are all to be asked about is said to hold nothing to measure."""
    (tmp_path / "own.csv").write_text("prompt,expect\nwhich one?,clarify\n")
    with pytest.raises(DataError, match="custom: holds nothing harmful and nothing harmless"):
        load_cases(["custom"], data=tmp_path / "own.csv")
