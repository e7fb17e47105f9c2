"""``demur gap``."""

from pathlib import Path

import click

__all__ = ["gap"]


@click.command
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--home", required=True, multiple=True, metavar="SUITE",
    help="A suite that the subject may know. May be given several times.",
)  # fmt: skip
@click.option(
    "--away", required=True, multiple=True, metavar="SUITE",
    help="A suite that it does not know. May be given several times.",
)  # fmt: skip
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write all of it as JSON.")
def gap(run: Path, home: tuple[str, ...], away: tuple[str, ...], out: Path | None) -> int:
    """Measure how much better RUN does on suites that the subject may know than on others.

    RUN is the folder of a check-up over both, or an Inspect log of demur/check. Both sides count: harmful cases refused and
    harmless ones answered. A gap may come of harder cases as well as of having seen the easier ones: see where it is by
    category, and whether it grows with distance.

    Ends with 0 if every sample of the run has a reply, else 3.
    """
    from demur.cli.held_out import print_gap
    from demur.held_out import measure_run_gap, write_gap

    found = measure_run_gap(run, home=home, away=away)
    print_gap(found)
    if out is not None:
        write_gap(found, out)
        click.echo(f"written: {out}")
    if found.is_complete:
        return 0
    click.echo(f"demur: incomplete: not every sample was answered; go on with: demur check --resume {run}", err=True)
    return 3
