"""Refusals worth reading, and the question that is asked where it is not clear whether to refuse."""

from demur.refusals.clarification import is_clarification, write_clarification
from demur.refusals.phrasing import LANGUAGES
from demur.refusals.refusal import CATEGORIES, write_refusal

__all__ = ["CATEGORIES", "LANGUAGES", "is_clarification", "write_clarification", "write_refusal"]
