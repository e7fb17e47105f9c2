"""Live traffic that people look at: what waits for them, and what they say."""

from demur.watch.review.item import REASONS, Item, Reason
from demur.watch.review.label import Label

__all__ = ["REASONS", "Item", "Label", "Reason"]
