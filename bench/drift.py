"""Delay of the watch's tests beside river's ADWIN and Page-Hinkley, all set to the same rate of false alarms.

    pip install river && python bench/drift.py

A rate of .05 is watched, in both directions, after a baseline of 5,000 observations which all of them see. Each detector's own dial is turned until the
same share of runs without a change has an alarm before the horizon: the threshold of the e-detector, of CUSUM and of Page-Hinkley,
and ADWIN's delta; runs that the dial was not turned on say how well that holds. Then the rate rises at once, and the observations until the alarm are counted.
"""

import argparse
from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demur.stats.sequential import RATIOS, log_e_values, predictive_rate

RATE = 0.05
SHIFTS = (0.10, 0.075, 0.0625)
N_BASELINE = 5_000

Outcomes = NDArray[np.int64]
Lengths = NDArray[np.int64]
Detector = Callable[[Outcomes, float], Lengths]
"""From outcomes, shape (runs, observations), the baseline first, and a dial, to the observations after the baseline until the alarm; as
many as there are where none came."""


def draw(n_runs: int, n: int, rate: float, rng: np.random.Generator) -> Outcomes:
    """Draw a baseline and what follows it."""
    before = rng.random((n_runs, N_BASELINE)) < RATE
    return np.concatenate([before, rng.random((n_runs, n)) < rate], axis=1).astype(np.int64)


def crossings(outcomes: Outcomes, dial: float, *, ratios: tuple[float, ...], total: bool) -> Lengths:
    """Run e-detectors (`total`) or CUSUMs over all runs at once; the dial is the logarithm of the threshold."""
    both_ways = np.array([ratios, [1 / ratio for ratio in ratios]])
    successes, watched = outcomes[:, :N_BASELINE].sum(axis=1), outcomes[:, N_BASELINE:].astype(float)
    state = np.full((len(outcomes), *both_ways.shape), -np.inf)  # logarithms
    lengths = np.full(len(outcomes), watched.shape[1])
    for now, seen in enumerate(watched.T):
        rates = predictive_rate(successes, np.array(N_BASELINE + now))
        gains = log_e_values(seen[:, None, None], rates[:, None, None], both_ways)
        state = (np.logaddexp(state, 0) if total else np.maximum(state, 0)) + gains
        best = (np.logaddexp.reduce(state, axis=2) - np.log(len(ratios))).max(axis=1)
        lengths[(best >= dial) & (lengths == watched.shape[1])] = now + 1
        successes = successes + seen
    return lengths


def e_detector(outcomes: Outcomes, dial: float) -> Lengths:
    """Run the e-detector as the watch does."""
    return crossings(outcomes, dial, ratios=RATIOS, total=True)


def cusum(outcomes: Outcomes, dial: float) -> Lengths:
    """Run CUSUMs of the same ratios, mixed alike: the greatest product of each in place of the sum."""
    return crossings(outcomes, dial, ratios=RATIOS, total=False)


def adwin(outcomes: Outcomes, dial: float) -> Lengths:
    """Run ADWIN; the dial is minus the logarithm of its delta."""
    from river.drift import ADWIN

    return one_by_one(outcomes, lambda: ADWIN(delta=float(np.exp(-dial))))


def page_hinkley(outcomes: Outcomes, dial: float) -> Lengths:
    """Run Page-Hinkley with its own settings but the threshold, which is the dial."""
    from river.drift import PageHinkley

    return one_by_one(outcomes, lambda: PageHinkley(threshold=dial, mode="both"))


def one_by_one(outcomes: Outcomes, make: Callable[[], Any]) -> Lengths:
    """Run a detector of river's; alarms in the baseline are its own affair, and it goes on."""
    lengths = []
    for run in outcomes.tolist():
        detector = make()
        for seen in run[:N_BASELINE]:
            detector.update(seen)
        length = 0
        for length, seen in enumerate(run[N_BASELINE:], 1):  # noqa: B007 -- read after the loop
            detector.update(seen)
            if detector.drift_detected:
                break
        lengths.append(length)
    return np.array(lengths)


DETECTORS: dict[str, tuple[Detector, float, float]] = {
    "e-detector": (e_detector, 4.0, 16.0),
    "CUSUM": (cusum, 0.5, 14.0),
    "ADWIN": (adwin, -4.0, 12.0),
    "Page-Hinkley": (page_hinkley, 5.0, 160.0),
}
"""Each with the ends between which its dial is looked for."""


def share_alarmed(lengths: Lengths, horizon: int) -> float:
    """Give the share of runs with an alarm."""
    return float((lengths < horizon).mean())


def calibrate(name: str, *, quiet: Outcomes, share: float) -> float:
    """Halve the range of a dial until so many runs without a change have an alarm."""
    run, low, high = DETECTORS[name]
    horizon = quiet.shape[1] - N_BASELINE
    for _ in range(8):
        middle = (low + high) / 2
        if share_alarmed(run(quiet, middle), horizon) > share:
            low = middle
        else:
            high = middle
    return high


def main() -> None:
    """Calibrate all, and print what each takes to find each shift."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--horizon", type=int, default=20_000, help="observations after the baseline")
    parser.add_argument("--shares", type=float, nargs="+", default=[0.3, 0.05], help="of runs with a false alarm")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    try:
        import river.drift  # noqa: F401
    except ImportError:
        raise SystemExit("river is not installed, and no part of demur; try: pip install river") from None
    rng, horizon = np.random.default_rng(arguments.seed), arguments.horizon
    quiet, fresh = (draw(arguments.runs, horizon, RATE, rng) for _ in range(2))
    changed = [draw(arguments.runs, horizon, rate, rng) for rate in SHIFTS]
    print(
        f"{arguments.runs} runs each; {RATE} to ...: median observations to the alarm [quarters], * where a quarter or more had none"
    )
    print(
        f"{'detector':<22} {'dial':>7} {'alarmed':>8} {'fresh':>6}  "
        + "".join(f"{rate:>26}" for rate in SHIFTS)
        + f"{'CPU s':>7}"
    )
    for share in arguments.shares:
        for name, (run, _, _) in DETECTORS.items():
            start = process_time()
            dial = calibrate(name, quiet=quiet, share=share)
            false = "  ".join(f"{share_alarmed(run(outcomes, dial), horizon):>5.2f}" for outcomes in (quiet, fresh))
            cells = "".join(f"{describe(run(outcomes, dial), horizon):>26}" for outcomes in changed)
            print(f"{name:<22} {dial:>7.2f} {false}  {cells}{process_time() - start:>7.0f}", flush=True)


def describe(lengths: Lengths, horizon: int) -> str:
    """Give the median and the quarters."""
    low, median, high = np.quantile(lengths, [0.25, 0.5, 0.75])
    return f"{median:,.0f} [{low:,.0f}, {high:,.0f}]" + "*" * bool(high >= horizon)


if __name__ == "__main__":
    main()
