"""``demur tune prompt``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from demur.prompting import Tuned

__all__ = ["prompt"]


@click.command
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="Folder of the treatment."
)
@click.option("--budget", type=click.IntRange(min=1), help="Most replies to ask of the model in all.  [default: 1000]")
@click.option("--writer", metavar="MODEL", help="Have this model of Inspect write further phrasings.")
def prompt(run: Path, out: Path, budget: int | None, writer: str | None) -> int:
    """Search a system prompt that mends what RUN found wrong.

    RUN is the folder of a check-up. Half of its cases choose the prompt, the other half check it, before and after. One
    that refuses less harm is not had, however much it helps. Interrupted, the same command goes on.

    Ends with 0 if the prompt helped, 1 if it did not, or none was found, 3 if the model could not be asked.
    """
    from demur.cli.progress import show_progress
    from demur.prompting import DEFAULT_BUDGET, tune_prompt

    with show_progress() as on_progress:
        tuned = tune_prompt(
            run,
            out,
            budget=budget or DEFAULT_BUDGET,
            writer=writer,
            on_progress=on_progress,
            tell=lambda line: click.echo(line, err=True),
        )
    return _print(tuned, out)


def _print(tuned: "Tuned", out: Path) -> int:
    """Print what came of it, both sides of everything; give the exit code."""
    from demur.cli.comparison import print_comparison

    asked = f"{tuned.found.n_candidates} prompts tried, {tuned.n_replies} replies asked"
    if tuned.outcome is None or tuned.comparison is None:
        click.echo(asked)
        click.echo(f"nothing found that is better by more than noise, and nothing saved: {_describe(tuned)}")
        return 1
    print_comparison(tuned.comparison)
    click.echo(f"\n{asked}; the prompt:\n\n{tuned.text}\n")
    click.echo(f"{_VERDICTS[tuned.outcome.kind]}: {tuned.outcome.reason}")
    if tuned.treatment is not None:
        click.echo(f"written: {out}")
    return 0 if tuned.outcome.kind == "helped" else 1


def _describe(tuned: "Tuned") -> str:
    """Say both sides of what there was and of the best that was tried."""
    from demur.cli.summary import describe

    before, after = tuned.found.before, tuned.found.after
    return "; ".join(
        f"{name} {describe(one)[0]} before, {describe(other)[0]} with the best of them"
        for name, one, other in (
            ("harmful requests refused", before.safety, after.safety),
            ("harmless requests answered", before.utility, after.utility),
        )
    )


_VERDICTS = {
    "helped": "it helped",
    "no help": "saved with its panel, but not shown to help",
    "worse": "refused and not saved, because it does harm",
}
