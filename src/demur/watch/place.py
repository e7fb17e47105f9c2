"""Where a judged exchange lies."""

from typing import NamedTuple

__all__ = ["Place"]


class Place(NamedTuple):
    """A row of a shard."""

    shard: str
    row: int
