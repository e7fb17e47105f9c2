"""What Inspect finds of demur under its ``inspect_ai`` entry point; each part is loaded when it is first used."""

from typing import TYPE_CHECKING

from inspect_ai.model import modelapi

from demur.engine.scorer import graded_verdict, refusal_verdict
from demur.engine.solver import converse
from demur.engine.task import check

if TYPE_CHECKING:
    from demur.engine.provider import DemurAPI

__all__ = ["check", "converse", "demur", "graded_verdict", "refusal_verdict"]


@modelapi(name="demur")
def demur() -> "type[DemurAPI]":
    """Give the provider of demur's own subjects."""
    from demur.engine.provider import DemurAPI

    return DemurAPI
