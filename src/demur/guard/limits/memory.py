"""Limits kept in this process: exact, and of a bounded size whoever comes."""

import time
from collections.abc import Callable
from typing import get_args

from demur.guard.limits.allowance import Allowance, Debts, weigh
from demur.guard.limits.debt import MOST_CHARGE, UNIT, drain, drained_in, owe
from demur.guard.limits.hold import Hold, forgotten_at, held_ms, lengthen
from demur.guard.limits.rules import Limit, Penalty, Rules
from demur.guard.limits.table import Table
from demur.guard.limits.who import Scope, Who, text_of

__all__ = ["MemoryLimiter"]

_Used = tuple[int, int, int]
"""When, and the debts of requests and of tokens then."""


class MemoryLimiter:
    """A limiter of one process and one event loop.

    The least recent are forgotten first, and each scope has its own tables, so that callers who make up conversations
    push out conversations and never a key or an address.

    Args:
        max_entries: kept of each scope, of limits and of penalties.
        clock: milliseconds that never go back.
    """

    def __init__(self, *, max_entries: int = 50_000, clock: Callable[[], int] | None = None) -> None:
        self._clock = clock or _monotonic_ms
        self._used: dict[Scope, Table[_Used]] = {scope: Table(max_entries) for scope in get_args(Scope)}
        self._holds: dict[Scope, Table[Hold]] = {scope: Table(max_entries) for scope in get_args(Scope)}

    @property
    def n_entries(self) -> int:
        """Entries that are kept."""
        return sum(map(len, self._used.values())) + sum(map(len, self._holds.values()))

    @property
    def n_forgotten(self) -> int:
        """Entries that had to go before their time; where this grows, there is too little room."""
        of_used, of_holds = self._used.values(), self._holds.values()
        return sum(table.n_forgotten for table in of_used) + sum(table.n_forgotten for table in of_holds)

    async def take(self, who: Who, n_tokens: int, *, rules: Rules) -> Allowance:
        """Ask leave for one request; see ``Limiter``."""
        now = self._clock()
        limits, keys, debts = [], [], []
        for limit in rules.limits:
            if (text := text_of(who, limit.scope)) is not None:
                key = limit.label + text
                limits.append(limit)
                keys.append(key)
                debts.append(self._debts(limit, key, now=now))
        held = self._held(rules.penalty, who, now=now) if rules.penalty else {}
        allowance = weigh(limits, debts, n_tokens=n_tokens, held=held)
        if allowance.is_allowed:
            cost = min(n_tokens, MOST_CHARGE) * UNIT
            for limit, key, (requests, tokens) in zip(limits, keys, debts, strict=True):
                self._keep(limit, key, (requests + UNIT, tokens + cost), now=now)
        return allowance

    async def settle(self, who: Who, n_tokens_more: int, *, rules: Rules) -> None:
        """Charge what a reply cost beyond what was taken; see ``Limiter``."""
        now = self._clock()
        for limit in rules.limits:
            _, per_minute = limit.rates
            if per_minute and (text := text_of(who, limit.scope)) is not None:
                key = limit.label + text
                requests, tokens = self._debts(limit, key, now=now)
                self._keep(limit, key, (requests, owe(tokens, n_tokens_more, per_minute=per_minute)), now=now)

    async def blocked(self, who: Who, *, rules: Rules) -> float:
        """Take in that a request was blocked; see ``Limiter``."""
        penalty, now, longest = rules.penalty, self._clock(), 0
        if penalty is None:
            return 0.0
        for scope in penalty.scopes:
            if (text := text_of(who, scope)) is not None:
                table, key = self._holds[scope], penalty.label + text
                hold = lengthen(table.get(key) or Hold(), penalty, now=now)
                table.put(key, hold, ends=forgotten_at(hold, penalty), now=now)
                longest = max(longest, held_ms(hold, penalty, now=now))
        return longest / 1000

    async def close(self) -> None:
        """Forget everything."""
        for scope in get_args(Scope):
            self._used[scope].clear()
            self._holds[scope].clear()

    def _debts(self, limit: Limit, key: str, *, now: int) -> Debts:
        used = self._used[limit.scope].get(key)
        if used is None:
            return 0, 0
        at, requests, tokens = used
        requests_rate, tokens_rate = limit.rates
        elapsed = now - at
        return drain(requests, elapsed, per_minute=requests_rate), drain(tokens, elapsed, per_minute=tokens_rate)

    def _keep(self, limit: Limit, key: str, owed: Debts, *, now: int) -> None:
        requests_rate, tokens_rate = limit.rates
        requests = owed[0] if requests_rate else 0
        tokens = owed[1] if tokens_rate else 0
        ms = max(drained_in(requests, per_minute=requests_rate), drained_in(tokens, per_minute=tokens_rate))
        self._used[limit.scope].put(key, (now, requests, tokens), ends=now + ms, now=now)

    def _held(self, penalty: Penalty, who: Who, *, now: int) -> dict[Scope, int]:
        """Give those who are held off, and for how many milliseconds."""
        held = {}
        for scope in penalty.scopes:
            table = self._holds[scope]
            if table and (text := text_of(who, scope)) is not None:
                hold = table.get(penalty.label + text)
                if hold is not None and (ms := held_ms(hold, penalty, now=now)):
                    held[scope] = ms
        return held


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000
