"""Limits in a real Redis: one count for all who ask, the same as in memory, and a clear word when Redis is not there."""

import asyncio
import subprocess
import sys
import time
import traceback
from contextlib import asynccontextmanager

import pytest
import redis.asyncio
from hypothesis import example, given, settings
from limits_playing import Move, moves, play, rules
from redis_service import redis_server

from demur.errors import DataError
from demur.guard.limits import Limit, LimitsDownError, MemoryLimiter, Penalty, RedisLimiter, Rules, Who, scripts

WHO = Who(key="sk-secret-key", address="192.0.2.77", conversation="conv-of-ada")
ALL = Rules(
    (
        Limit("key", requests_per_minute=40, tokens_per_minute=1000),
        Limit("address", requests_per_minute=50),
        Limit("conversation", tokens_per_minute=900),
    ),
    Penalty(after=1, scopes=("key", "address", "conversation")),
)
LARGE = Rules((Limit("key", tokens_per_minute=199_999_999),))
"""Debts of 16 digits."""
SHORT = Rules(penalty=Penalty(after=2, within_s=10, first_s=0.001, factor=1.5, most_s=0.005, scopes=("key",)))
"""Holds of 1, 2, 3 and 5 ms."""

STOPPED_CLOCK = """
local function now_ms() return tonumber(redis.call('GET', 'clock')) end
local function keep(key, value, ms) redis.call('SET', key, value) end
"""
"""For tests that tell Redis the time; what is kept then stays, for Redis would let it end by its own."""


@pytest.fixture(scope="module")
def server():
    """Run one Redis for all tests that leave it alone."""
    with redis_server() as running:
        yield running


@pytest.fixture
def told_time(monkeypatch):
    """Let limiters that are made now read the time from Redis' key ``clock``."""
    monkeypatch.setattr(scripts, "CLOCK", STOPPED_CLOCK)


@asynccontextmanager
async def limiters(url, n=1, *, timeout_s=30, **more):
    """Give limiters that a busy machine does not hurry, and a client of the emptied Redis."""
    client = redis.asyncio.from_url(url)
    made = [RedisLimiter(url, timeout_s=timeout_s, **more) for _ in range(n)]
    await client.flushall()
    await client.set("clock", 0)
    try:
        yield (*made, client)
    finally:
        for each in made:
            await each.close()
        await client.aclose()


async def count_allowed(takes):
    """Take all at once, and count who may go on."""
    return sum([allowance.is_allowed for allowance in await asyncio.gather(*takes)])


def test_it_decides_as_memory_does(server, told_time):
    """Every answer to every sequence of requests, settlements and blocks is the one that the limiter in memory gives."""

    @settings(max_examples=150)
    @given(rules(), moves())
    @example(LARGE, [Move(0, "settle", WHO, 999_999_999)] * 4 + [Move(1, "take", WHO, 1)] * 3)
    @example(SHORT, [Move(gap_ms, "blocked", WHO, 0) for gap_ms in (0, 9_999, 10_001, 0, 1, 2, 3, 10_005)])
    @example(SHORT, [Move(gap_ms, "blocked", WHO, 0) for gap_ms in (0, 10_000, 9_999, 10_001)])
    def check(drawn, happening):
        asyncio.run(compare(drawn, happening))

    async def compare(drawn, happening):
        now = 1_790_000_000_000
        kept = MemoryLimiter(clock=lambda: now)
        async with limiters(server.url) as (shared, client):
            for move in happening:
                now += move.after_ms
                await client.set("clock", now)
                assert await play(shared, move, drawn) == await play(kept, move, drawn)

    check()


def test_two_gateways_never_allow_more_than_one_would(server, told_time):
    """Of 600 requests at once through two limiters exactly the 40 of the key pass, whatever the order they arrive in."""

    async def check():
        async with limiters(server.url, n=2) as (one, other, _):
            assert await count_allowed(each.take(WHO, 1, rules=ALL) for _ in range(300) for each in (one, other)) == 40
            assert (await one.take(WHO, 1, rules=ALL)).which == "key.requests"

    asyncio.run(check())


def test_tokens_taken_at_once_never_exceed_the_limit(server, told_time):
    """Requests of 7 tokens through two limiters pass until fewer than 7 of the 100 are left, and what is left is what is told."""
    by_key = Rules((Limit("key", tokens_per_minute=100),))

    async def check():
        async with limiters(server.url, n=2) as (one, other, _):
            takes = (each.take(WHO, 7, rules=by_key) for _ in range(100) for each in (one, other))
            assert await count_allowed(takes) == 14
            assert (await one.take(WHO, 3, rules=by_key)).which == "key.tokens"
            assert (await other.take(WHO, 2, rules=by_key)).tokens.remaining == 0

    asyncio.run(check())


