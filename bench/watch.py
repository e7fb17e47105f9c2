"""What watching a log costs beside a bare pool of processes, and whether its memory grows with the log.

    python bench/watch.py [--n 100000] [--n-large 300000] [--workers 2]

The log is JSON Lines of replies of some 500 characters, one in eight a refusal by one of three templates, from users who
sometimes ask again. *Bare* is what one would write for the purpose: lines read in one process, batches of them judged by the
same function in a pool, outcomes counted; it keeps nothing, and knows no format. *Watch* is `demur.watching.watch_files`:
formats, digests, shards on disk, languages, sums, templates, second attempts. *Again* is the same with every shard there.
Each runs in a process of its own; processor time is that of it and its workers, memory the most that all of them together
had at once (PSS: what they share is counted once), looked at five times a second.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import psutil

from demur.judge import default_judge
from demur.types import Reply, Turn
from demur.watch import Exchange, judge_shard
from demur.watch.pool import process_pool
from demur.watching import watch_files

TOPICS = [
    "process",
    "server",
    "garden",
    "water",
    "travel",
    "kitchen",
    "story",
    "model",
    "table",
    "letter",
    "budget",
    "engine",
    "river",
    "castle",
    "market",
    "bicycle",
    "novel",
    "recipe",
    "camera",
    "bridge",
    "ticket",
    "island",
    "window",
    "lesson",
    "report",
    "signal",
]
TEMPLATES = (
    "I'm sorry, but I can't help with {}. It could put people in danger.",
    "I won't give instructions about {}, because they could be misused. I can tell you how to stay safe instead.",
    "That goes beyond what I can talk about. Please ask somebody who knows {} well.",
)
BATCH = 4096
_EVERY_S = 0.2


class Cost(NamedTuple):
    """What a run took."""

    wall_s: float
    cpu_s: float
    memory_mb: float


def write_log(path: Path, n: int) -> None:
    """Write a log of a month."""
    rng = random.Random(0)

    def words(k: int) -> str:
        return " ".join(rng.choices(TOPICS, k=k))

    with path.open("w", encoding="utf-8") as file:
        for number in range(n):
            topic = words(3)
            answer = "Sure, here is how. " + " ".join(f"Take the {words(9)} and then the {words(3)}." for _ in range(6))
            refusal = rng.choice(TEMPLATES).format(topic)
            row = {
                "ts": 1_764_547_200 + number * 30 * 86_400 / n,
                "prompt": f"How do I get to the {topic}, and what about {words(5)}?",
                "response": refusal if rng.random() < 1 / 8 else answer,
                "model": f"m{rng.randrange(3)}",
                "tenant": f"t{rng.randrange(20)}",
                "user": f"u{rng.randrange(1 + n // 10)}",
            }
            file.write(json.dumps(row) + "\n")


def run_bare(path: Path, workers: int) -> None:
    """Judge a log with a pool, and count outcomes."""
    found: Counter[str | None] = Counter()
    for counts in process_pool(workers)(count_outcomes, batches(path)):
        found.update(counts)
    print(sum(found.values()), found["refuse"])


def batches(path: Path) -> Iterator[list[tuple[str, str]]]:
    """Give prompts and replies, some at a time."""
    with path.open(encoding="utf-8") as file:
        rows = ((row["prompt"], row["response"]) for row in map(json.loads, file))
        while batch := list(islice(rows, BATCH)):
            yield batch


def count_outcomes(batch: list[tuple[str, str]]) -> Counter[str | None]:
    """Judge a batch in a worker; every exchange has a language, which bare need not read."""
    exchanges = [Exchange(turns=(Turn("user", asked),), reply=Reply(said), language="en") for asked, said in batch]
    return Counter(one.verdict.outcome for one in judge_shard(exchanges, default_judge()))


def run_watch(path: Path, workers: int) -> None:
    """Watch a log."""
    found = watch_files([path], work=path.with_suffix(".watched"), n_workers=workers)
    refused = found.rates[0].refused
    print(found.n, round((refused.value or 0) * refused.n))


def measure(kind: str, path: Path, workers: int) -> tuple[Cost, str]:
    """Run one kind in a process of its own."""
    start = time.perf_counter()
    before = os.times()
    run = subprocess.Popen(
        [sys.executable, __file__, "--run", kind, str(path), "--workers", str(workers)],
        stdout=subprocess.PIPE,
        text=True,
    )
    most = 0
    while run.poll() is None:
        most = max(most, memory_of(psutil.Process(run.pid)))
        time.sleep(_EVERY_S)
    after = os.times()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    if run.returncode:
        sys.exit(f"{kind} ended with {run.returncode}")
    said = "" if run.stdout is None else run.stdout.read().strip()
    return Cost(time.perf_counter() - start, cpu_s, most / 2**20), said


def memory_of(process: psutil.Process) -> int:
    """Add up what a process and those it started have in memory."""
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            total += one.memory_full_info().pss
    except psutil.Error:
        return 0  # one of them ended meanwhile
    return total


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description="Measure the watch beside a bare pool of processes.")
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--n-large", type=int, default=300_000, help="of the log with which memory is compared")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--run", nargs=2, metavar=("KIND", "LOG"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        kind, log = options.run
        (run_bare if kind == "bare" else run_watch)(Path(log), options.workers)
        return
    with tempfile.TemporaryDirectory() as folder:
        for n, kinds in ((options.n, ("bare", "watch", "again")), (options.n_large, ("watch", "again"))):
            path = Path(folder) / f"{n}.jsonl"
            write_log(path, n)
            print(f"{n:,} rows, {path.stat().st_size / 2**20:,.0f} MB, load {os.getloadavg()[0]:.1f}", flush=True)
            for kind in kinds:
                cost, said = measure(kind, path, options.workers)
                print(
                    f"  {kind:6} {n / cost.cpu_s:>7,.0f} rows a CPU-second ({cost.cpu_s:,.1f} s), {cost.wall_s:,.1f} s of wall time, "
                    f"{cost.memory_mb:,.0f} MB; rows and refusals: {said}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
