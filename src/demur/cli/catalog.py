"""``demur catalog``: what demur asks and leans on, as pages, and what is wrong with it."""

from pathlib import Path

import click

__all__ = ["build", "catalog", "lint"]


@click.group
def catalog() -> None:
    """Browse and check what demur asks, and what it leans on."""


@catalog.command
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default=Path("catalog"), show_default=True, help="The folder."
)
@click.option(
    "--runs", multiple=True, type=click.Path(path_type=Path), metavar="RUN",
    help="A check-up to measure the cards by: how hard each was, and how well it told subjects apart. May be given several times.",
)  # fmt: skip
def build(out: Path, runs: tuple[Path, ...]) -> None:
    """Write the catalogue: catalog.json, and pages that need no network, from index.html on.

    A record for each case, drill, wrapper, technique, paper, benchmark, failure mode, hazard and pattern, with links both ways;
    coverage against targets, cards that are alike, and cards to be looked at again.
    """
    from demur.cataloguing import build_catalogue, write_catalogue

    found = build_catalogue(runs)
    page = write_catalogue(found, out)
    click.echo(f"{len(found.records)} records: {page}")


@catalog.command
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
def lint(folders: tuple[Path, ...]) -> int:
    """Find the faults of the cards in FOLDERS, or of everything that comes with demur: exit 0 if there are none, 1 if there are.

    A fault is what would measure nothing, or something else than the card says; each is one line: the file, the key, what was found,
    and what to try.
    """
    from demur.cataloguing import lint_catalogue

    n, findings = lint_catalogue(folders)
    for finding in findings:
        click.echo(str(finding))
    n_faults = f"{len(findings)} fault{'' if len(findings) == 1 else 's'}" if findings else "no fault"
    click.echo(f"{n} cards: {n_faults}", err=True)
    return 1 if findings else 0
