"""``demur drill``: a drill of one's own, from its first line to its first run."""

import os
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from demur.types import Result

__all__ = ["drill", "lint", "new", "play"]


@click.group
def drill() -> None:
    """Write drills of your own: start one, check it, play it."""


@drill.command
@click.argument("card", type=click.Path(path_type=Path))
def new(card: Path) -> None:
    """Start a drill: write CARD, a Markdown file with an example to put your own words into, and its harmless twin beside it.

    Both can be played as they stand; every key has its explanation beside it.
    """
    from demur.drilling import start_drill

    twin = start_drill(card)
    name = shlex.quote(str(card))
    click.echo(f"written: {card}, and its harmless twin {twin}")
    click.echo(f"play it:  demur drill play {name} --model MODEL")
    click.echo(f"check it: demur drill lint {shlex.quote(str(card.parent))}")


@drill.command
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER|CARD")
def lint(folder: Path) -> int:
    """Find what each card in FOLDER, or one CARD, lacks, and what would measure nothing: exit 0 if nothing, 1 if something."""
    from demur.drills.lint import lint_folder

    findings = lint_folder(folder)
    for finding in findings:
        click.echo(str(finding))
    if not findings:
        click.echo(f"{folder}: no fault found", err=True)
    return 1 if findings else 0


@drill.command
@click.argument("card")
@click.option("--model", default="demur/smollm2", show_default=True, help="Whom to ask; any model of Inspect.")
@click.option("--system", type=click.Path(path_type=Path), metavar="FILE", help="System prompt.")
@click.option("--max-tokens", type=click.IntRange(min=1), help="Most tokens a reply may have.")
@click.option(
    "--timeout", type=click.IntRange(min=1), default=60, show_default=True, help="Longest one attempt may take, s."
)
@click.option("--retries", type=click.IntRange(min=0), default=1, show_default=True, help="Attempts after the first.")
def play(  # noqa: PLR0917 -- click passes every option by name
    card: str, model: str, system: Path | None, max_tokens: int | None, timeout: int, retries: int
) -> None:
    """Play CARD, a drill card or the name of a bundled drill, turn by turn, with the verdicts; nothing is kept."""
    from dataclasses import replace

    from demur.checkup import default_decoding
    from demur.cli.dialogue import print_drill, print_summing_up, print_turn
    from demur.drilling import find_drill, play_drill
    from demur.engine.settings import EngineSettings
    from demur.records import read_text

    # There is nothing to keep, and a model that generates in this process cannot be waited for.
    signal.signal(signal.SIGINT, _end_at_once)
    found = find_drill(card)
    prompt = None if system is None else read_text(system).strip()
    decoding = default_decoding(model, 1)

    def tell(turn: "Result") -> None:
        if turn.turn == 0:
            print_drill(found, model)
        print_turn(turn)

    turns = play_drill(
        found,
        model,
        system=prompt,
        decoding=replace(decoding, max_tokens=max_tokens or decoding.max_tokens),
        settings=EngineSettings(timeout_s=timeout, retries=retries),
        on_turn=tell,
    )
    print_summing_up(turns)


def _end_at_once(*_: object) -> None:
    sys.stdout.flush()
    os.write(sys.stderr.fileno(), b"demur: interrupted\n")
    os._exit(3)
