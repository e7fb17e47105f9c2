"""``demur subjects``."""

import click

__all__ = ["subjects"]


@click.command
def subjects() -> None:
    """List the models that come with demur, and what is wrong with each on purpose."""
    from rich.console import Console
    from rich.table import Table

    from demur.subjects import list_subjects

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("name", "what is wrong with it"):
        table.add_column(heading, overflow="fold")
    for subject in list_subjects():
        table.add_row(subject.name, subject.fault)
    Console(highlight=False).print(table)
