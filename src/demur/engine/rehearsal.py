"""A rehearsal: one drill played in this process, each turn given as soon as it is judged, and nothing kept."""

import asyncio
from collections.abc import Iterator

from demur.drills import Drill
from demur.engine.dialogue import hold_dialogue
from demur.engine.models import open_model
from demur.engine.settings import EngineSettings
from demur.engine.solver import ask_model
from demur.judge import default_judge
from demur.types import Decoding, Result

__all__ = ["rehearse"]


def rehearse(drill: Drill, model: str, decoding: Decoding, settings: EngineSettings) -> Iterator[Result]:
    """Play a drill once.

    Raises:
        UsageError: there is no such model. NoReplyError: it did not answer.
    """
    opened = open_model(model)
    dialogue = hold_dialogue(drill.case, 1, drill, default_judge(), ask_model(opened, decoding, settings))
    with asyncio.Runner() as runner:
        while (turn := runner.run(anext(dialogue, None))) is not None:
            yield turn
