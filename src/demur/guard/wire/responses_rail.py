"""The output rail of responses that are there as a whole: every text of every item is looked at."""

from collections.abc import Mapping
from typing import Any

from demur.errors import EndpointError
from demur.guard.rules.patterns import Match
from demur.guard.wire.conversation import Conversation
from demur.guard.wire.dialect import Found, MakeHoldBack
from demur.guard.wire.responses_answer import make_frame, make_message, make_part, new_message_id
from demur.guard.wire.responses_check import Check
from demur.guard.wire.responses_frame import Frame, is_of_frame
from demur.guard.wire.responses_said import note_reply
from demur.guard.wire.responses_texts import is_too_deep
from demur.guard.wire.said import Said

__all__ = ["ResponsesReplyRail"]


class ResponsesReplyRail:
    """Checks a reply that is there as a whole."""

    def __init__(self, make: MakeHoldBack, found: Found, asked: Conversation) -> None:
        self._check, self._found, self._asked = Check(make), found, asked
        self._frame = Frame(Check(make))
        self.said = Said()

    @property
    def warned(self) -> list[Match]:
        """What rules that only warn found."""
        return self._check.warned

    def check(self, reply: Mapping[str, Any]) -> dict[str, Any] | None:
        """Give the response with a refusal for its output if anything in that is blocked; None if nothing is changed.

        Raises:
            EndpointError: it is nested deeper than a response is.
        """
        if is_too_deep(reply):
            raise EndpointError("the upstream sent a response that is nested too deep")
        note_reply(self.said, reply)
        frame = self._frame.take(reply)
        match = self._check.first({key: value for key, value in reply.items() if not is_of_frame(key)})
        if match is not None:
            message = make_message(new_message_id(), [make_part(self._found(match))], status="incomplete")
            return {**make_frame(self._asked), **self._frame.blocked([message])}
        return None if all(reply[key] is value for key, value in frame.items()) else {**reply, **frame}
