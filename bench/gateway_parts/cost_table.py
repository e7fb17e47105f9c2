"""What gateways cost, told as a table with the ratios that are asked for."""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway_parts.litellm import Filter
from gateway_parts.tables import median, print_table, spread
from gateway_parts.workloads import WORKLOADS

__all__ = ["BARE", "DEMUR", "PEERS", "Costs", "print_costs"]

BARE, DEMUR = "bare proxy", "demur, all on"
PEERS: dict[str, Filter | None] = {
    "LiteLLM": None,
    "LiteLLM, filter of 2 words": "two words",
    "LiteLLM, filter of 5 categories": "five categories",
}
_WHOLE_MS, _STREAM_MS = 0.5, 3.0
_TIMES_BARE, _TIMES_LESS = 1.5, 25.0
"""Goals: milliseconds; at most so many times the bare proxy, at least so many times less than LiteLLM."""
_NAMES = tuple(workload.name for workload in WORKLOADS)
_SUSPECT = 0.5
"""Probability of harm from which on the default policy has the reply judged."""
_MADE_OF_THEM = """
SELECT count(*), sum(verdict = 'block'), sum(verdict = 'escalate'), sum(score >= ?), sum(EXISTS (
    SELECT 1 FROM json_each(ran) WHERE json_extract(value, '$.rail') = 'judge' AND json_extract(value, '$.result') <> 'skipped'
)) FROM events
"""


class Costs:
    """Milliseconds a request, round by round, by gateway and workload."""

    def __init__(self) -> None:
        self.ms: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self._n: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._n_own: dict[str, int] = defaultdict(int)
        self._events: dict[str, int] = {}

    def add(self, gateway: str, workload: str, *, cpu_s: float, n: int, n_own: int) -> None:
        """Take in what so many requests took."""
        self.ms[gateway][workload].append(1000 * cpu_s / n)
        self._n[gateway][workload] += n
        self._n_own[gateway] += n_own

    def n(self, gateway: str, workload: str) -> int:
        """Give how many were asked so far."""
        return self._n[gateway][workload]

    def note_events(self, audit: Path) -> None:
        """Take from the audit store what the guard made of the requests, if there is one."""
        if not audit.exists():
            return
        found = sqlite3.connect(f"file:{audit}?mode=ro", uri=True)
        row = found.execute(_MADE_OF_THEM, (_SUSPECT,)).fetchone()
        found.close()
        self._events = dict(zip(("recorded", "blocked", "escalated", "suspect", "judged"), row, strict=True))

    def print_notes(self) -> None:
        """Print how much was asked, and what the guard made of it: what it costs depends on that."""
        print_table(("n", *_NAMES), [(name, *(str(n[one]) for one in _NAMES)) for name, n in self._n.items()])
        for name, n in self._n_own.items():
            if n:
                print(f"{name}: {n} requests were answered by the guard itself")
        if self._events:
            print(f"{DEMUR}, of its audit store: {self._events}")

    def as_plain(self) -> dict[str, Any]:
        """Give all figures."""
        return {"ms": self.ms, "n": self._n, "n_own": self._n_own, "events": self._events}


def print_costs(costs: Costs) -> None:
    """Print the tables."""
    print(
        "\nCPU ms a request: median of the rounds (range). whole: not streamed; burst, paced: 100 chunks, at once or 1 ms apart;"
    )
    print("refused: not streamed, every reply a refusal. The number is the characters of the prompt.")
    goals = [_STREAM_MS if workload.is_stream else _WHOLE_MS for workload in WORKLOADS]
    rows = [(gateway, *(spread(figures[name]) for name in _NAMES)) for gateway, figures in costs.ms.items()]
    print_table(("", *_NAMES), [*rows, ("goal", *(f"{goal:.2f}" for goal in goals))])
    print()
    costs.print_notes()
    if DEMUR not in costs.ms:
        return
    ratios = [_ratio(costs, other) for other in (BARE, *PEERS) if other in costs.ms]
    if ratios:
        print()
        print_table(("ratios of the same round", *_NAMES, "goal"), ratios)
    shares = [_share(costs, name) for name in costs.ms if name.startswith("without ")]
    if shares:
        print()
        print_table(("share of each part, ms", *_NAMES), shares)


def _ratio(costs: Costs, other: str) -> Sequence[str]:
    """Compare round by round: what the machine did else then weighed on both."""
    shown = []
    for name in _NAMES:
        pairs = zip(costs.ms[DEMUR][name], costs.ms[other][name], strict=True)
        shown.append(spread([ours / theirs if other == BARE else theirs / ours for ours, theirs in pairs], 1))
    if other == BARE:
        return (f"demur: times the {BARE}", *shown, f"at most {_TIMES_BARE}")
    return (f"{other}: times demur", *shown, f"at least {_TIMES_LESS:.0f}")


def _share(costs: Costs, without: str) -> Sequence[str]:
    """Give by how much it costs less without a part."""
    ours, theirs = costs.ms[DEMUR], costs.ms[without]
    return (without.removeprefix("without "), *(f"{median(ours[one]) - median(theirs[one]):.2f}" for one in _NAMES))
