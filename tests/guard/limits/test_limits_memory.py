"""Limits in memory: they decide as the oracle does, whatever happens, and stay small whoever comes."""

import asyncio
import tracemalloc

import pytest
from hypothesis import given, settings
from limits_oracle import Oracle
from limits_playing import moves, play, rules

from demur.guard.limits import Limit, MemoryLimiter, Penalty, Rules, Who
from demur.guard.limits.table import Table

ONE_A_SECOND = Rules((Limit("address", requests_per_minute=60),))


class Clock:
    """A clock that goes when it is told to."""

    now = 1_000_000

    def __call__(self) -> int:
        """Give the time."""
        return self.now


def limiter(**more):
    """Give a limiter and its clock."""
    clock = Clock()
    return MemoryLimiter(clock=clock, **more), clock


@settings(max_examples=400)
@given(rules(), moves())
def test_it_decides_as_the_oracle_does(drawn, happening):
    """Every answer to every sequence of requests, settlements and blocks is what a replay of all of it gives."""

    async def check():
        kept, clock = limiter()
        oracle = Oracle()
        for move in happening:
            clock.now += move.after_ms
            oracle.now += move.after_ms
            expected = {
                "take": lambda move=move: oracle.take(move.who, abs(move.n_tokens), drawn),
                "settle": lambda move=move: oracle.settle(move.who, move.n_tokens, drawn),
                "blocked": lambda move=move: oracle.blocked(move.who, drawn),
            }[move.what]()
            assert await play(kept, move, drawn) == expected

    asyncio.run(check())


def test_a_minute_may_be_used_at_once_and_comes_back_evenly():
    """Of 60 a minute 60 pass at once, the 61st is told to wait a second, and after that second passes."""

    async def check():
        kept, clock = limiter()
        who = Who(address="192.0.2.1")
        assert all([(await kept.take(who, 0, rules=ONE_A_SECOND)).is_allowed for _ in range(60)])
        refused = await kept.take(who, 0, rules=ONE_A_SECOND)
        assert (refused.is_allowed, refused.which, refused.retry_after_s) == (False, "address.requests", 1.0)
        clock.now += 999
        assert not (await kept.take(who, 0, rules=ONE_A_SECOND)).is_allowed
        clock.now += 1
        assert (await kept.take(who, 0, rules=ONE_A_SECOND)).is_allowed

    asyncio.run(check())


def test_what_one_limit_refuses_no_other_is_charged_for():
    """Refused for its tokens, a request leaves the requests of its key as they were."""
    strict = Rules((Limit("key", requests_per_minute=2), Limit("conversation", tokens_per_minute=10)))

    async def check():
        kept, _ = limiter()
        who = Who(key="k", conversation="c")
        await kept.take(who, 10, rules=strict)
        for _ in range(5):
            refused = await kept.take(who, 1, rules=strict)
            assert (refused.which, refused.requests.remaining) == ("conversation.tokens", 1)
        assert (await kept.take(Who(key="k", conversation="d"), 10, rules=strict)).is_allowed

    asyncio.run(check())


def test_a_reply_that_cost_more_is_paid_for_before_the_next():
    """Tokens charged afterwards may leave less than nothing, and the next request waits until they are earned."""
    by_key = Rules((Limit("key", tokens_per_minute=600),))

    async def check():
        kept, clock = limiter()
        who = Who(key="k")
        await kept.take(who, 100, rules=by_key)
        await kept.settle(who, 1700, rules=by_key)
        refused = await kept.take(who, 1, rules=by_key)
        assert refused.tokens.remaining == 0
        assert refused.tokens.reset_s == 180.0
        assert refused.retry_after_s == 120.1
        clock.now += 120_100
        assert (await kept.take(who, 1, rules=by_key)).is_allowed

    asyncio.run(check())


def test_what_a_minute_cannot_hold_is_not_worth_waiting_for():
    """A request for more tokens than the limit is refused without a time to come back."""

    async def check():
        kept, _ = limiter()
        refused = await kept.take(Who(key="k"), 601, rules=Rules((Limit("key", tokens_per_minute=600),)))
        assert (refused.is_allowed, refused.retry_after_s, refused.which) == (False, None, "key.tokens")

    asyncio.run(check())


