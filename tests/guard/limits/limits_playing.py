"""Strategies for what happens to a limiter, and how it is played through one."""

from typing import NamedTuple

from hypothesis import strategies as st

from demur.guard.limits import Limit, Limiter, Penalty, Rules, Who

__all__ = ["Move", "moves", "play", "rules"]

WHO = (
    Who(key="k1", address="192.0.2.1", conversation="c1"),
    Who(key="k1", address="192.0.2.2", conversation="c2"),
    Who(key="k2", address="192.0.2.1", conversation="c1"),
    Who(key="k1"),
    Who(address="192.0.2.2"),
    Who(),
)


class Move(NamedTuple):
    """Some time passes, and somebody asks, is charged, or is blocked."""

    after_ms: int
    what: str
    who: Who
    n_tokens: int


def moves() -> st.SearchStrategy[list[Move]]:
    """Draw what happens."""
    gap = st.one_of(st.integers(0, 20), st.integers(0, 20_000), st.integers(0, 400_000))
    # Most ask; a settlement may be far beyond every limit, or give back.
    what = st.sampled_from(["take", "take", "take", "settle", "blocked", "blocked"])
    n_tokens = st.one_of(st.integers(0, 60), st.integers(-60, -1), st.integers(0, 3_000_000_000))
    return st.lists(st.builds(Move, gap, what, st.sampled_from(WHO), n_tokens), max_size=40)


def rules() -> st.SearchStrategy[Rules]:
    """Draw small limits of several scopes, as refuse often, and large ones, whose sums must be exact all the same."""
    rate = st.one_of(st.none(), st.integers(1, 7), st.sampled_from([50, 1000, 199_999_999, 200_000_000]))
    scopes = ("key", "address", "conversation")
    pairs = st.tuples(rate, rate)
    limits = st.tuples(pairs, pairs, pairs).map(
        lambda rates: tuple(Limit(scope, *pair) for scope, pair in zip(scopes, rates, strict=True) if any(pair))
    )
    seconds = st.sampled_from([0.001, 0.5, 10.0, 60.0, 300.0])
    penalty = st.builds(
        lambda after, within, first, factor, times, scopes: Penalty(after, within, first, factor, first * times, scopes),
        st.integers(1, 4), seconds, seconds, st.sampled_from([1, 1.5, 2, 2.25, 10]), st.integers(1, 30),
        st.lists(st.sampled_from(scopes), unique=True).map(tuple),
    )  # fmt: skip
    return st.builds(Rules, limits, st.one_of(st.none(), penalty))


async def play(limiter: Limiter, move: Move, rules: Rules) -> object:
    """Do one move."""
    if move.what == "take":
        return await limiter.take(move.who, abs(move.n_tokens), rules=rules)
    if move.what == "settle":
        return await limiter.settle(move.who, move.n_tokens, rules=rules)
    return await limiter.blocked(move.who, rules=rules)
