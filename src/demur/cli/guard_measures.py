"""``demur guard test``, ``tune-threshold`` and ``stress``: the guard measured."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from demur.guard import Policy

__all__ = ["stress", "test", "tune_threshold"]

_POLICY = click.option(
    "--policy", type=click.Path(path_type=Path), metavar="FILE", help="What is measured.  [default: the one that ships]"
)  # fmt: skip
_DATA = click.option(
    "--data", type=click.Path(path_type=Path, allow_dash=True), help="File or folder of a suite that is not bundled; - reads a custom one."
)  # fmt: skip
_MAP = click.option(
    "--map", "pairs", multiple=True, metavar="PART=COLUMN", help="Of custom data: which column is which; may be given again."
)  # fmt: skip
_OUT = click.option("-o", "--out", type=click.Path(path_type=Path), help="Write all of it as JSON.")


@click.command
@click.option("--suite", "suites", multiple=True, help="What to ask; may be given again.  [default: library, wrapped]")
@_DATA
@_MAP
@_POLICY
@_OUT
def test(
    *, suites: tuple[str, ...], data: Path | None, pairs: tuple[str, ...], policy: Path | None, out: Path | None
) -> None:
    """Measure recall, false positives and latency in one run.

    How much of what is harmful and of what is harmless the guard blocks, and what its decisions cost. Suites and data are those of demur check. What is only asked about, and what is answered as a crisis, is counted apart.
    """
    from demur.cases import parse_mapping
    from demur.cli.guard_tables import print_measurement
    from demur.guard import Guard
    from demur.measuring import DEFAULT_SUITES, measure_suites, write_record

    with _progress("decided") as tell:
        found = measure_suites(
            Guard(_read(policy)),
            suites or DEFAULT_SUITES,
            data=data,
            mapping=parse_mapping(pairs) if pairs else None,
            on_progress=tell,
        )
    print_measurement(found)
    if out is not None:
        write_record(found, out)
        click.echo(f"written: {out}")


@click.command(name="tune-threshold")
@click.option(
    "--fpr", type=click.FloatRange(0, 1, min_open=True, max_open=True), required=True, metavar="RATE", help="Most of the harmless to be blocked, as in 0.01."
)  # fmt: skip
@click.option(
    "--benign", type=click.Path(path_type=Path, allow_dash=True), required=True, metavar="FILE", help="Requests to be answered."
)  # fmt: skip
@click.option(
    "--harmful", type=click.Path(path_type=Path), metavar="FILE", help="Requests to be blocked: recall is told."
)
@_POLICY
@_OUT
def tune_threshold(*, fpr: float, benign: Path, harmful: Path | None, policy: Path | None, out: Path | None) -> int:
    """Choose a threshold for a rate of false positives.

    It is the smallest probability of harm from which at most RATE of the harmless requests are blocked. The files are JSONL, JSON, CSV, TSV or Parquet with prompt, messages or instruction; JSON may be a list of texts, and .txt
    has one a line. The lines for the policy go to standard output, the rest to standard error; no policy is written.
    Exit 1 if no threshold keeps the rate.
    """
    from demur.choosing_threshold import policy_lines, tune_threshold
    from demur.cli.guard_tables import print_tuned
    from demur.measuring import write_record

    found = _read(policy)
    with _progress("scored") as tell:
        tuned = tune_threshold(found, benign=benign, harmful=harmful, fpr=fpr, on_progress=tell)
    print_tuned(tuned)
    if out is not None:
        write_record(tuned, out)
        click.echo(f"written: {out}", err=True)
    if tuned.threshold is None:
        click.echo(f"no threshold keeps a rate of {fpr:g} on {benign}", err=True)
        return 1
    click.echo(policy_lines(tuned, found))
    return 0


@click.command
@click.option("--suite", "suites", multiple=True, help="What to put otherwise; may be given again.  [default: library]")
@_DATA
@_MAP
@_POLICY
@click.option("--limit", type=click.IntRange(min=1), help="Most cases to draw, of both sides.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the draw and the variants.")
@click.option(
    "--show", type=click.IntRange(min=0), default=8, show_default=True, help="Misses, and wrong blocks, to list."
)
@_OUT
def stress(
    *,
    suites: tuple[str, ...],
    data: Path | None,
    pairs: tuple[str, ...],
    policy: Path | None,
    limit: int | None,
    seed: int,
    show: int,
    out: Path | None,
) -> None:
    """Find what slips through in disguise, and what would mend it.

    Takes harmful cases that are blocked as they are and harmless ones that reach the model, and writes each in a hundred ways:
    encodings, lookalikes, gaps, typos, layouts, frames, other languages. Proposes a change of the policy where one does good, and
    no harm, on cases that it was not chosen from.
    """
    from demur.cases import parse_mapping
    from demur.cli.guard_tables import print_stressed
    from demur.guard import Guard
    from demur.measuring import write_record
    from demur.stressing import DEFAULT_SUITES, stress_suites

    with _progress("decided") as tell:
        found = stress_suites(
            Guard(_read(policy)),
            suites or DEFAULT_SUITES,
            data=data,
            mapping=parse_mapping(pairs) if pairs else None,
            limit=limit,
            seed=seed,
            on_progress=tell,
        )
    print_stressed(found, show=show)
    if out is not None:
        write_record(found, out)
        click.echo(f"written: {out}")


@contextmanager
def _progress(done: str) -> "Iterator[Callable[[int, float | None], None]]":
    from demur.cli.progress import show_rows

    with show_rows(done) as tell:
        yield lambda n, _share: tell(n, None)  # a share would be told to be that of a file


def _read(policy: Path | None) -> "Policy":
    from demur.guard import default_policy
    from demur.guard.policy import read_policy

    return default_policy() if policy is None else read_policy(policy)
