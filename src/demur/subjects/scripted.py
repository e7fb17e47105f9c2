"""Scripted subjects: deterministic, instant, each with one planted fault, in any strength.

They are told the truth of each case and err on purpose relative to it.
"""

from demur.errors import UsageError
from demur.subjects.faults import FAULTS
from demur.subjects.speech import digest
from demur.subjects.subject import Asked, SubjectInfo
from demur.types import Reply

__all__ = ["Scripted"]


class Scripted:
    """A scripted subject: its fault, or its fault in a share of what it is asked.

    Args:
        name: of a fault; with ``@0.4`` after it, it errs in four of ten questions, chosen by their words, and is ideal in the others.

    Raises:
        KeyError: there is none of that name. UsageError: the strength is not in [0, 1].
    """

    connections = 64

    def __init__(self, name: str) -> None:
        fault, at, strength = name.partition("@")
        self._behave = FAULTS[fault].behave
        try:
            self._strength = float(strength) if at else 1.0
        except ValueError:
            self._strength = -1.0
        if not 0 <= self._strength <= 1:
            raise UsageError(f"{name}: found the strength '{strength}'; expected a number in [0, 1], as in {fault}@0.4")

    def reply(self, asked: Asked) -> Reply:
        """Answer at once; tokens are counted as words."""
        errs = digest(f"errs {asked.turns[-1].text}") < self._strength * 2**32
        reply = (self._behave if errs else FAULTS["ideal"].behave)(asked)
        n_input = sum(len(turn.text.split()) for turn in asked.turns)
        return Reply(
            text=reply.text,
            stop_reason=reply.stop_reason,
            filter_message=reply.filter_message,
            latency_s=0.0,
            n_input_tokens=n_input,
            n_output_tokens=len(reply.text.split()),
        )

    @staticmethod
    def infos() -> tuple[SubjectInfo, ...]:
        """Describe every scripted subject."""
        return tuple(
            SubjectInfo(name=f"demur/scripted/{name}", title=f"scripted: {name}", fault=fault.description)
            for name, fault in FAULTS.items()
        )
