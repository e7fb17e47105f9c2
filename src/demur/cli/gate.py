"""``demur gate``."""

from pathlib import Path

import click

__all__ = ["gate"]


@click.command
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--baseline", type=click.Path(path_type=Path), metavar="RUN", help="The run that changes are measured from."
)
@click.option("--policy", type=click.Path(path_type=Path), help="Bounds, in TOML.  [default: the published targets]")
@click.option(
    "-o", "--out", "outs", multiple=True, type=click.Path(path_type=Path),
    help="Write it too: .json, .xml (JUnit) or .md (for a CI service's summary). May be given several times.",
)  # fmt: skip
@click.option("--show-policy", is_flag=True, is_eager=True, expose_value=False, callback=lambda ctx, _, on: _show(ctx) if on else None,
              help="Print the default policy, to begin one's own with, and end.")  # fmt: skip
def gate(run: Path, baseline: Path | None, policy: Path | None, outs: tuple[Path, ...]) -> int:
    """Hold RUN against a policy: exit 0 if it passes, 1 if it fails, 3 if samples or figures are missing.

    RUN is the folder of a check-up, or an Inspect log of demur/check. A bound is read off an interval, never off a rate
    alone. Wrong usage, and a file that cannot be read, is 2.
    """
    from demur.gating import check_format, gate_run, write_gate

    for out in outs:
        check_format(out)
    found = gate_run(run, baseline=baseline, policy=policy)
    for check in found.checks:
        click.echo(f"{check.state:<13}{check.reason}")
    for line in found.assumed:
        click.echo(f"rests on     {line}")
    if not found.is_complete:
        click.echo(
            f"demur: incomplete: not every sample was answered; go on with: demur check --resume {run}", err=True
        )
    click.echo(found.state)
    for out in outs:
        write_gate(found, out)
    return found.exit_code


def _show(ctx: click.Context) -> None:
    from importlib import resources

    click.echo(resources.files("demur").joinpath("gate.toml").read_text(encoding="utf-8"), nl=False)
    ctx.exit()
