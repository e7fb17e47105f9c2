"""Rules: what a policy allows a minute, and how long repeated blocked attempts are held off."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

from demur.errors import DataError
from demur.guard.limits.debt import MOST_PER_MINUTE
from demur.guard.limits.who import Scope

__all__ = ["Limit", "Penalty", "Rules"]

_MOST_AFTER = 1000
"""Blocked attempts before a penalty: the time of each is kept."""
_MOST_S = 10_000_000


@dataclass(frozen=True)
class Limit:
    """What each key, address or conversation may use a minute.

    A full minute's worth may be used at once; it comes back evenly over the next minute. So no stretch of t minutes
    sees more than (1 + t) times the limit.

    Raises:
        DataError: a figure is out of range, or there is none.
    """

    scope: Scope
    requests_per_minute: int | None = None
    """From 1 to 200 million; None for no limit."""
    tokens_per_minute: int | None = None

    def __post_init__(self) -> None:
        _check_scope(self.scope)
        if self.requests_per_minute is None and self.tokens_per_minute is None:
            raise DataError(f"limit by {self.scope}: nothing is limited; give requests or tokens a minute")
        for kind, value in (("requests", self.requests_per_minute), ("tokens", self.tokens_per_minute)):
            if value is not None and not (_is_whole(value) and 1 <= value <= MOST_PER_MINUTE):
                expected = f"a whole number from 1 to {MOST_PER_MINUTE}"
                raise DataError(f"limit by {self.scope}: {value!r} {kind} a minute; expected {expected}")

    @cached_property
    def rates(self) -> tuple[int, int]:
        """Requests and tokens a minute, 0 where there is no limit."""
        return self.requests_per_minute or 0, self.tokens_per_minute or 0

    @cached_property
    def label(self) -> str:
        """What tells its counts from those of another limit in a store."""
        return "limit:{}:{}".format(*self.rates)


@dataclass(frozen=True)
class Penalty:
    """How whoever keeps asking for what is blocked is held off.

    The blocked attempt that makes ``after`` of them within ``within_s`` holds them off for ``first_s``; each further
    one for ``factor`` times as long as the one before, at most ``most_s``. When ``within_s`` have passed since the end
    of a hold without another, all is forgotten. Attempts while held off lengthen nothing.

    Raises:
        DataError: a figure is out of range.
    """

    after: int = 3
    """From 1 to 1000."""
    within_s: float = 600.0
    """Times are kept in milliseconds; none is above ten million seconds."""
    first_s: float = 10.0
    factor: float = 2.0
    """From 1 to 1000."""
    most_s: float = 3600.0
    scopes: tuple[Scope, ...] = ("address", "conversation")
    """Who is held off, each for its own attempts. Not the key, unless it is said: one person's attempts would hold off
    all of a tenant's. Where a tenant's own server is the only address that is seen, leave the address out too."""

    def __post_init__(self) -> None:
        for scope in self.scopes:
            _check_scope(scope)
        _check_once("penalty", self.scopes)
        if not _is_whole(self.after):
            raise DataError(f"penalty: after is {self.after!r}; expected a whole number")
        for name, low, high in (
            ("after", 1, _MOST_AFTER),
            ("within_s", 0.001, _MOST_S),
            ("first_s", 0.001, _MOST_S),
            ("factor", 1, 1000),
            ("most_s", self.first_s, _MOST_S),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise DataError(f"penalty: {name} is {value!r}; expected {low:g} to {high:g}")

    @cached_property
    def within_ms(self) -> int:
        """How long an attempt counts."""
        return round(self.within_s * 1000)

    @cached_property
    def first_ms(self) -> int:
        """Length of the first hold."""
        return round(self.first_s * 1000)

    @cached_property
    def most_ms(self) -> int:
        """Length of the longest."""
        return round(self.most_s * 1000)

    @cached_property
    def label(self) -> str:
        """What tells its holds from those of another penalty in a store."""
        figures = (self.after, self.within_ms, self.first_ms, float(self.factor), self.most_ms)
        return f"penalty:{','.join(map(str, figures))}"


@dataclass(frozen=True)
class Rules:
    """The limits and the penalty of one policy.

    They come with each call and not with the limiter: tenants have their own, and a policy may be read again. What was
    used stays used, for as long as the limit is the same; under another one counting begins anew, so that
    tenants with different limits never drain each other's.

    Raises:
        DataError: a scope has two limits.
    """

    limits: tuple[Limit, ...] = ()
    """At most one a scope."""
    penalty: Penalty | None = None

    def __post_init__(self) -> None:
        _check_once("limit", [limit.scope for limit in self.limits])

    @cached_property
    def scopes(self) -> tuple[Scope, ...]:
        """Who is to be known."""
        named = {*(limit.scope for limit in self.limits), *(self.penalty.scopes if self.penalty else ())}
        return tuple(scope for scope in get_args(Scope) if scope in named)


def _check_once(what: str, scopes: Iterable[Scope]) -> None:
    seen: set[Scope] = set()
    for scope in scopes:
        if scope in seen:
            raise DataError(f"{what} by {scope}: there are two; expected one a scope")
        seen.add(scope)


def _check_scope(scope: object) -> None:
    if scope not in get_args(Scope):
        raise DataError(f"scope is {scope!r}; expected one of {', '.join(get_args(Scope))}")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
