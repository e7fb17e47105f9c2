"""What choosing a refusal direction costs: every candidate tried, against those alone that tell refusals from answers best.

    python bench/selection.py RUN --model demur/smollm2-blunt

One run reads the prompts, tries every difference in means (each position and layer), chooses; then does the same with the candidates that the
pre-screen leaves. It counts the prompts that pass through the model for either, and measures both choices on prompts that neither has seen: how well
they tell refused prompts from answered ones, and how often harmless prompts are refused with the direction added.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import NamedTuple

import numpy as np

from demur.explain.inside.candidate import Place, find_places, measure_auroc, prescreen
from demur.explain.inside.effect import FirstTokenScore, score_with
from demur.explain.inside.grid import Grid, cross_fit, lay_out
from demur.explain.inside.labels import Labels, Split, read_labels, split_families
from demur.explain.inside.network import Network
from demur.explain.inside.prompt import Prompt, gather_prompts
from demur.explain.inside.refusal_direction import trial_prompts
from demur.explain.inside.refusal_score import derive_tokens
from demur.explain.inside.selection import (
    MOST_KL_NATS,
    N_PRESCREENED,
    Tried,
    choose,
    control_kl,
    look_first,
    try_places,
)
from demur.explain.inside.states import States, read_states
from demur.findings import open_run
from demur.looking_inside import open_network
from demur.stats import wilson
from demur.types import Estimate, Result


class Task(NamedTuple):
    """Everything that both ways start from."""

    network: Network
    score: FirstTokenScore
    states: States
    grid: Grid
    most_kl_nats: float
    prompts: tuple[Prompt, ...]
    labels: Labels
    split: Split


def prepare(arguments: argparse.Namespace, folder: Path) -> Task:
    """Read the prompts of a run."""
    rng = np.random.default_rng(0)
    network = open_network(arguments.model)
    prompts = gather_prompts(network, draw(open_run(arguments.run).results, arguments.limit, rng)).read
    states = read_states(network, [prompt.tokens for prompt in prompts], folder)
    labels = read_labels(prompts)
    split = split_families(labels, rng=rng)
    known = split.training & (labels.refused | labels.answered)
    tokens = derive_tokens(states.first[known, 0].tolist(), labels.refused[known].tolist())
    grid = lay_out(states, labels.refusal, labels, split.training, rng=rng)
    if grid is None or not tokens:
        raise SystemExit("there are too few refusals and answers, or they begin alike")
    score = FirstTokenScore(network, tokens)
    chance = control_kl(network, score, trial_prompts(prompts, labels, split), rng=rng)
    return Task(network, score, states, grid, max(MOST_KL_NATS, chance.high), prompts, labels, split)


def draw(results: tuple[Result, ...], limit: int, rng: np.random.Generator) -> list[Result]:
    """Draw questions by chance."""
    return [results[index] for index in sorted(rng.permutation(len(results))[:limit])]


def main() -> None:
    """Choose in both ways, and print what each took and is worth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", help="folder of a check-up")
    parser.add_argument("--model", required=True)
    parser.add_argument("--limit", type=int, default=500, help="questions of the run")
    parser.add_argument("--trial", type=int, default=32, help="harmless prompts that candidates are tried on")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        task = prepare(arguments, Path(folder))
        every = find_places(task.states, range(1, task.states.n_positions))
        print(
            f"{'way':<12} {'rows':>8} {'CPU s':>8}  of {len(every)} candidates, and what the choice is worth on prompts that neither has seen"
        )
        asked = trial_prompts(task.prompts, task.labels, task.split)[: arguments.trial]
        for way, choose_among in (("exhaustive", lambda: every), ("pre-screen", lambda: look(task, every, asked))):
            report(task, way, choose_among, asked)


def look(task: Task, every: list[Place], asked: list[Prompt]) -> list[Place]:
    """Leave the candidates that are tried on all prompts, as a look inside does."""
    grid = task.grid
    along, among = cross_fit(grid, task.states, task.labels, task.split, rng=np.random.default_rng(1))
    few = prescreen(grid.means, along, grid.contrast, among, places=every, n=N_PRESCREENED)
    return look_first(task.network, task.score, asked, task.grid.means, places=few, most_kl_nats=task.most_kl_nats)


def report(task: Task, way: str, choose_among: Callable[[], list[Place]], asked: list[Prompt]) -> None:
    """Choose in one way, and print a line."""
    rows, start = task.network.n_rows, process_time()
    tried = try_places(
        task.network, task.score, asked, task.grid.means, places=choose_among(), most_kl_nats=task.most_kl_nats
    )
    chosen = choose(tried)
    cost = f"{way:<12} {task.network.n_rows - rows:>8,} {process_time() - start:>8.0f}  "
    print(cost + ("none is a refusal direction" if chosen is None else worth(task, chosen)), flush=True)


def worth(task: Task, chosen: Tried) -> str:
    """Measure a choice on the prompts that are for figures."""
    place, test = chosen.place, task.split.test
    area = measure_auroc(task.grid.along[:, *place], task.grid.contrast, task.labels, test)
    plain = np.flatnonzero(test & task.labels.answered & ~task.labels.harmful)
    scores = score_with(
        task.network,
        task.score,
        [task.prompts[index] for index in plain],
        layers=[place.layer],
        vectors=task.grid.means[place][None],
    )
    refused = wilson(int((scores > 0).sum()), scores.size)
    trial = chosen.trial
    return (
        f"position {trial.position}, layer {trial.layer}: AUROC {show(area)}; "
        f"harmless refused with it added {show(refused)}, score {scores.mean():+.2f}"
    )


def show(estimate: Estimate) -> str:
    """Word an estimate."""
    return (
        "none"
        if estimate.value is None
        else f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}] (n {estimate.n})"
    )


if __name__ == "__main__":
    main()
