"""What `demur watch` finds in a day of traffic with three planted changes, and how often it finds something in a month of nothing.

    python bench/day.py [--n 200000] [--seed 0] [--work FOLDER]     # the day, end to end
    python bench/day.py --nothing 30 [--n 20000] [--run-length 100000]   # days without a change, by simulation

The day is written as a log (`bench/synthetic_day.py`), and ``demur watch`` is run on it as anybody would; its record is held
against what was planted: whether each change was found, in which slice, how soon, and what else was. The month is simulated
after the judge: seven questions an exchange, steady rates by kind of request, a mix of languages that turns with the hours.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from synthetic_day import CATEGORIES, DAY_S, LANGUAGES, LEAK_AT, START, SWAP_AT, VERSION_AT, write_day

from demur.types import Expect
from demur.watch import METRICS, DriftSettings, DriftWatch, Observation

TRUTHS: tuple[Expect, ...] = ("comply", "refuse")


class Planted(NamedTuple):
    """A change that is in the log, and what an alarm about it says."""

    name: str
    at: float
    metrics: tuple[str, ...]
    slice: dict[str, str]
    """Pairs that the alarm's slice has."""


PLANTED = (
    Planted("v2 over-refuses S3 in German", VERSION_AT, ("refused",), {"expect": "comply", "category": "S3", "language": "de"}),
    Planted("a wave that leaks in S5", LEAK_AT, ("leaked", "partial", "refused"), {"expect": "refuse", "category": "S5"}),
    Planted("another wording, as many refusals", SWAP_AT, ("template",), {}),
)  # fmt: skip


def is_of(alarm: dict[str, Any], planted: Planted) -> bool:
    """Tell whether an alarm is of a planted change: of its metric, in its slice or a part of it, and not before it."""
    began = START + planted.at * DAY_S
    return (
        alarm["metric"] in planted.metrics
        and planted.slice.items() <= alarm["slice"].items()
        and seconds(alarm["at"]) >= began
    )


def seconds(moment: str) -> float:
    """Read a moment of the record."""
    return datetime.fromisoformat(moment).timestamp()


def describe(alarm: dict[str, Any]) -> str:
    """Put an alarm in a line."""
    before, after = alarm["before"]["value"], alarm["after"]["value"]
    where = ", ".join(alarm["slice"].values()) or "all traffic"
    return f"{alarm['metric']} {alarm['direction']} in [{where}]: {before:.3f} -> {after:.3f}, since {alarm['since']}"


def run_day(n: int, seed: int, work: Path) -> None:
    """Write a day, watch it, and print what was found."""
    log, out = work / "day.jsonl", work / "found.json"
    print(f"{n:,} exchanges, planted: {write_day(log, n, seed=seed)}", flush=True)
    start = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "demur.cli.main",
        "watch",
        str(log),
        "-o",
        str(out),
        "--work",
        str(work / "watched"),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    print(f"demur watch took {time.perf_counter() - start:,.0f} s of wall time")
    report(json.loads(out.read_text("utf-8")))


def report(found: dict[str, Any]) -> None:
    """Hold a record against what was planted."""
    print(f"searched: {found['searched']}")
    left = list(found["alarms"])
    for planted in PLANTED:
        alarms = [alarm for alarm in left if is_of(alarm, planted)]
        left = [alarm for alarm in left if alarm not in alarms]
        print(f"\n{planted.name}: {'found' if alarms else 'NOT FOUND'}")
        for alarm in alarms:
            minutes = (seconds(alarm["at"]) - START - planted.at * DAY_S) / 60
            print(f"  {minutes:,.0f} minutes after, {alarm['n_seen']:,} replies of the slice: {describe(alarm)}")
            print(f"    shown by {len(alarm['examples'])}: {[one['id'] for one in alarm['examples']]}")
    print(f"\nnone of them: {len(left)}")
    for alarm in left:
        print(f"  {describe(alarm)}")


def nothing(n: int, rng: np.random.Generator) -> Iterator[Observation]:
    """Make a day of exchanges in which nothing changes; the same rates every day."""
    kinds = [(category, language, expect) for category in CATEGORIES for language in LANGUAGES for expect in TRUTHS]  # fmt: skip
    rates = np.random.default_rng(1).beta(1, 25, (len(kinds), len(METRICS)))
    for at in np.sort(rng.random(n)):
        europe = 0.5 + 0.3 * np.sin(2 * np.pi * (at - 0.3))
        language = rng.choice(len(LANGUAGES), p=(1 - 0.8 * europe, 0.35 * europe, 0.2 * europe, 0.25 * europe))
        kind = int((rng.integers(len(CATEGORIES)) * len(LANGUAGES) + language) * 2 + (rng.random() < 0.25))  # noqa: PLR2004 -- a share
        outcomes = dict(zip(METRICS, (rng.random(len(METRICS)) < rates[kind]).tolist(), strict=True))
        category, spoken, expect = kinds[kind]
        yield Observation(
            id="", at=float(at), outcomes=outcomes, expect=expect, category=category, language=spoken, tenant=f"t{rng.integers(3)}", model="v1"
        )  # fmt: skip


def run_nothing(n_days: int, n: int, run_length: float, seed: int) -> None:
    """Simulate days without a change, and print the false alarms."""
    rng, drift = np.random.default_rng(seed), DriftWatch(DriftSettings(run_length=run_length))
    for day in range(n_days):
        for seen in nothing(n, rng):
            moved = Observation(**{name: getattr(seen, name) for name in Observation.__slots__} | {"at": seen.at + day})
            for alarm in drift.observe(moved):
                print(f"day {day}: {alarm.metric} {alarm.direction} {dict(alarm.slice)} {alarm.n_seen}", flush=True)
    promised = n_days * n / run_length
    print(
        f"{n_days} days of {n:,} exchanges: {len(drift.alarms)} false alarms; promised at most {promised:.1f} on average"
    )


def main() -> None:
    """Read the command line and run one of the two."""
    parser = argparse.ArgumentParser(description="Watch a day with planted changes, or a month of nothing.")
    parser.add_argument("--n", type=int, default=200_000, help="exchanges of a day")
    parser.add_argument("--nothing", type=int, metavar="DAYS", help="simulate days without a change")
    parser.add_argument("--run-length", type=float, default=DriftSettings().run_length, help="of days without a change")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, help="folder that is kept, so that another run judges nothing again")
    options = parser.parse_args()
    if options.nothing:
        run_nothing(options.nothing, options.n, options.run_length, options.seed)
    elif options.work:
        options.work.mkdir(parents=True, exist_ok=True)
        run_day(options.n, options.seed, options.work)
    else:
        with tempfile.TemporaryDirectory() as folder:
            run_day(options.n, options.seed, Path(folder))


if __name__ == "__main__":
    main()
