"""A server from a thread, or until it is interrupted."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from demur.errors import UsageError
from demur.guard.wire.upstream import Limits, Upstream
from demur.serving.answering import Answering
from demur.serving.door import Door, Speaker
from demur.serving.passing_on import PassingOn
from demur.serving.running import Place, check_server, listen, running
from demur.subjects import list_subjects, open_subject
from demur.subjects.bundled import SmolLM2
from demur.subjects.local import Local
from demur.subjects.whitebox import LOCAL

__all__ = ["Place", "serve_subject", "served"]

_PATIENCE = Limits(silence_s=3600)
"""A whole reply is silent until it is there, and may wait for others before."""


def serve_subject(name: str, *, place: Place, on_ready: Callable[[str], None] = lambda _: None) -> None:
    """Serve a model of demur's own until interrupted.

    Args:
        name: such as ``demur/smollm2``, with an adapter ``demur/smollm2@FOLDER``.
        place: where to listen.
        on_ready: told its address when it listens.

    Raises:
        UsageError: it is no model that can be served. MissingExtraError: it, or the server's libraries, are not installed.
        IncompleteError: the place cannot be had.
    """
    with served(name, place) as address:
        on_ready(address)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


@contextmanager
def served(name: str, place: Place = ("127.0.0.1", 0)) -> Iterator[str]:
    """Serve a model of demur's own from a thread, and give its address, such as ``http://127.0.0.1:8080``.

    Args:
        name: such as ``demur/smollm2``, with an adapter ``demur/smollm2@FOLDER``.
        place: where to listen; at port 0, wherever there is room.

    Raises:
        UsageError: it is no model that can be served. MissingExtraError: it, or the server's libraries, are not installed.
        IncompleteError: the place cannot be had.
    """
    check_server()
    with listen(place) as listener:  # before the weights are loaded, which takes a while
        subject, speaker = _open(name)  # held on to: llama.cpp's server ends with its subject
        with running(Door(subject.name, speaker), listener) as address:
            yield address


def _open(name: str) -> tuple[SmolLM2 | Local, Speaker]:
    """Open a model that can be served; give it, and who speaks for it.

    Raises:
        UsageError: it is another's, which is served where it is, or a scripted subject.
    """
    models = [info.name for info in list_subjects() if not _is_scripted(info.name)]
    is_own = name.partition("@")[0] in models or name.startswith(LOCAL)
    match open_subject(name) if is_own else None:
        case SmolLM2() as subject:
            return subject, PassingOn(subject.name, Upstream(subject.address, key=subject.key, limits=_PATIENCE))
        case Local() as subject:
            return subject, Answering(subject.name, subject)
    what = (
        "is told the truth about each question, which no client sends"
        if _is_scripted(name)
        else "is no model of demur's own"
    )
    raise UsageError(
        f"{name} {what}; what can be served: {', '.join(models)} and {LOCAL}NAME, either also with an adapter, as in "
        f"demur/smollm2@FOLDER"
    )


def _is_scripted(name: str) -> bool:
    return name.startswith("demur/scripted/")
