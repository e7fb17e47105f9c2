"""``demur judge``: a file of replies, or the validation of a judge."""

import io
import sys
from contextlib import nullcontext
from pathlib import Path

import click

from demur.cli.file_or_verb import FileOrVerb
from demur.cli.threads import keep_numpy_to_one_thread
from demur.cli.validate import validate

__all__ = ["judge"]


@click.group(cls=FileOrVerb, commands={"validate": validate}, invoke_without_command=True, subcommand_metavar="")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="JSONL, CSV or Parquet.  [default: JSONL on standard output]"
)
@click.option("--judge", "name", default="local", show_default=True, metavar="NAME", help="local or graded.")
@click.option("--grader", metavar="MODEL", help="The model of Inspect that is asked by the graded judge.")
@click.option(
    "--validation",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Correct the rates by this validation of the judge.  [default: the one it ships with]",
)
def judge(file: Path, out: Path | None, name: str, grader: str | None, validation: Path | None) -> None:
    """Say what each reply in FILE is.

    FILE is JSONL, JSON, CSV, TSV or Parquet with a prompt (or messages) and a response in each row, and where known a
    stop_reason, the reasoning, and what was to be expected (expect: comply, refuse or clarify); - reads JSON Lines
    from standard input. Every row comes back with a verdict added.
    """
    keep_numpy_to_one_thread()
    from rich.console import Console

    from demur.cli.progress import show_judging
    from demur.cli.summary import correction_note, figure_table, judge_line
    from demur.findings import judge_info
    from demur.judges import open_judge
    from demur.judging import judge_file

    opened = open_judge(name, grader=grader)

    if out is None and isinstance(sys.stdout, io.TextIOWrapper):
        # JSON Lines are UTF-8 whatever the terminal is.
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    # Rows that run over the terminal leave no room for a bar.
    is_free = out is not None or not sys.stdout.isatty()
    with show_judging() if is_free else nullcontext(lambda _: None) as tell:
        found = judge_file(file, out, judge=opened, validation=validation, on_progress=tell)
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
        console.print(figure_table(figures, found.correction))
        console.print(
            f"{judge_line(judge_info(validation, judge=opened))}{correction_note(found.correction)}", style="dim"
        )
