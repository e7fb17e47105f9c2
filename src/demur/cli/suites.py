"""``demur suites``."""

import click

__all__ = ["suites"]


@click.command
def suites() -> None:
    """List what can be asked, from where, under which licence."""
    from rich.console import Console
    from rich.table import Table

    from demur.plan import describe_suites

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("name", "cases", "licence", "what it is, and where from"):
        table.add_column(heading, overflow="fold")
    for suite in describe_suites():
        table.add_row(suite.name, suite.size, suite.licence, suite.what)
    Console(highlight=False).print(table)
