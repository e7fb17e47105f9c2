"""A model that this process runs itself: chat completions, each reply generated as a whole."""

import asyncio
from collections.abc import Mapping
from typing import Any

from demur.guard.wire.sender import Sender
from demur.guard.wire.sse import DONE, write_event
from demur.serving.chat import read_chat, stream_completion, write_completion
from demur.subjects import Asked, Subject

__all__ = ["Answering"]


class Answering:
    """A `demur.serving.door.Speaker` that asks a subject.

    A reply is streamed as one piece: replies to several callers are generated together, and each is known when all are.

    Args:
        name: of the model.
        subject: it.
    """

    paths = ("/chat/completions",)

    def __init__(self, name: str, subject: Subject) -> None:
        self._name, self._subject = name, subject

    async def open(self) -> None:
        """Nothing is to be done: the subject is there."""

    async def close(self) -> None:
        """Likewise."""

    async def speak(self, path: str, asked: Mapping[str, Any], body: bytes, send: Sender) -> None:  # noqa: ARG002 -- one interface
        """Answer a chat completion."""
        import orjson

        chat = read_chat(asked)
        replies = await asyncio.gather(
            *(asyncio.to_thread(self._subject.reply, Asked(chat.turns, decoding)) for decoding in chat.decodings)
        )
        if not chat.is_stream:
            await send.json(200, write_completion(self._name, chat, replies))
            return
        send.start_events(())
        for chunk in stream_completion(self._name, chat, replies):
            await send.piece(write_event(orjson.dumps(chunk)))
        await send.end(DONE)
