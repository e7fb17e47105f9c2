"""The ``demur`` command: its verbs, and how every one of them ends.

Exit codes: 0 done, 1 a gate failed, 2 usage or configuration, 3 incomplete or infrastructure.
"""

import io
import os
import signal
import sys
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, NoReturn

import click

from demur.errors import DemurError

__all__ = ["cli", "main"]

_VERBS = {
    "catalog": "Browse and check what demur asks, and what it leans on.",
    "check": "Measure a model's refusals, in both directions.",
    "compare": "Say what changed between runs of the same cases.",
    "contamination": "Say how much of a suite is in training data.",
    "drill": "Write drills of your own: start, check and play them.",
    "explain": "Say where a refusal comes from, by asking.",
    "gap": "Say how much better a run does on one suite than on another.",
    "gate": "Hold a run against a policy: passed or failed.",
    "guard": "Stand between callers and a model, and say no well.",
    "harvest": "Make cases and preference pairs of what reviewers labelled.",
    "judge": "Say what each reply in a file is.",
    "report": "Write the report of a run again.",
    "review": "Label what live traffic was answered: here or on a page.",
    "serve": "Serve a model of demur's own to any client.",
    "subjects": "List the models that come with demur.",
    "suites": "List what can be asked.",
    "tune": "Mend the calibration, and show both sides.",
    "watch": "Tell what live traffic is answered, from anyone's logs.",
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

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb and write out what it said, so that a full disk shows here and not after the last word."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever read our output has stopped reading: nothing to complain about, neither for us nor for the
            # interpreter when it flushes; but what is not told is not done, and click's 1 is a gate's.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 3
        return code

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- likewise
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))


@click.group(
    cls=_Verbs,
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(metadata.version("demur"), prog_name="demur")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Measure how a language model says no: harmful requests answered, and harmless ones refused."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(2)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command and exit; every expected failure is one line on standard error."""
    _prepare_process()
    try:
        code: Any = cli.main(arguments, prog_name="demur", standalone_mode=False)
    except click.exceptions.Abort:
        _fail("interrupted", 3)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(2)
    except click.UsageError as error:
        hint = f" (see {error.ctx.command_path} --help)" if error.ctx else ""
        _fail(error.format_message().removesuffix(".") + hint, 2)
    except click.ClickException as error:
        _fail(error.format_message(), 2)
    except DemurError as error:
        _fail(str(error), error.exit_code)
    except OSError as error:
        _fail(f"{error.filename or 'standard output'}: {error.strerror or error}", 3)
    except Exception as error:
        if os.environ.get("DEMUR_DEBUG"):
            raise
        # Python's own exit code for this is 1, which is a gate's.
        _fail(f"a fault of demur: {type(error).__name__}: {error}; DEMUR_DEBUG=1 shows where; please report it", 3)
    sys.exit(code if isinstance(code, int) else 0)


def _prepare_process() -> None:
    # A shell can start us with a stream closed; then there is nothing to read, and nobody to tell.
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 -- open as long as the process
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 -- likewise
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 -- likewise
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack a character that a file name has
    # Who ends us politely gets what Ctrl-C gets: finished work kept, nothing half-written left.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _fail(message: str, code: int) -> NoReturn:
    click.echo(f"demur: {' '.join(message.splitlines())}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
