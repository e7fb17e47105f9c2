"""How much later an answer comes through the gateway: requests that arrive at random, the gateway alone on one core."""

import asyncio
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from gateway_parts.gateways import serve_bare, serve_demur, serve_upstream
from gateway_parts.load import Answer, ask_at, check, event_loop, make_request
from gateway_parts.processes import Server
from gateway_parts.tables import median, percentile, print_table, spread, tell_machine, write_json
from gateway_parts.texts import make_prompt

__all__ = ["LatencyOptions", "measure_latency"]

_P50_MS, _P99_MS = 1.0, 5.0
"""Goals, added to what the upstream takes by itself."""
_WARM = 100
_DIRECT = "no guard"
_MODEL = {"whole": "mock-100-0", "streams": "mock-20-1"}
"""Streams of 20 chunks with a millisecond between them."""


@dataclass(frozen=True)
class LatencyOptions:
    """How much is measured."""

    rate: float
    """Requests a second."""
    seconds: float
    """In all, for each kind of request and each of what is compared."""
    turn_s: float
    """What is compared takes turns of so many seconds."""
    n_chars: int
    seed: int
    out: Path | None


@dataclass
class Turns:
    """What one of those compared did, turn by turn."""

    answers: list[list[Answer]]
    cpu_share: list[float]
    """Of one core, that its own processes took."""


def measure_latency(options: LatencyOptions) -> None:
    """Measure and print.

    Raises:
        SystemExit: the machine has one core, or a request failed.
    """
    cores = psutil.Process().cpu_affinity() or []
    if len(cores) < 2:  # noqa: PLR2004 -- one for the gateway, one for the rest
        raise SystemExit("two cores are needed: one for the gateway, one for what asks and what answers")
    before = tell_machine()
    taken: dict[str, dict[str, Turns]] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="demur-bench-")))
        runner = stack.enter_context(event_loop())
        upstream = stack.enter_context(serve_upstream(core=cores[0]))
        guards = [
            stack.enter_context(serve_bare(upstream.url, core=cores[1])),
            stack.enter_context(serve_demur(upstream.url, folder, name="demur", core=cores[1])),
        ]
        psutil.Process().cpu_affinity([cores[0]])
        compared = {_DIRECT: upstream, **{guard.name: guard for guard in guards}}
        for kind in _MODEL:
            taken[kind] = _take_turns(runner, compared, kind, options)
    machine = {"before": before, "after": tell_machine()}
    _print(taken, options)
    print(f"\nmachine: {machine}")
    write_json(options.out, {"machine": machine, "turns": _as_plain(taken)})


def _take_turns(
    runner: asyncio.Runner, compared: dict[str, Server], kind: str, options: LatencyOptions
) -> dict[str, Turns]:
    rng = random.Random(options.seed)
    taken = {name: Turns([], []) for name in compared}
    for server in compared.values():
        warm = _requests(rng, kind, options.n_chars, _WARM)
        check(server.name, runner.run(ask_at(server.port, warm, [n / options.rate for n in range(_WARM)], within_s=60)))
    n_turns = max(1, round(options.seconds / options.turn_s))
    names = list(compared)
    for turn in range(n_turns):
        offsets = _arrivals(rng, options.rate, options.turn_s)
        for name in (*names[turn % len(names) :], *names[: turn % len(names)]):
            requests = _requests(rng, kind, options.n_chars, len(offsets))
            cpu_s = compared[name].cpu_s()
            answers = runner.run(ask_at(compared[name].port, requests, offsets, within_s=10 * options.turn_s + 60))
            taken[name].cpu_share.append((compared[name].cpu_s() - cpu_s) / options.turn_s)
            check(name, answers)
            taken[name].answers.append(answers)
        print(f"{kind}: turn {turn + 1} of {n_turns}", flush=True)
    return taken


def _arrivals(rng: random.Random, rate: float, seconds: float) -> list[float]:
    """Make the times of a Poisson process."""
    times: list[float] = []
    at = rng.expovariate(rate)
    while at < seconds:
        times.append(at)
        at += rng.expovariate(rate)
    return times


def _requests(rng: random.Random, kind: str, n_chars: int, n: int) -> list[bytes]:
    return [
        make_request(
            [{"role": "user", "content": make_prompt(rng, n_chars)}], _MODEL[kind], is_stream=kind == "streams"
        )
        for _ in range(n)
    ]


_TIMES: dict[str, Callable[[Answer], float]] = {
    "first byte": lambda answer: answer.first_s,
    "first text": lambda answer: answer.done_s if answer.spoken_s is None else answer.spoken_s,
    "whole": lambda answer: answer.done_s,
}


def _print(taken: dict[str, dict[str, Turns]], options: LatencyOptions) -> None:
    print(
        f"\nms from sending, {options.rate:g} requests a second as they come (Poisson, seed {options.seed}), {options.n_chars} characters; "
        "added: beside the same upstream without a guard, median of the turns (range)"
    )
    rows = []
    for kind, turns in taken.items():
        for what in ("whole",) if kind == "whole" else ("first byte", "first text", "whole"):
            rows += [_row(f"{kind}: {what}", name, turns, _TIMES[what]) for name in turns]
    goal = ("goal", "", "", "", "", f"{_P50_MS:.1f}", f"{_P99_MS:.1f}", "", "", "")
    head = ("", "n", "p50", "p99", "most", "p50 added", "p99 added", "lag p50", "lag p99", "CPU of a core")
    print_table(head, [*rows, goal])
    print(
        "lag: how much later than due a request was sent, of which what asks is guilty; timers here count whole milliseconds"
    )


def _row(what: str, name: str, turns: dict[str, Turns], time: Callable[[Answer], float]) -> tuple[str, ...]:
    mine = turns[name].answers
    every = [1000 * time(answer) for answers in mine for answer in answers]
    lags = [1000 * answer.lag_s for answers in mine for answer in answers]
    return (
        f"{what}, {name}",
        str(len(every)),
        f"{percentile(every, 0.5):.2f}",
        f"{percentile(every, 0.99):.2f}",
        f"{max(every):.1f}",
        *(
            spread(_added(mine, turns[_DIRECT].answers, time, share)) if name != _DIRECT else "-"
            for share in (0.5, 0.99)
        ),
        f"{percentile(lags, 0.5):.2f}",
        f"{percentile(lags, 0.99):.2f}",
        f"{median(turns[name].cpu_share):.0%}",
    )


def _added(
    mine: Sequence[Sequence[Answer]], direct: Sequence[Sequence[Answer]], time: Callable[[Answer], float], share: float
) -> list[float]:
    """Give by how much a percentile is greater, turn by turn, in milliseconds."""

    def at(answers: Sequence[Answer]) -> float:
        return 1000 * percentile([time(answer) for answer in answers], share)

    return [at(a) - at(b) for a, b in zip(mine, direct, strict=True)]


def _as_plain(taken: dict[str, dict[str, Turns]]) -> dict[str, dict[str, object]]:
    plain: dict[str, dict[str, object]] = defaultdict(dict)
    for kind, turns in taken.items():
        for name, mine in turns.items():
            columns = {
                key: [[round(1000 * (getattr(answer, key) or 0), 3) for answer in answers] for answers in mine.answers]
                for key in ("lag_s", "first_s", "spoken_s", "done_s")
            }
            plain[kind][name] = {"cpu_share": mine.cpu_share, "ms": columns}
    return plain
