"""What measuring the echo of many refusals costs, and whether it finds what was planted.

    python bench/echo.py [--n 100000] [--templates 40] [--script 0.3]

Three sets of refusals of some 600 characters to requests that are all different: *recited*, of a few templates with the
request's words in them and courtesies that change; *own*, each naming something else; *mixed*, a share of the first, all one
template, and the rest of the second. Words are made of syllables, so that no list of phrases helps. Each set is measured in a
process of its own; memory is its highest resident set, less what the refusals themselves take.
"""

import argparse
import multiprocessing
import random
import resource
from multiprocessing.connection import Connection
from time import process_time
from typing import NamedTuple

SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
COURTESIES = ("", "I'm sorry, but ", "Sorry, ", "Unfortunately, ", "I'm afraid ", "I apologize, but ")
N_WORDS = 95
"""Words of a refusal: some 600 characters."""


class Cost(NamedTuple):
    """What measuring a set took, and what was found."""

    cpu_s: float
    memory_mb: float
    script_index: float
    n_templates: int
    specificity: float


def make_word(rng: random.Random) -> str:
    """Make up a word."""
    return "".join(rng.choices(SYLLABLES, k=rng.randint(2, 4)))


def make_set(kind: str, n: int, n_templates: int, script: float) -> list[tuple[str, str]]:
    """Make refusals to different requests."""
    rng = random.Random(0)
    vocabulary = [make_word(rng) for _ in range(20_000)]
    templates = [rng.choices(vocabulary, k=N_WORDS - 6) for _ in range(n_templates)]
    refusals = []
    for index in range(n):
        topic = rng.sample(vocabulary, 3)
        if kind == "recited":
            words = templates[index % n_templates]
        elif kind == "mixed" and index < script * n:
            words = templates[0]
        else:
            words = rng.choices(vocabulary, k=N_WORDS - 6)
        body = " ".join(["we do not", *topic, *words])
        refusals.append((f"How do I {' '.join(topic)}?", f"{rng.choice(COURTESIES)}{body}."))
    rng.shuffle(refusals)
    return refusals


def measure(pipe: Connection, kind: str, n: int, n_templates: int, script: float) -> None:
    """Measure a set in this process and send what it took."""
    from demur.judge.echo import measure_echo

    measure_echo(make_set(kind, 100, n_templates, script))  # what is loaded once
    refusals = make_set(kind, n, n_templates, script)
    before, start = _peak_mb(), process_time()
    echo = measure_echo(refusals)
    cpu_s = process_time() - start
    pipe.send(
        Cost(
            cpu_s,
            _peak_mb() - before,
            echo.script_index.value or 0.0,
            len(echo.templates),
            echo.specificity.value or 0.0,
        )
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure the three sets and print what each took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--templates", type=int, default=40)
    parser.add_argument("--script", type=float, default=0.3)
    arguments = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    print(f"{'set':<8} {'n':>7} {'CPU s':>8} {'MB':>6} {'planted':>8} {'index':>6} {'templates':>9} {'specific':>8}")
    for kind, planted in (("recited", 1 / arguments.templates), ("own", 0.0), ("mixed", arguments.script)):
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=measure, args=(theirs, kind, arguments.n, arguments.templates, arguments.script))
        process.start()
        cost: Cost = ours.recv()
        process.join()
        print(
            f"{kind:<8} {arguments.n:>7} {cost.cpu_s:>8.1f} {cost.memory_mb:>6.0f} {planted:>8.3f} "
            f"{cost.script_index:>6.3f} {cost.n_templates:>9} {cost.specificity:>8.3f}"
        )


if __name__ == "__main__":
    main()
