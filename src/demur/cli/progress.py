"""How far a check-up or the judging of a file is, on the terminal: a bar for people, a line now and then for logs."""

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from demur.checkup import CheckProgress
from demur.judging import JudgeProgress

__all__ = [
    "Pace",
    "RowPace",
    "count_documents",
    "count_rows",
    "show_explaining",
    "show_judging",
    "show_progress",
    "show_rows",
]

_WINDOW_S = 30.0
_LOG_EVERY_S = 10.0
_ROWS_A_TIME = 100
_FEWEST_TURNS = 10
"""Replies come in batches, as many as are in flight: fewer than a batch tell nothing about the pace."""


class Pace:
    """How fast it goes, from what happened in the last half minute, or longer where little happened.

    It is measured from the first reply on: before that the model loads, and an average that held that time would
    promise too much late and too little early.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._seen: deque[tuple[float, CheckProgress]] = deque()

    def note(self, progress: CheckProgress) -> None:
        """Take in how far it is now."""
        if progress.n_done == progress.n_before:
            return
        now = self._now()
        self._seen.append((now, progress))
        while len(self._seen) > 1:
            at, second = self._seen[1]
            if at > now - _WINDOW_S or progress.n_done - second.n_done < _FEWEST_TURNS:
                break
            self._seen.popleft()

    def describe(self) -> str:
        """Say the rate of tokens and the time left, or what is being waited for."""
        if not self._seen:
            return "waiting for the first reply"
        (since, first), (_, last) = self._seen[0], self._seen[-1]
        seconds, turns = self._now() - since, last.n_done - first.n_done
        errors = f", {last.n_errors} failed" if last.n_errors else ""
        if turns < _FEWEST_TURNS or seconds <= 0:
            return f"measuring the pace{errors}"
        rate = (last.n_output_tokens - first.n_output_tokens) / seconds
        left = (last.n_turns - last.n_done) * seconds / turns
        return f"{rate:.0f} tokens/s, {_duration(left)} left{errors}"


class RowPace:
    """How fast rows are judged, from what happened in the last half minute of judging."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._seen: deque[tuple[float, JudgeProgress]] = deque()

    def note(self, progress: JudgeProgress) -> None:
        """Take in how far it is now."""
        if progress.n == progress.n_before:
            self._seen.clear()  # what an earlier run has judged is passed over at another pace
        now = self._now()
        self._seen.append((now, progress))
        while len(self._seen) > 2 and self._seen[1][0] < now - _WINDOW_S:  # noqa: PLR2004 -- a pace has two ends
            self._seen.popleft()

    def describe(self) -> str:
        """Say the rows a second and, where the source's size is known, the time left."""
        if len(self._seen) < 2:  # noqa: PLR2004 -- likewise
            return "measuring the pace"
        (since, first), (until, last) = self._seen[0], self._seen[-1]
        seconds = until - since
        if seconds <= 0:
            return "measuring the pace"
        rate = f"{(last.n - first.n) / seconds:,.0f} rows/s"
        if first.share is None or last.share is None or last.share <= first.share:
            return rate
        return f"{rate}, {_duration((1 - last.share) * seconds / (last.share - first.share))} left"


@contextmanager
def show_progress() -> Iterator[Callable[[CheckProgress], None]]:
    """Show progress on standard error while the block runs; what it gives is to be told of each step."""
    if sys.stderr.isatty():
        with _bar() as bar:
            yield _draw_replies(bar)
    else:
        yield _log_lines()


@contextmanager
def show_explaining() -> Iterator[tuple[Callable[[CheckProgress], None], Callable[[int, int], None]]]:
    """Show progress on standard error while the block runs, of replies and of prompts that are read inside a model.

    Yields:
        What is to be told of each step of the asking, and what is to be told how many prompts were read, and of how many.
    """
    if sys.stderr.isatty():
        with _bar() as bar:
            yield _draw_replies(bar), _draw_prompts(bar)
    else:
        yield _log_lines(), _log_prompts()


@contextmanager
def count_rows() -> Iterator[Callable[[int], None]]:
    """Count rows on standard error, if someone watches, while the block runs; what it gives is told the number."""
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} judged"), TimeElapsedColumn())
    # Standard output is where the rows go, and is left alone.
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as counter:
        task = counter.add_task("rows", total=None)

        def tell(n: int) -> None:
            if n % _ROWS_A_TIME == 0:
                counter.update(task, completed=n)

        yield tell


@contextmanager
def count_documents() -> Iterator[Callable[[int], None]]:
    """Count the documents read on standard error while the block runs: a counter for people, a line now and then for logs."""
    if not sys.stderr.isatty():
        yield _log_documents()
        return
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} documents read, each twice"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as counter:
        task = counter.add_task("documents", total=None)
        yield lambda n: counter.update(task, completed=n)


