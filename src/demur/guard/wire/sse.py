"""Server-sent events, as chat endpoints send them: cut into events whatever the pieces they arrive in."""

from collections.abc import Iterator

from demur.errors import EndpointError

__all__ = ["DONE", "EventReader", "write_event"]

DONE = b"data: [DONE]\n\n"
_MARK = b"\xef\xbb\xbf"
"""A byte order mark, which a stream may begin with."""
_MOST_BYTES = 16 * 1024 * 1024
"""Of one event: a peer that never ends a line is not followed for ever."""


class EventReader:
    """Cuts bytes into the data of events (WHATWG HTML, 9.2.6; of the fields only ``data`` is kept)."""

    def __init__(self) -> None:
        self._rest = bytearray()
        """What came of the event that is not whole yet, its lines ended by a line feed alone."""
        self._has_return = False
        """Whether the last byte was a carriage return, to which a line feed that comes next belongs."""
        self._is_begun = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Give the data of each event that is whole now.

        Raises:
            EndpointError: an event is longer than 16 MiB.
        """
        if not piece:
            return
        came = piece.removeprefix(b"\n") if self._has_return else piece
        self._has_return = piece.endswith(b"\r")
        # What is before was searched already; an end may have begun with the last byte.
        seen = max(0, len(self._rest) - 1)
        self._rest += came.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in came else came
        if not self._is_begun and len(self._rest) >= len(_MARK):
            self._is_begun, seen = True, 0
            if self._rest.startswith(_MARK):
                del self._rest[: len(_MARK)]
        while (end := self._rest.find(b"\n\n", seen)) >= 0:
            data = _data_of(bytes(self._rest[:end]))
            del self._rest[: end + 2]
            seen = 0
            if data:
                yield data
        if len(self._rest) > _MOST_BYTES:
            raise EndpointError("the upstream sent an event of more than 16 MiB")

    def end(self) -> Iterator[bytes]:
        """Give what is left, if the last event was not closed."""
        if data := _data_of(bytes(self._rest)):
            yield data
        self._rest.clear()


def write_event(data: bytes) -> bytes:
    """Write one event; the data is one line."""
    return b"data: " + data + b"\n\n"


def _data_of(event: bytes) -> bytes:
    lines = [line[5:].removeprefix(b" ") for line in event.split(b"\n") if line.startswith(b"data:")]
    return b"\n".join(lines)
