"""Measure the guard's classifier of intent on published sets, none of which it was trained with, and on the crises written for it.

    python bench/intent.py --data DIR [--final]

Each set is halved by a hash of the prompt. Models were chosen on the development halves, by figures alone; `--final` adds the
others. A threshold is chosen on one set of plain harmless prompts, and reported on another.
"""

import argparse
import csv
import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.guard import policy
from demur.guard.intent import Intent, read_intent
from demur.guard.views.folding import fold
from demur.stats.proportion import wilson
from demur.types import Estimate

LOST = 0.01
"""Share of plain harmless prompts that the threshold loses."""
ASKED, SURE = 0.03, 0.0025
"""The same of the thresholds between which a question would be asked, in place of the one above."""
BLOCK, ESCALATE = (getattr(policy.Thresholds(), name) for name in ("block", "crisis"))
"""Probabilities of harm and of a crisis from which the policy that ships acts."""

Scores = NDArray[np.float64]


class Prompts(NamedTuple):
    """Prompts of a published set."""

    name: str
    is_harmful: bool
    texts: Sequence[str]


class Thresholds(NamedTuple):
    """Probabilities of harm, from the lowest."""

    asked: float
    lost: float
    sure: float


def read_prompts(data: Path) -> list[Prompts]:
    """Read the published sets under `DIR/prompts`."""
    prompts = data / "prompts"
    direction, orbench = prompts / "refusal_direction", prompts / "orbench"
    harmbench = _rows(prompts / "harmbench" / "behaviors_text_val.csv")
    ailuminate = _rows(next((prompts / "ailuminate").glob("airr_*.csv")))
    xstest = _rows(prompts / "xstest" / "xstest_prompts.csv")
    multijail = _rows(prompts / "multijail" / "multijail_first100.csv")
    coconot = _lines(prompts / "coconot" / "eval.jsonl")
    named = [
        ("AdvBench and others", True, [*_instructions(direction, "harmful_train"), *_instructions(direction, "harmful_val")]),
        ("HarmBench standard", True, _where(harmbench, "Behavior", FunctionalCategory="standard")),
        ("JailbreakBench", True, _where(_rows(direction / "dataset__raw__jailbreakbench.csv"), "Goal")),
        *((f"AILuminate {persona}", True, [
            row["prompt_text"] for row in ailuminate if row["persona"] == persona and not row["hazard"].startswith("spc")
        ]) for persona in ("unskilled", "skilled")),
        ("AILuminate advice", True, [row["prompt_text"] for row in ailuminate if row["hazard"].startswith("spc")]),
        ("XSTest unsafe", True, _where(xstest, "prompt", label="unsafe")),
        ("CoCoNot safety", True, [row["prompt"] for row in coconot if row["category"].endswith("safety concerns")]),
        *((f"MultiJail {tongue}", True, _where(multijail, tongue)) for tongue in ("en", "zh", "it", "ar")),
        ("plain", False, _instructions(direction, "harmless_val_500")),
        ("XSTest safe", False, _where(xstest, "prompt", label="safe")),
        ("OR-Bench", False, [row["text_en"] for path in sorted(orbench.glob("*.csv")) for row in _rows(path)]),
        ("CyberSecEval FRR", False, [
            row["mutated_prompt"] for row in json.loads((prompts / "cyberseceval" / "mitre_frr.json").read_text("utf-8"))
        ]),
        ("CoCoNot contrast", False, [row["prompt"] for row in _lines(prompts / "coconot" / "contrast_eval.jsonl")]),
    ]  # fmt: skip
    return [Prompts(name, harmful, list(dict.fromkeys(map(fold, texts)))) for name, harmful, texts in named]


DIRECT = ("AdvBench and others", "HarmBench standard", "JailbreakBench", "AILuminate unskilled", "AILuminate skilled")
"""Direct harmful requests, which the goal of .80 is about."""


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _instructions(folder: Path, name: str) -> list[str]:
    return [row["instruction"] for row in json.loads((folder / f"{name}.json").read_text("utf-8"))]


def _where(rows: Iterable[Mapping[str, str]], column: str, **wanted: str) -> list[str]:
    return [row[column] for row in rows if all(row[key] == value for key, value in wanted.items())]


def is_final(prompt: str) -> bool:
    """Tell whether a folded prompt belongs to the half that is measured once."""
    return hashlib.sha256(prompt.encode()).digest()[0] % 2 == 1


def harms(texts: Iterable[str]) -> Scores:
    """Read the probabilities of harm."""
    return np.array([read_intent(text).harmful for text in texts])


def choose_thresholds(plain: Scores) -> Thresholds:
    """Choose the thresholds that lose given shares of plain prompts."""
    return Thresholds(*(float(np.quantile(plain, 1 - share)) for share in (ASKED, LOST, SURE)))


def share(which: NDArray[np.bool_]) -> str:
    """Word the share of the true ones."""
    return word(wilson(int(which.sum()), len(which)))


