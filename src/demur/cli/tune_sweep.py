"""``demur tune sweep``."""

from pathlib import Path

import click

__all__ = ["sweep"]


@click.command
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Write all of it: the picture as a page (.html), or the record (.json)."
)  # fmt: skip
def sweep(folders: tuple[Path, ...], out: Path | None) -> None:
    """Show treatments of one subject beside each other: what each did to both sides, and which is recommended.

    Each FOLDER is a treatment with its panel. The picture draws safety against utility and joins the treatments that no
    other matches on both sides and beats on one. One treatment makes the page of its before and after.
    """
    from demur.cli.frontier import print_frontier
    from demur.sweeping import check_format, write_frontier
    from demur.sweeping import sweep as open_sweep

    if out is not None:
        check_format(out)
    found = open_sweep(folders)
    print_frontier(found)
    if out is not None:
        write_frontier(found, out)
        click.echo(f"written: {out}")
