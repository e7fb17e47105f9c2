"""Judged exchanges in the order of time, whatever the order of the shards."""

import random

from demur.types import Reply, Turn, Verdict
from demur.watch import Exchange, JudgedExchange, ShardFolder
from demur.watch.in_time import ShardSpan, rows_in_time


def judged(number, at):
    """Make a judged exchange of a moment."""
    exchange = Exchange(turns=(Turn("user", "q"),), reply=Reply("r"), id=str(number), at=at)
    return JudgedExchange(exchange, Verdict("comply"), "en")


def folder_of(tmp_path, shards):
    """Write shards of moments, and say what they span."""
    folder, spans = ShardFolder(tmp_path), []
    folder.create()
    for number, moments in enumerate(shards):
        folder.write(f"s{number}", [judged(f"{number}.{row}", at) for row, at in enumerate(moments)])
        known = [at for at in moments if at is not None]
        spans.append(ShardSpan(f"s{number}", min(known, default=None), ("id", "at")))
    return folder, spans


def test_all_rows_come_once_and_in_the_order_of_time(tmp_path, monkeypatch):
    """Shards that overlap, that lie within one another, and that are far apart; each row says where it lies."""
    monkeypatch.setattr("demur.watch.folder._ROWS_AT_ONCE", 3)
    rng = random.Random(1)
    shards = [[rng.uniform(low, low + wide) for _ in range(20)] for low, wide in ((50, 10), (0, 100), (0, 5), (90, 30))]
    rows = list(rows_in_time(*folder_of(tmp_path, shards)))
    moments = [row["at"] for _, row in rows]
    assert moments == sorted(at for shard in shards for at in shard)
    assert all(row["id"] == f"{place.shard[1:]}.{place.row}" for place, row in rows)
    assert all(shards[int(place.shard[1:])][place.row] == row["at"] for place, row in rows)


def test_equal_moments_keep_the_order_of_the_log(tmp_path):
    """Of one second, what was written first comes first; what has no time comes where its shard begins."""
    rows = rows_in_time(*folder_of(tmp_path, [[1, 2, 2], [2, 1], [None, None], [2, None]]))
    assert [row["id"] for _, row in rows] == ["2.0", "2.1", "0.0", "1.1", "0.1", "0.2", "1.0", "3.1", "3.0"]


def test_a_shard_is_open_only_while_its_time_lasts(tmp_path, monkeypatch):
    """Of a log in order there is never more than one."""
    folder, spans = folder_of(tmp_path, [[day, day + 0.5] for day in range(6)])
    n_open = most = 0

    def counted(self, name, columns, rows=ShardFolder.iter_rows_in_time):
        nonlocal n_open, most
        n_open += 1
        most = max(most, n_open)
        yield from rows(self, name, columns)
        n_open -= 1

    monkeypatch.setattr(ShardFolder, "iter_rows_in_time", counted)
    assert len(list(rows_in_time(folder, spans))) == 12
    assert (n_open, most) == (0, 1)
