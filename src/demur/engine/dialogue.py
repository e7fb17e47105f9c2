"""A dialogue with the subject: ask, judge, and let the drill choose what comes next."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

from demur.drills import Drill, Move, Step, next_step
from demur.engine.failure import Failure, describe_failure
from demur.errors import IncompleteError
from demur.judge import Judge
from demur.types import Case, Reply, Result, Turn, Verdict

__all__ = ["Ask", "NoReplyError", "hold_dialogue"]

Ask = Callable[[Result, Sequence[Turn]], Awaitable[Reply]]
"""Puts a conversation to the subject; the result says what is asked, and has no reply yet."""


class NoReplyError(IncompleteError):
    """The subject could not be asked, or did not answer."""

    def __init__(self, asked: Result, failure: Failure) -> None:
        super().__init__(failure.message)
        self.result = replace(asked, error=failure.message)
        """The turn that has no reply, and why."""
        self.failure = failure


async def hold_dialogue(case: Case, epoch: int, drill: Drill | None, judge: Judge, ask: Ask) -> AsyncIterator[Result]:
    """Ask a case, or play its drill, and give each reply with its verdict as it comes.

    `Result.n_turns` counts the turns so far: how many there are to be is known when the last has been judged.

    Raises:
        NoReplyError: there is no reply to a turn.
    """
    step = Step(Move("ask", None, None), case.prompt) if drill is None else next_step(drill, [])
    turns: tuple[Turn, ...] = ()
    verdicts: list[Verdict] = []
    while step is not None:
        is_new = step.move.afresh or not turns
        turns = (*(case.turns[:-1] if is_new else turns), Turn("user", step.prompt))
        asked = Result(
            case=case,
            epoch=epoch,
            turn=len(verdicts),
            n_turns=len(verdicts) + 1,
            move=step.move.name,
            prompt=step.prompt,
            afresh=is_new and bool(verdicts),
            expect=step.move.expect,
            pressure=step.move.pressure,
        )
        try:
            reply = await ask(asked, turns)
        except Exception as error:
            raise NoReplyError(asked, describe_failure(error)) from error
        verdict = _judged(judge, reply, turns)
        yield replace(asked, reply=reply, verdict=verdict)
        verdicts.append(verdict)
        turns = (*turns, Turn("assistant", reply.text))
        step = None if drill is None else next_step(drill, verdicts)


def _judged(judge: Judge, reply: Reply, turns: Sequence[Turn]) -> Verdict:
    try:
        return judge.judge(reply, turns)
    except Exception as error:  # noqa: BLE001 -- a reply that was paid for is kept, and a judge that fails has not judged
        note = f"the judge failed: {type(error).__name__}: {error}"
        return Verdict(outcome=None, judge=judge.name, judge_version=judge.version, note=note)
