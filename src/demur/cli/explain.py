"""``demur explain``."""

from pathlib import Path

import click

__all__ = ["explain"]


@click.command
@click.argument("what", metavar="CASE|RUN")
@click.option(
    "--model",
    help="A subject of demur, or any model of Inspect; a run has its own. With --whitebox, the weights to be read if not the run's.",
)
@click.option("--system", type=click.Path(path_type=Path), help="File with the system prompt; a run has its own.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it: a .json, and a page beside it."
)
@click.option(
    "--budget", type=click.IntRange(min=1), help="Most calls in all.  [default: 40 for a case, 200 for a run]"
)
@click.option("--whitebox", is_flag=True, help="Look inside the model of RUN as well; needs its weights.")
def explain(  # noqa: PLR0917 -- click passes every option by name
    what: str, model: str | None, system: Path | None, out: Path | None, budget: int | None, whitebox: bool
) -> int:
    """Explain where a refusal comes from: which words, which sentences of the system prompt, who refused, and where inside the model.

    CASE is SUITE:ID of a bundled case, or a request in words, which is taken as harmless. RUN is the folder of a check-up. Harmful
    twins are always asked beside. With -o, the same command goes on if it was interrupted.

    Ends with 0 if there was a refusal to explain, 1 if nothing was refused, 3 if the model could not be asked.
    """
    from demur.cli.explanation import print_explanation
    from demur.cli.progress import show_explaining
    from demur.explaining import explain as run_explain
    from demur.records import read_text

    with show_explaining() as (on_progress, on_read):
        found = run_explain(
            what,
            model=model,
            system=read_text(system).strip() if system is not None else None,
            out=out,
            budget=budget,
            whitebox=whitebox,
            on_progress=on_progress,
            on_read=on_read,
            tell=lambda line: click.echo(line, err=True),
        )
    print_explanation(found)
    if out is not None:
        click.echo(f"written: {out} and {out.with_suffix('.html')}")
    return 0 if found.refused.value else 1
