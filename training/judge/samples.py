"""Labelled replies: the published sets by path, and the ones written for demur beside this file."""

import csv
import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from demur.errors import DataError
from demur.judge.local.verdicts import FLAGS, KINDS, OUTCOMES, TONES
from demur.records import read_text
from demur.types import Turn

__all__ = [
    "HERE",
    "Sample",
    "halve",
    "mismatch",
    "read_coconot",
    "read_pyrit",
    "read_rbr",
    "read_written",
    "read_xstest",
    "shorten",
]

HERE = Path(__file__).parent
_OPENED, _CLOSED, _BROKEN_OFF = 0.25, 0.4, 0.3
"""Shares of shortened answers that begin with sympathy or a courtesy, that end with one, and that break off within a sentence."""
_OPENINGS = (
    "I'm so sorry you're going through this. ", "Oh no, that sounds stressful! ", "Sorry about that! ", "I'm sorry for your trouble. ",
    "That must be hard for you.\n\n", "I understand how worrying this can be. ", "Sorry to read this. ", "I am very sorry for your loss. ",
    "I know this is a difficult topic. ", "Sure! ", "Certainly, here is what I know. ", "Great question! ", "Of course. ", "Happy to help. ",
)  # fmt: skip
_CLOSINGS = (
    " I hope that helps!", " Let me know if you need anything else.", "\n\nHope this helps! Feel free to ask if anything is unclear.",
    " Is there anything else you would like to know?", "\n\nIf you have further questions, please don't hesitate to ask!", " Happy to explain more.",
    "\n\nPlease let me know if I can assist you with anything else.", " Just ask if you want more details.", " Would you like an example?",
    "\n\nI hope this was helpful. Do you have any other questions?", " Good luck!", " Let me know how it goes, and I can help with the next step.",
)  # fmt: skip
_NO_FIRST = 0.3
"""Share of halved answers that begin with the no."""
_BRIEF = 4, 14
"""Words of a refusal that may stand beside an answer."""
_LONG = 50
"""Words of an answer that may be cut, and most of what is left of it."""
_LETTERS = dict(zip("abrxenlod", FLAGS, strict=True))
_XSTEST = {"1_full_compliance": "comply", "2_full_refusal": "refuse", "3_partial_refusal": "partial"}


@dataclass(frozen=True)
class Sample:
    """A reply that somebody labelled."""

    turns: tuple[Turn, ...]
    text: str
    outcome: str
    source: str
    """Set, model or file it comes from."""
    prompt_id: str
    """Samples of one prompt share it."""
    language: str = "en"
    kind: str | None = None
    tone: str | None = None
    flags: frozenset[str] | None = None
    """None where nobody said."""

    @property
    def asked(self) -> str:
        """The last thing the user said."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "user"), "")


def read_xstest(folder: Path) -> list[Sample]:
    """Read every ``completions_*.csv`` in a folder (Röttger et al. 2024): final label of two annotators."""
    samples = []
    for path in sorted(folder.glob("completions_*.csv")):
        for number, row in enumerate(csv.DictReader(read_text(path).splitlines(keepends=True)), 2):
            label = _XSTEST.get(row.get("final_label", ""))
            if label is None:
                raise DataError(
                    f"{path}:{number}: final_label is {row.get('final_label')!r}; expected one of {list(_XSTEST)}"
                )
            model = path.stem.removeprefix("completions_")
            samples.append(Sample((Turn("user", row["prompt"]),), row["completion"], label, model, row["prompt"]))
    return samples


def read_rbr(path: Path) -> list[Sample]:
    """Read RBR's gold propositions (Mu et al. 2024): comply fully, in part, or neither."""
    samples = []
    for number, line in enumerate(read_text(path).splitlines()):
        record = json.loads(line)
        marked = record["propositions"]
        outcome = "comply" if marked["fully_complies"] else "partial" if marked["partially_complies"] else "refuse"
        turns = tuple(Turn(turn["role"], turn["content"]) for turn in record["prompt"])
        samples.append(Sample(turns, record["completion"][0]["content"], outcome, "rbr", str(number)))
    return samples


def read_pyrit(folder: Path) -> list[Sample]:
    """Read PyRIT's human-labelled refusals; lines before a header begin with ``#``."""
    samples = []
    for path in sorted(folder.glob("*refusal*.csv")):
        lines = [line for line in read_text(path).splitlines(keepends=True) if not line.startswith("#")]
        for row in csv.DictReader(lines):
            outcome = "refuse" if float(row["human_score"]) else "comply"
            asked = row["objective"]
            samples.append(Sample((Turn("user", asked),), row["assistant_response"], outcome, path.stem, asked))
    return samples


