"""Live traffic that people look at: what waits for them, and what they say."""

from demur.watch.review.item import REASONS, Item, Reason
from demur.watch.review.label import Label, Role
from demur.watch.review.reading import read_labelled
from demur.watch.review.store import ReviewStore, Waiting, new_label_id

__all__ = ["REASONS", "Item", "Label", "Reason", "ReviewStore", "Role", "Waiting", "new_label_id", "read_labelled"]
