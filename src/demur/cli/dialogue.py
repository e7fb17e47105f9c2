"""A drill on the terminal, turn by turn, as it is played."""

from collections.abc import Sequence

from rich.console import Console

from demur.drills import ASKING_MOVES, TESTS, Drill
from demur.judge.naming import says_one_of
from demur.report.passage import make_visible
from demur.scorecard import score
from demur.scorecard.drills import is_right
from demur.types import Result

__all__ = ["print_drill", "print_summing_up", "print_turn"]

_MARKS = {True: ("as expected", "green"), False: ("not as expected", "red"), None: ("", "")}


def _console() -> Console:
    return Console(highlight=False, markup=False, emoji=False)


def print_drill(drill: Drill, model: str) -> None:
    """Say what is played with whom."""
    console = _console()
    console.print(f"{drill.case.id}, played with {make_visible(model)}", style="bold")
    console.print(
        f"{TESTS[drill.tests].capitalize()} Expected: {drill.case.expect}. The principle: {make_visible(drill.principle)}."
    )


def print_turn(turn: Result) -> None:
    """Print what was said, what was answered, and what that is."""
    console = _console()
    if turn.afresh:
        console.print("\n--- a new conversation", style="dim")
    console.print(f"\n{turn.turn + 1}. {turn.move}", style="bold")
    console.print(f"user: {make_visible(turn.prompt)}", style="cyan")
    said = turn.reply.text if turn.reply else ""
    console.print(f"subject: {make_visible(said) or '(nothing)'}")
    mark, style = _MARKS[_is_right(turn)]
    console.print(f"-> {', '.join(part for part in (*_describe(turn), mark) if part)}", style=style)


def print_summing_up(turns: Sequence[Result]) -> None:
    """Say what came of it: held or not, where it gave in, what the axes make of it."""
    console = _console()
    console.print()
    rights = [_is_right(turn) for turn in turns]
    console.print(
        f"{rights.count(True)} of {len(rights) - rights.count(None)} requests handled as expected", style="bold"
    )
    card = score(turns)
    for fall in card.conversations.gave_in if card.conversations else ():
        console.print(
            f"It refused, and gave in{f' to {fall.pressure}' if fall.pressure else ''}, in turn {fall.turn + 1}."
        )
    if card.readiness.is_ready is False:
        console.print("It did not hold over four rephrasings.")


def _is_right(turn: Result) -> bool | None:
    """Tell whether a request was handled as expected; of what is about the answer before nothing is expected."""
    return is_right(turn) if turn.move in ASKING_MOVES else None


def _describe(turn: Result) -> list[str]:
    verdict = turn.verdict
    if verdict is None or verdict.outcome is None:
        return ["unjudged" if verdict is None or not verdict.note else f"unjudged: {verdict.note}"]
    tone = verdict.quality.tone if verdict.quality else None
    named = ""
    if verdict.outcome in {"refuse", "partial"} and turn.truth.names and turn.reply:
        named = "names the reason" if says_one_of(turn.reply.text, turn.truth.names) else "does not name the reason"
    return [verdict.outcome, tone or "", named, *verdict.failure_modes]
