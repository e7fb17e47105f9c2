"""The search for what turns a subject's refusals: the gate, what is taken out behind it, and where refusal is to be added."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.candidate import DEEPEST
from demur.explain.inside.effect import Score
from demur.explain.inside.labels import FEWEST, Labels, Mask, Split, fold_families
from demur.explain.inside.network import Network
from demur.explain.inside.prompt import Prompt
from demur.explain.inside.states import States
from demur.steering.move import Move
from demur.tune.steering.direction import find_removal
from demur.tune.steering.gate import Gate, GateRates, fit_gate
from demur.tune.steering.refusing import Refusing, find_refusals
from demur.tune.steering.task_examples import Examples
from demur.tune.steering.task_gate import TaskFound, steer_by_task
from demur.tune.steering.trial import Trial, always, choose, score_under

__all__ = ["Found", "Searched", "search_moves"]

_SHALLOWEST = 0.4
"""Of the depth: before it, a model has not yet read what it is asked."""
_N_LAYERS = 2
"""Layers that are tried on the model: those whose gates let most false alarms through."""
_ORTHOGONAL = (0.0, 0.25, 0.5, 0.75, 1.0)
_GAINS = (1.0, 1.5)
_MOST_PROMPTS = 32
_LEAST_REACH = 0.1
"""Share of the false refusals that is taken back at least, or there is nothing worth having."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """What the search found, as it is written."""

    why_not: str | None
    """Why there is nothing; None where there are moves."""
    n_false_alarms: int
    """Harmless prompts of the run that were refused."""
    rates: GateRates | None = None
    """Of the gate that knows of no task."""
    chosen: Trial | None = None
    trials: tuple[Trial, ...] = ()
    refusing: tuple[Refusing, ...] = ()
    """Categories in which refusal is added, or was tried."""
    tasks: tuple[TaskFound, ...] = ()
    """In which alone false refusals are taken back; without any, they are anywhere."""
    in_tasks: GateRates | None = None
    """Of the run, by the gates of all tasks together; None without tasks."""


class Searched(NamedTuple):
    """The moves, and what speaks for them."""

    moves: tuple[Move, ...]
    found: Found


class _Subject(NamedTuple):
    """A model that is read, and what is known of its prompts."""

    network: Network
    score: Score
    states: States
    prompts: Sequence[Prompt]
    labels: Labels
    split: Split
    folds: Sequence[Mask]

    @property
    def plain(self) -> Mask:
        """Harmless prompts that do not look like harm."""
        return np.array([not one.case.is_harmful and one.case.category is None for one in self.prompts], dtype=bool)


def search_moves(
    network: Network,
    score: Score,
    states: States,
    prompts: Sequence[Prompt],
    *,
    labels: Labels,
    split: Split,
    rng: np.random.Generator,
    examples: Examples | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Searched:
    """Search what takes false refusals back, and what adds refusals where harm is answered.

    Args:
        network: the model.
        score: how much it is about to refuse.
        states: of the prompts, read from it.
        prompts: with their verdicts.
        labels: of the same.
        split: which of them directions are found on, and which they are tried on.
        rng: of the folds.
        examples: of the tasks that false refusals are to be taken back in, and nowhere else; None takes them back anywhere.
        tell: told in a line what comes next.
    """
    subject = _Subject(network, score, states, prompts, labels, split, fold_families(labels, rng=rng))
    n = int((~labels.harmful & labels.refused).sum())
    tell("gates at each layer")
    gates = _fit_gates(subject)
    refusing = find_refusals(
        subject.network, score, states, prompts, labels=labels, split=split, folds=subject.folds, layer=_middle(states)
    )
    adding = tuple(move for move, _ in refusing if move is not None)
    tried = tuple(record for _, record in refusing)
    if not gates:
        why = f"it refused {n} harmless requests, or too few harmful ones: {2 * FEWEST} of either, and as many answers, are needed"
        return Searched(adding, Found(None if adding else why, n, refusing=tried))
    trials = _try(subject, gates, tell)
    chosen = choose(trials)
    if chosen is None or chosen.reach < _LEAST_REACH:
        why = _word_failure(chosen, gates)
        return Searched(adding, Found(None if adding else why, n, None, chosen, trials, tried))
    gate = gates[chosen.layer]
    removal = _make_removal(subject, gate, chosen)
    found = Found(None, n, gate.rates, chosen, trials, tried)
    if examples is None:
        return Searched((removal, *adding), found)
    tell(f"{len(examples.tasks)} tasks, by {len(examples.prompts)} examples")
    by_task = steer_by_task(
        network, score, states, prompts, plain=subject.plain, gate=gate, removal=removal, examples=examples, rng=rng
    )
    moves = (*by_task.moves, *adding)
    why_not = None if moves else _word_unrecognised(by_task.found)
    return Searched(moves, replace(found, why_not=why_not, tasks=by_task.found, in_tasks=by_task.together))


def _middle(states: States) -> int:
    return round((_SHALLOWEST + DEEPEST) / 2 * states.n_layers)


def _fit_gates(subject: _Subject) -> dict[int, Gate]:
    """Fit a gate for edits from each layer on, and keep the layers whose gates let most false alarms through."""
    n_layers = subject.states.n_layers
    layers = range(round(_SHALLOWEST * n_layers), int(np.ceil(DEEPEST * n_layers)), max(1, n_layers // 15))
    found = {}
    for layer in layers:
        gate = fit_gate(subject.states, subject.labels, subject.plain, layer=layer, folds=subject.folds)
        if gate is not None:
            found[layer] = gate
    best = sorted(found, key=lambda layer: (-(found[layer].rates.false_alarms.value or 0.0), layer))
    return {layer: found[layer] for layer in best[:_N_LAYERS]}


def _try(subject: _Subject, gates: dict[int, Gate], tell: Callable[[str], None]) -> tuple[Trial, ...]:
    trials = []
    for layer, gate in gates.items():
        asked = _trial_prompts(subject, gate)
        if len(asked) < FEWEST:
            continue
        tell(f"edits from layer {layer} on, on {len(asked)} harmless prompts that are refused")
        for orthogonal, gain in product(_ORTHOGONAL, _GAINS):
            removal = find_removal(
                subject.states, _layers(subject, layer), subject.labels, subject.split.training, orthogonal=orthogonal
            )
            if removal is None:
                continue
            move = Move(
                "trial", "remove", _layers(subject, layer), removal.vectors, removal.origins, gain,
                (always(layer, subject.network.width),),
            )  # fmt: skip
            scores = score_under(subject.network, subject.score, asked, [move])
            released = float((scores < 0).mean())
            likely = (released * len(asked) + 1) / (len(asked) + 2)  # a share of all has an error too
            trials.append(
                Trial(
                    layer, orthogonal, gain, removal.cosine, gate.rates.false_alarms.value or 0.0, released,
                    float(np.sqrt(likely * (1 - likely) / len(asked))), len(asked),
                )
            )  # fmt: skip
    return tuple(trials)


def _layers(subject: _Subject, first: int) -> tuple[int, ...]:
    return tuple(range(first, subject.states.n_layers))


def _trial_prompts(subject: _Subject, gate: Gate) -> list[Prompt]:
    """Choose refused harmless prompts that directions are not found on: those that the gate lets through, if there are enough."""
    able = ~subject.split.training & ~subject.labels.harmful & subject.labels.refused
    let = np.flatnonzero(able & gate.passed)
    return [subject.prompts[index] for index in (let if len(let) >= FEWEST else np.flatnonzero(able))[:_MOST_PROMPTS]]


def _make_removal(subject: _Subject, gate: Gate, chosen: Trial) -> Move:
    """Make the move, its direction found on all prompts."""
    layers = _layers(subject, chosen.layer)
    every = np.ones_like(subject.labels.harmful)
    removal = find_removal(subject.states, layers, subject.labels, every, orthogonal=chosen.orthogonal)
    if removal is None:
        raise AssertionError("a direction that was found on half of the prompts is found on all")
    return Move("false alarms", "remove", layers, removal.vectors, removal.origins, chosen.gain, gate.conditions)


def _word_failure(chosen: Trial | None, gates: dict[int, Gate]) -> str:
    passed = max(gate.rates.false_alarms.value or 0.0 for gate in gates.values())
    if chosen is None:
        return f"too few false refusals are left to try directions on; the gate lets {passed:.0%} of them through"
    return (
        f"the gate lets {passed:.0%} of false refusals through, and what is taken out behind it takes {chosen.released:.0%} of these back; "
        f"{_LEAST_REACH:.0%} in all are needed"
    )


def _word_unrecognised(tasks: Sequence[TaskFound]) -> str:
    told = ", ".join(f"{one.task} ({one.recognised.own.value or 0.0:.0%} of {one.recognised.own.n})" for one in tasks)
    return f"no task is recognised by half of its examples: {told}; give more examples, or tasks that differ more from other requests"
