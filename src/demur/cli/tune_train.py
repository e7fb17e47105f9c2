"""``demur tune train``."""

from pathlib import Path

import click

from demur.cli.trainable import method_option, model_option

__all__ = ["train"]


@click.command
@click.argument("pairs", type=click.Path(path_type=Path))
@model_option
@method_option
@click.option(
    "--beta", metavar="B,B...", help="For dpo and kto: how strongly it is held to what it was; an adapter for each."
)
@click.option("--rank", type=int, default=8, show_default=True, help="Of the adapter's matrices.")
@click.option("--rate", type=float, help="The highest learning rate.  [default: 1.5e-3 for sft, 1e-4 for dpo and kto]")
@click.option("--epochs", type=int, default=2, show_default=True, help="Times each pair is learned from.")
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
    from demur.cli.treatment import print_treated, show_treating
    from demur.treating import train_treatments
    from demur.tune.recipe import Recipe

    recipes = [
        Recipe(method, one, rank, rate, epochs=epochs, seed=seed)  # type: ignore[arg-type]  # the option has checked it
        for one in _read_betas(beta)
    ]
    with show_treating() as progress:
        treated = train_treatments(pairs, recipes, out=out, model=model, limit=limit, progress=progress)
    for one in treated:
        print_treated(one)
        click.echo(f"\nconversations: demur compare {one.before} {one.after} -o compare.html")
    return 0


def _read_betas(text: str | None) -> list[float | None]:
    if text is None:
        return [None]
    try:
        return [float(one) for one in text.split(",")]
    except ValueError:
        raise click.BadParameter(f"found '{text}'; expected numbers with commas between, as in 0.05,0.1") from None
