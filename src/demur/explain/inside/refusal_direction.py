"""The refusal direction of a model, or the evidence that it has none that could be used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.angle import Cosine, measure_cosine
from demur.explain.inside.candidate import Place, find_places, measure_auroc, prescreen
from demur.explain.inside.control import Control, Controlled, draw_directions, read_control
from demur.explain.inside.effect import Score, score_with
from demur.explain.inside.grid import Grid, LayerAuroc, by_layer, control_auroc, cross_fit, lay_out, read_best
from demur.explain.inside.labels import FEWEST, Labels, Split
from demur.explain.inside.network import Network
from demur.explain.inside.prompt import Prompt
from demur.explain.inside.selection import (
    MOST_KL_NATS,
    N_PRESCREENED,
    Trial,
    Tried,
    choose,
    control_kl,
    look_first,
    try_places,
)
from demur.explain.inside.states import States
from demur.types import Estimate

__all__ = ["Evidence", "RefusalDirection", "Sought", "find_refusal_direction", "trial_prompts"]

_MOST_TRIAL_PROMPTS = 32
_CONTROL_PROMPTS = 16

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """What speaks for a direction or against it."""

    n_refused: int
    n_answered: int
    best_auroc: float | None
    """The greatest area under the ROC curve at any place, on prompts it was not found on; None where none could be looked for."""
    best_shuffled: Control | None
    """The same of shuffled labels."""
    trials: tuple[Trial, ...]
    """What the candidates did to harmless prompts."""
    n_trial_prompts: int
    score_as_is: float | None
    """Mean refusal score of these as they are; None where none was asked."""
    kl_random: Control | None
    """How far what they are answered moves when a random direction is taken out, in nats; a candidate may move it as far. Likewise."""
    n_rows: int
    """Prompts that were passed through the model to choose, each time counted."""


@dataclass(frozen=True)
class RefusalDirection:
    """What was found where refusals are decided: over the template's tokens, between a request and its reply."""

    why_not: tuple[str, ...]
    """Why no direction can be used; empty where one can."""
    evidence: Evidence
    chosen: Trial | None = None
    """Where it is and what it does; None where there is none."""
    auroc: Estimate | None = None
    """How well it tells refused prompts from answered ones that it was neither found nor chosen on."""
    auroc_control: Controlled | None = None
    induced: Controlled | None = None
    """Mean refusal score of harmless prompts with the direction added, beside random directions of the same length and those of shuffled labels."""
    by_layer: tuple[LayerAuroc, ...] = ()
    """Where the reply begins, at every layer."""
    false_alarm_cosine: Cosine | None = None
    """Between the direction of harmful refused prompts and that of harmless refused ones, both from harmless answered ones. Near 1, false
    refusals and true ones are one thing there, and only a condition can part them."""

    @property
    def is_usable(self) -> bool:
        """Whether there is a direction to be used."""
        return not self.why_not


class Sought(NamedTuple):
    """What was found, and the vector itself."""

    direction: RefusalDirection
    place: Place | None
    """None where there is no usable direction; likewise the vector."""
    vector: Floats | None
    """The difference in means, shape (width,)."""


class _Given(NamedTuple):
    """Everything that is known when the search begins."""

    network: Network
    score: Score
    states: States
    prompts: Sequence[Prompt]
    labels: Labels
    split: Split
    rng: np.random.Generator
    tell: Callable[[str], None]


def find_refusal_direction(
    network: Network,
    score: Score,
    states: States,
    prompts: Sequence[Prompt],
    *,
    labels: Labels,
    split: Split,
    rng: np.random.Generator,
    tell: Callable[[str], None] = lambda _: None,
) -> Sought:
    """Look for the direction along which refused prompts differ from answered ones, and that makes the model refuse.

    Args:
        network: the model.
        score: how much it is about to refuse.
        states: of the prompts, read from it.
        prompts: with their verdicts.
        labels: of the same.
        split: which of them find, which choose, and which are for figures.
        rng: of the controls.
        tell: told in a line what comes next.
    """
    given = _Given(network, score, states, prompts, labels, split, rng, tell)
    grid = lay_out(states, labels.refusal, labels, split.training, rng=rng)
    counts = int(labels.refused.sum()), int(labels.answered.sum())
    if grid is None:
        return _nothing(
            f"it refused {counts[0]} of {sum(counts)}: {FEWEST} refusals and answers of one kind are needed to find it on",
            Evidence(*counts, None, None, (), 0, None, None, 0),
        )
    places = find_places(states, range(1, states.n_positions))
    best, shuffled = read_best(grid, places, ~split.training)
    asked = trial_prompts(prompts, labels, split)
    evidence = Evidence(*counts, best, shuffled, (), len(asked), None, None, 0)
    if best <= shuffled.high:
        return _nothing(
            "no layer tells what it refuses from what it answers better than shuffled labels do", evidence, given, grid
        )
    if len(asked) < FEWEST:
        return _nothing(
            f"{len(asked)} harmless prompts it answers are left to try candidates on; {FEWEST} are needed",
            evidence,
            given,
            grid,
        )
    before = network.n_rows
    kl_random = control_kl(network, score, asked, rng=rng)
    tried = _try(given, grid, places, asked, most_kl_nats=max(MOST_KL_NATS, kl_random.high))
    as_is = float(np.nanmean(score(asked)))
    evidence = replace(
        evidence,
        trials=tuple(one.trial for one in tried),
        score_as_is=as_is,
        kl_random=kl_random,
        n_rows=network.n_rows - before,
    )
    chosen = choose(tried)
    if chosen is None:
        return _nothing(_word_faults(tried), evidence, given, grid)
    return _conclude(given, grid, chosen, evidence, asked)


