"""A threshold for a policy, from files of requests: what `demur guard tune-threshold` does."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from demur.errors import DataError, UsageError
from demur.guard.policy import Policy
from demur.guard.thresholds import Tuned, tune
from demur.guard.wire.conversation import Conversation
from demur.judge.logged import read_turns
from demur.records import read_text
from demur.source import Source
from demur.types import Turn

__all__ = ["policy_lines", "read_requests", "tune_threshold"]

_TEXT = (".txt", ".text")


def tune_threshold(
    policy: Policy,
    *,
    benign: Path,
    harmful: Path | None = None,
    fpr: float,
    on_progress: Callable[[int, float | None], None] = lambda *_: None,
) -> Tuned:
    """Choose from which probability of harm a policy should block.

    Args:
        policy: its rules count too.
        benign: file of requests that should all be answered, as `read_requests` takes it.
        harmful: file of requests that should be blocked.
        fpr: the most of the harmless that may be blocked, in (0, 1).
        on_progress: told the requests scored, and their share.

    Raises:
        UsageError: the rate is none. DataError: a file cannot be read, or a row of it is no request.
    """
    if not 0 < fpr < 1:
        raise UsageError(f"fpr: found {fpr:g}; expected a rate between 0 and 1, as in 0.01")
    return tune(
        policy,
        read_requests(benign),
        harmful=None if harmful is None else read_requests(harmful),
        fpr=fpr,
        on_progress=on_progress,
    )


def read_requests(path: Path) -> tuple[Conversation, ...]:
    """Read requests.

    Args:
        path: JSONL, JSON, CSV, TSV or Parquet whose rows have ``prompt``, ``messages`` or ``instruction``; JSON may be a list of
            texts; ``.txt`` has one a line; ``-`` is JSON Lines on standard input.

    Raises:
        DataError: it cannot be read, a row is no request, or there is none.
    """
    found = tuple(Conversation(turns, model="", is_stream=False) for turns in _read(path))
    if not found:
        raise DataError(f"{path}: holds no request; expected one or more")
    return found


def policy_lines(tuned: Tuned, policy: Policy) -> str:
    """Write the lines of YAML that put a threshold into a policy; what would contradict it there is put right beside it.

    Raises:
        ValueError: there is no threshold.
    """
    if tuned.threshold is None:
        raise ValueError("no threshold keeps the rate; there is nothing to write")
    lines = ["intent:", f"  block: {_plain(tuned.threshold)}"]
    limits = policy.intent
    if limits.suspect is not None and limits.suspect > tuned.threshold:
        lines.append(f"  suspect: {_plain(tuned.threshold)}  # at most block")
    if limits.clarify is not None and limits.clarify >= tuned.threshold:
        lines.append("  clarify: off  # was not below block")
    return "\n".join(lines)


def _plain(threshold: float) -> str:
    return f"{threshold:.6f}".rstrip("0").rstrip(".")


def _read(path: Path) -> Iterator[tuple[Turn, ...]]:
    suffix = path.suffix.lower()
    if suffix in _TEXT:
        lines = (line.strip() for line in read_text(path).splitlines())
        yield from ((Turn("user", line),) for line in lines if line)
        return
    texts = _texts(path) if suffix == ".json" else None
    if texts is not None:
        yield from ((Turn("user", text),) for text in texts)
        return
    for row in Source(path):
        yield read_turns(_with_prompt(row.values), row.where)


def _texts(path: Path) -> list[str] | None:
    """Give the texts of a JSON list of texts; None where it is something else."""
    try:
        value = json.loads(read_text(path))
    except (ValueError, RecursionError):
        return None  # one object a line, or broken: whoever reads rows says which
    if not isinstance(value, list) or not value or not isinstance(value[0], str):
        return None
    wrong = next((number for number, text in enumerate(value, 1) if not isinstance(text, str)), None)
    if wrong is not None:
        raise DataError(f"{path}: item {wrong}: found {type(value[wrong - 1]).__name__}; expected text, as before it")
    return value


def _with_prompt(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take an instruction for the prompt, where nothing else is there."""
    if values.get("prompt") is None and values.get("messages") is None and "instruction" in values:
        return {**values, "prompt": values["instruction"]}
    return values
