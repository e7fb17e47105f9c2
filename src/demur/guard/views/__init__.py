"""Views: the readings of a text that rules are matched against."""

from demur.guard.views.folding import fold
from demur.guard.views.reading import View, read_views

__all__ = ["View", "fold", "read_views"]
