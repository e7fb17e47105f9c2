"""``demur judge validate``."""

import sys
from contextlib import nullcontext
from pathlib import Path

import click

__all__ = ["validate"]


@click.command
@click.argument("labelled", type=click.Path(path_type=Path), required=False)
@click.option(
    "--judge",
    "name",
    default="local",
    show_default=True,
    metavar="NAME|FILE",
    help="local, graded, or a file of verdicts.",
)
@click.option("--grader", metavar="MODEL", help="The model of Inspect that is asked by the graded judge.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="The record, as .json; a page is written beside it, as .html."
)
@click.option("--phrase-sensitivity", is_flag=True, help="Measure too how far the wording of a reply moves the judge.")
def validate(labelled: Path | None, name: str, grader: str | None, out: Path | None, phrase_sensitivity: bool) -> None:
    """Measure how well a judge agrees with people's labels.

    LABELLED is JSONL, JSON, CSV, TSV or Parquet with a prompt (or messages), a response and a label in each row: an
    outcome (comply, partial, refuse, clarify, empty, garbled), a final_label of XSTest, or whether it refuses (true,
    false, 1, 0); and where known the model, language and category. It may be left out with --phrase-sensitivity, which
    has replies of its own.

    The judge is the local one, a model that is asked (graded), or a FILE that demur judge wrote. The record can be given
    to --validation.
    """
    from demur.cli.progress import count_rows
    from demur.cli.validation import print_validation
    from demur.validating import validate_judge

    with count_rows() if sys.stderr.isatty() else nullcontext(lambda _: None) as tell:
        found = validate_judge(
            labelled, judge=name, grader=grader, out=out, phrase_sensitivity=phrase_sensitivity, on_judged=tell
        )
    print_validation(found)
    if out is not None:
        click.echo(f"record: {out}\npage:   {out.with_suffix('.html')}")
