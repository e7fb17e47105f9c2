"""Stress: what the guard decides rightly, put in other ways."""

from demur.guard.stress.families import FAMILIES
from demur.guard.stress.family import HIDING, Family
from demur.guard.stress.finding import Share, Stressed, stress
from demur.guard.stress.proposals import Effect, Proposal

__all__ = ["FAMILIES", "HIDING", "Effect", "Family", "Proposal", "Share", "Stressed", "stress"]
