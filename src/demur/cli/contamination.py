"""``demur contamination``."""

from pathlib import Path

import click

__all__ = ["contamination"]


@click.command
@click.argument("suite")
@click.option(
    "--against", required=True, multiple=True, metavar="CORPUS",
    help="File or folder of texts, or the name of a bundled suite. May be given several times.",
)  # fmt: skip
@click.option("--data", type=click.Path(path_type=Path), help="File or folder of a suite that is not bundled.")
@click.option(
    "--map", "pairs", multiple=True, metavar="PART=COLUMN",
    help="Which column of custom data holds which part of a case. May be given several times.",
)  # fmt: skip
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write all of it, every pair included, as JSON.")
def contamination(
    suite: str, against: tuple[str, ...], data: Path | None, pairs: tuple[str, ...], out: Path | None
) -> None:
    """Measure how much of SUITE is in training or red-team corpora.

    Four kinds of overlap are counted: the same words, a run of 13 words in common, near duplicates, and requests for the
    same thing in other words. A corpus is JSONL, JSON, CSV, TSV, Parquet, plain text or Markdown, or a folder of these;
    every text of a row is looked at. Nothing leaves the machine. Ends with 0 whatever is found.
    """
    from demur.cases import parse_mapping
    from demur.cli.overlap import print_contamination
    from demur.cli.progress import count_documents
    from demur.contaminating import compare_with_corpora, write_contamination

    with count_documents() as on_progress:
        found = compare_with_corpora(
            suite, against, data=data, mapping=parse_mapping(pairs) if pairs else None, on_progress=on_progress
        )
    print_contamination(found)
    if out is not None:
        write_contamination(found, out)
        click.echo(f"written: {out}")
