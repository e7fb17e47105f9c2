"""``demur drill``: a drill of one's own, from its first line to its first run."""

from pathlib import Path

import click

__all__ = ["drill", "lint", "new", "play"]


@click.group
def drill() -> None:
    """Write drills of your own: start one, check it, play it."""


@drill.command
@click.argument("card", type=click.Path(path_type=Path))
def new(card: Path) -> None:
    """Start a drill: write CARD, a Markdown file with an example to put your own words into.

    It can be played as it stands; every key has its explanation beside it.
    """
    from demur.drilling import start_drill

    start_drill(card)
    click.echo(f"written: {card}\nplay it:  demur drill play {card} --model MODEL\ncheck it: demur drill lint {card}")


@drill.command
@click.argument("folder", type=click.Path(path_type=Path))
def lint(folder: Path) -> int:
    """Find what a card, or each card in FOLDER, lacks, and what would measure nothing: exit 0 if nothing, 1 if something."""
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
def play(card: str, model: str, system: Path | None, max_tokens: int | None) -> None:
    """Play CARD, a drill card or the name of a bundled drill, turn by turn, with the verdicts."""
    from dataclasses import replace

    from demur.checkup import default_decoding
    from demur.cli.dialogue import print_drill, print_summing_up, print_turn
    from demur.drilling import find_drill, play_drill
    from demur.records import read_text

    found = find_drill(card)
    decoding = default_decoding(model, 1)
    print_drill(found, model)
    turns = play_drill(
        found,
        model,
        system=None if system is None else read_text(system).strip(),
        decoding=replace(decoding, max_tokens=max_tokens or decoding.max_tokens),
        on_turn=print_turn,
    )
    print_summing_up(turns)
