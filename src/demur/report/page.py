"""The page: the report put together as one HTML file under a content security policy that lets nothing in or out."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import jinja2

from demur.drills import Drill
from demur.judge.known_error import unusable_because
from demur.report.across import Across, read_across
from demur.report.attack import AttackRow, read_attacks
from demur.report.chart import Bar, Grid, balance_points, confidence_bins, count_grid, count_sides, label
from demur.report.conversation import Conversations, recount
from demur.report.exhibit import Exhibits, hang
from demur.report.fault import FAULTS
from demur.report.figure import Breakdown, Figure, FigureGroup, read_breakdown, read_groups
from demur.report.finding import find
from demur.report.masthead import Masthead, read_masthead
from demur.report.passage import make_visible
from demur.report.second_opinion import Opinion, read_opinion
from demur.report.wording import EVIDENCE_WORDS, interval, percent, tally
from demur.types import Result

__all__ = ["content_security_policy", "read_asset", "read_template", "render_report"]

_SCRIPTS = ("vendor/d3.min.js", "vendor/plot.umd.min.js", "page.js")
_STYLE = "page.css"


@dataclass(frozen=True)
class _Report:
    """Everything the template shows."""

    masthead: Masthead
    finding: tuple[str, str, str]
    groups: tuple[FigureGroup, ...]
    breakdowns: Mapping[str, Breakdown]
    """By noun: pattern, category, locale, suite."""
    bars: tuple[Bar, Bar]
    grids: tuple[Grid, Grid]
    confidence: tuple[tuple[int, ...], int]
    is_corrected: bool
    """Whether some rate was corrected for the judge's known error, or could not be."""
    uncorrected_because: tuple[str, ...]
    """Why some cannot be corrected, each reason once."""
    across: Across | None
    """What shows only across replies; None if nothing of it was measured."""
    opinion: Opinion | None
    """What a grader made of the same replies; None if there was none."""
    attacks: tuple[AttackRow, ...]
    """What jailbreak wrappers do; none if nothing was wrapped."""
    exhibits: Exhibits
    conversations: Conversations
    pictures: Mapping[str, Any]
    """What the pictures are drawn from."""


def render_report(
    run: Mapping[str, Any], results: Sequence[Result], drills: Mapping[tuple[str, str], Drill] = MappingProxyType({})
) -> str:
    """Write the report of a run as one HTML file.

    Args:
        run: what ``run.json`` holds; keys that are not known are passed over, those that are missing are named as such.
        results: the lines of ``results.jsonl``.
        drills: the scripts of those that are drills, by suite and id, as far as they are known.

    Returns:
        The file's text. It loads nothing from anywhere; scripts and styles run only if their hash stands in its policy.

    Raises:
        DataError: the record is of a later version, or a figure in it is no estimate.
    """
    report = _make_report(run, results, drills)
    scripts = tuple(read_asset(name) for name in _SCRIPTS)
    style = read_asset(_STYLE)
    text = read_template("page.html.jinja").render(
        report=report,
        faults=FAULTS,
        policy=content_security_policy(scripts, style),
        scripts=scripts,
        style=style,
        island=_as_island(report.pictures),
    )
    # A lone surrogate, as a broken tokenizer can leave one, cannot be written as UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")


def content_security_policy(scripts: Sequence[str], style: str) -> str:
    """Forbid everything but these inline blocks, named by their SHA-256 (Content Security Policy Level 3, section 8.4)."""
    hashes = " ".join(_source_hash(script) for script in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {hashes}; style-src {_source_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _make_report(run: Mapping[str, Any], results: Sequence[Result], drills: Mapping[tuple[str, str], Drill]) -> _Report:
    scorecard = run.get("scorecard") or {}
    groups = read_groups(scorecard)
    figures = {figure.key: figure for group in groups for figure in group.figures}
    breakdowns = {noun: read_breakdown(scorecard, noun) for noun in ("pattern", "category", "locale", "suite")}
    questions = [result for result in results if result.case.drill is None]
    plain = [result for result in questions if result.case.is_single]
    bars, grids, confidence = count_sides(plain), count_grid(plain), confidence_bins(results)
    return _Report(
        masthead=read_masthead(run),
        finding=_find(figures),
        groups=groups,
        breakdowns=breakdowns,
        bars=bars,
        grids=grids,
        confidence=confidence,
        is_corrected=any(figure.corrected_text for figure in figures.values()),
        uncorrected_because=_reasons(figures.values()),
        across=read_across(run),
        opinion=read_opinion(run),
        attacks=read_attacks(scorecard),
        exhibits=hang(questions),
        conversations=recount([result for result in results if result.case.drill is not None], scorecard, drills),
        pictures={
            "balance": balance_points(
                figures["safety_rate"].estimate,
                figures["utility_rate"].estimate,
                (breakdowns["pattern"], breakdowns["category"]),
            ),
            "bars": [{"side": bar.side, "outcomes": bar.outcomes} for bar in bars],
            "grids": [_plain_grid(grid) for grid in grids],
            "confidence": confidence[0],
        },
    )


def _find(figures: Mapping[str, Figure]) -> tuple[str, str, str]:
    return find(
        figures["safety_rate"],
        figures["harmful_compliance_rate"],
        figures["utility_rate"],
        figures["false_refusal_rate"],
    )


def _reasons(figures: Iterable[Figure]) -> tuple[str, ...]:
    reasons = [unusable_because(figure.corrected) for figure in figures if figure.corrected is not None]
    return tuple(dict.fromkeys(reason for reason in reasons if reason))


def _plain_grid(grid: Grid) -> dict[str, Any]:
    cells = [{"row": cell.row, "column": cell.column, "k": cell.k, "n": cell.n} for cell in grid.cells]
    return {"title": grid.title, "rows": grid.rows, "columns": grid.columns, "cells": cells}


def _as_island(pictures: Mapping[str, Any]) -> str:
    """Write plain values as JSON that cannot end its script element, whatever stands in it."""
    text = json.dumps(pictures, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _source_hash(block: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()}'"


@cache
def read_asset(name: str) -> str:
    """Read a script or a style that ships with the report."""
    return resources.files("demur.report").joinpath(name).read_text(encoding="utf-8")


@cache
def read_template(name: str) -> jinja2.Template:
    """Read a page's template; whatever is put into it is escaped."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.PackageLoader("demur.report", package_path=""),
    )
    environment.filters.update(interval=interval, percent=percent, tally=tally, line_label=label, visible=make_visible)
    environment.globals.update(evidence_words=EVIDENCE_WORDS)
    return environment.get_template(name)
