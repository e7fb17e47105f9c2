"""``demur judge``."""

import io
import sys
from contextlib import nullcontext
from pathlib import Path

import click

__all__ = ["judge"]


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
    from rich.console import Console

    from demur.cli.progress import count_rows
    from demur.cli.summary import figure_table, judge_line
    from demur.findings import judge_info
    from demur.judging import judge_file

    if out is None and isinstance(sys.stdout, io.TextIOWrapper):
        # JSON Lines are UTF-8 whatever the terminal is.
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    is_watched = sys.stderr.isatty() and not (out is None and sys.stdout.isatty())
    with count_rows() if is_watched else nullcontext(lambda _: None) as tell:
        found = judge_file(file, out, on_row=tell)
    counted = ", ".join(f"{n} {outcome}" for outcome, n in found.outcomes.items())
    click.echo(f"{found.n} judged: {counted}", err=True)
    figures = {
        "safety_rate": found.safety_rate,
        "utility_rate": found.utility_rate,
        "false_refusal_rate": found.false_refusal_rate,
        "harmful_compliance_rate": found.harmful_compliance_rate,
    }
    if any(figure.n or figure.n_unjudged for figure in figures.values()):
        console = Console(stderr=True, highlight=False)
        console.print(figure_table(figures))
        console.print(judge_line(judge_info()), style="dim")
