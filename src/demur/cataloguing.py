"""The catalogue on disk: cards, references and runs read, faults found, pages and record written."""

import json
from collections.abc import Sequence
from datetime import date
from importlib import resources
from pathlib import Path

from demur.catalog import (
    Card,
    Catalogue,
    Reference,
    lint_cards,
    lint_references,
    make_catalogue,
    read_cards,
    read_references,
)
from demur.catalog.usage import Asked
from demur.drills.lint import Finding
from demur.errors import UsageError
from demur.findings import open_run
from demur.output import write_file
from demur.records import SCHEMA_VERSION, to_plain
from demur.report import render_catalogue

__all__ = ["build_catalogue", "lint_catalogue", "write_catalogue"]

_RECORD = "catalog.json"
_PAGE = "index.html"


def build_catalogue(runs: Sequence[str | Path] = (), *, today: date | None = None) -> Catalogue:
    """Put together the catalogue of what comes with demur.

    Args:
        runs: folders of check-ups, or logs of Inspect, to measure the cards by.
        today: the day that freshness is told for; None is this day.

    Raises:
        DataError: a run cannot be read.
        UsageError: a run is named twice.
    """
    paths = [Path(path).resolve() for path in runs]
    if len(set(paths)) < len(paths):
        raise UsageError("runs: one is named twice, and would count twice; name each once")
    opened = [open_run(path) for path in runs]
    asked = [Asked(str(run.path), run.record.subject.model, run.results) for run in opened]
    cards, references, _ = _read_bundled()
    return make_catalogue(cards, references, today=today or date.today(), runs=asked)  # noqa: DTZ011 -- the user's day


def write_catalogue(catalogue: Catalogue, folder: Path) -> Path:
    """Write the record and the pages into a folder, and say where they begin.

    Raises:
        UsageError: something else is there.
        IncompleteError: it cannot be written there.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file; expected a folder, or the name of one to make")
    if (folder / _PAGE).exists() and not (folder / _RECORD).exists():
        raise UsageError(
            f"{folder}: holds an {_PAGE} that is none of a catalogue, and would be lost; choose another -o"
        )
    plain = {"schema_version": SCHEMA_VERSION, **to_plain(catalogue)}
    write_file(folder / _RECORD, json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    for name, page in render_catalogue(catalogue).items():
        write_file(folder / name, page)
    return folder / _PAGE


def lint_catalogue(folders: Sequence[Path] = ()) -> tuple[int, list[Finding]]:
    """Find the faults of folders of cards, or of everything that comes with demur if none is named.

    Cards of one's own are compared with the bundled ones too, and may lean on whatever they like.

    Returns:
        How many cards were looked at, and the findings.

    Raises:
        DataError: there is no such folder, or it holds no card.
    """
    bundled, references, findings = _read_bundled()
    if not folders:
        cases = [card for card in bundled if card.drill is None]
        drills = [card for card in bundled if card.drill is not None]
        unread = [finding.where for finding in findings]
        findings += lint_cards(cases, unread=unread)
        findings += lint_cards(drills, unread=unread, beside=cases)
        findings += lint_references(references, bundled)
        return len(bundled) + len(references), findings
    n, findings = 0, []
    for folder in folders:
        cards, unreadable = read_cards(folder)
        n += len(cards) + len(unreadable)
        here = folder.resolve()
        beside = [card for card in bundled if not Path(card.where).resolve().is_relative_to(here)]
        findings += [*unreadable, *lint_cards(cards, unread=[one.where for one in unreadable], beside=beside)]
    return n, findings


def _read_bundled() -> tuple[list[Card], list[Reference], list[Finding]]:
    cases, broken_cases = read_cards(resources.files("demur.cases").joinpath("cards"))
    drills, broken_drills = read_cards(resources.files("demur.drills").joinpath("cards"))
    references, broken_references = read_references()
    return [*cases, *drills], references, [*broken_cases, *broken_drills, *broken_references]