def test_a_penalty_grows_is_capped_and_is_forgotten():
    """The third attempt within a minute holds off for 10 s, each further one for twice as long, up to 35 s; a quiet minute forgets."""
    held_off = Rules(penalty=Penalty(after=3, within_s=60, first_s=10, factor=2, most_s=35, scopes=("address",)))

    async def check():
        kept, clock = limiter()
        who, other = Who(address="192.0.2.1"), Who(address="192.0.2.2")
        holds = []
        for _ in range(6):
            holds.append(await kept.blocked(who, rules=held_off))
            clock.now += 1000
        assert holds == [0, 0, 10, 20, 35, 35]
        refused = await kept.take(who, 0, rules=held_off)
        assert (refused.is_allowed, refused.is_penalty, refused.which) == (False, True, "address.penalty")
        assert refused.retry_after_s == 34
        assert (await kept.take(other, 0, rules=held_off)).is_allowed
        clock.now += 34_000
        assert (await kept.take(who, 0, rules=held_off)).is_allowed
        clock.now += 59_999
        assert await kept.blocked(who, rules=held_off) == 35
        clock.now += 35_000 + 60_000
        assert [await kept.blocked(who, rules=held_off) for _ in range(3)] == [0, 0, 10]

    asyncio.run(check())


def test_the_shortest_holds_grow_too():
    """A hold of a millisecond that is to grow by half grows to two, three and five, where it is capped."""
    held_off = Rules(penalty=Penalty(after=1, first_s=0.001, factor=1.5, most_s=0.005, scopes=("key",)))

    async def check():
        kept, _ = limiter()
        holds = [await kept.blocked(Who(key="k"), rules=held_off) for _ in range(5)]
        assert holds == [0.001, 0.002, 0.003, 0.005, 0.005]

    asyncio.run(check())


def test_attempts_that_lie_apart_are_no_repetition():
    """Three attempts of which the first is a minute old hold nobody off; a third within the minute does."""
    held_off = Rules(penalty=Penalty(after=3, within_s=60, scopes=("key",)))

    async def check():
        kept, clock = limiter()
        who = Who(key="k")
        for gap_ms, expected in ((0, 0), (31_000, 0), (29_000, 0), (30_000, 10)):
            clock.now += gap_ms
            assert await kept.blocked(who, rules=held_off) == expected

    asyncio.run(check())


def test_a_key_is_not_held_off_for_one_conversation_unless_it_is_said():
    """By default whoever shares the key of somebody held off goes on."""
    held_off = Rules(penalty=Penalty(after=1))

    async def check():
        kept, _ = limiter()
        await kept.blocked(Who(key="k", address="192.0.2.1", conversation="c"), rules=held_off)
        for who, is_allowed in (
            (Who(key="k", address="192.0.2.9", conversation="d"), True),
            (Who(key="k", address="192.0.2.1", conversation="d"), False),
            (Who(key="k", address="192.0.2.9", conversation="c"), False),
            (Who(key="l", address="192.0.2.9", conversation="c"), True),
        ):
            assert (await kept.take(who, 0, rules=held_off)).is_allowed is is_allowed

    asyncio.run(check())


def test_what_was_used_outlives_a_policy_that_is_read_again():
    """Equal rules that are other objects go on counting; a limit of another figure counts anew."""

    async def check():
        kept, _ = limiter()
        who = Who(key="k")
        for _ in range(2):
            await kept.take(who, 0, rules=Rules((Limit("key", requests_per_minute=2),)))
        assert not (await kept.take(who, 0, rules=Rules((Limit("key", requests_per_minute=2),)))).is_allowed
        assert (await kept.take(who, 0, rules=Rules((Limit("key", requests_per_minute=3),)))).is_allowed

    asyncio.run(check())


