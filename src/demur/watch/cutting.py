"""A log cut into shards: the same rows make the same shards, and an exchange that was read before is in none again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from demur.errors import DataError
from demur.judge import Judge
from demur.watch.exchange import Exchange, digest_exchange
from demur.watch.folder import SourceShards
from demur.watch.reading import Numbered
from demur.watch.seen import SeenExchanges
from demur.watch.shard import name_shard

__all__ = ["ShardTask", "SourceCut"]

_ROWS = 4096
"""Exchanges of a shard: about a second of a core's work, which is what a crash may lose of each."""
_CHARACTERS = 16_000_000
"""Of a shard, from which on it is cut sooner: long conversations would not fit into memory by the thousand."""


@dataclass(frozen=True)
class ShardTask:
    """A shard to be judged."""

    name: str
    exchanges: tuple[Exchange, ...]


class SourceCut:
    """One file of a log, as far as it has been cut.

    Args:
        name: of the file, as it is told.
        exchanges: in its order; None for a row that holds none.
    """

    def __init__(self, name: str, exchanges: Iterable[Numbered | None]) -> None:
        self._name, self._exchanges = name, exchanges
        self._n = self._n_repeated = self._n_passed_over = 0
        self._shards: list[str] = []
        self.fault: DataError | None = None
        """Why it could not be read to its end."""

    def shards(self, seen: SeenExchanges, judge: Judge) -> Iterator[ShardTask]:
        """Give the shards in order; at a row that cannot be read, what stands before it is the last."""
        digests: list[bytes] = []
        exchanges: list[Exchange] = []
        n_characters = 0
        for digest, exchange in self._new(seen):
            digests.append(digest)
            exchanges.append(exchange)
            n_characters += _count_characters(exchange)
            if len(exchanges) == _ROWS or n_characters >= _CHARACTERS:
                yield self._shard(digests, exchanges, judge)
                digests, exchanges, n_characters = [], [], 0
        if exchanges:
            yield self._shard(digests, exchanges, judge)

    def sum_up(self) -> SourceShards:
        """Tell what was in it."""
        return SourceShards(self._name, self._n, self._n_repeated, self._n_passed_over, tuple(self._shards))

    def _new(self, seen: SeenExchanges) -> Iterator[tuple[bytes, Exchange]]:
        """Give the exchanges that have not been read before, and count the others."""
        try:
            for numbered in self._exchanges:
                if numbered is None:
                    self._n_passed_over += 1
                    continue
                self._n += 1
                digest = digest_exchange(numbered.exchange, numbered.number)
                if seen.add(digest):
                    yield digest, numbered.exchange
                else:
                    self._n_repeated += 1
        except DataError as error:
            self.fault = error

    def _shard(self, digests: list[bytes], exchanges: list[Exchange], judge: Judge) -> ShardTask:
        name = name_shard(digests, judge)
        self._shards.append(name)
        return ShardTask(name, tuple(exchanges))


def _count_characters(exchange: Exchange) -> int:
    reply = exchange.reply
    return sum(len(turn.text) for turn in exchange.turns) + (0 if reply is None else len(reply.text))
