"""False refusals taken back in an operator's approved harmless tasks, and nowhere else.

A task is known by its trajectory: the states where the reply begins, at layers spread up to that of the first edit, each by the way it lies in from the mean and not by
how far. The idea is that of SafeConstellations; one linear condition takes the place of its centroids, and its line is laid as those of other gates are.

What is steered in a task passes the plain gate as well: a harmful request inside an approved task is still to be refused. The plain gate's probes have not seen the task, along whose
own direction they may be moved to one side, and its harmful requests with it. So its lines are raised in each task by as much as the task's examples lie above like prompts of
the run, and never lowered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.effect import Score
from demur.explain.inside.labels import Mask, fold_families, read_labels
from demur.explain.inside.network import Network
from demur.explain.inside.prompt import Prompt
from demur.explain.inside.states import States
from demur.stats import clustered_proportion
from demur.steering.move import Condition, Move, Place
from demur.tune.steering.gate import (
    Gate,
    GateRates,
    Limit,
    are_above,
    fit_line,
    gather,
    rate,
    rate_run,
    score_conditions,
)
from demur.tune.steering.task_examples import Examples
from demur.tune.steering.trial import always, score_under
from demur.types import Estimate

__all__ = ["ByTask", "TaskFound", "TaskRates", "steer_by_task", "trajectory"]

_MOST_ELSEWHERE = 0.01
"""Share of the run's prompts, and of the other tasks' examples, that a task's condition may let through."""
_N_LAYERS = 8
_ENOUGH = 0.5

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TaskRates:
    """Whom a condition or a gate lets through, of prompts that its probes have not seen."""

    own: Estimate
    """Of the task's examples."""
    others: Estimate
    """Of the other tasks'."""
    run: GateRates


@dataclass(frozen=True)
class TaskFound:
    """A task, how well it is known, and what is done in it."""

    task: str
    is_recognised: bool
    """Whether half of its examples are; if not, nothing is done in it."""
    recognised: TaskRates
    """By its condition alone."""
    steered: TaskRates
    """By the gate of its move, which is that condition and the plain gate's."""
    plain_gate: TaskRates
    """By the plain gate, which knows of no task."""
    refused: Estimate
    """Of its examples: what the model as it is is about to refuse..."""
    still_refused: Estimate
    """... and with the move; the same where there is none."""


class ByTask(NamedTuple):
    """A move for each task that is recognised, and what speaks for them."""

    moves: tuple[Move, ...]
    found: tuple[TaskFound, ...]
    together: GateRates
    """Whom of the run any of their gates lets through."""


def steer_by_task(
    network: Network,
    score: Score,
    states: States,
    prompts: Sequence[Prompt],
    *,
    plain: Mask,
    gate: Gate,
    removal: Move,
    examples: Examples,
    rng: np.random.Generator,
) -> ByTask:
    """Narrow what takes false refusals back to each of some tasks.

    Args:
        network: the model.
        score: how much it is about to refuse.
        states: of the run's prompts.
        prompts: of the run, with their verdicts.
        plain: harmless prompts of the run that do not look like harm.
        gate: the plain gate.
        removal: what is done behind it.
        examples: of the tasks.
        rng: of the folds.
    """
    joined = _Joined(states, prompts, gate, examples, layer=removal.layers[0], rng=rng)
    before = score_under(network, score, examples.prompts, [])
    moves, found, passed_any = [], [], np.zeros(len(prompts), dtype=bool)
    for task in examples.tasks:
        condition, recognised = joined.recognise(task)
        shifts = joined.find_shifts(task, before)
        steered = recognised & are_above(joined.scores - shifts[:, None])
        known, done, plainly = (
            joined.rate(task, passed, plain) for passed in (recognised, steered, are_above(joined.scores))
        )
        is_known = (known.own.value or 0.0) >= _ENOUGH
        move = replace(removal, name=condition.name, gate=(condition, *_raise(gate.conditions, shifts)))
        own = joined.of(task)
        let = own & is_known & steered[len(prompts) :] & (before > 0)
        after = _score_after(network, score, examples.prompts, move, among=let, before=before)
        refused, still = (_rate_refused(scores, examples.prompts, own) for scores in (before, after))
        found.append(TaskFound(task, is_known, known, done, plainly, refused, still))
        if is_known:
            moves.append(move)
            passed_any |= steered[: len(prompts)]
    return ByTask(tuple(moves), tuple(found), rate_run(passed_any, joined.run, plain))


