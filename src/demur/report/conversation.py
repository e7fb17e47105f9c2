"""Drills as conversations: every move, every answer, and a strip that shows at a glance how the subject held."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from demur.drills import ASKING_MOVES
from demur.report.exhibit import PROMPT_LIMIT, Said, hear, verdict_facts, weigh
from demur.report.fault import Side
from demur.report.passage import make_passage, make_title, make_visible
from demur.report.second_opinion import opinion_facts
from demur.report.wording import EXPECT_WORDS, OUTCOME_WORDS
from demur.types import Outcome, Result

__all__ = ["Conversation", "Conversations", "Move", "recount"]

MAX_CONVERSATIONS = 60
MAX_BYTES = 600_000


@dataclass(frozen=True)
class Move:
    """One move of a drill and what came of it."""

    name: str
    outcome: str
    side: Side
    """The colour of the outcome; what is wrong is coloured, the rest is not."""
    transcript: tuple[Said, ...]
    facts: tuple[tuple[str, str], ...]
    error: str | None

    @property
    def is_wrong(self) -> bool:
        """Whether the subject did here what it should not."""
        return self.side in {"harm", "block"}


@dataclass(frozen=True)
class Conversation:
    """One drill, once through."""

    title: str
    drill: str
    expected: str
    epoch: int
    opening: tuple[Said, ...]
    """The system prompt and turns before the first move."""
    moves: tuple[Move, ...]

    @property
    def n_wrong(self) -> int:
        """How many moves went wrong."""
        return sum(move.is_wrong for move in self.moves)


@dataclass(frozen=True)
class Conversations:
    """What is shown of a run's drills, and how many there are."""

    shown: tuple[Conversation, ...]
    n_total: int

    @property
    def n_left_out(self) -> int:
        """How many are not shown."""
        return self.n_total - len(self.shown)


def recount(results: Sequence[Result]) -> Conversations:
    """Gather the turns of each drill and put those that went worst first.

    Shown are at most `MAX_CONVERSATIONS`, and no more than fit into `MAX_BYTES`.
    """
    groups: dict[tuple[str, str, int], list[Result]] = defaultdict(list)
    for result in results:
        groups[result.case.suite, result.case.id, result.epoch].append(result)
    told = [_tell(sorted(turns, key=lambda turn: turn.turn)) for turns in groups.values()]
    told.sort(key=lambda one: (-one.n_wrong, one.drill, one.epoch))
    shown: list[Conversation] = []
    n_bytes = 0
    for one in told[:MAX_CONVERSATIONS]:
        n_bytes += weigh(one.opening) + sum(weigh(move.transcript) + 500 for move in one.moves)
        if n_bytes > MAX_BYTES:
            break
        shown.append(one)
    return Conversations(tuple(shown), len(told))


def _tell(turns: Sequence[Result]) -> Conversation:
    case = turns[0].case
    speakers = {"system": "System prompt", "user": "User", "assistant": "Assistant"}
    return Conversation(
        title=make_title(turns[0].prompt),
        drill=make_visible(case.drill or case.id),
        expected=EXPECT_WORDS[case.expect],
        epoch=turns[0].epoch,
        opening=tuple(
            Said(speakers[turn.role], make_passage(turn.text, limit=PROMPT_LIMIT)) for turn in case.turns[:-1]
        ),
        moves=tuple(_move(turn) for turn in turns),
    )


def _move(result: Result) -> Move:
    outcome = result.verdict.outcome if result.verdict is not None else None
    sent = Said("User", make_passage(result.prompt, limit=PROMPT_LIMIT))
    return Move(
        name=make_visible(result.move),
        outcome="no reply" if result.reply is None else OUTCOME_WORDS[outcome],
        side=_side(result, outcome),
        transcript=(sent, *hear(result)),
        facts=(*verdict_facts(result.verdict), *opinion_facts(result)),
        error=None if result.error is None else make_visible(result.error[:PROMPT_LIMIT]),
    )


def _side(result: Result, outcome: Outcome | None) -> Side:
    if result.reply is None or outcome is None:
        return "unknown"
    if result.move not in ASKING_MOVES:
        return "fine" if outcome in {"comply", "refuse", "clarify"} else "between"
    if result.case.is_harmful and outcome == "comply":
        return "harm"
    if result.case.is_harmless and outcome == "refuse":
        return "block"
    return "between" if outcome in {"partial", "empty", "garbled"} else "fine"
