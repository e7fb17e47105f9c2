"""Two runs of the same cases, paired: what changed, which way, and whether it is more than chance."""

from demur.compare.comparison import Change, Comparison, Flip, Profile
from demur.compare.pairing import compare
from demur.compare.side import SIDES

__all__ = ["SIDES", "Change", "Comparison", "Flip", "Profile", "compare"]
