"""Who refused: counted by layer, and whether the samples agree."""

from demur.explain.layer import count_layers
from demur.types import Verdict

MODEL, FILTER, GIVEN = (
    Verdict("refuse", layer="model"),
    Verdict("refuse", layer="filter"),
    Verdict("comply", layer="model"),
)


def test_refusals_are_counted_by_who_made_them():
    """The layer is that of most refusals; what was not judged is counted nowhere."""
    found = count_layers([MODEL, FILTER, FILTER, GIVEN, None, Verdict(None, layer="model")])
    assert (found.model, found.filter, found.answered) == (1, 2, 1)
    assert found.layer == "filter"
    assert not found.is_agreed


def test_where_both_refused_as_often_neither_is_named():
    """A draw, or no refusal at all, has no layer; samples that all came to the same agree."""
    assert count_layers([MODEL, FILTER]).layer is None
    assert count_layers([GIVEN, GIVEN]).layer is None
    assert count_layers([GIVEN, GIVEN]).is_agreed
    assert count_layers([MODEL, MODEL]).is_agreed