@contextmanager
def show_judging() -> Iterator[Callable[[JudgeProgress], None]]:
    """Show how far the judging of a file is on standard error; what it gives is to be told of each step."""
    if sys.stderr.isatty():
        with _row_bar() as tell:
            yield tell
    else:
        yield _log_rows()


@contextmanager
def _bar() -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield bar


def _draw_replies(bar: Progress) -> Callable[[CheckProgress], None]:
    pace = Pace()
    task = bar.add_task("replies", total=None, visible=False, pace="")

    def tell(progress: CheckProgress) -> None:
        pace.note(progress)
        bar.update(task, total=progress.n_turns, completed=progress.n_done, visible=True, pace=pace.describe())

    return tell


def _draw_prompts(bar: Progress) -> Callable[[int, int], None]:
    task = bar.add_task("prompts read", total=None, visible=False, pace="")
    return lambda n, total: bar.update(task, total=total, completed=n, visible=n < total)


def _log_prompts() -> Callable[[int, int], None]:
    next_at = 0.0

    def tell(n: int, total: int) -> None:
        nonlocal next_at
        if monotonic() >= next_at or n == total:
            next_at = monotonic() + _LOG_EVERY_S
            # Whoever reads along may leave; the reading goes on.
            with suppress(BrokenPipeError):
                click.echo(f"{n:,}/{total:,} prompts read", err=True)

    return tell


def _log_lines() -> Callable[[CheckProgress], None]:
    pace = Pace()
    next_at = 0.0

    def tell(progress: CheckProgress) -> None:
        nonlocal next_at
        pace.note(progress)
        if monotonic() >= next_at or progress.n_done == progress.n_turns:
            next_at = monotonic() + _LOG_EVERY_S
            state = pace.describe() if progress.n_done < progress.n_turns else "done"
            # Whoever reads along may leave; the check-up goes on.
            with suppress(BrokenPipeError):
                click.echo(f"{progress.n_done}/{progress.n_turns} replies; {state}", err=True)

    return tell


@contextmanager
def _row_bar() -> Iterator[Callable[[JudgeProgress], None]]:
    pace = RowPace()
    columns = (
        SpinnerColumn(),
        BarColumn(),
        TextColumn("{task.fields[n]:,} judged"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    # Standard output is where the rows may go, and is left alone.
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("rows", total=None, n=0, pace="")

        def tell(progress: JudgeProgress) -> None:
            pace.note(progress)
            if progress.note is not None:
                bar.console.print(progress.note, markup=False, highlight=False, soft_wrap=True)
            total = None if progress.share is None else 1.0
            bar.update(task, total=total, completed=progress.share or 0.0, n=progress.n, pace=pace.describe())

        yield tell


def _log_rows() -> Callable[[JudgeProgress], None]:
    pace = RowPace()
    next_at = monotonic() + _LOG_EVERY_S

    def tell(progress: JudgeProgress) -> None:
        nonlocal next_at
        pace.note(progress)
        # Whoever reads along may leave; the judging goes on.
        with suppress(BrokenPipeError):
            if progress.note is not None:
                click.echo(progress.note, err=True)
            if monotonic() >= next_at:
                next_at = monotonic() + _LOG_EVERY_S
                share = "" if progress.share is None else f" ({progress.share:.0%} of the file)"
                click.echo(f"{progress.n:,} judged{share}; {pace.describe()}", err=True)

    return tell


@contextmanager
def show_rows(done: str) -> Iterator[Callable[[int, float | None], None]]:
    """Show on standard error how many rows are done, a line every so often.

    Args:
        done: what is done with a row, such as ``checked``.
    """
    next_at = monotonic() + _LOG_EVERY_S

    def tell(n: int, share: float | None) -> None:
        nonlocal next_at
        if monotonic() >= next_at:
            next_at = monotonic() + _LOG_EVERY_S
            # Whoever reads along may leave; the work goes on.
            with suppress(BrokenPipeError):
                click.echo(f"{n:,} {done}" + ("" if share is None else f" ({share:.0%} of the file)"), err=True)

    yield tell


def _log_documents() -> Callable[[int], None]:
    next_at = monotonic() + _LOG_EVERY_S

    def tell(n: int) -> None:
        nonlocal next_at
        if monotonic() >= next_at:
            next_at = monotonic() + _LOG_EVERY_S
            # Whoever reads along may leave; the reading goes on.
            with suppress(BrokenPipeError):
                click.echo(f"{n:,} documents read, each twice", err=True)

    return tell


def _duration(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"  # noqa: PLR2004 -- an hour
