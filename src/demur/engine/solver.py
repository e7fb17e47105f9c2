"""The solver: each sample is a dialogue with the subject, kept as soon as it has ended."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from inspect_ai.model import ChatMessage, GenerateConfig, Model, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import Store

from demur.drills import Drill
from demur.engine.dialogue import Ask, NoReplyError, hold_dialogue
from demur.engine.failure import Failure
from demur.engine.grader import Grader, grade_results
from demur.engine.samples import case_of_metadata, messages_of_turns, reply_of_output
from demur.engine.settings import EngineSettings
from demur.errors import IncompleteError
from demur.judge import Judge
from demur.records import from_plain, to_plain
from demur.types import Decoding, Reply, Result, Turn

__all__ = ["Journal", "ask_model", "converse", "results_of_store"]

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
    drills: Mapping[tuple[str, str], Drill],
    decoding: Decoding | None = None,
    journal: Journal | None = None,
    grader: Grader | None = None,
) -> Solver:
    """Ask a case, or play its drill, and judge every reply.

    Args:
        judge: says what each reply is.
        drills: the drills that cases may name, by suite and id.
        decoding: how to generate; None leaves it to Inspect's own settings.
        journal: keeps each finished sample.
        grader: gives every reply of a finished sample a second verdict, before it is kept.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:  # noqa: ARG001 -- Inspect's signature
        case, epoch = case_of_metadata(state.metadata, state.epoch)
        if journal and (reason := journal.reason_to_stop()):
            raise IncompleteError(reason)
        drill = drills[case.suite, case.drill] if case.drill is not None else None
        results: list[Result] = []
        try:
            async for result in hold_dialogue(case, epoch, drill, judge, ask_model(get_model(), decoding)):
                results.append(result)  # noqa: PERF401 -- what there is must outlive a failure
        except NoReplyError as error:
            if journal:
                journal.failed([*results, error.result], error.failure)
            raise
        results = [replace(result, n_turns=len(results)) for result in results]
        if grader is not None:
            results = await grade_results(results, grader)
        state.messages = _last_conversation(results)
        state.store.set(_STORE_KEY, [to_plain(result) for result in results])
        if journal:
            journal.finished(results)
        return state

    return solve


def results_of_store(store: Store | Mapping[str, object]) -> list[Result]:
    """Read back what `converse` kept in a sample's store; empty if it did not come to an end."""
    kept = store.get(_STORE_KEY)
    return [from_plain(Result, plain, "sample") for plain in kept] if isinstance(kept, list) else []


def ask_model(model: Model, decoding: Decoding | None, settings: EngineSettings | None = None) -> Ask:
    """Make the function that puts a conversation to a model of Inspect.

    Args:
        model: whom to ask.
        decoding: how to generate; None leaves it to Inspect's own settings.
        settings: how patiently; None leaves it to the evaluation.
    """
    patience: dict[str, Any] = {}
    if settings is not None:
        patience = {"max_retries": settings.retries, "attempt_timeout": settings.timeout_s}

    async def ask(asked: Result, turns: Sequence[Turn]) -> Reply:
        config = GenerateConfig(**patience)
        if decoding is not None:
            config = GenerateConfig(
                max_tokens=decoding.max_tokens,
                temperature=decoding.temperature,
                seed=decoding.seed + asked.epoch - 1,
                **patience,
            )
        messages = messages_of_turns(turns, asked=asked)
        return reply_of_output(await model.generate(list(messages), config=config))

    return ask


def _last_conversation(results: Sequence[Result]) -> list[ChatMessage]:
    """Give the messages that Inspect's viewer shows: of a drill begun afresh, the last conversation."""
    turns = results[0].case.turns[:-1]
    for result in results:
        said = (Turn("user", result.prompt), Turn("assistant", result.reply.text if result.reply else ""))
        turns = (*(result.case.turns[:-1] if result.afresh else turns), *said)
    return list(messages_of_turns(turns))
