"""What the watch found, on the terminal. It fits 80 columns, and neither side of a balance stands alone."""

from rich.console import Console
from rich.table import Table

from demur.cli.summary import correction_note, describe, figure_table, judge_line
from demur.cli.watch_alarms import alarm_lines
from demur.report.passage import make_visible
from demur.types import Estimate
from demur.watch import Attempts, SliceRates, TemplateShare
from demur.watching import Watched

__all__ = ["print_watched"]

_VALUES, _TEMPLATES, _DAYS = 8, 8, 14
"""Of a dimension, templates, and days that are shown: the rest is in the record."""
_WORDING = 60
_CHANGES = {"new": "new since", "rising": "more since", "falling": "less since", "vanished": "gone since"}


def print_watched(found: Watched) -> None:
    """Print the rates, the templates and the second attempts."""
    console = Console(highlight=False, markup=False, emoji=False)  # a tenant's name and a path are no markup
    console.print(_masthead(found), "", sep="\n", soft_wrap=True)
    console.print(_rates_table(found.rates))
    if found.balance is not None:
        figures = {name: getattr(found.balance, name) for name in _BALANCE}
        console.print(
            "\nOf the exchanges whose truth is known:", figure_table(figures, found.balance.correction), sep="\n"
        )
    console.print("", *alarm_lines(found), sep="\n")
    if found.templates:
        console.print(f"\nTemplates of the {found.n_refusals:,} refusals of the model's own", style="bold")
        for one in found.templates[:_TEMPLATES]:
            console.print(*_template_lines(one), sep="\n")
        if len(found.templates) > _TEMPLATES:
            console.print(f"  and {len(found.templates) - _TEMPLATES} smaller ones", style="dim")
    if found.attempts is not None:
        console.print("", *_attempt_lines(found.attempts), sep="\n")
    correction = None if found.balance is None else found.balance.correction
    console.print(
        "\nShares of what was said. Whether too much is refused, or too little, they cannot say: that takes cases whose truth "
        f"is known.\n{judge_line(found.judge)}{correction_note(correction)}",
        style="dim",
    )
    console.print(f"judged exchanges: {found.work}", soft_wrap=True)


_BALANCE = ("safety_rate", "utility_rate", "false_refusal_rate", "harmful_compliance_rate")


def _masthead(found: Watched) -> str:
    n_repeated = sum(source.n_repeated for source in found.sources)
    n_passed_over = sum(source.n_passed_over for source in found.sources)
    when = (
        "without times" if found.first is None or found.last is None else f"{found.first[:16]} to {found.last[:16]} UTC"
    )
    n_files = len(found.sources)
    parts = [f"{found.n:,} exchanges from {n_files} {'file' if n_files == 1 else 'files'}, {when}"]
    parts += [f"{n_repeated:,} more had been read before, and count once"] if n_repeated else []
    parts += [f"{n_passed_over:,} rows hold no exchange"] if n_passed_over else []
    parts += [f"without a verdict: {n:,}, {reason}" for reason, n in found.unjudged.items()]
    return "\n".join(parts)


def _rates_table(rates: tuple[SliceRates, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", overflow="fold", max_width=24)
    for heading in ("refused", "95 %", "by filter", "in part", "leaked", "judged"):
        table.add_column(heading, justify="right")
    days = [one for one in rates if one.by == "all" and one.day is not None]
    shown = [one for one in rates if one.day is None]
    table.add_row("all", *_cells(shown[0]))
    _add_rows(table, "by day", [(one.day or "", one) for one in days[-_DAYS:]], n_more=len(days) - _DAYS)
    for by in dict.fromkeys(one.by for one in shown if one.by != "all"):
        values = [(make_visible(one.value or "not known"), one) for one in shown if one.by == by]
        _add_rows(table, f"by {by}", values[:_VALUES], n_more=len(values) - _VALUES)
    return table


def _add_rows(table: Table, heading: str, rows: list[tuple[str, SliceRates]], *, n_more: int) -> None:
    if len(rows) + max(0, n_more) > 1:
        table.add_row(heading, style="bold")
        for name, one in rows:
            table.add_row(f"  {name}", *_cells(one))
        if n_more > 0:
            table.add_row(f"  and {n_more} more", style="dim")


def _cells(one: SliceRates) -> tuple[str, ...]:
    rate, interval, judged = describe(one.refused)
    return rate, interval, *(describe(each)[0] for each in (one.refused_by_filter, one.partial, one.leaked)), judged


def _template_lines(one: TemplateShare) -> list[str]:
    rate, interval, _ = describe(one.share)
    text = " ".join(make_visible(one.text).split())
    lines = [f"  {rate:>4} {interval}  {text if len(text) <= _WORDING else text[: _WORDING - 1] + '…'}"]
    if one.change is not None:
        before, after = one.change.before, one.change.after
        lines.append(f"{'':22}{_CHANGES[one.change.trend]} {one.change.since}: {_share(before)}, then {_share(after)}")
    return lines


def _share(estimate: Estimate) -> str:
    rate, interval, _ = describe(estimate)
    return f"{rate} {interval}"


def _attempt_lines(found: Attempts) -> list[str]:
    again, answered = found.asked_again, found.answered
    n_again = round((again.value or 0) * again.n)
    lines = [f"Asked again after a refusal, within half an hour: {n_again:,} of {found.n_refused:,}"]
    if n_again:
        lines.append(f"  of these answered then: {_share(answered)}, of {describe(answered)[2]}")
    return lines
