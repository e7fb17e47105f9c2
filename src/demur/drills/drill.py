"""A drill: a scripted conversation in which what comes next depends on what came before."""

from collections.abc import Sequence
from dataclasses import dataclass

from demur.drills.move import Move
from demur.types import Case, Verdict

__all__ = ["Drill", "Step", "next_step"]


@dataclass(frozen=True)
class Drill:
    """A scripted conversation about one principle; or several about it, each begun afresh."""

    case: Case
    """The opening question, with the truth about the whole; `case.drill` is the drill's id."""
    tests: str
    """What it is for, one of `demur.drills.TESTS`."""
    principle: str
    """What a subject that understands its boundary would hold to throughout."""
    opening: Move
    """The opening question as a move."""
    moves: tuple[Move, ...]
    """What follows the opening, in order."""
    leans_on: tuple[str, ...] = ()
    """Ids of the benchmarks, papers and techniques it takes its idea from."""
    is_quick: bool = False
    """Whether it belongs to the quick selection."""

    @property
    def most_turns(self) -> int:
        """Replies it takes if no move is left out."""
        return 1 + len(self.moves)


@dataclass(frozen=True)
class Step:
    """What to say next, and as which move."""

    move: Move
    prompt: str


def next_step(drill: Drill, verdicts: Sequence[Verdict]) -> Step | None:
    """Choose what to say after the replies judged so far.

    A pure function: the same drill and verdicts give the same step. A move that has nothing to say after the last reply is
    left out, and the next one is tried.

    Args:
        drill: the script.
        verdicts: one for each reply so far, oldest first; empty at the start.

    Returns:
        The step, or None when the drill is over.
    """
    step: Step | None = Step(drill.opening, drill.case.prompt)
    left = iter(drill.moves)
    for verdict in verdicts:
        step = next((Step(move, said) for move in left if (said := move.after(verdict.outcome)) is not None), None)
    return step
