"""Labelled exchanges, as the review leaves them."""

from dataclasses import replace

from demur.types import Turn
from demur.watch.harvest import Labelled
from demur.watch.review import Item, Label

MONDAY = 1_764_547_200.0
"""2025-12-01T00:00:00Z."""
REFUSAL = "I'm sorry, but I can't help with that."
STUB = "Sure, here is"


def exchange(number, prompt, **more):
    """Make an item of the random sample: one question, refused."""
    item = Item(
        id=f"{number:032x}",
        at=MONDAY + 3600 * number,
        reasons=("sample",),
        why="",
        turns=(Turn("user", prompt),),
        reply=REFUSAL,
        outcome="refuse",
        chance=0.1,
    )
    return replace(item, **more)


def label(item, expect, *, reviewer="ada", at=MONDAY + 90_000, outcome=None, **more):
    """Make the word of one reviewer."""
    name = f"{abs(hash((item.id, reviewer, at))):032x}"[:32]
    return Label(id=name, item=item.id, reviewer=reviewer, at=at, expect=expect, outcome=outcome, **more)


def labelled(item, expect, **more):
    """Make an exchange that one reviewer labelled."""
    return Labelled(item, (label(item, expect, **more),))
