"""Slices of traffic: the exchanges that agree in some of what is known about them."""

from demur.watch.observation import Observation

__all__ = ["FAMILIES", "KIND", "Slice", "is_nested", "overlaps", "slice_of"]

Slice = tuple[tuple[str, str], ...]
"""Pairs of a key and its value, e.g. ``(("category", "S2"), ("language", "de"))``; empty is all traffic."""

KIND = ("expect", "category", "language")
"""What makes a request the kind of request it is. Each is held against the baseline of its own kind, so more requests of a
kind that is refused more are no change."""

FAMILIES: tuple[tuple[str, ...], ...] = (
    (),
    ("category",),
    ("language",),
    ("tenant",),
    ("model",),
    ("category", "language"),
    ("category", "language", "model"),
)
"""Keys by which traffic is sliced. `expect` is a key of every slice where it is known: refusals of harmful and of harmless requests
are never one figure."""


def slice_of(seen: Observation, keys: tuple[str, ...]) -> Slice:
    """Give the slice of an observation by some keys; those it does not know are left out."""
    return tuple((key, value) for key in keys if (value := getattr(seen, key)) is not None)


def overlaps(one: Slice, other: Slice) -> bool:
    """Whether an exchange can be in both."""
    values = dict(one)
    return all(values.get(key, value) == value for key, value in other)


def is_nested(one: Slice, other: Slice) -> bool:
    """Whether one is part of the other, or the same."""
    return set(one) <= set(other) or set(other) <= set(one)