def test_a_crowd_of_addresses_does_not_grow_memory():
    """Twenty thousand addresses take no more memory than five thousand, the table keeps to its bound, and a key is not pushed out."""
    both = Rules((Limit("address", requests_per_minute=1), Limit("key", requests_per_minute=1)))

    async def check():
        kept, _ = limiter(max_entries=2000)
        await kept.take(Who(key="k"), 0, rules=both)
        tracemalloc.start()
        try:
            sizes = []
            for n in range(20_000):
                await kept.take(Who(address=f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"), 0, rules=both)
                if n in (4_999, 19_999):
                    sizes.append(tracemalloc.get_traced_memory()[0])
        finally:
            tracemalloc.stop()
        assert kept.n_entries == 2001
        assert kept.n_forgotten == 18_000
        assert sizes[1] < sizes[0] + 500_000
        assert not (await kept.take(Who(key="k"), 0, rules=both)).is_allowed

    asyncio.run(check())


def test_whoever_keeps_coming_is_kept():
    """In a crowd that fills the table again and again, one who asks in between stays counted."""
    strict = Rules((Limit("address", requests_per_minute=1),), Penalty(after=2, scopes=("address",)))

    async def check():
        kept, _ = limiter(max_entries=100)
        who = Who(address="192.0.2.1")
        await kept.take(who, 0, rules=strict)
        await kept.blocked(who, rules=strict)
        for n in range(1000):
            other = Who(address=f"10.0.{n >> 8}.{n & 255}")
            await kept.take(other, 0, rules=strict)
            await kept.blocked(other, rules=strict)
            if n % 50 == 0:
                assert not (await kept.take(who, 0, rules=strict)).is_allowed
        assert await kept.blocked(who, rules=strict) == 10

    asyncio.run(check())


def test_when_the_crowd_has_gone_its_memory_goes_too():
    """Entries that mean nothing any more go as others come, without a task that sweeps."""

    async def check():
        kept, clock = limiter()
        for n in range(1000):
            await kept.take(Who(address=f"10.0.{n >> 8}.{n & 255}"), 0, rules=ONE_A_SECOND)
        assert kept.n_entries == 1000
        clock.now += 1000
        for n in range(600):
            await kept.take(Who(address=f"10.1.{n >> 8}.{n & 255}"), 0, rules=ONE_A_SECOND)
        assert kept.n_entries == 600
        assert kept.n_forgotten == 0

    asyncio.run(check())


def test_a_crowd_does_not_pile_up_behind_one_who_owes_for_long():
    """Of callers who each ask once, a second apart, hardly any are kept, and who went before them with a debt of an hour still has it."""
    both = Rules((Limit("address", requests_per_minute=60, tokens_per_minute=1000),))

    async def check():
        kept, clock = limiter(max_entries=100)
        debtor = Who(address="192.0.2.1")
        await kept.take(debtor, 0, rules=both)
        await kept.settle(debtor, 60_000, rules=both)
        for n in range(1000):
            clock.now += 1000
            await kept.take(Who(address=f"10.0.{n >> 8}.{n & 255}"), 0, rules=both)
            assert kept.n_entries <= 4
        assert kept.n_forgotten == 0
        assert not (await kept.take(debtor, 1, rules=both)).is_allowed

    asyncio.run(check())


def test_what_has_ended_is_not_forgotten_before_its_time():
    """Where the least recent has to make room and meant nothing any more, nobody is counted who had to go."""
    table = Table[int](3)
    for key, ends in (("a", 1), ("b", 9), ("c", 9), ("c", 9)):
        table.put(key, 0, ends=ends, now=0)
    table.put("d", 0, ends=9, now=2)
    assert (len(table), table.get("a"), table.n_forgotten) == (3, None, 0)
    table.put("e", 0, ends=9, now=2)
    assert (len(table), table.get("b"), table.n_forgotten) == (3, None, 1)


def test_long_names_take_no_more_room_than_short_ones():
    """A conversation that calls itself by a megabyte is kept as a hash, and counted all the same."""
    strict = Rules((Limit("conversation", requests_per_minute=1),))

    async def check():
        kept, _ = limiter()
        tracemalloc.start()
        try:
            assert (await kept.take(Who(conversation="x" * 1_000_000), 0, rules=strict)).is_allowed
            assert not (await kept.take(Who(conversation="x" * 1_000_000), 0, rules=strict)).is_allowed
            assert (await kept.take(Who(conversation="x" * 999_999), 0, rules=strict)).is_allowed
            assert tracemalloc.get_traced_memory()[0] < 100_000
        finally:
            tracemalloc.stop()

    asyncio.run(check())


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("unix:", "unix:", True),
        ("", "192.0.2.1", False),
    ],
)
def test_an_address_is_what_one_caller_has(one, other, is_same):
    """An IPv6 network of 64 bits is one caller, and an IPv4 address is one however it is written."""
    strict = Rules((Limit("address", requests_per_minute=1),))

    async def check():
        kept, _ = limiter()
        await kept.take(Who(address=one), 0, rules=strict)
        assert (await kept.take(Who(address=other), 0, rules=strict)).is_allowed is not is_same

    asyncio.run(check())
