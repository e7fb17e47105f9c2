"""CPU a request, of every process of a gateway, beside other gateways that answer the same requests."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gateway_parts.cost_table import BARE, DEMUR, PEERS, Costs, print_costs
from gateway_parts.gateways import AUDIT, serve_bare, serve_demur, serve_upstream
from gateway_parts.litellm import make_environment, serve_litellm
from gateway_parts.load import ask_in_turn, check, event_loop
from gateway_parts.policy import PARTS, Part
from gateway_parts.processes import Server
from gateway_parts.tables import tell_machine, write_json
from gateway_parts.workloads import MODELS, WORKLOADS, Workload, make_requests

__all__ = ["CostOptions", "measure_cost"]

_CONCURRENCY = 8
_SETTLE_S = 0.2
"""After the last answer, for what a gateway does behind it."""
_WARM_PART = 4
"""One request that is not measured for so many of a round."""
_WITHIN_S = 300.0
_SLOWEST = "five categories"
"""With which LiteLLM takes seconds for a stream."""
_DEMURS: dict[str, tuple[tuple[Part, ...], bool]] = {
    DEMUR: ((), True),
    **{f"without {part}": ((part,), True) for part in PARTS},
    "without store": ((), False),
    "without any": (PARTS, False),
}
"""What is left out of the policy, and whether there is an audit store."""


@dataclass(frozen=True)
class CostOptions:
    """How much is measured."""

    rounds: int
    n_whole: int
    """Requests that are not streamed, a round."""
    n_stream: int
    n_peer: int
    """Requests to LiteLLM; a third as many streams, and a quarter of that where a stream takes it seconds."""
    peers: Path | None
    """Environment of LiteLLM; None leaves it out."""
    only: Sequence[str]
    """Names of gateways, in part; none is all."""
    out: Path | None


def measure_cost(options: CostOptions) -> None:
    """Measure and print."""
    before = tell_machine()
    costs = Costs()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="demur-bench-")))
        runner = stack.enter_context(event_loop())
        upstream = stack.enter_context(serve_upstream())
        servers = [stack.enter_context(start()) for start in _gateways(upstream.url, folder, options)]
        for server in servers:
            for workload in WORKLOADS:
                n = _how_many(server.name, workload, options) // _WARM_PART
                _ask(runner, server, make_requests(workload, n, seed=workload.n_chars))
        for number in range(options.rounds):
            for workload in WORKLOADS:
                first = number % len(servers)
                for server in (*servers[first:], *servers[:first]):
                    _measure(runner, server, workload, options, costs)
                print(f"round {number + 1} of {options.rounds}: {workload.name}", flush=True)
        costs.note_events(folder / DEMUR.replace(" ", "-") / AUDIT)
    machine = {"before": before, "after": tell_machine()}
    print_costs(costs)
    print(f"\nmachine: {machine}")
    write_json(options.out, {"machine": machine, **costs.as_plain()})


def _gateways(
    upstream: str, folder: Path, options: CostOptions
) -> Iterator[Callable[[], AbstractContextManager[Server]]]:
    """Give what starts each gateway."""
    known: dict[str, Callable[[], AbstractContextManager[Server]]] = {BARE: partial(serve_bare, upstream)}
    for name, (without, has_store) in _DEMURS.items():
        known[name] = partial(serve_demur, upstream, folder, name=name, without=without, has_store=has_store)
    if options.peers is not None:
        make_environment(options.peers)
        for name, looks_for in PEERS.items():
            known[name] = partial(
                serve_litellm, upstream, folder, MODELS, name=name, peers=options.peers, looks_for=looks_for
            )
    for name, start in known.items():
        if not options.only or any(part in name for part in options.only):
            yield start


def _how_many(name: str, workload: Workload, options: CostOptions) -> int:
    if name not in PEERS:
        return options.n_stream if workload.is_stream else options.n_whole
    n = options.n_peer // 3 if workload.is_stream else options.n_peer
    return max(_CONCURRENCY, n // 4 if PEERS[name] == _SLOWEST else n)


def _measure(runner: asyncio.Runner, server: Server, workload: Workload, options: CostOptions, costs: Costs) -> None:
    """Measure one gateway with one workload once."""
    n = _how_many(server.name, workload, options)
    requests = make_requests(workload, n, seed=costs.n(server.name, workload.name) + 1)
    before = server.cpu_s()
    n_own = _ask(runner, server, requests)
    costs.add(server.name, workload.name, cpu_s=server.cpu_s() - before, n=n, n_own=n_own)


def _ask(runner: asyncio.Runner, server: Server, requests: Sequence[bytes]) -> int:
    """Ask, and give how many answers were the guard's own."""
    answers = runner.run(ask_in_turn(server.port, requests, concurrency=_CONCURRENCY, within_s=_WITHIN_S))
    time.sleep(_SETTLE_S)
    if PEERS.get(server.name) == _SLOWEST:  # blocks harmless requests too, and cuts a stream off without a word
        return sum(answer.is_own or not answer.is_whole for answer in answers)
    check(server.name, answers)
    return sum(answer.is_own for answer in answers)
