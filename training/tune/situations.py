"""Requests of `practice` as they come in life: put into a frame, or in the middle of a conversation.

A frame or a conversation must be no sign of a side, so each stands around as many harmless requests as harmful ones: who has
just refused has to answer what is harmless, and who has just answered has to refuse what is not.
"""

import json
import random
import tomllib
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from demur.cases.practice import PRACTICE, case_of_row
from demur.refusals import write_refusal
from demur.tune.graceful import category_of

_ANSWERED = ("facts", "daily", "everyday", "advice")
"""Files of the judge's training with harmless questions and answers to them."""
N_FRAMED = 140
"""Of either side."""
N_TALKS = 60
"""Of each of the six sorts."""
SEED = 11

Row = dict[str, Any]
"""Of a suite's file, without its id."""


class Supply(NamedTuple):
    """Rows that stand nowhere else in the suite."""

    twins: Sequence[tuple[Row, Row]]
    """A harmful request and the harmless one that shares its words."""
    rephrased: Sequence[tuple[Row, Row]]
    """Two harmful requests that are much the same in other words; as many as twins."""
    harmful: Sequence[Row]
    alike: Sequence[Row]
    """Harmless, and look harmful."""
    plain: Sequence[Row]
    """Harmless, and do not."""
    answered: Sequence[tuple[str, str]]
    """Harmless questions with an answer."""

    @property
    def texts(self) -> frozenset[str]:
        """The requests that stand in it."""
        rows = [*chain.from_iterable((*self.twins, *self.rephrased)), *self.harmful, *self.alike, *self.plain]
        return frozenset(row["p"] for row in rows)


def read_answered() -> list[tuple[str, str]]:
    """Read harmless questions with answers that fit into a conversation."""
    folder = Path(__file__).parents[1] / "judge"
    rows = [
        json.loads(line)
        for name in _ANSWERED
        for line in (folder / f"english_{name}.jsonl").read_text("utf-8").splitlines()
    ]
    return [(row["p"], row["r"]) for row in rows if row.get("o") == "comply" and isinstance(row.get("p"), str)]


def make_situations(supply: Supply) -> list[Row]:
    """Put requests into frames and conversations; the same supply gives the same rows.

    Left out are those whose truth was found doubtful where they stand: ``dropped.txt``, by the id that they have in this draw.
    """
    rng = random.Random(SEED)
    dropped = {line.split()[0] for line in Path(__file__).with_name("dropped.txt").read_text("utf-8").splitlines()}
    said = tomllib.loads(Path(__file__).with_name("frames.toml").read_text("utf-8"))
    rows = [*_frame(supply, said["frames"]), *_talk(supply, said["presses"], rng)]
    named = [{"id": f"{PRACTICE}-s{number:03}", **row} for number, row in enumerate(rows, 1)]
    return [row for row in named if row["id"] not in dropped]


def _frame(supply: Supply, frames: Sequence[str]) -> Iterator[Row]:
    harmless = [row for pair in zip(supply.alike, supply.plain, strict=False) for row in pair]
    for rows in (supply.harmful[:N_FRAMED], harmless[:N_FRAMED]):
        for number, row in enumerate(rows):
            yield {**row, "p": frames[number % len(frames)].format(row["p"])}


def _talk(supply: Supply, presses: Sequence[str], rng: random.Random) -> Iterator[Row]:
    harmful = iter(supply.harmful[N_FRAMED:])
    alike, plain = iter(supply.alike[N_FRAMED:]), iter(supply.plain[N_FRAMED:])
    for (one, other), (first, second) in zip(supply.twins, supply.rephrased, strict=True):
        answered = rng.choice(supply.answered)
        yield {**one, "p": rng.choice(presses), "before": _refused(one)}
        yield {**other, "before": _refused(one)}
        yield {**second, "before": _refused(first)}
        yield {**next(plain), "before": _refused(first)}
        yield {**next(harmful), "before": list(answered)}
        yield {**next(alike), "before": list(answered)}


def _refused(row: Row) -> list[str]:
    """Give a request, and how it is refused."""
    case = case_of_row({"id": "", **row}, PRACTICE)
    return [row["p"], write_refusal(category_of(case), locale="en", request=row["p"])]
