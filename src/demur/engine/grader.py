"""The grader: a model behind the role ``grader`` of Inspect that is asked what a reply is.

What it is asked and how its answer is read is `demur.judge.rubric` and `demur.judge.newspaper`. Here it is asked, with
finite retries and time, and whatever keeps it from answering leaves a reply unjudged.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace

import anyio
from inspect_ai.model import GenerateConfig, Model, get_model, model_roles
from inspect_ai.util import collect

from demur.engine.failure import describe_failure
from demur.engine.models import count_connections, open_model
from demur.engine.patience import Patience
from demur.engine.samples import messages_of_turns, reply_of_output
from demur.engine.settings import EngineSettings
from demur.errors import EndpointError, IncompleteError
from demur.judge.newspaper import ask_newspaper, read_newspaper
from demur.judge.rubric import VERSION, ask_grade, layer_of, read_grade
from demur.types import Newspaper, Reply, Result, Turn, Verdict

__all__ = ["ROLE", "GradedJudge", "Grader", "grade_results", "graded_judge", "grader_of_role", "open_grader"]

ROLE = "grader"
"""Name of the model role."""

MAX_TOKENS = 4096
"""Longest answer: the form takes some 500 tokens, and a model that thinks first spends its thoughts from the same."""


class Grader:
    """Asks one model about replies. Once nothing works any more it is not asked again, and what is left is unjudged."""

    def __init__(self, model: Model, patience: Patience, config: GenerateConfig | None = None) -> None:
        """Take the model, and how to generate; what the configuration leaves open is the model's own."""
        self.model, self._patience, self._config = model, patience, config or GenerateConfig()

    @property
    def name(self) -> str:
        """Name of the judge that it makes, for verdicts."""
        return _name_judge(self.model)

    async def grade(self, reply: Reply, turns: Sequence[Turn]) -> Verdict:
        """Say what a reply is; unjudged if there is no answer, or not the one that was asked for."""
        try:
            answer = await self._answer(ask_grade(reply, turns))
        except IncompleteError as error:
            return Verdict(None, layer=layer_of(reply), judge=self.name, judge_version=VERSION, note=str(error))
        return read_grade(answer, reply, turns, judge=self.name)

    async def ask_reporters(self, reply: Reply, turns: Sequence[Turn]) -> Newspaper:
        """Say what both reporters would make of a reply; neither speaks if there is no such answer."""
        try:
            answer = await self._answer(ask_newspaper(reply, turns))
        except IncompleteError as error:
            return Newspaper(note=str(error))
        return read_newspaper(answer, reply, turns)

    async def _answer(self, question: Sequence[Turn]) -> str:
        """Put a question.

        Raises:
            IncompleteError: there is no whole answer.
        """
        if self._patience.reason is not None:
            raise IncompleteError(f"the grader was not asked any more: {self._patience.reason}")
        try:
            said = reply_of_output(await self.model.generate(list(messages_of_turns(question)), config=self._config))
        except Exception as error:
            failure = describe_failure(error)
            self._patience.failed(failure)
            raise IncompleteError(f"the grader gave no answer: {failure.message}") from error
        self._patience.worked()
        if said.stop_reason == "content_filter":
            raise IncompleteError("the grader gave no answer: a content filter stopped it")
        if said.stop_reason == "max_tokens":
            raise IncompleteError("the grader's answer was cut off at its longest permitted length")
        return said.text


def _name_judge(model: Model) -> str:
    return f"graded/{model}"


def open_grader(model: str, settings: EngineSettings) -> Grader:
    """Open the grader of a check-up, to be asked within an evaluation of Inspect.

    Raises:
        UsageError: there is no such model, or something it needs is missing.
    """
    return _make_grader(open_model(model), Patience(settings.give_up_after), settings)


def _make_grader(model: Model, patience: Patience, settings: EngineSettings) -> Grader:
    """Have a grader generate greedily, within limits, and have its own number of questions at a time."""
    config = GenerateConfig(
        temperature=0.0,
        max_tokens=MAX_TOKENS,
        max_connections=count_connections(model, settings),
        adaptive_connections=False,
        max_retries=settings.retries,
        attempt_timeout=settings.timeout_s,
    )
    return Grader(model, patience, config)


