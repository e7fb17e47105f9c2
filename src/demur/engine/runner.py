"""Starting the process that asks, listening to it, and ending it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from demur import errors
from demur.engine.settings import EngineSettings
from demur.errors import EndpointError, IncompleteError
from demur.records import to_line
from demur.run import RunFolder

__all__ = ["Progressed", "ask_remaining"]

_GRACE_S = 10


@dataclass(frozen=True)
class Progressed:
    """One sample was finished."""

    turns: int
    """Replies it took, or would have taken."""
    n_output_tokens: int
    error: str | None
    """Why it failed, if it did."""


def ask_remaining(
    folder: RunFolder, settings: EngineSettings, on_progress: Callable[[Progressed], None] = lambda _: None
) -> None:
    """Ask everything that the run's results do not hold yet, in a process of its own.

    Every finished sample is in the run's results before ``on_progress`` hears of it. An interrupt ends the process
    and is passed on.

    Raises:
        UsageError: the model cannot be opened.
        EndpointError: nothing could be asked, or so many failures came in a row that the rest was not tried.
        IncompleteError: the process ended before its time.
    """
    reading, writing = os.pipe()
    with folder.engine_log_path.open("ab") as log, os.fdopen(reading, "rb") as events:
        try:
            child = subprocess.Popen(
                [sys.executable, "-m", "demur.engine.child", str(folder.path), to_line(settings), str(writing)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(writing,),
                start_new_session=True,
                env={**os.environ, "INSPECT_DISPLAY": "none", "PYTHONUNBUFFERED": "1"},
            )
        finally:
            os.close(writing)
        with _ended(child):
            _listen(events, on_progress)
            child.wait()
    if child.returncode != 0:
        raise IncompleteError(
            f"the process that asks ended with code {child.returncode}; {folder.engine_log_path} may say why"
        )


def _listen(events: BinaryIO, on_progress: Callable[[Progressed], None]) -> None:
    for event in _events(events):
        match event["event"]:
            case "sample":
                on_progress(Progressed(event["turns"], event["tokens"], event["error"]))
            case "gave_up":
                raise EndpointError(event["message"])
            case "failed":
                raise getattr(errors, event["kind"])(event["message"])


def _events(lines: BinaryIO) -> Iterator[dict[str, Any]]:
    for line in lines:
        # A process that was killed may leave half a line.
        with contextlib.suppress(ValueError):
            yield json.loads(line)


@contextlib.contextmanager
def _ended(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """See to it that the process is gone afterwards, whatever happens."""
    try:
        yield
    except BaseException:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
        raise
    finally:
        if child.stdin:
            child.stdin.close()
        child.wait()
