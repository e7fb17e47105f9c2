"""``demur suites``."""

import textwrap

import click

__all__ = ["suites"]

_WIDTH = 80


@click.command
def suites() -> None:
    """List what can be asked, from where, under which licence."""
    from demur.plan import describe_suites

    for suite in describe_suites():
        click.echo(_wrapped(f"{suite.name:<17} {suite.size} cases, {suite.licence}", indent=18))
        click.echo(_wrapped(f"    {suite.what}", indent=4))


def _wrapped(text: str, indent: int) -> str:
    # An address that is broken over two lines cannot be copied.
    return textwrap.fill(text, _WIDTH, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)