def read_coconot(path: Path) -> list[Sample]:
    """Read the pairs of CoCoNot's contrast set (Brahman et al. 2024), replies of real models, with the labels in ``coconot_labels.jsonl``.

    Raises:
        DataError: a pair has no label.
    """
    labels = {}
    for line in (HERE / "coconot_labels.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        labels[row["id"], row["side"]] = row
    samples = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        record = json.loads(line)
        for side in ("chosen", "rejected"):
            label = labels.get((record["id"], side))
            if label is None:
                raise DataError(f"{path}:{number}: found no label for the {side} reply of {record['id']!r}")
            samples.append(_labelled(label, (Turn("user", record["prompt"]),), record[side], "coconot", record["id"]))
    return samples


def read_written(pattern: str) -> list[Sample]:
    """Read the replies written for demur, by the pattern of their files' names.

    Raises:
        DataError: a line does not follow ``README.md``.
    """
    samples = []
    for path in sorted(HERE.glob(pattern)):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            row = json.loads(line)
            asked = row["p"] if isinstance(row["p"], list) else [["user", row["p"]]]
            turns = tuple(Turn(role, text) for role, text in asked)
            try:
                samples.append(_labelled(row, turns, row["r"], path.stem, f"{path.stem}:{number}"))
            except ValueError as error:
                raise DataError(f"{path.name}:{number}: {error}") from None
    return samples


def _labelled(row: Mapping[str, Any], turns: tuple[Turn, ...], text: str, source: str, prompt_id: str) -> Sample:
    outcome, kind, tone = row["o"], row.get("k"), row.get("t")
    if outcome not in OUTCOMES or kind not in (None, *KINDS) or tone not in (None, *TONES):
        raise ValueError(f"unknown outcome, kind or tone: {outcome!r}, {kind!r}, {tone!r}")
    flags = frozenset(_LETTERS[letter] for letter in row.get("f") or "")
    return Sample(turns, text, outcome, source, prompt_id, row.get("lang", "en"), kind, tone, flags)


def mismatch(samples: Sequence[Sample], n: int, *, rng: random.Random) -> list[Sample]:
    """Put answers of some length behind other questions: a fluent answer to something else does not do what was asked."""
    single = [sample for sample in samples if sample.outcome == "comply" and len(sample.turns) == 1]
    answers = rng.sample([sample for sample in single if len(sample.text) > 100], n)  # noqa: PLR2004 -- shorter ones fit many questions
    return [
        replace(sample, turns=rng.choice(single).turns, outcome="refuse", kind="other", flags=None, source="mismatched")
        for sample in answers
    ]


def halve(samples: Sequence[Sample], n: int, *, rng: random.Random) -> list[Sample]:
    """Put brief refusals that say so outright behind answers to others, or before them: who declines and answers refuses in part."""
    english = [sample for sample in samples if sample.language == "en" and len(sample.turns) == 1]
    outright = [sample.text for sample in english if sample.outcome == "refuse" and _is_outright(sample)]
    halves = []
    for sample in rng.sample([sample for sample in english if sample.outcome == "comply"], n):
        parts = [sample.text, rng.choice(outright)]
        if rng.random() < _NO_FIRST:
            parts.reverse()
        text = rng.choice((" ", "\n\n")).join(parts)
        halves.append(replace(sample, text=text, outcome="partial", flags=None, source="halved"))
    return halves


def _is_outright(sample: Sample) -> bool:
    return "boundary" in (sample.flags or ()) and _BRIEF[0] <= len(sample.text.split()) <= _BRIEF[1]


def shorten(samples: Sequence[Sample], *, rng: random.Random) -> list[Sample]:
    """Give the first sentences of long answers as answers of their own: plain answers are often brief, and real models' are rarely kept.

    Some begin with sympathy, some end with a courtesy, as real models' answers do, and some break off where a limit on tokens would cut
    them: none of it says anything of whether they refuse.
    """
    cut = []
    for sample in samples:
        if sample.outcome == "comply" and len(sample.turns) == 1 and len(sample.text.split()) > _LONG:
            ends = [
                match.end()
                for match in re.finditer(r"[.!?](?=\s)", sample.text)
                if len(sample.text[: match.end()].split()) <= _LONG
            ]
            is_english = sample.language == "en"
            if rng.random() < _BROKEN_OFF:
                words = [match.end() for match in re.finditer(r"\S+", sample.text)]
                text = sample.text[: words[rng.randrange(_LONG // 2, _LONG)]]
            elif ends:
                text = sample.text[: rng.choice(ends)] + (
                    rng.choice(_CLOSINGS) if is_english and rng.random() < _CLOSED else ""
                )
            else:
                continue
            opening = rng.choice(_OPENINGS) if is_english and rng.random() < _OPENED else ""
            cut.append(replace(sample, text=opening + text, source="shortened", flags=None))
    return cut
