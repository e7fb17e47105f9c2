"""Delay of the watch's tests beside river's ADWIN and Page-Hinkley, all set to the same rate of false alarms.

    pip install river && python bench/drift.py

A rate of .05 is watched after a baseline of 5,000 observations, which all of them see. Each detector's own dial is turned until its
average run length without a change, cut off at the horizon, is as near as can be to the same target: the threshold of the
e-detector, of CUSUM and of Page-Hinkley, and ADWIN's delta. Then the rate rises at once, and the observations until the alarm are counted.
"""

import argparse
from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demur.stats.sequential import RATIOS, baseline_interval, log_e_values

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


def edges_of(outcomes: Outcomes, *, interval: bool) -> NDArray[np.float64]:
    """Give the null's edge of each run: the bound of its baseline's rate, or the rate itself."""
    totals = outcomes[:, :N_BASELINE].sum(axis=1)
    return np.array([baseline_interval(int(k), N_BASELINE).high if interval else k / N_BASELINE for k in totals])


def crossings(outcomes: Outcomes, dial: float, *, edges: NDArray[np.float64], ratios: tuple[float, ...], total: bool) -> Lengths:  # fmt: skip
    """Run e-detectors (`total`) or CUSUMs over all runs at once; the dial is the logarithm of the threshold."""
    gains = np.stack([log_e_values(float(edge), np.array(ratios)) for edge in edges])
    rows, watched = np.arange(len(outcomes)), outcomes[:, N_BASELINE:]
    state = np.full((len(outcomes), len(ratios)), -np.inf)  # logarithms
    lengths = np.full(len(outcomes), watched.shape[1])
    for now, seen in enumerate(watched.T):
        state = (np.logaddexp(state, 0) if total else np.maximum(state, 0)) + gains[rows, seen]
        value = np.logaddexp.reduce(state, axis=1) - np.log(len(ratios))
        lengths[(value >= dial) & (lengths == watched.shape[1])] = now + 1
    return lengths


def e_detector(outcomes: Outcomes, dial: float) -> Lengths:
    """Run the e-detector against the bound of the baseline, as the watch does."""
    return crossings(outcomes, dial, edges=edges_of(outcomes, interval=True), ratios=RATIOS, total=True)


def e_detector_at_estimate(outcomes: Outcomes, dial: float) -> Lengths:
    """Run the e-detector against the baseline's rate, as if it were known."""
    return crossings(outcomes, dial, edges=edges_of(outcomes, interval=False), ratios=RATIOS, total=True)


def cusum(outcomes: Outcomes, dial: float) -> Lengths:
    """Run CUSUM for an odds ratio of 2 against the baseline's rate."""
    return crossings(outcomes, dial, edges=edges_of(outcomes, interval=False), ratios=(2.0,), total=False)


def adwin(outcomes: Outcomes, dial: float) -> Lengths:
    """Run ADWIN; the dial is minus the logarithm of its delta."""
    from river.drift import ADWIN

    return one_by_one(outcomes, lambda: ADWIN(delta=float(np.exp(-dial))))


def page_hinkley(outcomes: Outcomes, dial: float) -> Lengths:
    """Run Page-Hinkley upward with its own settings but the threshold, which is the dial."""
    from river.drift import PageHinkley

    return one_by_one(outcomes, lambda: PageHinkley(threshold=dial, mode="up"))


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
    "e-detector, interval": (e_detector, 0.0, 14.0),
    "e-detector, estimate": (e_detector_at_estimate, 2.0, 14.0),
    "CUSUM, estimate": (cusum, 1.0, 12.0),
    "ADWIN": (adwin, -3.0, 12.0),
    "Page-Hinkley": (page_hinkley, 5.0, 120.0),
}
"""Each with the ends between which its dial is looked for."""


def calibrate(run: Detector, low: float, high: float, *, outcomes: Outcomes, target: float) -> float:
    """Halve the range of a dial until its average run length is that of the target."""
    for _ in range(7):
        middle = (low + high) / 2
        if run(outcomes, middle).mean() < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def main() -> None:
    """Calibrate all, and print what each takes to find each shift."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--horizon", type=int, default=20_000, help="observations after the baseline")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    try:
        import river.drift  # noqa: F401
    except ImportError:
        raise SystemExit("river is not installed, and no part of demur; try: pip install river") from None
    rng = np.random.default_rng(arguments.seed)
    quiet = draw(arguments.runs, arguments.horizon, RATE, rng)
    fresh = draw(arguments.runs, arguments.horizon, RATE, rng)
    changed = {rate: draw(arguments.runs, arguments.horizon, rate, rng) for rate in SHIFTS}
    target = 0.8 * arguments.horizon
    print(
        f"{arguments.runs} runs each; {RATE} to ...: median observations to the alarm [quarters], * where a quarter or more had none"
    )
    print(
        f"{'detector':<22} {'dial':>7} {'run length':>10} {'fresh':>7}  "
        + "".join(f"{rate:>24}" for rate in SHIFTS)
        + f"{'CPU s':>8}"
    )
    for name, (run, low, high) in DETECTORS.items():
        start = process_time()
        dial = calibrate(run, low, high, outcomes=quiet, target=target)
        cells = [describe(run(outcomes, dial), arguments.horizon) for outcomes in changed.values()]
        lengths = f"{run(quiet, dial).mean():>10,.0f} {run(fresh, dial).mean():>7,.0f}"
        print(
            f"{name:<22} {dial:>7.2f} {lengths}  "
            + "".join(f"{cell:>24}" for cell in cells)
            + f"{process_time() - start:>8.0f}",
            flush=True,
        )


def describe(lengths: Lengths, horizon: int) -> str:
    """Give the median and the quarters."""
    low, median, high = np.quantile(lengths, [0.25, 0.5, 0.75])
    return f"{median:,.0f} [{low:,.0f}, {high:,.0f}]" + "*" * bool(high >= horizon)


if __name__ == "__main__":
    main()
