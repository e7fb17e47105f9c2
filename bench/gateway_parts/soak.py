"""Whether the gateway's memory stays where it is, over many requests of many kinds."""

import asyncio
import itertools
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from gateway_parts.gateways import AUDIT, serve_policy, serve_upstream
from gateway_parts.load import Answer, ask_in_turn, event_loop
from gateway_parts.policy import write_policy
from gateway_parts.processes import Server
from gateway_parts.start import print_starts, start_once
from gateway_parts.tables import print_table, tell_machine, write_json
from gateway_parts.varied import make_varied

__all__ = ["SoakOptions", "measure_soak"]

_GOAL_MB = 120.0
_CONCURRENCY = 16
_WARM_SHARE = 0.25
"""Of the requests, after which memory should grow no more: until then what is remembered fills up."""
_SHOWN = (0.01, 0.05, 0.25, 0.5, 0.75)
_SAMPLE_EVERY_S = 1.0
_BATCH, _BATCH_WITHIN_S = 1000, 300.0
"""Requests after which callers connect anew."""
_OK = 200


@dataclass(frozen=True)
class SoakOptions:
    """How much is measured."""

    n_requests: int
    starts: int
    """Of a gateway, for the time to its first answer; one more is not counted."""
    seed: int
    out: Path | None


class Sample(NamedTuple):
    """Memory after so many answers."""

    n_done: int
    rss_mb: float
    uss_mb: float


@dataclass
class Soak:
    """What came of it."""

    answers: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    took_s: float = 0.0
    cpu_s: float = 0.0
    stored_mb: float = 0.0

    @property
    def n_done(self) -> int:
        """Answers so far."""
        return self.answers.total()

    def take(self, answers: Sequence[Answer]) -> None:
        """Count what came."""
        for answer in answers:
            kind = "cut short" if not answer.is_whole else "of the guard's own" if answer.is_own else "passed on"
            self.answers[kind if answer.status == _OK else f"with status {answer.status}: {answer.end!r}"] += 1


def measure_soak(options: SoakOptions) -> None:
    """Measure and print.

    Raises:
        SystemExit: an answer failed.
    """
    before = tell_machine()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="demur-bench-")))
        runner = stack.enter_context(event_loop())
        upstream = stack.enter_context(serve_upstream())
        policy = folder / "policy.yaml"
        policy.write_text(write_policy(), encoding="utf-8")
        starts = {}
        for name, file in (("500 rules", policy), ("default policy", None)):
            every = [
                start_once(runner, upstream.url, file, folder / f"{name}-{n}.db") for n in range(options.starts + 1)
            ]
            starts[name] = every[1:]
        print_starts(starts)
        server = stack.enter_context(
            serve_policy(upstream.url, policy, name="demur", folder=folder, store=folder / AUDIT)
        )
        soak = Soak()
        begun, cpu_s = time.perf_counter(), server.cpu_s()
        runner.run(_ask_all(server, make_varied(options.n_requests, seed=options.seed), soak, n_all=options.n_requests))
        soak.took_s, soak.cpu_s = time.perf_counter() - begun, server.cpu_s() - cpu_s
        soak.stored_mb = sum(file.stat().st_size for file in folder.glob(f"{AUDIT}*")) / 1e6
    machine = {"before": before, "after": tell_machine()}
    _print(soak)
    print(f"\nmachine: {machine}")
    plain_starts = {name: [one._asdict() for one in some] for name, some in starts.items()}
    write_json(options.out, {"machine": machine, "starts": plain_starts, "soak": vars(soak)})
    if failed := {kind: n for kind, n in soak.answers.items() if kind.startswith(("with status", "cut"))}:
        raise SystemExit(f"answers that failed: {failed}")


async def _ask_all(server: Server, requests: Iterator[bytes], soak: Soak, *, n_all: int) -> None:
    soak.samples.append(Sample(0, *server.memory()))
    sampling = asyncio.ensure_future(_sample(server, soak))
    try:
        while batch := list(itertools.islice(requests, _BATCH)):
            soak.take(await ask_in_turn(server.port, batch, concurrency=_CONCURRENCY, within_s=_BATCH_WITHIN_S))
            if soak.n_done % max(1, n_all // 10) < len(batch):
                print(f"{soak.n_done} answers, {soak.samples[-1].rss_mb:.0f} MB", flush=True)
    finally:
        sampling.cancel()
    soak.samples.append(Sample(soak.n_done, *server.memory()))


async def _sample(server: Server, soak: Soak) -> None:
    while True:
        await asyncio.sleep(_SAMPLE_EVERY_S)
        soak.samples.append(Sample(soak.n_done, *server.memory()))


def _print(soak: Soak) -> None:
    samples, n_all = soak.samples, soak.n_done
    print(
        f"\n{n_all} requests in {soak.took_s:.0f} s, {1000 * soak.cpu_s / n_all:.2f} ms of CPU each; "
        f"{soak.stored_mb:.0f} MB in the store; answers {dict(soak.answers)}"
    )
    shown = [samples[0], *(_nearest(samples, share * n_all) for share in _SHOWN), samples[-1]]
    rows = [(str(one.n_done), f"{one.rss_mb:.1f}", f"{one.uss_mb:.1f}") for one in shown]
    print_table(("after", "RSS MB", "USS MB"), rows)
    _print_growth("RSS", [(sample.n_done, sample.rss_mb) for sample in samples])
    _print_growth("USS", [(sample.n_done, sample.uss_mb) for sample in samples])


def _print_growth(name: str, curve: Sequence[tuple[int, float]]) -> None:
    """Print the highest point, and by how much memory grows once it is warm: a line fitted by least squares."""
    n_all = curve[-1][0]
    warm = [(n, mb) for n, mb in curve if n >= _WARM_SHARE * n_all]
    slope, n_warm = _slope(warm), n_all - warm[0][0]
    print(
        f"{name}: most {max(mb for _, mb in curve):.1f} MB (goal {_GOAL_MB:.0f}); after the first {_WARM_SHARE:.0%} it grows by "
        f"{1e5 * slope:+.2f} MB in 100,000 requests, {slope * n_warm:+.2f} MB in the {n_warm} asked (goal 0; {len(warm)} samples)"
    )


def _nearest(samples: Sequence[Sample], n_done: float) -> Sample:
    return min(samples, key=lambda sample: abs(sample.n_done - n_done))


def _slope(points: Sequence[tuple[int, float]]) -> float:
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread_x = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread_x if spread_x else 0.0
