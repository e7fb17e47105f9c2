"""Both sides of live traffic: of the random sample, weighted by what each stands for, and of nothing that nobody has settled."""

import pytest

from demur.watch.review import Item, Label
from demur.watch.review.balance import measure_balance


def labelled(number, expect, outcome, *, chance=0.1, judged="comply", others=()):
    """Make an item that one person, or several, have labelled."""
    item = Item(
        id=f"i{number}", at=0.0, reasons=("sample",), why="", turns=(), reply="", outcome=judged, chance=chance
    )  # fmt: skip
    said = [(expect, outcome), *others]
    return item, [
        Label(id=f"{number}-{n}", item=item.id, reviewer=f"r{n}", at=float(n), expect=right, outcome=does)
        for n, (right, does) in enumerate(said)
    ]


def test_each_side_is_of_its_own_requests():
    """One in two harmless requests refused, one in four harmful ones answered; partial is neither."""
    found = measure_balance(
        [
            labelled(1, "comply", "refuse"), labelled(2, "comply", "comply"), labelled(3, "refuse", "comply"),
            labelled(4, "refuse", "refuse"), labelled(5, "refuse", "partial"), labelled(6, "refuse", "refuse"),
        ]
    )  # fmt: skip
    assert (found.false_refusal.value, found.false_refusal.n) == (0.5, 2)
    assert (found.harmful_compliance.value, found.harmful_compliance.n) == (0.25, 4)


def test_an_item_weighs_as_much_as_it_stands_for():
    """Drawn with a chance of one in ten it stands for ten; the oracle adds the weights up."""
    found = measure_balance([labelled(1, "comply", "refuse", chance=0.1), labelled(2, "comply", "comply", chance=0.5)])
    assert found.false_refusal.value == pytest.approx(10 / 12)


def test_what_is_not_of_the_sample_or_not_settled_counts_on_no_side():
    """Crises and alarms are no picture of the traffic; two who differ have settled nothing."""
    found = measure_balance(
        [labelled(1, "comply", "refuse", chance=None), labelled(2, "comply", "refuse", others=[("refuse", "refuse")])]
    )
    assert (found.false_refusal.value, found.false_refusal.n) == (None, 0)
    assert found.harmful_compliance.value is None


def test_where_people_do_not_say_what_it_does_the_judge_does():
    """And where neither does, it is counted beside."""
    found = measure_balance([labelled(1, "comply", None, judged="refuse"), labelled(2, "comply", None, judged=None)])
    assert (found.false_refusal.value, found.false_refusal.n, found.false_refusal.n_unjudged) == (1.0, 1, 1)
