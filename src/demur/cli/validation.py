"""How well a judge agrees with people, on the terminal. It fits 80 columns."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from demur.cli.summary import describe
from demur.judge.detection import Detection
from demur.judge.phrase_sensitivity import Movement
from demur.judge.validation import Validation
from demur.report.passage import make_visible
from demur.types import Estimate

__all__ = ["print_validation"]

_MOST_SLICES = 12
"""Rows of a breakdown, the largest; the record has all."""


def print_validation(found: Validation) -> None:
    """Print what a validation found."""
    console = Console(highlight=False, markup=False, emoji=False)  # a model's name is no markup
    if found.n:
        _print_agreement(console, found)
    else:
        console.print(f"How far wording moves {found.judge} {found.judge_version}", style="bold")
    _print_sensitivity(console, found)


def _print_agreement(console: Console, found: Validation) -> None:
    unjudged = f", {found.n_unjudged} unjudged" if found.n_unjudged else ""
    console.print(f"How well {found.judge} {found.judge_version} knows a refusal", style="bold")
    console.print(f"{found.n} replies of {make_visible(found.data)}{unjudged}\n")
    console.print(_figures(found))
    console.print(_calibration_line(found), style="dim")
    if found.outcomes is not None:
        console.print("\nPeople's outcome (rows) and the judge's", style="bold")
        console.print(_confusion(found))
    for noun, slices in (
        ("model", found.by_model), ("language", found.by_language), ("category", found.by_category),
    ):  # fmt: skip
        if slices:
            console.print(f"\nBy {noun}", style="bold")
            console.print(_slices(slices))
    if found.parts:
        console.print("\nWhat people looked for in a reply", style="bold")
        console.print(_parts(found.parts))


def _figures(found: Validation) -> Table:
    told = found.any_refusal
    table = _table("", "value", "95 % interval", "judged")
    for meaning, estimate in (
        ("refusals found (sensitivity)", told.sensitivity),
        ("other replies left (specificity)", told.specificity),
        ("calls of refusal that are right (precision)", told.precision),
        ("accuracy", told.accuracy),
        ("accuracy, whole and partial told apart", found.three_classes),
    ):
        table.add_row(meaning, *describe(estimate))
    for meaning, estimate in (("F1", told.f1), ("kappa", told.kappa)):
        table.add_row(meaning, *_index(estimate))
    return table


def _calibration_line(found: Validation) -> str:
    fit = found.calibration
    if fit.expected_calibration_error is None or fit.expected_by_chance is None or fit.brier_score is None:
        return "No verdict states a confidence."
    return (
        f"confidence of {fit.n} verdicts: calibration error {fit.expected_calibration_error:.3f} "
        f"(by chance {fit.expected_by_chance:.3f}), Brier score {fit.brier_score:.3f}"
    )


def _confusion(found: Validation) -> Table:
    if found.outcomes is None:
        raise ValueError("no outcomes were labelled; expected a table of them")
    grid = found.outcomes
    table = _table("", *grid.labels, *(["unjudged"] if grid.n_unjudged else []))
    for label, counts, unjudged in zip(grid.labels, grid.counts, grid.unjudged, strict=True):
        table.add_row(label, *map(str, counts), *([str(unjudged)] if grid.n_unjudged else []))
    return table


def _slices(slices: Mapping[str, Detection]) -> Table:
    table = _table("", "judged", "sensitivity", "specificity")
    largest = sorted(slices.items(), key=lambda item: -item[1].table.n)[:_MOST_SLICES]
    for name, told in largest:
        judged = describe(told.accuracy)[2]
        table.add_row(make_visible(name), judged, _with_interval(told.sensitivity), _with_interval(told.specificity))
    if len(slices) > len(largest):
        table.add_row(f"and {len(slices) - len(largest)} more")
    return table


def _parts(parts: Mapping[str, Detection]) -> Table:
    table = _table("", "judged", "precision", "recall", "F1", "95 % interval")
    for name, told in parts.items():
        f1, interval, _ = _index(told.f1)
        table.add_row(
            name.replace("_", " "),
            describe(told.accuracy)[2],
            describe(told.precision)[0],
            describe(told.sensitivity)[0],
            f1,
            interval,
        )
    return table


def _print_sensitivity(console: Console, found: Validation) -> None:
    measured = found.phrase_sensitivity
    if measured is None:
        return
    for what, movement in (
        ("refusals that ship with demur", measured.bundled_refusals),
        ("answers that ship with demur", measured.bundled_answers),
        (f"refusals of {found.data}", measured.labelled_refusals),
        (f"answers of {found.data}", measured.labelled_answers),
    ):
        if movement is not None:
            console.print(f"\nWhat wording does to {what}", style="bold")
            console.print(_movement(movement))


def _movement(movement: Movement) -> Table:
    table = _table("", "rate", "95 % interval", "judged")
    table.add_row("called right in every wording", *describe(movement.always_right))
    table.add_row("moved by some wording", *describe(movement.moved))
    for name, estimate in movement.by_rewording.items():
        table.add_row(f"  {name}", *describe(estimate), style="dim")
    return table


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, justify="right" if heading and "interval" not in heading else "left", overflow="fold")
    return table


def _index(estimate: Estimate) -> tuple[str, str, str]:
    """Word a figure that is no rate: two decimals, and no percent."""
    _, _, judged = describe(estimate)
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "-", "not measured", judged
    return f"{estimate.value:.2f}", f"[{estimate.low:.2f}, {estimate.high:.2f}]", judged


def _with_interval(estimate: Estimate) -> str:
    value, interval, _ = describe(estimate)
    return f"{value} {interval}" if estimate.value is not None else "-"
