"""Labelled replies: the published sets by path, and the ones written for demur beside this file."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from demur.errors import DataError
from demur.judge.local.features import Features, extract
from demur.judge.local.local_judge import KINDS, OUTCOMES, TONES
from demur.judge.sentences import blank_shown, split
from demur.records import read_text
from demur.types import Turn

__all__ = ["HERE", "Sample", "features_of", "read_pyrit", "read_rbr", "read_written", "read_xstest"]

HERE = Path(__file__).parent
_LETTERS = dict(
    zip(
        "abrxenlod",
        (
            "acknowledgment",
            "boundary",
            "reason",
            "alternatives",
            "engagement",
            "names_boundary",
            "leakage",
            "loophole",
            "disclaimer",
        ),
        strict=True,
    )
)
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
        lines = read_text(path).splitlines(keepends=True)
        header = next(i for i, line in enumerate(lines) if not line.startswith("#"))
        for row in csv.DictReader(lines[header:]):
            outcome = "refuse" if float(row["human_score"]) else "comply"
            samples.append(
                Sample(
                    (Turn("user", row["objective"]),), row["assistant_response"], outcome, path.stem, row["objective"]
                )
            )
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
            turns = (
                tuple(Turn(role, text) for role, text in row["p"])
                if isinstance(row["p"], list)
                else (Turn("user", row["p"]),)
            )
            kind, tone = row.get("k"), row.get("t")
            if row["o"] not in OUTCOMES or kind not in (None, *KINDS) or tone not in (None, *TONES):
                raise DataError(
                    f"{path.name}:{number}: unknown outcome, kind or tone: {row['o']!r}, {kind!r}, {tone!r}"
                )
            flags = frozenset(_LETTERS[letter] for letter in row.get("f") or "")
            samples.append(
                Sample(
                    turns,
                    row["r"],
                    row["o"],
                    path.stem,
                    f"{path.stem}:{number}",
                    row.get("lang", "en"),
                    kind,
                    tone,
                    flags,
                )
            )
    return samples


def features_of(samples: Sequence[Sample]) -> list[Features]:
    """Read samples as the judge does; a reply without a sentence is read as one blank."""
    return [
        extract(split(blank_shown(sample.text)) or split("-a"), sample.turns, sample.language) for sample in samples
    ]
