"""The ``demur`` command: its verbs, and how every one of them ends.

Exit codes: 0 done, 1 a gate failed, 2 usage or configuration, 3 incomplete or infrastructure.
"""

import os
import sys
from importlib import import_module, metadata
from typing import Any, NoReturn

import click

from demur.errors import DemurError

__all__ = ["cli", "main"]

_VERBS = {
    "check": "Measure a model's refusals, in both directions.",
    "judge": "Say what each reply in a file is.",
    "report": "Write the report of a run again.",
    "subjects": "List the models that come with demur.",
    "suites": "List what can be asked.",
}


class _Verbs(click.Group):
    """Loads a verb's module only when the verb is called: ``demur --help`` needs none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- likewise
        if cmd_name not in _VERBS:
            return None
        command: click.Command = getattr(import_module(f"demur.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- likewise
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(metadata.version("demur"), prog_name="demur")
def cli() -> None:
    """Measure how a language model says no: harmful requests answered, and harmless ones refused."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command and exit; every expected failure is one line on standard error."""
    try:
        code: Any = cli.main(arguments, prog_name="demur", standalone_mode=False)
    except click.exceptions.Abort:
        _fail("interrupted", 3)
    except click.ClickException as error:
        _fail(error.format_message(), 2)
    except DemurError as error:
        _fail(str(error), error.exit_code)
    except BrokenPipeError:
        # Whoever read our output has stopped reading; the interpreter must not complain about that when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int) -> NoReturn:
    click.echo(f"demur: {message}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
