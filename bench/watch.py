"""What watching a log costs beside a bare pool of processes, and whether its memory grows with the log.

    python bench/watch.py [--n 100000] [--workers 2] [--kinds bare watch ray again]
    python bench/watch.py --memory 1000000 3000000 10000000

The log is JSON Lines of replies of some 500 characters, one in eight a refusal by one of three templates, from users who
sometimes ask again. *Bare* is what one would write for the purpose: lines read in one process, batches of them judged by the
same function in a pool, outcomes counted; it keeps nothing, and knows no format. *Watch* is `demur.watching.watch_files`:
formats, digests, shards on disk, languages, sums, templates, second attempts. *Ray* is the same with Ray's tasks in the pool's
place, on a cluster of this machine that is started for it: its processes and their start are part of what it costs (it takes all
cores, whatever ``--workers`` says). *Again* is *watch* with every shard there.
With ``--memory`` a stub says of each reply whether it begins with words of refusal, and the log has languages, so that the time
goes into everything but judging: ten million rows (9 GB below ``TMPDIR``) take some 1,000 CPU-seconds and not 5,400. What the
judge needs is not in that memory; it does not depend on the log.
Each runs in a process of its own; processor time and memory (PSS: what is shared is counted once; the most at any time) are those
of it and all that it starts, looked at five times a second. What a process did after the last look is not counted.
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
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import psutil

from demur.judge import Judge, default_judge
from demur.types import Reply, Turn, Verdict
from demur.watch import Exchange, judge_shard
from demur.watch.pool import process_pool
from demur.watch.ray_engine import ray_engine
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
KINDS = ("bare", "watch", "ray", "again")
STUBS = ("stub", "stub again")
_EVERY_S = 0.2


class Cost(NamedTuple):
    """What a run took."""

    wall_s: float
    cpu_s: float
    memory_mb: float


class Stub:
    """Stands in for a judge where judging is not what is measured."""

    name, version = "stub", "1"

    def judge(self, reply: Reply, turns: Sequence[Turn], /) -> Verdict:  # noqa: ARG002 -- a judge's signature
        """Say whether a reply begins as a refusal does."""
        is_refusal = reply.text.startswith(("I'm sorry", "I won't", "That goes"))
        return Verdict("refuse" if is_refusal else "comply", judge=self.name, judge_version=self.version)

    def judge_many(self, pairs: Iterable[tuple[Reply, Sequence[Turn]]]) -> list[Verdict]:
        """Say it of several."""
        return [self.judge(reply, turns) for reply, turns in pairs]


def write_log(path: Path, n: int, *, language: str | None) -> None:
    """Write a log of a month."""
    rng = random.Random(0)

    def words(k: int) -> str:
        return " ".join(rng.choices(TOPICS, k=k))

    answers = [
        "Sure, here is how. " + " ".join(f"Take the {words(9)} and then the {words(3)}." for _ in range(6))
        for _ in range(10_000)
    ]
    topics = [words(3) for _ in range(10_000)]
    with path.open("w", encoding="utf-8") as file:
        for number in range(n):
            topic = rng.choice(topics)
            row = {
                "ts": 1_764_547_200 + number * 30 * 86_400 / n,
                "prompt": f"How do I get to the {topic}, and what about {rng.choice(topics)}?",
                "response": rng.choice(TEMPLATES).format(topic) if rng.random() < 1 / 8 else rng.choice(answers),
                "model": f"m{rng.randrange(3)}",
                "tenant": f"t{rng.randrange(20)}",
                "user": f"u{rng.randrange(1 + n // 10)}",
                "lang": language,
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


def run_watch(path: Path, workers: int, kind: str) -> None:
    """Watch a log."""
    judge: Judge = Stub() if kind.startswith("stub") else default_judge()
    work = path.with_suffix(f".{'ray' if kind == 'ray' else 'watched'}")
    engine = ray_engine("local", shared=work) if kind == "ray" else None
    found = watch_files([path], work=work, n_workers=workers, judge=judge, engine=engine)
    refused = found.rates[0].refused
    print(found.n, round((refused.value or 0) * refused.n))


def measure(kind: str, path: Path, workers: int) -> tuple[Cost, str]:
    """Run one kind in a process of its own."""
    start = time.perf_counter()
    run = subprocess.Popen(
        [sys.executable, __file__, "--run", kind, str(path), "--workers", str(workers)],
        stdout=subprocess.PIPE,
        text=True,
    )
    most = 0
    cpu_s: dict[int, float] = {}
    while run.poll() is None:
        most = max(most, look(psutil.Process(run.pid), cpu_s))
        time.sleep(_EVERY_S)
    if run.returncode:
        sys.exit(f"{kind} ended with {run.returncode}")
    said = "" if run.stdout is None else run.stdout.read().strip()
    return Cost(time.perf_counter() - start, sum(cpu_s.values()), most / 2**20), said


def look(process: psutil.Process, cpu_s: dict[int, float]) -> int:
    """Add up what a process and those it started have in memory, and note what each has worked."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.Error):  # it ended meanwhile
            times = one.cpu_times()
            cpu_s[one.pid] = times.user + times.system
            total += one.memory_full_info().pss
    return total


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description="Measure the watch beside a bare pool of processes.")
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="again needs a watch before it")
    parser.add_argument("--memory", type=int, nargs="+", metavar="N", help="compare memory over logs of so many rows")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--run", nargs=2, metavar=("KIND", "LOG"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        kind, log = options.run
        if kind == "bare":
            run_bare(Path(log), options.workers)
        else:
            run_watch(Path(log), options.workers, kind)
        return
    for n in options.memory or [options.n]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{n}.jsonl"
            write_log(path, n, language="en" if options.memory else None)
            print(f"{n:,} rows, {path.stat().st_size / 2**20:,.0f} MB, load {os.getloadavg()[0]:.1f}", flush=True)
            for kind in STUBS if options.memory else options.kinds:
                tell(kind, n, *measure(kind, path, options.workers))


def tell(kind: str, n: int, cost: Cost, said: str) -> None:
    """Print what a run cost."""
    print(
        f"  {kind:10} {n / cost.cpu_s:>7,.0f} rows a CPU-second ({cost.cpu_s:,.1f} s), {cost.wall_s:,.1f} s of wall time, "
        f"{cost.memory_mb:,.0f} MB; rows and refusals: {said}",
        flush=True,
    )


if __name__ == "__main__":
    main()