def test_by_its_own_clock_it_allows_what_has_come_back_and_no_more(server):
    """Asked without pause by two limiters, it allows the limit and what the time that passed has given back."""
    rule = Rules((Limit("key", requests_per_minute=600),))

    async def check():
        async with limiters(server.url, n=2) as (one, other, _):
            began, allowed = time.monotonic(), 0
            while time.monotonic() < began + 1.5:
                allowed += await count_allowed(
                    each.take(WHO, 0, rules=rule) for _ in range(50) for each in (one, other)
                )
            took_s = time.monotonic() - began
            assert 600 <= allowed <= 600 + took_s * 10 + 1

    asyncio.run(check())


ASKING = """
import asyncio, sys
from demur.guard.limits import Limit, RedisLimiter, Rules, Who

async def main():
    limiter = RedisLimiter(sys.argv[1], timeout_s=30)
    rules = Rules((Limit("key", requests_per_minute=30),))
    print("ready", flush=True)
    sys.stdin.readline()
    taken = await asyncio.gather(*(limiter.take(Who(key="k"), 0, rules=rules) for _ in range(200)))
    print(sum(each.is_allowed for each in taken))
    await limiter.close()

asyncio.run(main())
"""


@pytest.mark.slow
def test_processes_of_their_own_share_one_count(server):
    """Three processes that ask 200 times each are allowed the 30 together, and what came back while they asked."""
    asyncio.run(flush(server.url))
    asking = [
        subprocess.Popen(
            [sys.executable, "-c", ASKING, server.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    try:
        assert [each.stdout.readline() for each in asking] == ["ready\n"] * 3
        began = time.monotonic()
        for each in asking:
            each.stdin.write("go\n")
            each.stdin.flush()
        allowed = sum(int(each.communicate(timeout=60)[0]) for each in asking)
        assert 30 <= allowed <= 30 + (time.monotonic() - began) / 2
    finally:
        for each in asking:
            each.kill()
            each.communicate()


async def flush(url):
    """Empty a Redis."""
    async with limiters(url):
        pass


def test_nothing_that_names_anybody_stands_in_redis(server):
    """No key, address or conversation is in any key or value; every key is demur's own, and each ends by itself."""

    async def check():
        async with limiters(server.url) as (shared, client):
            await shared.take(WHO, 100, rules=ALL)
            await shared.settle(WHO, 700, rules=ALL)
            await shared.blocked(WHO, rules=ALL)
            await client.delete("clock")
            keys = await client.keys("*")
            assert len(keys) == 6
            values = await client.mget(keys)
            assert all(key.startswith(b"demur:{limits}:") for key in keys)
            for name in (b"sk-secret-key", b"192.0.2.77", b"conv-of-ada"):
                assert not any(name in text for text in (*keys, *values))
            assert all([0 < await client.pttl(key) <= 620_000 for key in keys])

    asyncio.run(check())


def test_what_means_nothing_any_more_is_gone(server):
    """When a debt has drained, its key has ended."""
    quick = Rules((Limit("key", requests_per_minute=120),))

    async def check():
        async with limiters(server.url) as (shared, client):
            await shared.take(WHO, 0, rules=quick)
            assert len(await client.keys("demur:*")) == 1
            await asyncio.sleep(0.6)
            assert not await client.keys("demur:*")

    asyncio.run(check())


def test_a_pepper_gives_other_names(server):
    """Under another pepper nobody finds the hash of an address; gateways that share one share the count."""

    async def check():
        async with limiters(server.url) as (_, client):
            for pepper in ("", "salt", "salt"):
                limiter = RedisLimiter(server.url, pepper=pepper)
                await limiter.blocked(WHO, rules=ALL)
                await limiter.close()
            assert len(await client.keys("demur:*")) == 6

    asyncio.run(check())


def test_a_request_is_one_round_trip(server):
    """A hundred requests that look at three limits and three holds are a hundred commands."""

    async def check():
        async with limiters(server.url) as (shared, client):
            await shared.take(WHO, 1, rules=ALL)
            await client.config_resetstat()
            for _ in range(100):
                await shared.take(WHO, 1, rules=ALL)
            sent = await client.info("commandstats")
            # What scripts call is counted too; the clock, the values and what is kept stand for them.
            inside = {"cmdstat_time", "cmdstat_mget", "cmdstat_set", "cmdstat_config|resetstat"}
            assert {name: stat["calls"] for name, stat in sent.items() if name not in inside} == {
                "cmdstat_evalsha": 100
            }

    asyncio.run(check())


def test_nobody_known_or_nothing_limited_asks_nobody(server):
    """Without rules, or without anybody they are about, a request passes even where Redis is down."""

    async def check():
        shared = RedisLimiter("redis://127.0.0.1:1")
        assert (await shared.take(WHO, 5, rules=Rules())).is_allowed
        assert (await shared.take(Who(), 5, rules=ALL)).is_allowed
        await shared.settle(WHO, 5, rules=Rules())
        assert await shared.blocked(WHO, rules=Rules()) == 0
        await shared.close()

    asyncio.run(check())


def test_a_clock_that_goes_back_shuts_nobody_out(server, told_time):
    """After a failover to a Redis that is a day behind, what is owed drains from then on, and a hold lasts as long as it may."""
    rule = Rules((Limit("key", requests_per_minute=1),), Penalty(after=1, first_s=10, most_s=20, scopes=("address",)))

    async def check():
        async with limiters(server.url) as (shared, client):
            await client.set("clock", 100_000_000)
            await shared.take(WHO, 0, rules=rule)
            await shared.blocked(WHO, rules=rule)
            await client.set("clock", 1_000_000)
            refused = await shared.take(WHO, 0, rules=rule)
            assert (refused.which, refused.retry_after_s) == ("key.requests", 60)
            await client.set("clock", 1_059_999)
            assert (await shared.take(Who(key=WHO.key), 0, rules=rule)).retry_after_s == 0.001
            await client.set("clock", 1_060_000)
            assert (await shared.take(Who(key=WHO.key), 0, rules=rule)).is_allowed
            assert (await shared.take(WHO, 0, rules=rule)).which == "key.requests"
            assert (await shared.take(Who(address=WHO.address), 0, rules=rule)).retry_after_s == 20

    asyncio.run(check())


def test_callers_that_hang_up_never_get_each_others_answers(server, told_time):
    """After hundreds of requests given up at every moment of them, every answer still belongs to its question."""
    by_key = Rules((Limit("key", requests_per_minute=1000),))

    async def check():
        async with limiters(server.url) as (shared, _):
            for n in range(300):
                task = asyncio.ensure_future(shared.take(Who(key="fickle"), 0, rules=by_key))
                await asyncio.sleep(n % 30 / 30_000)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            for n in range(1, 50):
                taken = await asyncio.gather(
                    *(shared.take(Who(key=f"steady {each}"), 0, rules=by_key) for each in range(10))
                )
                assert [each.requests.remaining for each in taken] == [1000 - n] * 10

    asyncio.run(check())


def test_when_redis_dies_it_is_said_at_once_and_when_it_is_back_all_goes_on():
    """Killed, Redis makes every method raise one clear error at once; started again, the same limiter works, with fresh counts."""

    async def check(server):
        async with limiters(server.url) as (shared, _):
            for _ in range(41):
                last = await shared.take(WHO, 1, rules=ALL)
            assert not last.is_allowed
            server.kill()
            for ask in (
                shared.take(WHO, 1, rules=ALL),
                shared.settle(WHO, 1, rules=ALL),
                shared.blocked(WHO, rules=ALL),
            ):
                began = time.monotonic()
                with pytest.raises(
                    LimitsDownError, match=rf"limits in Redis at 127\.0\.0\.1:{server.port}: .*see that it runs"
                ):
                    await ask
                assert time.monotonic() - began < 10
            server.start()
            assert await seconds_until_it_works(shared) < 10

    with redis_server() as server:
        asyncio.run(check(server))


async def seconds_until_it_works(limiter):
    """Ask until it is answered."""
    began = time.monotonic()
    while time.monotonic() < began + 20:
        try:
            allowance = await limiter.take(WHO, 1, rules=ALL)
        except LimitsDownError:
            await asyncio.sleep(0.02)
        else:
            assert allowance.requests.remaining == 39
            return time.monotonic() - began
    raise AssertionError("it never worked again")


def test_a_restart_between_two_requests_is_not_noticed():
    """Connections that went with the old Redis are replaced, and the scripts are sent anew, within the request."""

    async def check(server):
        async with limiters(server.url) as (shared, _):
            await asyncio.gather(*(shared.take(WHO, 1, rules=ALL) for _ in range(20)))
            server.kill()
            server.start()
            taken = await asyncio.gather(*(shared.take(WHO, 1, rules=ALL) for _ in range(30)))
            assert sorted(each.requests.remaining for each in taken) == list(range(10, 40))

    with redis_server() as server:
        asyncio.run(check(server))


def test_a_redis_that_hangs_holds_up_one_request_and_not_those_after_it():
    """Frozen, it costs the first request the time-out; the next hundred hear of it at once, and do not wait each for itself."""

    async def check(server):
        async with limiters(server.url, timeout_s=0.5, pause_s=60) as (shared, _):
            await shared.take(WHO, 1, rules=ALL)
            server.freeze()
            began = time.monotonic()
            for _ in range(100):
                with pytest.raises(LimitsDownError, match=r"no answer within 0\.5 s"):
                    await shared.take(WHO, 1, rules=ALL)
            assert 0.5 <= time.monotonic() - began < 25
            server.thaw()

    with redis_server() as server:
        asyncio.run(check(server))


def test_requests_that_wait_for_their_turn_hear_what_the_others_found():
    """Of a thousand requests at once to a frozen Redis, all fail together when the first do."""

    async def check(server):
        async with limiters(server.url, timeout_s=0.5, pause_s=60) as (shared, _):
            await shared.take(WHO, 1, rules=ALL)
            server.freeze()
            began = time.monotonic()
            takes = (shared.take(WHO, 1, rules=ALL) for _ in range(1000))
            heard = await asyncio.gather(*takes, return_exceptions=True)
            assert all(isinstance(each, LimitsDownError) for each in heard)
            # One turn after another, 64 at a time, would be 8 s.
            assert time.monotonic() - began < 6
            server.thaw()

    with redis_server() as server:
        asyncio.run(check(server))


def test_one_request_asks_whether_redis_is_back_and_the_others_do_not_wait():
    """After the pause one of a hundred waits for an answer; thawed, the next one that asks hears it, and all go on."""

    async def check(server):
        async with limiters(server.url, timeout_s=5, pause_s=0.2) as (shared, client):
            await shared.take(WHO, 1, rules=ALL)
            shared._timeout_s = 0.1
            server.freeze()
            with pytest.raises(LimitsDownError):
                await shared.take(WHO, 1, rules=ALL)
            shared._timeout_s, shared._pause_s = 30, 30
            await asyncio.sleep(0.3)
            asking = asyncio.ensure_future(shared.take(WHO, 1, rules=ALL))
            await asyncio.sleep(0.1)
            others = await asyncio.gather(*(shared.take(WHO, 1, rules=ALL) for _ in range(100)), return_exceptions=True)
            assert all(isinstance(each, LimitsDownError) for each in others)
            assert not asking.done()
            server.thaw()
            assert (await asking).is_allowed
            assert (await shared.take(WHO, 1, rules=ALL)).is_allowed
            await client.ping()

    with redis_server() as server:
        asyncio.run(check(server))


def test_a_full_redis_is_an_error_like_any_other():
    """Where Redis has no room to write, it is said, and nothing is allowed silently."""

    async def check(server):
        async with limiters(server.url) as (shared, client):
            await client.config_set("maxmemory", 1)
            with pytest.raises(LimitsDownError, match="used memory > 'maxmemory'; see that"):
                await shared.take(WHO, 1, rules=ALL)

    with redis_server() as server:
        asyncio.run(check(server))


def test_the_password_is_told_to_redis_and_to_nobody_else():
    """With the right password it works; no message and no repr has it, right, wrong, or in an address that cannot be read."""
    password = "p@ss:w/rd#1"

    async def check(server):
        async with limiters(server.url) as (shared, _):
            assert (await shared.take(WHO, 1, rules=ALL)).is_allowed
            assert "p%40ss" not in repr(shared)
        wrong = RedisLimiter(f"redis://:wr%40ng-secret@127.0.0.1:{server.port}")
        with pytest.raises(LimitsDownError, match="the name or the password is refused") as refused:
            await wrong.take(WHO, 1, rules=ALL)
        said = [str(refused.value), repr(wrong), "".join(traceback.format_exception(refused.value))]
        await wrong.close()
        for secret in ("wr%40ng", "wr@ng", "p@ss", "w/rd"):
            assert not any(secret in text for text in said)
        for url in (
            f"redis://:{password}@127.0.0.1:6379", f"redis://:{password}@h:{password}", f"http://:{password}@h",
            "redis://:1234/w/rd@h", "redis://:1234?w/rd@h", "redis://:1234#w/rd@h", "unix://:1234/w/rd@/run/redis",
        ):  # fmt: skip
            with pytest.raises(DataError) as unread:
                RedisLimiter(url)
            assert not any(secret in str(unread.value) for secret in ("p@ss", "w/rd", "1234"))

    with redis_server(password) as server:
        asyncio.run(check(server))


def test_importing_limits_loads_no_redis():
    """The library is loaded when a limiter in Redis is made, not before."""
    script = "import sys, demur.guard.limits; print('redis' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
