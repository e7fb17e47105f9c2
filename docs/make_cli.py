"""Write docs/cli.md from the command line itself; a test holds the page against it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from demur.cli.main import cli

PAGE = Path(__file__).with_name("cli.md")
WIDTH = 100
INTRODUCTION = """This page is made from the commands themselves by `make docs`.

Every verb ends with 0 if it is done, 1 if a gate failed, 2 if what was asked for cannot be used, and 3 if the work could not be
finished; then one line on standard error says why."""


def make_page() -> str:
    """Give the page's text."""
    root = click.Context(cli, info_name="demur", terminal_width=WIDTH, **cli.context_settings)
    commands = {name: command for name in cli.list_commands(root) if (command := cli.get_command(root, name))}
    parts = ["# The command line", INTRODUCTION, _block(cli.get_help(root))]
    for name, command in _with_verbs_of_verbs(commands):
        context = click.Context(command, info_name=name, parent=root, max_content_width=WIDTH, terminal_width=WIDTH)
        parts += [f"## demur {name}", _block(command.get_help(context))]
    return "\n\n".join(parts) + "\n"


def _with_verbs_of_verbs(commands: Mapping[str, click.Command]) -> Iterator[tuple[str, click.Command]]:
    for name, command in commands.items():
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {verb}", inner) for verb, inner in command.commands.items())


def _block(text: str) -> str:
    return f"```text\n{text}\n```"


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")
