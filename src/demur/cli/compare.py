"""``demur compare``."""

from pathlib import Path

import click

__all__ = ["compare"]


@click.command
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="Write all of it: a page with the runs side by side (.html), or the record with every flip (.json).",
)
def compare(runs: tuple[Path, ...], out: Path | None) -> None:
    """Compare RUNS of the same cases, pair by pair; the first is what the others are compared with.

    Each is the folder of a check-up, or an Inspect log of demur/check. A change counts samples that both runs have and
    both judged; its interval and its p value take twins and repeated samples as one family.
    """
    from demur.cli.comparison import print_comparison
    from demur.comparing import check_format, compare_opened, open_runs, write_comparisons

    if out is not None:
        check_format(out)
    opened = open_runs(runs)
    found = compare_opened(opened)
    for comparison in found:
        print_comparison(comparison)
    if out is not None:
        write_comparisons(opened, found, out)
        click.echo(f"written: {out}")
