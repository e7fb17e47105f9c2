"""An allowance: whether a request may go on, what is left, and when to come back."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from demur.guard.limits.debt import MOST_CHARGE, UNIT, drained_in
from demur.guard.limits.rules import Limit
from demur.guard.limits.who import Scope

__all__ = ["ALLOWED", "Allowance", "Debts", "Standing", "weigh"]


Debts = tuple[int, int]
"""What is owed under one limit, now, of requests and of tokens; see ``debt``."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the tightest limit of a kind stands after the request."""

    scope: Scope
    limit: int
    """A minute."""
    remaining: int
    """Never below 0, whatever is owed."""
    reset_s: float
    """Until all of it is there again."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """The answer to a request for leave; one that is refused has used nothing of any limit."""

    is_allowed: bool
    requests: Standing | None = None
    """None where nothing limits them."""
    tokens: Standing | None = None
    retry_after_s: float | None = 0.0
    """The shortest wait after which all would allow it if nobody else asked; 0 where it is allowed, and None where
    waiting does not help: it wants more tokens than a minute has."""
    which: str | None = None
    """What refused, and longest: a scope and ``requests``, ``tokens`` or ``penalty``, such as ``address.requests``."""

    @property
    def is_penalty(self) -> bool:
        """Whether it is refused for what was blocked before."""
        return self.which is not None and self.which.endswith(".penalty")


ALLOWED = Allowance(is_allowed=True)
"""Nothing is limited."""

_Room = tuple[int, int, Scope]
"""What is left under a limit, the limit, and whose it is; the least of several is the tightest."""


def weigh(limits: Sequence[Limit], debts: Sequence[Debts], *, n_tokens: int, held: Mapping[Scope, int]) -> Allowance:
    """Decide about one request: all limits allow it, or none is charged.

    Args:
        limits: of those who are known.
        debts: under each of them.
        n_tokens: it wants, at least 0.
        held: those who are held off, and for how many milliseconds they still are.
    """
    cost = min(n_tokens, MOST_CHARGE) * UNIT
    requests, tokens = _tightest(limits, debts)
    if not held and (requests is None or requests[0] >= UNIT) and (tokens is None or tokens[0] >= cost):
        return Allowance(True, _standing(requests, used=UNIT), _standing(tokens, used=cost))
    wait_ms, which = _longest_wait(limits, debts, cost=cost, held=held)
    retry_after_s = None if wait_ms == math.inf else wait_ms / 1000
    return Allowance(False, _standing(requests, used=0), _standing(tokens, used=0), retry_after_s, which)


def _tightest(limits: Sequence[Limit], debts: Sequence[Debts]) -> tuple[_Room | None, _Room | None]:
    """Find what leaves the least, for requests and for tokens; the first among equals."""
    requests: _Room | None = None
    tokens: _Room | None = None
    for limit, (requests_owed, tokens_owed) in zip(limits, debts, strict=True):
        requests_rate, tokens_rate = limit.rates
        if requests_rate:
            room = requests_rate * UNIT - requests_owed
            if requests is None or room < requests[0]:
                requests = (room, requests_rate, limit.scope)
        if tokens_rate:
            room = tokens_rate * UNIT - tokens_owed
            if tokens is None or room < tokens[0]:
                tokens = (room, tokens_rate, limit.scope)
    return requests, tokens


def _longest_wait(
    limits: Sequence[Limit], debts: Sequence[Debts], *, cost: int, held: Mapping[Scope, int]
) -> tuple[float, str]:
    """Give the milliseconds, infinite where waiting does not help, and for what; the first among equals."""
    waits: list[tuple[float, str]] = [(ms, f"{scope}.penalty") for scope, ms in held.items()]
    for limit, owed in zip(limits, debts, strict=True):
        for kind, rate, debt, price in zip(("requests", "tokens"), limit.rates, owed, (UNIT, cost), strict=True):
            if rate:
                capacity = rate * UNIT
                ms = math.inf if price > capacity else drained_in(debt + price - capacity, per_minute=rate)
                waits.append((ms, f"{limit.scope}.{kind}"))
    return max(waits, key=itemgetter(0))


def _standing(room: _Room | None, *, used: int) -> Standing | None:
    if room is None:
        return None
    before, rate, scope = room
    left = before - used
    return Standing(scope, rate, max(0, left // UNIT), drained_in(rate * UNIT - left, per_minute=rate) / 1000)
