"""What was seen of both sides, and what follows from it."""

import math

import pytest

from demur.tune.watcher import Watched, Watcher

LOOKS = {10: Watched(0.5, 0.9, 1000), 20: Watched(0.9, 0.6, 1000), 30: Watched(0.9, 0.7, 1000)}


@pytest.fixture
def watcher(tmp_path):
    """Give one that has looked three times."""
    seen = iter(LOOKS.values())
    watcher = Watcher(lambda _: next(seen), tmp_path / "watched.json")
    for step in LOOKS:
        watcher.look(None, step)
    return watcher


def test_the_side_that_was_worse_weighs_more(watcher):
    """Harm was answered at first, and then the harmless refused: the weights follow, by what was seen until then."""
    assert watcher.lean_at(0) == 1
    assert watcher.lean_at(10) == pytest.approx(math.exp(-0.4))
    assert watcher.lean_at(29) == pytest.approx(math.exp(-0.1))
    assert watcher.lean_at(30) == pytest.approx(math.exp(0.1))


def test_one_that_goes_on_later_leans_as_it_would_have(watcher, tmp_path):
    """Of looks that come after the checkpoint that is gone on from nothing is counted."""
    again = Watcher(lambda _: Watched(0, 0, 1000), tmp_path / "watched.json")
    assert [again.lean_at(step) for step in (10, 20, 30)] == [watcher.lean_at(step) for step in (10, 20, 30)]
    again.look(None, 20)
    assert again.lean_at(30) == again.lean_at(20) == again.lean_at(10)


def test_the_best_is_where_the_lesser_side_is_greatest(watcher):
    """Nothing is gained by trading one side for the other."""
    assert watcher.best == 30


@pytest.mark.parametrize(("n", "best"), [(64, 2), (1000, 1)])
def test_what_is_as_good_as_the_best_by_a_standard_error_is_not_taken_for_worse(tmp_path, n, best):
    """Of the lesser sides .70 and .66 on 64 answers the later is kept, and on 1000 the better."""
    seen = iter([Watched(0.7, 0.7, n), Watched(0.66, 0.8, n)])
    watcher = Watcher(lambda _: next(seen), tmp_path / "watched.json")
    for step in (1, 2):
        watcher.look(None, step)
    assert watcher.best == best
