"""What reviewers labelled, as records and as lines of JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from demur.errors import DataError
from demur.records import from_plain, iter_jsonl, read_text
from demur.watch.review import Item, Label

__all__ = ["Labelled", "read_labelled_lines"]


@dataclass(frozen=True, slots=True)
class Labelled:
    """An exchange, and what people said about it."""

    item: Item
    labels: tuple[Label, ...]
    """In any order; of one reviewer the latest counts."""


def read_labelled_lines(path: Path) -> Iterator[Labelled]:
    """Read JSON Lines that each hold an ``item`` and its ``labels``.

    Raises:
        DataError: the file cannot be read, a line is no such record, or a label is of another item.
    """
    for number, row in iter_jsonl(read_text(path).split("\n"), str(path)):
        where = f"{path}:{number}"
        found = from_plain(Labelled, row, where)
        stray = next((label for label in found.labels if label.item != found.item.id), None)
        if stray is not None:
            raise DataError(
                f"{where}: labels: found one of the item '{stray.item:.40}'; expected '{found.item.id:.40}'"
            )
        yield found
