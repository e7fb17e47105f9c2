"""Drills of one's own: started, found, and played turn by turn to see what a card does before it is asked in earnest."""

import getpass
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from demur.drills import Drill, load_drills
from demur.drills.template import write_template
from demur.engine.settings import EngineSettings
from demur.errors import UsageError
from demur.output import write_file
from demur.types import Decoding, Result, Turn

__all__ = ["find_drill", "play_drill", "start_drill"]


def start_drill(path: Path) -> Path:
    """Write a card to begin with, and its harmless twin.

    Returns:
        Where the twin is.

    Raises:
        UsageError: the name does not end in ``.md``, or there is a file of that name.
        IncompleteError: it cannot be written.
    """
    if path.suffix != ".md" or path.name.lower() == "readme.md":
        raise UsageError(f"{path}: expected the name of a card, a Markdown file such as {path.with_name('invoice.md')}")
    twin = path.with_stem(f"{path.stem}-twin")
    for one in (path, twin):
        if one.exists():
            raise UsageError(f"{one}: there is a file of that name already; choose another")
    card, counterpart = write_template(path.stem, source=_author(), today=datetime.now(UTC).date().isoformat())
    write_file(path, card, advice="choose another place")
    write_file(twin, counterpart, advice="choose another place")
    return twin


def find_drill(card: str) -> Drill:
    """Find a drill: a card of one's own by its path, or one that comes with demur by its name.

    Raises:
        DataError: the card cannot be read. UsageError: there is no drill of that name.
    """
    if card.endswith(".md") or Path(card).is_file():
        return load_drills(card)[0]
    if Path(card).is_dir():
        raise UsageError(f"{card}: is a folder; expected one card, {Path(card) / 'NAME.md'}")
    drills = {drill.case.id: drill for drill in load_drills()}
    if card not in drills:
        near = get_close_matches(card, drills, n=1)
        hint = f"did you mean {near[0]}?" if near else "demur catalog build lists those that come with demur"
        raise UsageError(f"no drill '{card}'; expected the path of a card, or the name of a bundled drill: {hint}")
    return drills[card]


def play_drill(
    drill: Drill,
    model: str = "demur/smollm2",
    *,
    system: str | None = None,
    decoding: Decoding | None = None,
    settings: EngineSettings | None = None,
    on_turn: Callable[[Result], None] = lambda _: None,
) -> list[Result]:
    """Play a drill once.

    Args:
        drill: what to play, see `find_drill`.
        model: whom to ask, as in `demur.check`.
        system: system prompt, unless the drill has its own.
        decoding: how to generate; None chooses by the model.
        settings: how patiently; None takes the usual ones.
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
    for turn in rehearse(drill, model, decoding or default_decoding(model, 1), settings or EngineSettings()):
        on_turn(turn)
        played.append(turn)
    return played


def _author() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return "myself"