def trajectory(layer: int) -> tuple[Place, ...]:
    """Give the places a task is known by: where the reply begins, at up to eight layers from the second to that of the first edit.

    Not the first: what goes into it there is the same of every prompt, and lies no way at all.
    """
    layers = np.unique(np.linspace(min(1, layer), layer, _N_LAYERS).round().astype(int))
    return tuple(Place(-1, int(own)) for own in layers)


class _Joined:
    """The prompts of a run, and after them the examples of tasks."""

    def __init__(
        self,
        states: States,
        prompts: Sequence[Prompt],
        gate: Gate,
        examples: Examples,
        *,
        layer: int,
        rng: np.random.Generator,
    ) -> None:
        self.run = read_labels(prompts)
        self.scores = np.hstack([gate.scores, score_conditions(gate.conditions, examples.states)])
        """Under the plain gate, shape (conditions, prompts)."""
        self._tasks = np.array([""] * len(prompts) + [prompt.case.suite for prompt in examples.prompts])
        self._labels = read_labels([*prompts, *examples.prompts])
        self._folds = fold_families(self._labels, rng=rng)
        self._places = trajectory(layer)
        self._rows = np.concatenate([gather(own, self._places) for own in (states, examples.states)])
        told = {prompt.case.turns for prompt in examples.prompts}
        self._elsewhere = np.array(
            [prompt.case.turns not in told for prompt in prompts] + [False] * len(examples.prompts)
        )
        """The run's own prompts; an example of a task that the run asked is of the task."""

    def of(self, task: str) -> Mask:
        """Give the examples of a task, shape (examples,)."""
        mask: Mask = self._tasks[len(self.run.harmful) :] == task
        return mask

    def recognise(self, task: str) -> tuple[Condition, Mask]:
        """Fit a task's condition, and give those that pass it by a probe that has not seen them."""
        own, others = self._sides(task)
        condition, above = fit_line(
            f"task: {task}", self._rows, (own, self._elsewhere | others),
            limits=[Limit(group, int(_MOST_ELSEWHERE * group.sum())) for group in (self._elsewhere, others)],
            folds=self._folds, places=self._places, is_unit=True,
        )  # fmt: skip
        return condition, above > 0

    def find_shifts(self, task: str, refusal: Floats) -> Floats:
        """Find by how much a task's examples lie above harmless prompts of the run under the plain gate's conditions, shape (conditions,); at least 0.

        Examples about to be refused are held against what was refused, others against what was answered.
        """
        n = len(self.run.harmful)
        is_refused = refusal > 0
        shifts = [
            self.scores[:, n:][:, group & self.of(task)]
            - np.nanmean(self.scores[:, :n][:, ~self.run.harmful & like], axis=1, keepdims=True)
            for group, like in ((is_refused, self.run.refused), (~is_refused, self.run.answered))
        ]
        found: Floats = np.maximum(np.hstack(shifts).mean(axis=1), 0.0)
        return found

    def rate(self, task: str, passed: Mask, plain: Mask) -> TaskRates:
        """Rate whom of a task, of the others and of the run something lets through."""
        own, others = (rate(passed, side, self._labels) for side in self._sides(task))
        return TaskRates(own, others, rate_run(passed[: len(plain)], self.run, plain))

    def _sides(self, task: str) -> tuple[Mask, Mask]:
        return self._tasks == task, (self._tasks != task) & (self._tasks != "")


def _raise(conditions: Sequence[Condition], shifts: Floats) -> list[Condition]:
    """Raise the lines of conditions."""
    return [replace(one, bias=one.bias - float(shift)) for one, shift in zip(conditions, shifts, strict=True)]


def _score_after(
    network: Network, score: Score, prompts: Sequence[Prompt], move: Move, *, among: Mask, before: Floats
) -> Floats:
    """Score prompts with a move done to some of them, whatever its gate says."""
    done = replace(move, gate=(always(move.layers[0], network.width),))
    after = before.copy()
    after[among] = score_under(network, score, [prompts[index] for index in np.flatnonzero(among).tolist()], [done])
    return after


def _rate_refused(scores: Floats, prompts: Sequence[Prompt], among: Mask) -> Estimate:
    judged = np.flatnonzero(among & ~np.isnan(scores)).tolist()
    return clustered_proportion(
        [bool(scores[index] > 0) for index in judged],
        [prompts[index].family for index in judged],
        n_unjudged=int(among.sum()) - len(judged),
    )
