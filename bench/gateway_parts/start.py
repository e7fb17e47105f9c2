"""How soon a gateway answers after its start, and what it holds then."""

import asyncio
import random
import time
from pathlib import Path
from typing import NamedTuple

from gateway_parts.gateways import serve_policy
from gateway_parts.load import ask_in_turn, check, make_request
from gateway_parts.processes import Memory
from gateway_parts.tables import median, print_table, spread
from gateway_parts.texts import make_prompt

__all__ = ["Start", "print_starts", "start_once"]

_GOAL_S = 1.0


class Start(NamedTuple):
    """How soon a gateway that was started answered, and what it held then."""

    answered_in_s: float
    cpu_s: float
    memory: Memory


def start_once(runner: asyncio.Runner, upstream: str, policy: Path | None, store: Path) -> Start:
    """Start a gateway, ask it one thing, and end it."""
    rng = random.Random(store.name)
    request = make_request([{"role": "user", "content": make_prompt(rng, 100)}], "mock-20-0", is_stream=False)
    with serve_policy(upstream, policy, name="demur", folder=store.parent, store=store) as server:
        begun = time.perf_counter()
        check("demur", runner.run(ask_in_turn(server.port, [request], concurrency=1, within_s=60)))
        answered_in_s = server.started_in_s + time.perf_counter() - begun
        return Start(answered_in_s, server.cpu_s(), server.memory())


def print_starts(starts: dict[str, list[Start]]) -> None:
    """Print a table, a row for each policy."""
    print(f"\nfrom the start of the process to its first answer to a chat; goal {_GOAL_S:.0f} s")
    rows = [
        (
            name,
            str(len(some)),
            spread([one.answered_in_s for one in some]),
            spread([one.cpu_s for one in some]),
            f"{median([one.memory.rss_mb for one in some]):.0f}",
            f"{median([one.memory.uss_mb for one in some]):.0f}",
        )
        for name, some in starts.items()
        if some
    ]
    print_table(("", "n", "s", "CPU s", "RSS MB", "USS MB"), rows)