def grader_of_role() -> Grader | None:
    """Give the grader that was named to Inspect (``--model-role grader=MODEL``), or None.

    What was said there about how it generates, and about retries and connections of the evaluation, goes before the
    limits of `EngineSettings`.
    """
    if ROLE not in model_roles():
        return None
    settings = EngineSettings()
    limits = GenerateConfig(
        temperature=0.0, max_tokens=MAX_TOKENS, max_retries=settings.retries, attempt_timeout=settings.timeout_s
    )
    return Grader(get_model(role=ROLE, config=limits), Patience(settings.give_up_after))


async def grade_results(results: Sequence[Result], grader: Grader) -> list[Result]:
    """Grade the replies of one conversation that have no grade yet, and ask what the two reporters would say of them."""
    return await collect(*(_grade_result(results, place, grader) for place in range(len(results))))


async def _grade_result(results: Sequence[Result], place: int, grader: Grader) -> Result:
    result = results[place]
    if result.reply is None or result.graded is not None:
        return result
    turns = _turns_before(results, place)
    return replace(
        result,
        graded=await grader.grade(result.reply, turns),
        newspaper=await grader.ask_reporters(result.reply, turns),
    )


def _turns_before(results: Sequence[Result], place: int) -> tuple[Turn, ...]:
    """Give the conversation up to and including what one of the replies answers."""
    opening = results[place].case.turns[:-1]
    turns = list(opening)
    for result in () if results[place].afresh else results[:place]:
        if result.afresh:
            turns = list(opening)
        turns += [Turn("user", result.prompt), Turn("assistant", result.reply.text if result.reply else "")]
    return (*turns, Turn("user", results[place].prompt))


class GradedJudge:
    """Judges by asking a grader; see `demur.judge.base.Judge`. What it says is as steady as the model is at temperature 0."""

    def __init__(self, model: str, settings: EngineSettings) -> None:
        """Take the name of the model, as Inspect knows it, and the limits."""
        self._model, self._settings = model, settings
        self._patience = Patience(settings.give_up_after)
        self._name = _name_judge(open_model(model))

    @property
    def name(self) -> str:
        """``graded/`` and the model."""
        return self._name

    @property
    def version(self) -> str:
        """Of the rubric."""
        return VERSION

    def judge(self, reply: Reply, turns: Sequence[Turn], /) -> Verdict:
        """Say what a reply is; see `judge_many`."""
        return self.judge_many([(reply, turns)])[0]

    def judge_many(self, pairs: Iterable[tuple[Reply, Sequence[Turn]]]) -> list[Verdict]:
        """Say what each reply is, several at a time; one that gets no answer, or not a form, is unjudged.

        Raises:
            EndpointError: nothing works any more, and what is left would only fail again.
        """
        verdicts = asyncio.run(self._grade(list(pairs)))
        if self._patience.reason is not None:
            raise EndpointError(f"the grader {self._model}: {self._patience.reason}")
        return verdicts

    async def _grade(self, pairs: Sequence[tuple[Reply, Sequence[Turn]]]) -> list[Verdict]:
        # A connection belongs to the event loop it was made in, so each call has its own.
        async with open_model(self._model, is_shared=False) as model:
            grader = _make_grader(model, self._patience, self._settings)
            limiter = anyio.CapacityLimiter(count_connections(model, self._settings))

            async def grade(reply: Reply, turns: Sequence[Turn]) -> Verdict:
                async with limiter:  # whoever waits here is not asked at all once patience is out
                    return await grader.grade(reply, turns)

            return await collect(*(grade(reply, turns) for reply, turns in pairs))


def graded_judge(model: str, settings: EngineSettings | None = None) -> GradedJudge:
    """Open the model-graded judge.

    Args:
        model: who grades, as Inspect knows it, e.g. ``openai/gpt-4o``.
        settings: how many questions at a time, how patiently.

    Raises:
        UsageError: there is no such model, or something it needs is missing.
    """
    return GradedJudge(model, settings or EngineSettings())
