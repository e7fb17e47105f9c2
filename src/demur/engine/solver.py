"""The conversation with the subject: ask, judge, and let the drill choose what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import Store

from demur.drills import Drill, Step, next_step
from demur.engine.failure import Failure, describe_failure
from demur.engine.grader import Grader, grade_results
from demur.engine.samples import case_of_metadata, messages_of_turns, reply_of_output
from demur.errors import IncompleteError
from demur.judge import Judge
from demur.records import from_plain, to_plain
from demur.types import Decoding, Reply, Result, Turn, Verdict

__all__ = ["Journal", "converse", "results_of_store"]

_STORE_KEY = "demur_results"


class Journal(Protocol):
    """Keeps the results of each sample as soon as it is finished."""

    def finished(self, results: Sequence[Result]) -> None:
        """Keep the replies of a sample."""

    def failed(self, results: Sequence[Result], failure: Failure) -> None:
        """Keep what there is of a sample that failed; the last result says why."""

    def reason_to_stop(self) -> str | None:
        """Say why nothing more should be asked, or None."""


@solver
def converse(
    judge: Judge,
    drills: Mapping[str, Drill],
    decoding: Decoding | None = None,
    journal: Journal | None = None,
    grader: Grader | None = None,
) -> Solver:
    """Ask a case, or play its drill, and judge every reply.

    Args:
        judge: says what each reply is.
        drills: the drills that cases may name, by id.
        decoding: how to generate; None leaves it to Inspect's own settings.
        journal: keeps each finished sample.
        grader: gives every reply of a finished sample a second verdict, before it is kept.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:  # noqa: ARG001 -- Inspect's signature
        case, epoch = case_of_metadata(state.metadata, state.epoch)
        if journal and (reason := journal.reason_to_stop()):
            raise IncompleteError(reason)
        drill = drills[case.drill] if case.drill is not None else None
        n_turns = 1 if drill is None else 1 + len(drill.moves)
        step = Step("ask", case.prompt) if drill is None else next_step(drill, [])
        turns = case.turns[:-1]
        results: list[Result] = []
        while step is not None:
            turns = (*turns, Turn("user", step.prompt))
            asked = Result(
                case=case, epoch=epoch, turn=len(results), n_turns=n_turns, move=step.move, prompt=step.prompt
            )
            try:
                reply = await _ask(asked, turns, decoding)
            except Exception as error:
                failure = describe_failure(error)
                if journal:
                    journal.failed([*results, replace(asked, error=failure.message)], failure)
                raise IncompleteError(failure.message) from error
            results.append(replace(asked, reply=reply, verdict=_judged(judge, reply, turns)))
            turns = (*turns, Turn("assistant", reply.text))
            step = next_step(drill, [result.verdict for result in results if result.verdict]) if drill else None
        if grader is not None:
            results = await grade_results(results, grader)
        state.messages = list(messages_of_turns(turns))
        state.store.set(_STORE_KEY, [to_plain(result) for result in results])
        if journal:
            journal.finished(results)
        return state

    return solve


def results_of_store(store: Store | Mapping[str, object]) -> list[Result]:
    """Read back what `converse` kept in a sample's store; empty if it did not come to an end."""
    kept = store.get(_STORE_KEY)
    return [from_plain(Result, plain, "sample") for plain in kept] if isinstance(kept, list) else []


def _judged(judge: Judge, reply: Reply, turns: Sequence[Turn]) -> Verdict:
    try:
        return judge.judge(reply, turns)
    except Exception as error:  # noqa: BLE001 -- a reply that was paid for is kept, and a judge that fails has not judged
        note = f"the judge failed: {type(error).__name__}: {error}"
        return Verdict(outcome=None, judge=judge.name, judge_version=judge.version, note=note)


async def _ask(asked: Result, turns: Sequence[Turn], decoding: Decoding | None) -> Reply:
    config = GenerateConfig()
    if decoding is not None:
        config = GenerateConfig(
            max_tokens=decoding.max_tokens, temperature=decoding.temperature, seed=decoding.seed + asked.epoch - 1
        )
    messages = messages_of_turns(turns, case=asked.case, epoch=asked.epoch)
    return reply_of_output(await get_model().generate(list(messages), config=config))
