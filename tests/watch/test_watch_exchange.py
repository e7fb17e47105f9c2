"""An exchange's digest and its moment: what makes two rows the same one."""

from dataclasses import replace

import pytest

from demur.errors import DataError
from demur.types import Reply, Turn
from demur.watch import Exchange
from demur.watch.exchange import digest_exchange
from demur.watch.moment import day_of, hour_of, read_moment

ONE = Exchange(turns=(Turn("user", "q"),), reply=Reply("r"), at=5.0)


def test_a_digest_is_of_all_that_is_said():
    """The same exchange has one digest, wherever it stands; any difference makes another."""
    assert digest_exchange(ONE, 1) == digest_exchange(replace(ONE), 99)
    others = [
        replace(ONE, turns=(Turn("system", "q"),)),
        replace(ONE, reply=None),
        replace(ONE, reply=Reply("r", "content_filter")),
        replace(ONE, at=6.0),
        *(
            replace(ONE, **{name: "x"})
            for name in ("id", "model", "language", "tenant", "category", "user", "conversation")
        ),
        replace(ONE, expect="comply"),
    ]
    assert len({digest_exchange(one, 1) for one in (ONE, *others)}) == len(others) + 1


def test_rows_without_ids_and_times_are_told_apart_by_their_place():
    """Two people may say the same; a copy of the file is still the same rows."""
    bare = replace(ONE, at=None)
    assert digest_exchange(bare, 1) != digest_exchange(bare, 2)
    assert digest_exchange(bare, 1) == digest_exchange(bare, 1)


def test_half_of_a_surrogate_pair_has_a_digest():
    """JSON can carry one as an escape."""
    assert digest_exchange(replace(ONE, reply=Reply("\ud83d")), 1)


@pytest.mark.parametrize(
    "value",
    [
        1_764_598_500, 1_764_598_500.0, "1764598500", 1_764_598_500_000, 1_764_598_500_000_000, "1764598500000000000",
        "2025-12-01T14:15:00Z", "2025-12-01 14:15:00", "2025-12-01T15:15:00+01:00", "2025-12-01 14:15:00.000000",
    ],
)  # fmt: skip
def test_a_moment_is_read_however_it_is_written(value):
    """Seconds, milli-, micro- and nanoseconds, ISO 8601 with a zone or in UTC."""
    assert read_moment(value, "log:1") == 1_764_598_500.0
    assert (day_of(1_764_598_500.0), hour_of(1_764_598_500.0)) == ("2025-12-01", "2025-12-01T14")


def test_no_moment_is_none_and_a_wrong_one_an_error():
    """Nothing is made up of what cannot be read."""
    assert read_moment(None, "log:1") is read_moment("", "log:1") is None
    for wrong in ("yesterday", -1, float("nan"), True, [], 1e30):
        with pytest.raises(DataError, match=r"log:1: found .* for the time"):
            read_moment(wrong, "log:1")
