"""An ASGI application, served from a thread for as long as somebody needs it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from demur.errors import IncompleteError, MissingExtraError

__all__ = ["Place", "check_server", "listen", "running"]

Place = tuple[str, int]
"""Host and port."""

_READY_S, _LAST_S = 0.02, 1


def check_server() -> None:
    """See that the server's library is there, before anything is opened.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import uvicorn  # noqa: F401
    except ImportError:
        raise MissingExtraError("serving needs uvicorn and aiohttp: pip install 'demur[guard]'") from None


@contextmanager
def running(app: Any, listener: socket.socket) -> Iterator[str]:
    """Serve an application from a thread, and give its address, such as ``http://127.0.0.1:8080``."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_level="critical",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=_LAST_S,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            time.sleep(_READY_S)
        host, port = listener.getsockname()[:2]
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join()


def listen(place: Place) -> socket.socket:
    """Take a place to listen at; at port 0, wherever there is room.

    Raises:
        IncompleteError: it cannot be had.
    """
    host, port = place
    try:
        return socket.create_server(place, family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError:
        raise IncompleteError(f"{host}:{port}: cannot listen there; choose another --port, or --host") from None
