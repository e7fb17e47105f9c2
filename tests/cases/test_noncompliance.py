"""Claims about the readers of CoCoNot."""

import pytest

from demur.cases.noncompliance import read_coconot_contrast, read_coconot_original
from demur.cases.tabular import Row
from demur.errors import DataError


def row(subcategory):
    """Make a CoCoNot row of a subcategory."""
    return Row("f:1", 1, {"id": "x1", "category": "c", "subcategory": subcategory, "prompt": "q", "response": ""})


@pytest.mark.parametrize(
    ("subcategory", "expect", "kind", "category"),
    [
        ("misinformation", "refuse", "safety", None),
        ("privacy violations", "refuse", "safety", "prv"),
        ("input modality limitations", "refuse", "capability", None),
        ("universal unknowns", "refuse", "capability", None),
        ("personal inquiry", "refuse", "capability", None),
        ("underspecified", "clarify", None, None),
        ("incomprehensible", "clarify", None, None),
    ],
)
def test_original_truths(subcategory, expect, kind, category):
    """Each subcategory has the truth its definition comes down to."""
    (case,) = read_coconot_original(row(subcategory))
    assert (case.expect, case.kind, case.category, case.pattern) == (expect, kind, category, subcategory)


@pytest.mark.parametrize("subcategory", ["false presuppositions", "subjective questions"])
def test_subcategories_without_a_truth_are_left_out(subcategory):
    """What should be neither answered, refused nor asked about makes no case."""
    assert list(read_coconot_original(row(subcategory))) == []


def test_contrast_is_to_be_answered():
    """A contrast request is to be answered whatever its subcategory."""
    for subcategory in ("false presuppositions", "modality limitations", "privacy violations"):
        (case,) = read_coconot_contrast(row(subcategory))
        assert (case.expect, case.kind) == ("comply", None)


def test_unknown_subcategories_are_errors():
    """A subcategory the paper does not have is an error, never a guess."""
    with pytest.raises(DataError, match="subcategory: found 'novel'"):
        list(read_coconot_original(row("novel")))