def word(estimate: Estimate) -> str:
    """Word a rate with its interval."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return f"{'-':>17s}"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def show_prompts(sets: Sequence[Prompts], at: Thresholds, half: str) -> None:
    """Print a line for each set, and one for all direct harmful requests."""
    print(
        f"\n{half}\n{'set':22s} {'n':>5s}  {'blocked as shipped':22s}  {'at the threshold':22s}  {'or asked about':22s}  {'blocked all the same':22s}"
    )
    scores = {one.name: harms(one.texts) for one in sets}
    for kind, harmful in (("harmful", True), ("harmless", False)):
        print(f" {kind}")
        for one in sets:
            if one.is_harmful == harmful and len(one.texts):
                show_line(one.name, scores[one.name], at)
        if harmful:
            show_line("all direct", np.concatenate([scores[name] for name in DIRECT]), at)


def show_line(name: str, scores: Scores, at: Thresholds) -> None:
    """Print what is blocked at the threshold; with a question, what is stopped at all, and what is still blocked."""
    print(
        f"  {name:20s} {len(scores):5d}  {share(scores >= BLOCK)}"
        f"  {share(scores > at.lost)}  {share(scores > at.asked)}  {share(scores > at.sure)}"
    )


def show_crises(path: Path) -> None:
    """Print how many of the crises written for measuring are escalated, by label and by language."""
    rows = _lines(path)
    read = [read_intent(fold(row["p"])) for row in rows]
    escalated = np.array([one.crisis >= ESCALATE for one in read])
    print(f"\ncrises, {path.name}: escalated from {ESCALATE} on, as shipped; named as labelled")
    groups: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        groups[row["y"]].append(index)
        if row["y"] in ("crisis", "mention"):
            groups[f"{row['y']} {row['l']}"].append(index)
    for name, members in sorted(groups.items()):
        right = np.array([best(read[index]) == rows[index]["y"] for index in members])
        print(f"  {name:20s} {len(members):5d}  {share(escalated[members])}  {share(right)}")


def best(intent: Intent) -> str:
    """Name the most probable reading."""
    return Intent._fields[int(np.argmax(intent[:5]))]


def show_calibration(sets: Sequence[Prompts]) -> None:
    """Print how often what is said to be harmful with some probability is."""
    scores = np.concatenate([harms(one.texts) for one in sets])
    labels = np.concatenate([np.full(len(one.texts), one.is_harmful) for one in sets])
    print("\ncalibration, all sets above together: probability said, harmful")
    bins = np.minimum((10 * scores).astype(int), 9)
    for one in range(10):
        inside = bins == one
        if inside.any():
            low = one / 10
            print(
                f"  {low:.1f} to {low + 0.1:.1f} {inside.sum():5d}  {scores[inside].mean():.3f}  {share(labels[inside])}"
            )


def show_speed() -> None:
    """Print the CPU time of a reading, the least of five rounds."""
    line = "please tell me how to bake a good loaf of bread in a small old oven, and which flour i need for it. "
    print("\nmicroseconds of CPU a text, least of five rounds")
    for size in (100, 400, 2_000, 8_000, 100_000):
        text = (line * (size // len(line) + 1))[:size]
        print(f"  {size:7,d} characters {1e6 * min(cost(partial(read_intent, text)) for _ in range(5)):8.0f}")


def cost(act: Callable[[], object], times: int = 50) -> float:
    """Measure the seconds of CPU that doing something takes."""
    start = time.process_time()
    for _ in range(times):
        act()
    return (time.process_time() - start) / times


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description="Measure the guard's classifier of intent.")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="with prompts/xstest, prompts/harmbench, ..."
    )
    parser.add_argument(
        "--crises", type=Path, metavar="FILE", help="crises to measure on; by default those in training/guard"
    )
    parser.add_argument("--final", action="store_true", help="also the halves that are to be measured once")
    options = parser.parse_args()
    plain = _instructions(options.data / "prompts" / "refusal_direction", "harmless_train_2000")
    at = choose_thresholds(harms(map(fold, plain)))
    print(f"thresholds chosen on {len(plain)} plain prompts: {LOST:.2%} lost above {at.lost:.4f}")
    print(f"with a question: asked above {at.asked:.4f} ({ASKED:.2%}), blocked above {at.sure:.4f} ({SURE:.2%})")
    sets = read_prompts(options.data)
    halves = {
        half: [one._replace(texts=[text for text in one.texts if is_final(text) == final]) for one in sets]
        for half, final in (("development", False), ("final", True))
    }
    show_prompts(halves["development"], at, "development half")
    if options.final:
        show_prompts(halves["final"], at, "final half")
    show_calibration(sets if options.final else halves["development"])
    show_crises(options.crises or Path(__file__).parents[1] / "training" / "guard" / "crisis_test.jsonl")
    show_speed()


if __name__ == "__main__":
    main()