def _try(
    given: _Given, grid: Grid, places: Sequence[Place], asked: Sequence[Prompt], *, most_kl_nats: float
) -> list[Tried]:
    """Try those candidates that tell the sides best apart, and of them on all prompts those that do most."""
    along, among = cross_fit(grid, given.states, given.labels, given.split, rng=given.rng)
    found = prescreen(grid.means, along, grid.contrast, among, places=places, n=N_PRESCREENED)
    given.tell(f"{len(found)} candidates on harmless prompts")
    best = look_first(given.network, given.score, asked, grid.means, places=found, most_kl_nats=most_kl_nats)
    return try_places(given.network, given.score, asked, grid.means, places=best, most_kl_nats=most_kl_nats)


def trial_prompts(prompts: Sequence[Prompt], labels: Labels, split: Split) -> list[Prompt]:
    """Choose the prompts that candidates are tried on: harmless and answered, held out to choose by."""
    able = np.flatnonzero(split.validation & labels.answered & ~labels.harmful)
    return [prompts[index] for index in able[:_MOST_TRIAL_PROMPTS]]


def _conclude(given: _Given, grid: Grid, chosen: Tried, evidence: Evidence, asked: Sequence[Prompt]) -> Sought:
    place, test = chosen.place, given.split.test
    given.tell("controls: random directions and shuffled labels")
    induced = _control_induced(given, grid, chosen, asked[:_CONTROL_PROMPTS])
    auroc = measure_auroc(grid.along[:, *place], grid.contrast, given.labels, test)
    why_not = []
    if not induced.is_more:
        why_not.append("random directions of the same length, or shuffled labels, induce refusals as well")
    if auroc.low is None or auroc.low <= 0.5:  # noqa: PLR2004 -- chance
        why_not.append("on prompts that it was not found on it tells refusals from answers no better than chance")
    found = RefusalDirection(
        why_not=tuple(why_not),
        evidence=evidence,
        chosen=chosen.trial,
        auroc=auroc,
        auroc_control=control_auroc(grid, given.states, place, test, rng=given.rng),
        induced=induced,
        by_layer=by_layer(grid, given.labels, test, position=given.states.n_positions - 1),
        false_alarm_cosine=measure_cosine(
            given.states.at(*place),
            given.labels.true_refusal,
            given.labels.false_alarm,
            labels=given.labels,
            among=np.ones_like(test),
            rng=given.rng,
        ),
    )
    return Sought(found, place, grid.means[place]) if found.is_usable else Sought(found, None, None)


def _control_induced(given: _Given, grid: Grid, chosen: Tried, asked: Sequence[Prompt]) -> Controlled:
    """Add directions of chance where the chosen one is added: random ones as long as it is, those of shuffled labels as long as they come."""
    place, norm = chosen.place, chosen.trial.norm
    drawn = draw_directions(given.network.width, rng=given.rng)
    vectors = np.concatenate([grid.means[place][None], norm * drawn, grid.shuffled_means[:, *place]])
    layers = [place.layer] * len(vectors)
    means = np.nanmean(score_with(given.network, given.score, asked, layers=layers, vectors=vectors), axis=1)
    return Controlled(
        float(means[0]),
        read_control("random directions", means[1 : 1 + len(drawn)].tolist()),
        read_control("shuffled labels", means[1 + len(drawn) :].tolist()),
    )


def _word_faults(tried: Sequence[Tried]) -> str:
    faults = [one.trial.fault for one in tried if one.trial.fault]
    return f"of {len(tried)} candidates none is a refusal direction: " + ", ".join(
        f"{faults.count(fault)} of them {fault}" for fault in dict.fromkeys(faults)
    )


def _nothing(why: str, evidence: Evidence, given: _Given | None = None, grid: Grid | None = None) -> Sought:
    layers: tuple[LayerAuroc, ...] = ()
    if given is not None and grid is not None:
        layers = by_layer(grid, given.labels, given.split.test, position=given.states.n_positions - 1)
    return Sought(RefusalDirection((why,), evidence, by_layer=layers), None, None)
