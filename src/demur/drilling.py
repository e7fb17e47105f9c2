"""Drills of one's own: started, found, and played turn by turn to see what a card does before it is asked in earnest."""

import getpass
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from demur.drills import Drill, load_drills
from demur.drills.template import write_template
from demur.errors import UsageError
from demur.output import write_file
from demur.types import Decoding, Result, Turn

__all__ = ["find_drill", "play_drill", "start_drill"]


def start_drill(path: Path) -> None:
    """Write a card to begin with.

    Raises:
        UsageError: the name does not end in ``.md``, or there is a file of that name.
        IncompleteError: it cannot be written.
    """
    if path.suffix != ".md":
        raise UsageError(f"{path}: found a name that ends in '{path.suffix}'; expected a Markdown file, {path.stem}.md")
    if path.exists():
        raise UsageError(f"{path}: there is a file of that name already; choose another")
    write_file(path, write_template(source=_author(), today=datetime.now(UTC).date().isoformat()))


def find_drill(card: str) -> Drill:
    """Find a drill: a card of one's own by its path, or one that comes with demur by its name.

    Raises:
        DataError: the card cannot be read. UsageError: there is no drill of that name.
    """
    if card.endswith(".md") or Path(card).is_file():
        return load_drills(card)[0]
    drills = {drill.case.id: drill for drill in load_drills()}
    if card not in drills:
        raise UsageError(f"no drill '{card}'; expected the path of a card, or one of {', '.join(drills)}")
    return drills[card]


def play_drill(
    drill: Drill,
    model: str = "demur/smollm2",
    *,
    system: str | None = None,
    decoding: Decoding | None = None,
    on_turn: Callable[[Result], None] = lambda _: None,
) -> list[Result]:
    """Play a drill once.

    Args:
        drill: what to play, see `find_drill`.
        model: whom to ask, as in `demur.check`.
        system: system prompt, unless the drill has its own.
        decoding: how to generate; None chooses by the model.
        on_turn: told of each reply as soon as it is judged.

    Returns:
        Every turn with its verdict.

    Raises:
        UsageError: there is no such model. IncompleteError: it did not answer.
    """
    from demur.checkup import default_decoding
    from demur.engine.rehearsal import rehearse

    case = drill.case
    if system is not None and case.system is None:
        drill = replace(drill, case=replace(case, turns=(Turn("system", system), *case.turns)))
    played = []
    for turn in rehearse(drill, model, decoding or default_decoding(model, 1)):
        on_turn(turn)
        played.append(turn)
    return played


def _author() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return "myself"
