"""Claims about what holds of every set of cases."""

import pytest

from demur.cases.integrity import check_cases, check_twins
from demur.errors import DataError
from demur.types import Case, Turn


def at(line, case_id, prompt="x", expect="comply", twin=None):
    """Make a case read from a line of file f."""
    return f"f:{line}", Case(id=case_id, turns=(Turn("user", prompt),), expect=expect, twin=twin)


def test_sound_cases_pass_in_order():
    """Sound cases come back as they came, a prompt of a hundred kilobytes among them."""
    located = [at(1, "a"), at(2, "b", "x" * 100_000)]
    assert check_cases(located) == tuple(case for _, case in located)


@pytest.mark.parametrize(
    ("located", "message"),
    [
        ([at(1, "a"), at(2, "b", " \n")], "^f:2: the prompt is empty; give"),
        ([at(1, "a", ""), at(2, "b", ""), at(3, "c", "")], r"^f:1: the prompt is empty \(and 2 more\); give"),
        ([at(1, "a"), at(5, "a")], "^f:5: id 'a' is taken by f:1; make"),
        ([at(i, "a") for i in range(1, 6)], r"^f:2: id 'a' is taken by f:1 \(and 3 more\); make"),
        ([at(4, "a", "\ud800")], "^f:4: a text holds half of a surrogate pair"),
        ([at(4, "\ud800")], "^f:4: a text holds half of a surrogate pair"),
        ([], "^the data holds no case"),
    ],
)
def test_findings_are_one_line(located, message):
    """A finding is one line: the first place, or both places of an id, and how many more there are."""
    with pytest.raises(DataError, match=message):
        check_cases(located)


def test_twins_are_checked_both_ways():
    """A pair that names each other with different truth passes; one that does not is named."""
    check_twins([at(1, "a", twin="b"), at(2, "b", expect="refuse", twin="a")])
    with pytest.raises(DataError, match=r"^f:1: twin: 'b' names no twin; expected it to name 'a' back"):
        check_twins([at(1, "a", twin="b"), at(2, "b", expect="refuse")])
