"""``demur tune train``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from demur.treating import Treated

__all__ = ["train"]

_EVERY = 10
"""Steps between two lines."""


@click.command
@click.argument("pairs", type=click.Path(path_type=Path))
@click.option("--model", default="demur/smollm2", show_default=True, help="What is trained.")
@click.option("--method", type=click.Choice(["sft", "dpo", "kto"]), default="sft", show_default=True)
@click.option(
    "--beta", metavar="B,B...", help="For dpo and kto: how strongly it is held to what it was; an adapter for each."
)
@click.option("--rank", type=int, default=16, show_default=True, help="Of the adapter's matrices.")
@click.option("--rate", type=float, help="The highest learning rate.  [default: 5e-4 for sft, 1e-4 for dpo and kto]")
@click.option("--epochs", type=int, default=1, show_default=True, help="Times each pair is learned from.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--limit", type=click.IntRange(min=1), help="Most cases of the panel, for a first look.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="Folder of the adapters."
)
def train(
    *,
    pairs: Path,
    model: str,
    method: str,
    beta: str | None,
    rank: int,
    rate: float | None,
    epochs: int,
    seed: int,
    limit: int | None,
    out: Path,
) -> int:
    """Train an adapter on PAIRS, and measure both sides before and after.

    Nothing is saved without its panel. Interrupted, the same command goes on.

    Ends with 0 if an adapter was saved, 3 if it could not be measured.
    """
    from demur.cli.progress import show_progress
    from demur.treating import Progress, train_treatments
    from demur.tune.recipe import Recipe

    recipes = [
        Recipe(method, one, rank, rate, epochs=epochs, seed=seed)  # type: ignore[arg-type]  # the option has checked it
        for one in _read_betas(beta)
    ]
    with show_progress() as on_check:
        progress = Progress(lambda line: click.echo(line, err=True), _show_step, on_check)
        treated = train_treatments(pairs, recipes, out=out, model=model, limit=limit, progress=progress)
    for one in treated:
        _print(one)
    return 0


def _read_betas(text: str | None) -> list[float | None]:
    if text is None:
        return [None]
    try:
        return [float(one) for one in text.split(",")]
    except ValueError:
        raise click.BadParameter(f"found '{text}'; expected numbers with commas between, as in 0.05,0.1") from None


def _show_step(done: int, n: int, loss: float | None) -> None:
    """Show how far a training is on standard error, a line now and then."""
    if loss is not None and (done % _EVERY == 0 or done == n):
        click.echo(f"step {done} of {n}, loss {loss:.3f}", err=True)


def _print(treated: "Treated") -> None:
    """Print both sides of a treatment, before and after."""
    from demur.cli.summary import describe

    treatment = treated.treatment
    click.echo(f"\n{treated.folder}")
    for name, change in treatment.panel.changes.items():
        click.echo(
            f"  {name.replace('_', ' '):32} {describe(change.before)[0]:>6} -> {describe(change.after)[0]:>6}  n {change.after.n}"
        )
    for name, shift in treatment.panel.shifts.items():
        click.echo(f"  {name.replace('_', ' '):32} {describe(shift.before)[0]:>6} -> {describe(shift.after)[0]:>6}")
    click.echo(f"  conversations: demur compare {treated.before} {treated.after} -o compare.html")
