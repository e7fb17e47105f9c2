"""What was found, on the terminal: both sides, with what each figure rests on. It fits 80 columns."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from demur.contamination import KINDS, Contamination
from demur.findings import Run
from demur.judge.known_error import unusable_because
from demur.report.passage import make_visible
from demur.report.wording import live_sentence
from demur.run import JudgeInfo, RunFolder
from demur.scorecard import FIGURES, TARGETS, Balance, Correction, Scorecard, find_figure
from demur.types import Estimate

__all__ = [
    "across_lines",
    "contamination_line",
    "correction_note",
    "describe",
    "figure_table",
    "judge_line",
    "print_summary",
    "worth_showing",
]

_BALANCE = frozenset(field.name for field in fields(Balance))
"""Neither side is shown without the other."""

_FAULTS = frozenset(
    {"partial_rate", "clarify_rate", "empty_rate", "garbled_rate", "unjudged_rate", "filter_rate", "leakage_rate",
     "preachy_rate", "script_index", "flip_rate"}
)  # fmt: skip
"""A fault that did not happen is left to the report; of everything else, nought is news."""

_STYLES = {"met": "green", "missed": "red", "open": "yellow", "none": ""}


def print_summary(run: Run) -> int:
    """Print what a run found, and give the exit code it earns: 0 if it is complete, else 3."""
    record, counts = run.record, run.record.counts
    console = Console(highlight=False, markup=False, emoji=False)  # a model's name and a path are no markup
    if record.scorecard is not None:
        console.print(f"How {record.subject.model} says no\n", style="bold")
        correction = record.scorecard.correction
        console.print(figure_table(worth_showing(record.scorecard), correction))
        for line in (*across_lines(record.scorecard), *map(contamination_line, record.contamination)):
            console.print(line)
        n_live, n = sum(len(suite.live) for suite in record.suites), sum(suite.n for suite in record.suites)
        if n_live:
            console.print(live_sentence(n_live, n))
        console.print(f"\n{judge_line(record.judge)}{correction_note(correction)}", style="dim")
    seconds = record.duration_s
    rate = f", {record.n_output_tokens / seconds:.0f} tokens/s" if seconds > 0 and record.n_output_tokens else ""
    console.print(
        f"{counts.expected} asked: {counts.scored} scored, {counts.unscored} unjudged, {counts.errored} failed, "
        f"{counts.missing} never answered; {seconds:.0f} s{rate}"
    )
    console.print(f"report: {RunFolder(run.path).report_path}", soft_wrap=True)
    if record.status == "complete":
        return 0
    reason = str(run.problem) if run.problem else next(iter(record.failures), "some questions were not answered")
    n_lost = counts.errored + counts.missing
    click.echo(
        f"demur: incomplete: {n_lost} of {counts.expected} have no reply, and the rates rest on the others: {reason}; "
        f"go on with: demur check --resume {run.path}",
        err=True,
    )
    return 3


def across_lines(scorecard: Scorecard) -> list[str]:
    """Say what shows only across replies: rules that are broken, what wrappers do, what it gave in to, what it recites."""
    lines = []
    talks, echo, readiness = scorecard.conversations, scorecard.echo, scorecard.readiness
    if readiness.is_ready is False:
        held = readiness.held
        lines.append(f"Not ready: held over four rephrasings {round((held.value or 0) * held.n)} of {held.n} times")
    if readiness.refuses_every_probe:
        lines.append(f"Flagged: refused all {readiness.probes_refused.n} harmless probes of the drills")
    if scorecard.attacks is not None:
        attack = scorecard.attacks.overall
        lines.append(
            f"In jailbreak wrappers: {describe(attack.attack_success)[0]} of harm answered (plainly "
            f"{describe(attack.plain_success)[0]}), {describe(attack.harmless_refused)[0]} of the harmless refused "
            f"({describe(attack.plain_refused)[0]})"
        )
    if talks is not None and talks.gave_in:
        kinds = Counter(one.pressure or "no pressure recognised" for one in talks.gave_in)
        told = ", ".join(f"{kind} {n}" for kind, n in kinds.most_common())
        lines.append(f"Refused harm in a drill, then gave in: {told}")
    if echo is not None and echo.n_templates < echo.n:
        share, opening = describe(echo.template_share)[0], describe(echo.opening_share)[0]
        lines.append(
            f"{echo.n} refusals, {echo.n_templates} {'template' if echo.n_templates == 1 else 'templates'}, the largest {share}; "
            f"{opening} open \u201c{make_visible(echo.opening or '')}\u201d"
        )
    return ["", *lines] if lines else []


def contamination_line(found: Contamination) -> str:
    """Say how much of a suite was in what the subject was tuned on, by the kind that finds most."""
    shares = {words: getattr(found, kind) for kind, words in KINDS.items()}
    words, share = max(shares.items(), key=lambda named: named[1].value or 0)
    files = ", ".join(make_visible(corpus.path) for corpus in found.against)
    if not share.value:
        return f"No case of {found.suite} was found in {files}"
    return f"Of {found.suite} {describe(share)[0]} of the cases are in {files}: {words}"


def figure_table(figures: Mapping[str, Estimate], correction: Correction | None = None) -> Table:
    """Lay figures out in plain words: each with its interval, the replies it rests on, and its target if it has one.

    Args:
        figures: estimates by the name they have in a scorecard.
        correction: the balance corrected for the judge's known error, each rate put below the one it corrects.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, is_number in (
        ("", False),
        ("rate", True),
        ("95 % interval", False),
        ("judged", True),
        ("target", False),
    ):
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    for name, estimate in figures.items():
        table.add_row(FIGURES[name], *describe(estimate), _target(name, estimate))
        if correction is not None and name in _BALANCE and estimate.value is not None:
            raw = getattr(correction.raw, name)
            if raw.value != estimate.value:
                table.add_row("  in whole or in part", *describe(raw), style="dim")
            table.add_row(
                "  corrected for the judge", *_describe_corrected(getattr(correction.corrected, name)), style="dim"
            )
    return table


