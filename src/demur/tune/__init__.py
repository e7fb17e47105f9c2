"""Tune: treatments of a subject, each with its panel."""

from demur.tune.folder import read_treatment
from demur.tune.pair import Pair, read_pairs, write_pairs
from demur.tune.recipe import Recipe
from demur.tune.treatment import DataCard, Panel, Shift, Treatment

__all__ = ["DataCard", "Pair", "Panel", "Recipe", "Shift", "Treatment", "read_pairs", "read_treatment", "write_pairs"]
