"""``demur check``."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from demur.errors import UsageError

if TYPE_CHECKING:
    from demur.findings import Run

__all__ = ["check"]

_MOST_SEED = 2**31 - 1  # the largest every provider takes


@click.command
@click.option(
    "--model", default="demur/smollm2", show_default=True, help="A subject of demur, or any model of Inspect."
)
@click.option("--suite", "suites", multiple=True, help="What to ask; may be given again.  [default: library, drills]")
@click.option(
    "--data",
    type=click.Path(path_type=Path, allow_dash=True),
    help="File or folder of a suite that is not bundled; - reads a custom one.",
)
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="PART=COLUMN",
    help="Of custom data: which column is which; may be given again.",
)
@click.option("--system", type=click.Path(path_type=Path), help="File with the system prompt.")
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    help="Times each case is asked.  [default: 1, or 3 with all the drills or your own]",
)
@click.option("--limit", type=click.IntRange(min=1), help="Most cases to draw, of both sides.")
@click.option(
    "--seed",
    type=click.IntRange(0, _MOST_SEED),
    default=0,
    show_default=True,
    help="Of the draw and the sampler.",
)
@click.option(
    "--max-tokens", type=click.IntRange(min=1), help="Longest reply.  [default: 64 for the bundled subject, else 1024]"
)
@click.option("--temperature", type=click.FloatRange(min=0), help="[default: 0, or 0.7 with several epochs]")
@click.option("--connections", type=click.IntRange(min=1), help="Questions in flight.  [default: the provider's]")
@click.option(
    "--timeout", type=click.IntRange(min=1), default=120, show_default=True, help="Seconds one attempt may take."
)
@click.option("--retries", type=click.IntRange(min=0), default=3, show_default=True, help="Attempts after the first.")
@click.option(
    "--validation",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Correct the rates by this validation of the judge.  [default: the one it ships with]",
)
@click.option("--grader", metavar="MODEL", help="Have this model of Inspect judge every reply too, for comparison.")
@click.option(
    "--home", multiple=True, metavar="SUITE",
    help="A suite that the model may know: the gap to the others is measured. May be given several times.",
)  # fmt: skip
@click.option(
    "--tuned-on", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
    help="What the model was tuned on: the other suites are looked for in it. May be given several times.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run.  [default: one below runs/]")
@click.option(
    "--resume", "resumed", type=click.Path(path_type=Path), metavar="RUN", help="Go on with an interrupted run."
)
@click.pass_context
def check(  # noqa: PLR0917 -- click passes every option by name
    ctx: click.Context,
    model: str,
    suites: tuple[str, ...],
    data: Path | None,
    pairs: tuple[str, ...],
    system: Path | None,
    epochs: int | None,
    limit: int | None,
    seed: int,
    max_tokens: int | None,
    temperature: float | None,
    connections: int | None,
    timeout: int,
    retries: int,
    validation: Path | None,
    grader: str | None,
    home: tuple[str, ...],
    tuned_on: tuple[Path, ...],
    out: Path | None,
    resumed: Path | None,
) -> int:
    """Measure a model's refusals, in both directions.

    Asks harmful and harmless requests that look alike, judges every reply, prints the balance and writes a report.
    Without options it checks the bundled model on the bundled library.

    Ends with 0 if every question was answered, 3 if some were not.
    """
    from demur.cases import parse_mapping
    from demur.checkup import check as run_check
    from demur.checkup import default_decoding, default_epochs, resume
    from demur.cli.progress import show_progress
    from demur.engine.settings import EngineSettings
    from demur.plan import DEFAULT_SUITES
    from demur.records import read_text

    settings = EngineSettings(connections=connections, timeout_s=timeout, retries=retries)
    if resumed is not None:
        _refuse_with_resume(ctx)
        with show_progress() as on_progress:
            run = resume(resumed, settings=settings, on_progress=on_progress)
        return _print(run)
    epochs = epochs or default_epochs(suites or DEFAULT_SUITES)
    decoding = default_decoding(model, epochs)
    with show_progress() as on_progress:
        run = run_check(
            model,
            suites or DEFAULT_SUITES,
            data=data,
            mapping=parse_mapping(pairs) if pairs else None,
            system=read_text(system).strip() if system is not None else None,
            epochs=epochs,
            limit=limit,
            seed=seed,
            decoding=replace(
                decoding,
                max_tokens=max_tokens or decoding.max_tokens,
                temperature=decoding.temperature if temperature is None else temperature,
            ),
            out=out,
            validation=validation,
            grader=grader,
            home=home,
            tuned_on=tuned_on,
            settings=settings,
            on_progress=on_progress,
        )
    return _print(run)


def _print(run: "Run") -> int:
    """Print what a run found, and the second opinion if there is one; give the exit code."""
    from demur.cli.second_opinion import print_second_opinion
    from demur.cli.summary import print_summary

    code = print_summary(run)
    if run.record.second_opinion is not None:
        print_second_opinion(run.record.second_opinion)
    return code


def _refuse_with_resume(ctx: click.Context) -> None:
    """A run that is resumed has its questions already; an option that would change them is a mistake."""
    free = {"resumed", "connections", "timeout", "retries"}
    given = [
        parameter.opts[0]
        for parameter in ctx.command.params
        if parameter.name not in free
        and ctx.get_parameter_source(parameter.name or "") is click.core.ParameterSource.COMMANDLINE
    ]
    if given:
        raise UsageError(f"--resume goes on with what the run was started with; leave out {', '.join(given)}")