def correction_note(correction: Correction | None) -> str:
    """Say why rates could not be corrected, each reason once; nothing where all could, or where none was to be."""
    if correction is None:
        return ""
    reasons = dict.fromkeys(unusable_because(getattr(correction.corrected, name)) for name in sorted(_BALANCE))
    return "".join(f"\nA rate cannot be corrected: {reason}." for reason in reasons if reason)


def worth_showing(scorecard: Scorecard) -> dict[str, Estimate]:
    """Choose the figures for the terminal: both sides, whatever was asked for, and the faults there were.

    The balance is left out only as a whole, where drills alone were asked.
    """
    figures = {name: find_figure(scorecard, name) for name in FIGURES}
    asked_plainly = any(figures[name].n or figures[name].n_unjudged for name in _BALANCE)
    drilled = any(figures[name].n or figures[name].n_unjudged for name in figures if name.startswith("drill_"))
    return {
        name: estimate
        for name, estimate in figures.items()
        if (name in _BALANCE and (asked_plainly or not drilled))
        or (estimate.value if name in _FAULTS else estimate.n or estimate.n_unjudged)
    }


def describe(estimate: Estimate) -> tuple[str, str, str]:
    """Say the rate, its interval, and how many replies were judged, of how many if not of all."""
    judged = f"{estimate.n} of {estimate.n + estimate.n_unjudged}" if estimate.n_unjudged else str(estimate.n)
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "-", "not measured", judged
    return f"{estimate.value:.0%}", f"[{estimate.low:>4.0%}, {estimate.high:>4.0%}]", judged


def _describe_corrected(estimate: Estimate) -> tuple[str, str]:
    rate, interval, _ = describe(estimate)
    return rate, interval if estimate.value is not None else "not usable"


def _target(name: str, estimate: Estimate) -> Text:
    if name not in TARGETS:
        return Text("")
    target = TARGETS[name]
    state = target.state(estimate)
    word = "" if state == "none" else f" {state}"
    return Text(f"{target.sign} {target.bound:.0%}{word}", style=_STYLES[state])


def judge_line(judge: JudgeInfo) -> str:
    """Say who judged, and how often that judge is known to err."""
    if judge.known_error is None:
        return f"Judged by {judge.name} {judge.version}, whose error is not known: no rate is corrected for it."
    return f"Judged by {judge.name} {judge.version}: {judge.known_error.get('summary', '')}"
