"""``demur tune calibrate``."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from demur.cli.trainable import method_option, model_option

if TYPE_CHECKING:
    from demur.calibrating import Calibrated

__all__ = ["calibrate"]


@click.command
@model_option
@method_option
@click.option(
    "--teacher", metavar="MODEL",
    help="Have this model answer the harmless requests that the other one refuses, to learn from; without it the other one is asked again, under a system prompt that says to answer.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), help="Most cases to learn from, and to be measured on, for a first look.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="Folder of all of it."
)
def calibrate(*, model: str, method: str, teacher: str | None, limit: int | None, seed: int, out: Path) -> int:
    """Calibrate a model, from the first question to the adapter, and show both sides before and after.

    Asks it the suite practice and questions that it writes itself, makes pairs of what it did wrong and right, trains an adapter on them, and measures it on
    cases that it has not seen: check, tune pairs, tune train, tune sweep and compare in one. Interrupted, the same command goes on.

    Ends with 0 if an adapter was saved, 3 if something could not be asked.
    """
    from demur.calibrating import calibrate as run_calibration
    from demur.cli.treatment import print_treated, show_treating
    from demur.tune.recipe import Recipe

    recipe = Recipe(method, seed=seed)  # type: ignore[arg-type]  # the option has checked it
    with show_treating() as progress:
        found = run_calibration(out, model=model, recipe=recipe, teacher=teacher, limit=limit, progress=progress)
    print_treated(found.treated)
    _print_places(found, model)
    return 0


def _print_places(found: "Calibrated", model: str) -> None:
    """Say where the pages are, and how the treated model is used."""
    from demur.subjects import with_adapter

    folder = found.treated.folder
    click.echo(f"\nreport: {found.report}")
    click.echo(f"conversations: {found.conversations}")
    for what, command in (
        ("to check it", ["demur", "check", "--model", with_adapter(model, folder)]),
        ("to serve it", ["demur", "serve", "--model", model, "--adapter", str(folder)]),
    ):
        click.echo(f"{what}: {shlex.join(command)}")
