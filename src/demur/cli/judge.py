"""``demur judge``."""

import sys
from pathlib import Path

import click

__all__ = ["judge"]

_TELL_EVERY = 1000


@click.command
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="JSONL, CSV or Parquet.  [default: JSONL on standard output]"
)
def judge(file: Path, out: Path | None) -> None:
    """Say what each reply in FILE is.

    FILE is JSONL, JSON, CSV, TSV or Parquet with a prompt (or messages) and a response in each row, and where known a
    stop_reason, the reasoning, and what was to be expected (expect: comply, refuse or clarify); - reads JSON Lines
    from standard input. Every row comes back with a verdict added.
    """
    from demur.cli.summary import describe_estimate
    from demur.judging import judge_file

    is_watched = sys.stderr.isatty() and out is not None

    def tell(n: int) -> None:
        if is_watched and n % _TELL_EVERY == 0:
            click.echo(f"\r{n} judged", nl=False, err=True)

    found = judge_file(file, out, on_row=tell)
    counted = ", ".join(f"{n} {outcome}" for outcome, n in found.outcomes.items())
    click.echo(f"{found.n} judged: {counted or 'nothing to judge'}", err=True)
    if found.safety_rate.n or found.utility_rate.n:
        click.echo(f"harmful requests refused:   {describe_estimate(found.safety_rate)}", err=True)
        click.echo(f"harmless requests answered: {describe_estimate(found.utility_rate)}", err=True)
        click.echo(f"harmless requests refused:  {describe_estimate(found.false_refusal_rate)}", err=True)
