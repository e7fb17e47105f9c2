"""Where texts stand in a message: each by the keys and numbers that lead to it, taken apart and put together again."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Any

from demur.errors import EndpointError

__all__ = ["Place", "channel_of", "leaves_of", "make_value", "put"]

_DEEPEST = 64
"""Steps; a message needs six."""
_HIGHEST = 1024
"""Numbers that an item of a list may have by its own word."""

Place = tuple[str | int, ...]
"""Keys, and numbers of items, that lead to a leaf."""


class _Nth(int):
    """The place of an item in a list that says no number of its own: it says nothing of the next list."""


def leaves_of(value: Any, place: Place = (), *, but: AbstractSet[str] = frozenset()) -> Iterator[tuple[Place, Any]]:
    """Give everything in a value that has nothing in it, and its place: texts, numbers, empty lists.

    Args:
        value: a message, or a part of one.
        place: of the value.
        but: keys of lists that are left out.

    Raises:
        EndpointError: it is nested deeper than any message is.
    """
    if len(place) > _DEEPEST:
        raise EndpointError(f"the upstream sent what is nested more than {_DEEPEST} deep")
    if value and isinstance(value, dict):
        for key, inner in value.items():
            if key not in but or not isinstance(inner, list):
                yield from leaves_of(inner, (*place, key), but=but)
    elif value and isinstance(value, list):
        for number, item in enumerate(value):
            yield from leaves_of(item, (*place, _number_of(item, number)), but=but)
    else:
        yield place, value


def channel_of(place: Place) -> Place:
    """Give what the pieces of one text have in common, be they in several chunks or in several parts of a list.

    Calls of tools are several texts even where they say no numbers of their own.
    """
    if len(place) == 1 or place[:1] == ("tool_calls",):
        return place
    return tuple(step for step in place if not isinstance(step, _Nth))


def put(tree: dict[Any, Any], place: Place, leaf: Any) -> bool:
    """Add a leaf to a tree, a text to the text that is there; False where something of another kind stands in its way.

    Args:
        tree: keys and numbers, with trees and leaves under them; `make_value` makes a message of it.
        place: of the leaf.
        leaf: a text or another value.
    """
    at = tree
    for step, following in pairwise(place):
        at = at.setdefault(step, {})
        if not isinstance(at, dict) or any(isinstance(known, int) != isinstance(following, int) for known in at):
            return False
    there = at.get(place[-1])
    if isinstance(there, dict):
        return False
    at[place[-1]] = there + leaf if isinstance(there, str) and isinstance(leaf, str) else leaf
    return True


def make_value(tree: Any) -> Any:
    """Make a message of a tree; an item of a list is given the number that it was known by."""
    if not isinstance(tree, dict):
        return tree
    if not any(isinstance(step, int) for step in tree):
        return {key: make_value(inner) for key, inner in tree.items()}
    return [_item(step, make_value(inner)) for step, inner in tree.items()]


def _item(step: int, value: Any) -> Any:
    return {"index": int(step), **value} if isinstance(value, dict) and not isinstance(step, _Nth) else value


def _number_of(item: Any, number: int) -> int:
    index = item.get("index") if isinstance(item, dict) else None
    if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < _HIGHEST:
        return index
    return _Nth(number)
