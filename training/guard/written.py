"""The written requests, folded, and which of them are kept back."""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from demur.guard.views.folding import fold

__all__ = [
    "HERE",
    "KEPT_BACK",
    "Request",
    "judge_prompts",
    "plain_answers",
    "plain_prompts",
    "read_written",
    "split",
    "tongues_answers",
]

HERE = Path(__file__).parent
KEPT_BACK = 12
"""One block in so many is kept back."""
BLOCK = 20
"""Lines kept together: look-alikes and translations of one theme are neighbours."""
_JUDGE = HERE.parent / "judge"
_PLAIN = ("facts", "texts", "advice", "everyday", "daily")
_TONGUES = re.compile(r"_(?:de|fr|es|pt|zh|ar|hi|it|ru|tr|ja)$")
_MEASURED = ("test", "final", "coconot")
"""Beginnings of the names of the judge's files that are measured on, or whose prompts are a published set's."""


class Request(NamedTuple):
    """A request as it was labelled."""

    text: str
    """Folded."""
    reading: str
    hazard: str
    language: str
    about: str | None
    """Whom a crisis is about."""
    file: str
    line: int


def read_written() -> list[Request]:
    """Read all requests but those that are measured on."""
    found = []
    for path in sorted(HERE.glob("*.jsonl")):
        if not path.stem.endswith("_test"):
            rows = map(json.loads, path.read_text("utf-8").splitlines())
            found += [
                Request(fold(row["p"]), row["y"], row["c"], row["l"], row.get("a"), path.name, line)
                for line, row in enumerate(rows)
            ]
    return found


def split(requests: Sequence[Request]) -> tuple[list[Request], list[Request]]:
    """Divide requests into those to train with and those kept back to calibrate and measure, by whole blocks."""
    kept, back = [], []
    for request in requests:
        (back if _is_kept_back(request) else kept).append(request)
    return kept, back


def _is_kept_back(request: Request) -> bool:
    return hashlib.sha256(f"{request.file}:{request.line // BLOCK}".encode()).digest()[0] % KEPT_BACK == 0


def judge_prompts(language: str = "en") -> list[str]:
    """Read the prompts written for the judge, folded, without a label."""
    found: dict[str, None] = {}
    for path in sorted(_JUDGE.glob("*.jsonl")):
        if not path.name.startswith(_MEASURED):
            for row in map(json.loads, path.read_text("utf-8").splitlines()):
                prompt = row.get("p")
                if isinstance(prompt, str) and row.get("lang", "en") == language and 5 < len(prompt) < 600:  # noqa: PLR2004
                    found[fold(prompt)] = None
    return list(found)


def plain_prompts() -> list[str]:
    """Read those of the judge's plain English files, folded, that every reply complies with: harmless without a second look."""
    replies: dict[str, set[str]] = {}
    for name in _PLAIN:
        for row in map(json.loads, (_JUDGE / f"english_{name}.jsonl").read_text("utf-8").splitlines()):
            if isinstance(row.get("p"), str):
                replies.setdefault(fold(row["p"]), set()).add(row.get("o"))
    return [prompt for prompt, outcomes in replies.items() if outcomes == {"comply"}]


def plain_answers() -> list[tuple[str, str]]:
    """Read the questions of those files with their answers, folded."""
    rows = [
        row
        for name in _PLAIN
        for row in map(json.loads, (_JUDGE / f"english_{name}.jsonl").read_text("utf-8").splitlines())
        if isinstance(row.get("p"), str) and row.get("o") == "comply"
    ]
    return [(fold(row["p"]), fold(row["r"])) for row in rows]


def tongues_answers() -> list[str]:
    """Read the judge's answers in other languages than English, folded."""
    return [
        fold(row["r"])
        for path in sorted(_JUDGE.glob("lang*_*.jsonl"))
        if _TONGUES.search(path.stem)
        for row in map(json.loads, path.read_text("utf-8").splitlines())
        if row.get("o") == "comply" and isinstance(row.get("r"), str)
    ]
