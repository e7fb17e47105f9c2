"""In what order lessons are learnt from."""

from collections import Counter

import pytest

from demur.tune.dealing import deal
from demur.tune.lessons import Lesson

LESSONS = [
    *(Lesson([number] * (1 + number % 5), [0, 0], [1.0, 1.0], is_harmless=True) for number in range(50)),
    *(Lesson([number], [0] * (2 + number % 30), [1.0], is_harmless=False) for number in range(50, 100)),
]


def batches_of(dealt, n=10):
    """Cut what was dealt into batches."""
    return [dealt[first : first + n] for first in range(0, len(dealt), n)]


def length(lesson):
    """Count the tokens of a lesson."""
    return len(lesson.prompt) + len(lesson.answer)


def test_each_is_dealt_once_an_epoch():
    """In the first epoch too, and in another order each time."""
    dealt = deal(LESSONS, batch=10, epochs=3, seed=0)
    epochs = [dealt[first : first + 100] for first in (0, 100, 200)]
    assert [Counter(one.prompt[0] for one in epoch) for epoch in epochs] == [Counter(range(100))] * 3
    assert epochs[0] != epochs[1]


def test_every_batch_has_both_sides_as_the_whole_has_though_one_is_longer():
    """Five and five, but for one at the seams; by length all the long ones would have come first."""
    dealt = deal(LESSONS, batch=10, epochs=2, seed=0)
    assert {sum(one.is_harmless for one in batch) for batch in batches_of(dealt)} <= {4, 5, 6}
    few = [*LESSONS[:10], *LESSONS[50:]]
    assert (
        max(sum(one.is_harmless for one in batch) for batch in batches_of(deal(few, batch=10, epochs=1, seed=0))) <= 3
    )


def test_a_batch_begins_with_what_is_short():
    """Those that go through the model together are of about one length."""
    for batch in batches_of(deal(LESSONS, batch=10, epochs=2, seed=0)):
        assert [length(one) for one in batch] == sorted(length(one) for one in batch)


@pytest.mark.parametrize("side", [True, False])
def test_one_side_alone_is_dealt_too(side):
    """Or none at all."""
    one = [lesson for lesson in LESSONS if lesson.is_harmless == side]
    assert len(deal(one, batch=8, epochs=2, seed=0)) == 100
    assert deal([], batch=8, epochs=2, seed=0) == []


def test_the_same_seed_deals_the_same():
    """And another one another order."""
    first, again, other = (deal(LESSONS, batch=10, epochs=1, seed=seed) for seed in (0, 0, 1))
    assert first == again != other
