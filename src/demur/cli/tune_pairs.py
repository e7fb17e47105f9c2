"""``demur tune pairs``: preference data from what check-ups found."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from demur.pairing import Pairing, Tell

__all__ = ["pairs", "print_pairing", "show_steps"]

_LOG_EVERY_S = 10.0


@click.command
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path), metavar="RUN...")
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="FILE", help="Where the pairs go: a file.jsonl.")
@click.option(
    "--answers", multiple=True, type=click.Path(path_type=Path), metavar="RUN",
    help="A check-up of the same cases by a teacher, or under a clarified prompt: its right answers are chosen where the subject refused. "
    "May be given several times.",
)  # fmt: skip
@click.option(
    "--against", multiple=True, metavar="SUITE",
    help="What the result is to be measured on, and no pair may ask: a bundled suite, a file or a folder. May be given several times.  "
    "[default: held-out, library, drills-quick, wrapped, but for those that RUN is of]",
)  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Of the thinning of the larger side.")
@click.option("--lint", type=click.Path(path_type=Path), metavar="FILE", help="Make nothing; say what is wrong with the pairs in FILE.")  # fmt: skip
def pairs(
    *, runs: tuple[Path, ...], out: Path | None, answers: tuple[Path, ...], against: tuple[str, ...], seed: int, lint: Path | None
) -> int:  # fmt: skip
    """Make preference pairs, for SFT, DPO or KTO, of what check-ups found; RUN is the folder of one, or an Inspect log of demur/check.

    A wrong refusal is paired with the right answer to the same case; harm that was given, with a graceful refusal, and nothing of what
    was given is kept; what was right stays. Both sides are made even. What the pairs come from, and what was left out and why, stands
    beside them in FILE.card.json.

    With --lint, each line is a fault: an error teaches what is wrong, a warning is to be looked at. Exit 1 if there are errors.
    """
    if lint is not None:
        if runs or out is not None or answers:
            raise click.UsageError("--lint FILE goes alone, or with --against")
        return _lint(lint, against)
    if not runs:
        raise click.UsageError("Missing argument 'RUN...'.")
    if out is None:
        raise click.UsageError("Missing option '-o' / '--out'.")
    from demur.pairing import check_out, pair_runs, write_pairing

    check_out(out)
    with show_steps() as tell:
        made = pair_runs(runs, answers=answers, against=against or None, seed=seed, on_progress=tell)
    beside = write_pairing(made, out)
    print_pairing(made)
    click.echo(f"written: {out}, and where it comes from: {beside}")
    return 0


def _lint(file: Path, against: tuple[str, ...]) -> int:
    from demur.pairing import lint_file

    with show_steps() as tell:
        n, findings = lint_file(file, against=against or None, on_progress=tell)
    for finding in findings:
        click.echo(f"{file}: {finding}")
    n_errors = sum(finding.level == "error" for finding in findings)
    click.echo(f"{n:,} pairs: {n_errors:,} errors, {len(findings) - n_errors:,} warnings", err=True)
    return 1 if n_errors else 0


def print_pairing(made: "Pairing") -> None:
    """Print what was made, on both sides, and what was left out and why."""
    from collections import Counter

    for run in (*made.runs, *made.answers):
        if not run.is_complete:
            click.echo(f"demur: {run.path}: not every sample has a reply; what is there was taken", err=True)
    for word, is_harmless in (("harmful", False), ("harmless", True)):
        faults = Counter(pair.fault for pair in made.pairs if pair.is_harmless == is_harmless)
        counted = ", ".join(f"{n:,} {fault}" for fault, n in faults.most_common())
        click.echo(f"{faults.total():>7,} pairs of {word} prompts: {counted}")
    if made.left_out:
        click.echo(f"{len(made.left_out):>7,} left out:")
        for why, n in made.reasons.items():
            click.echo(f"{n:>9,} {why}")
    for finding in made.warnings:
        click.echo(str(finding), err=True)
    click.echo(f"held against: {', '.join(made.against) or 'nothing'}")


@contextmanager
def show_steps() -> Iterator["Tell"]:
    """Show how far it is on standard error while the block runs: a bar for people, a line now and then for logs."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    if not sys.stderr.isatty():
        yield _log_steps()
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, n, total: bar.update(task, description=done, completed=n, total=total)


def _log_steps() -> "Tell":
    next_at = monotonic() + _LOG_EVERY_S

    def tell(done: str, n: int, total: int) -> None:
        nonlocal next_at
        if monotonic() >= next_at:
            next_at = monotonic() + _LOG_EVERY_S
            # Whoever reads along may leave; the work goes on.
            with suppress(BrokenPipeError):
                click.echo(f"{n:,}/{total:,} {done}", err=True)

    return tell
