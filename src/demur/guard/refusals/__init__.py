"""Refusals worth reading."""

from demur.guard.refusals.refusal import CATEGORIES, LANGUAGES, write_refusal

__all__ = ["CATEGORIES", "LANGUAGES", "write_refusal"]
