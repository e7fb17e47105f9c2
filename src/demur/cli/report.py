"""``demur report``."""

from pathlib import Path

import click

__all__ = ["report"]


@click.command
@click.argument("run", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="The HTML file.  [default: report.html of the run]")
def report(run: Path, out: Path | None) -> None:
    """Write the report of RUN again.

    RUN is the folder of a check-up, or an Inspect log (.eval or .json) of the task demur/check.
    """
    from demur.findings import open_run, write_report

    click.echo(write_report(open_run(run), out))
