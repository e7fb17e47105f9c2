"""The ledger: which cards were proposed, so that one that a person threw away or put elsewhere does not come back."""

from dataclasses import dataclass
from pathlib import Path

from demur.records import read_lines, read_text
from demur.types import Expect

__all__ = ["LEDGER", "Entry", "read_ledger"]

LEDGER = "harvested.jsonl"
"""Its name, in the folder of the cards."""


@dataclass(frozen=True)
class Entry:
    """A request of which a card was proposed."""

    card: str
    """Id of the card, which is that of the request."""
    expect: Expect
    """As it was proposed."""
    exchanges: tuple[str, ...]
    """Hashes of the exchanges it was asked in then."""


def read_ledger(folder: Path) -> dict[str, Entry]:
    """Read what was proposed in a folder of cards, by id; nothing where there is no ledger yet.

    Raises:
        DataError: it cannot be read, or is of another version.
    """
    path = folder / LEDGER
    if not path.exists():
        return {}
    return {entry.card: entry for entry in read_lines(Entry, read_text(path).split("\n"), str(path))}
