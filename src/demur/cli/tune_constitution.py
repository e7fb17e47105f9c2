"""``demur tune constitution``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from demur.cli.summary import describe

if TYPE_CHECKING:
    from demur.checkup import CheckProgress
    from demur.revising import Revised

__all__ = ["constitution"]


@click.command
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--model", required=True, help="Who reviews and rewrites: any model of Inspect.")
@click.option(
    "-o", "--out", required=True, type=click.Path(path_type=Path), metavar="FILE",
    help="File of the pairs, .jsonl; beside it lies what was asked, and what each principle did.",
)  # fmt: skip
@click.option(
    "--constitution", "principles", type=click.Path(path_type=Path), metavar="FILE",
    help="Principles, in TOML.  [default: those that ship with demur]",
)  # fmt: skip
@click.option("--connections", type=click.IntRange(min=1), help="Questions in flight.  [default: the provider's]")
@click.option(
    "--timeout", type=click.IntRange(min=1), default=120, show_default=True, help="Seconds one attempt may take."
)
@click.option("--retries", type=click.IntRange(min=0), default=3, show_default=True, help="Attempts after the first.")
@click.option(
    "--show-constitution", is_flag=True, is_eager=True, expose_value=False,
    callback=lambda ctx, _, on: _show(ctx) if on else None,
    help="Print the principles that ship with demur, to begin one's own with, and end.",
)  # fmt: skip
def constitution(  # noqa: PLR0917 -- click passes every option by name
    run: Path,
    model: str,
    out: Path,
    principles: Path | None,
    connections: int | None,
    timeout: int,
    retries: int,
) -> int:
    """Have a model rewrite the faulty replies of RUN by principles, and make pairs of what comes out right.

    RUN is the folder of a check-up. Each reply that answers harm, or refuses without need, or refuses badly is reviewed and
    rewritten by a principle about that fault; the judge, and two reporters, say whether the revision is right. The same command
    goes on with what was interrupted.

    Ends with 0 if pairs were made and every question was answered, else with 3.
    """
    from demur.engine.settings import EngineSettings
    from demur.revising import revise_run

    settings = EngineSettings(connections=connections, timeout_s=timeout, retries=retries)
    found = revise_run(run, model, out, constitution=principles, settings=settings, watch=_watch)
    _print(found, out)
    if found.n_lost:
        reason = next(iter(found.failures), "no answer")
        click.echo(
            f"demur: incomplete: {found.n_lost} revisions could not be had: {reason}; the same command asks for them again",
            err=True,
        )
    elif not found.n_pairs:
        click.echo("demur: no pair: no revision was found right; try another --model or --constitution", err=True)
    return 0 if found.n_pairs and not found.n_lost else 3


@contextmanager
def _watch(what: str) -> "Iterator[Callable[[CheckProgress], None]]":
    from demur.cli.progress import show_progress

    click.echo(what, err=True)
    with show_progress() as tell:
        yield tell


def _print(found: "Revised", out: Path) -> None:
    """Print both sides: what was mended, and by which principle. It fits 80 columns."""
    console = Console(highlight=False, markup=False, emoji=False)  # a model's name and a path are no markup
    console.print(f"What {found.model} made of {found.n_replies} faulty replies of {found.subject}\n", style="bold")
    console.print(_faults(found))
    console.print()
    console.print(_principles(found))
    console.print(
        f"\nJudged by {found.judge}. Two reporters were asked of each right revision: one to which either objects makes no pair.",
        style="dim",
    )
    if n_unheard := sum(moved.n_unheard for moved in found.principles):
        console.print(f"Of {n_unheard} right revisions no word of the reporters could be read.")
    console.print(f"{found.n_pairs} pairs" + (f": {out}" if found.n_pairs else ""), soft_wrap=True)


def _faults(found: "Revised") -> Table:
    table = _table("", "mended", "95 % interval", "replies")
    for fault, mended in found.mended.items():
        table.add_row(fault, *describe(mended))
    return table


def _principles(found: "Revised") -> Table:
    table = _table("principle", "side", "moved", "95 % interval", "tried", "objections")
    for moved in found.principles:
        objected = ", ".join(f"{name} {n}" for name, n in moved.objected_to.items() if n)
        table.add_row(moved.id, moved.side, *describe(moved.moved), objected or "-")
    return table


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        is_number = heading in ("mended", "moved", "replies", "tried")
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    return table


def _show(ctx: click.Context) -> None:
    from importlib import resources

    click.echo(resources.files("demur.tune").joinpath("constitution.toml").read_text(encoding="utf-8"), nl=False)
    ctx.exit()
