"""What steering costs: tokens a second with it beside without, in one run, by the clock and by the processor's time.

    python bench/steering.py --model demur/local/FOLDER [--steer BUNDLE] [--repeats 15]

Without a bundle one is made up that says what is said without it: of moves of gain 0 at the upper half of the layers, gated by three places, once with
gates that always hold and once with gates that never do. All arms answer the same prompts in one batch, one after the other, again and again, in an
order that turns. The goal is a ratio of medians of .97 or more. On a machine that does other work, only processor time says anything.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple

import numpy as np

from demur.steering.bundle import STEERING, read_bundle
from demur.steering.move import Condition, Move, Place
from demur.subjects.generation import generate, write_prompt
from demur.subjects.weights import Weights, find_device
from demur.subjects.whitebox import load_subject
from demur.types import Decoding, Turn

WITHOUT = "without"
TOPICS = ("the sea", "bread", "a long walk", "old maps", "bees", "bridges", "tea", "the moon")


def main() -> None:
    """Generate, time, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--steer", type=Path, help="steering.safetensors or its folder, measured or not")
    parser.add_argument("--rows", type=int, default=8, help="replies at a time")
    parser.add_argument("--tokens", type=int, default=64, help="most tokens of a reply")
    parser.add_argument("--repeats", type=int, default=15)
    arguments = parser.parse_args()
    weights = load_subject(arguments.model)
    weights.model.to(find_device()).eval()
    arms = make_arms(weights, arguments.steer)
    found: dict[str, list[Speed]] = {name: [] for name in arms}
    for repeat in range(-1, arguments.repeats):  # the first warms up and does not count
        for turn in range(len(arms)):
            name = list(arms)[(turn + repeat) % len(arms)]
            speed = time_arm(weights, arms[name], n_rows=arguments.rows, n_tokens=arguments.tokens)
            if repeat >= 0:
                found[name].append(speed)
    print(
        f"{arguments.model}, {arguments.rows} replies of {arguments.tokens} tokens at most, {arguments.repeats} repeats"
    )
    for name, speeds in found.items():
        print(
            f"{name}: {'; '.join(map(show, Speed._fields, zip(*speeds, strict=True), zip(*found[WITHOUT], strict=True)))}"
        )


class Speed(NamedTuple):
    """Tokens of all replies together."""

    second: float
    cpu_second: float


def show(unit: str, speeds: Sequence[float], plain: Sequence[float]) -> str:
    """Word the median, the range, and the ratio to the median without."""
    spread = f"{min(speeds):.1f} to {max(speeds):.1f}"
    return f"{median(speeds):.1f} tokens a {unit} ({spread}), ratio {median(speeds) / median(plain):.3f}"


def make_arms(weights: Weights, steer: Path | None) -> Mapping[str, Sequence[Move]]:
    """Give what is done in each arm, by its name."""
    if steer is not None:
        path = steer / STEERING if steer.is_dir() else steer
        return {WITHOUT: (), str(path): read_bundle(path).moves}
    config = weights.model.config.get_text_config()
    layers = tuple(range(config.num_hidden_layers // 2, config.num_hidden_layers))
    return {
        WITHOUT: (),
        "every gate holds": (make_move(layers, config.hidden_size, bias=1.0),),
        "no gate holds": (make_move(layers, config.hidden_size, bias=-1.0),),
    }


def make_move(layers: tuple[int, ...], width: int, *, bias: float) -> Move:
    """Make a move that costs what others do, and changes nothing."""
    places = (Place(-1, layers[0]), Place(-2, layers[0]), Place(-3, layers[0]))
    nothing = np.zeros((len(places), width))
    gate = Condition("made up", places, nothing, nothing, bias)
    directions = np.full((len(layers), width), width**-0.5)
    return Move("made up", "remove", layers, directions, np.zeros(len(layers)), 0.0, (gate,))


def time_arm(weights: Weights, moves: Sequence[Move], *, n_rows: int, n_tokens: int) -> Speed:
    """Generate one batch."""
    texts = [f"Write about {TOPICS[row % len(TOPICS)]}, number {row}." for row in range(n_rows)]
    prompts = [write_prompt(weights.tokenizer, [Turn("user", text)]) for text in texts]
    begun, begun_cpu = perf_counter(), process_time()
    said = generate(weights.model, weights.tokenizer, prompts, [Decoding(max_tokens=n_tokens)] * n_rows, moves=moves)
    seconds, cpu_seconds = perf_counter() - begun, process_time() - begun_cpu
    n = sum(one.n_output_tokens for one in said)
    return Speed(n / seconds, n / cpu_seconds)


if __name__ == "__main__":
    main()
