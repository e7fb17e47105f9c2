"""The gateway as a server: started, told where it listens, and ended."""

from demur.errors import IncompleteError, MissingExtraError
from demur.guard import Guard
from demur.guard.gateway import Gateway
from demur.guard.wire.upstream import Upstream
from demur.subjects.bundled import SmolLM2

__all__ = ["BUNDLED", "serve_gateway"]

BUNDLED = "demur/smollm2"
"""The bundled subject as an upstream: its own server, on this machine alone."""


def serve_gateway(upstream: str, guard: Guard, *, host: str, port: int, is_shadow: bool = False) -> None:
    """Serve until interrupted.

    Args:
        upstream: base of an OpenAI-compatible server, or `BUNDLED`.
        guard: what decides.
        host: where to listen.
        port: likewise.
        is_shadow: whether nothing is enforced.

    Raises:
        MissingExtraError: the server's libraries are not installed.
        IncompleteError: the port cannot be had.
    """
    try:
        import uvicorn
    except ImportError:
        raise MissingExtraError("the gateway needs uvicorn and aiohttp: pip install 'demur[guard]'") from None
    bundled = SmolLM2() if upstream == BUNDLED else None
    gateway = Gateway(Upstream(upstream if bundled is None else bundled.address), guard, is_shadow=is_shadow)
    config = uvicorn.Config(gateway, host=host, port=port, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    try:
        server.run()
    except SystemExit:
        raise IncompleteError(f"{host}:{port}: cannot listen there; choose another --port") from None
