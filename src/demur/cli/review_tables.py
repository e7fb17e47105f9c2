"""The queue in the terminal: filled, and counted."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import click
from rich.console import Console
from rich.table import Table

from demur.cli.progress import count_rows
from demur.report.wording import interval, percent
from demur.reviewing import gather_events
from demur.types import Estimate
from demur.watch.review import ReviewStore, Waiting
from demur.watch.review.figures import ReviewFigures

__all__ = ["REASON_WORDS", "gather", "print_status"]

REASON_WORDS = {
    "crisis": "crises",
    "alarm": "examples of alarms",
    "disagreement": "guard and model differ",
    "unsure": "the judge is not sure",
    "sample": "random sample",
}


@contextmanager
def gather(url: str) -> Iterator[ReviewStore]:
    """Open the queue of a store, with what has come since somebody last looked."""
    queue = ReviewStore(url)
    try:
        with count_rows() if sys.stderr.isatty() else nullcontext(lambda _: None) as tell:
            gather_events(url, queue, on_read=tell)
        yield queue
    finally:
        queue.close()


def print_status(waiting: Waiting, found: ReviewFigures) -> None:
    """Print how the review stands."""
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("waits")
    table.add_column("items", justify="right")
    for reason, n in waiting.waiting.items():
        table.add_row(REASON_WORDS[reason], f"{n:,}")
    if waiting.waiting:
        console.print(table)
    else:
        click.echo("nothing waits")
    by = ", ".join(f"{name} {n:,}" for name, n in found.by_reviewer.items())
    click.echo(f"\n{found.n_items:,} exchanges labelled" + (f" (labels: {by})" if by else ""))
    if found.n_unsettled:
        click.echo(f"{found.n_unsettled:,} on which reviewers differ and no lead has spoken")
    figures = Table(box=None, pad_edge=False)
    for name in ("figure", "value", "95 % interval", "n"):
        figures.add_column(name, justify="left" if name == "figure" else "right")
    for label, estimate, is_share in (
        ("reviewers: what would have been right, alike", found.expect.share, True),
        ("  kappa", found.expect.kappa, False),
        ("reviewers: what the reply does, alike", found.outcome.share, True),
        ("  kappa", found.outcome.kappa, False),
        ("judge: sensitivity, on the sample", found.judge.sensitivity, True),
        ("judge: specificity, on the sample", found.judge.specificity, True),
    ):
        figures.add_row(label, *_shown(estimate, is_share=is_share))
    click.echo()
    console.print(figures)


def _shown(estimate: Estimate, *, is_share: bool) -> tuple[str, str, str]:
    n = f"{estimate.n:,}" + (f" and {estimate.n_unjudged:,} unjudged" if estimate.n_unjudged else "")
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "not measured", "", n
    if is_share:
        return percent(estimate.value), interval(estimate), n
    return f"{estimate.value:.2f}", f"{estimate.low:.2f} to {estimate.high:.2f}", n
