"""Server-sent events, as chat endpoints send them: cut into events whatever the pieces they arrive in."""

from collections.abc import Iterator

__all__ = ["DONE", "EventReader", "write_event"]

DONE = b"data: [DONE]\n\n"
_MOST_BYTES = 16 * 1024 * 1024
"""Of one event: a peer that never ends a line is not followed for ever."""


class EventReader:
    """Cuts bytes into the data of events (WHATWG HTML, 9.2.6; of the fields only ``data`` is kept)."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Give the data of each event that is whole now.

        Raises:
            ValueError: an event is longer than 16 MiB.
        """
        self._rest += piece
        if len(self._rest) > _MOST_BYTES:
            raise ValueError("an event of more than 16 MiB")
        *events, self._rest = self._rest.replace(b"\r\n", b"\n").split(b"\n\n")
        for event in events:
            if data := _data_of(event):
                yield data

    def end(self) -> Iterator[bytes]:
        """Give what is left, if the last event was not closed."""
        if data := _data_of(self._rest):
            yield data
        self._rest = b""


def write_event(data: bytes) -> bytes:
    """Write one event; the data is one line."""
    return b"data: " + data + b"\n\n"


def _data_of(event: bytes) -> bytes:
    lines = [line[5:].removeprefix(b" ") for line in event.split(b"\n") if line.startswith(b"data:")]
    return b"\n".join(lines)
