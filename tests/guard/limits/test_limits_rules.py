"""What limits and penalties may be, and how a limiter is opened."""

import asyncio

import pytest

from demur.errors import DataError
from demur.guard.limits import Limit, MemoryLimiter, Penalty, RedisLimiter, Rules, open_limiter


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Limit("key"), "limit by key: nothing is limited; give requests or tokens a minute"),
        (lambda: Limit("key", 0), "limit by key: 0 requests a minute; expected a whole number from 1 to 200000000"),
        (lambda: Limit("key", 1, 200_000_001), "limit by key: 200000001 tokens a minute; expected a whole number"),
        (lambda: Limit("key", 1.5), "limit by key: 1.5 requests a minute; expected a whole number"),
        (lambda: Limit("key", True), "limit by key: True requests a minute; expected a whole number"),
        (lambda: Limit("planet", 1), "scope is 'planet'; expected one of key, address, conversation"),
        (lambda: Penalty(after=0), "penalty: after is 0; expected 1 to 1000"),
        (lambda: Penalty(after=2.0), "penalty: after is 2.0; expected a whole number"),
        (lambda: Penalty(factor=0.5), "penalty: factor is 0.5; expected 1 to 1000"),
        (lambda: Penalty(within_s=float("nan")), "penalty: within_s is nan; expected 0.001 to 1e+07"),
        (lambda: Penalty(first_s=60, most_s=59), "penalty: most_s is 59; expected 60 to 1e+07"),
        (lambda: Penalty(scopes=("key", "key")), "penalty by key: there are two; expected one a scope"),
        (lambda: Rules((Limit("key", 1), Limit("key", 2))), "limit by key: there are two; expected one a scope"),
        (lambda: open_limiter("localhost"), "limits: the address is no URL; expected memory:// or redis://HOST:PORT"),
        (lambda: open_limiter("http://localhost"), "limits: an address of Redis begins with one of redis://"),
        (lambda: open_limiter("redis://localhost:port"), "limits: the address of Redis cannot be read; write what is special"),
        (lambda: open_limiter("redis://localhost", pepper="é" * 33), "pepper of the limits: 66 bytes; expected at most 64"),
        (lambda: open_limiter("redis://localhost?protocol=x"), "limits: the options of the address of Redis at localhost:6379"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_one_line(make, message):
    """A figure out of range, a scope twice, an address that is none: what was found and what was expected."""
    with pytest.raises(DataError) as refused:
        make()
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def test_a_limiter_is_opened_by_its_address():
    """None and memory:// count in this process, a URL of Redis there, and neither asks anything of the network yet."""

    async def check():
        for address, kind in (
            (None, MemoryLimiter), ("memory://", MemoryLimiter), ("redis://localhost:1/3", RedisLimiter),
            ("rediss://:x@localhost:1", RedisLimiter), ("unix:///run/redis.sock?db=2", RedisLimiter),
        ):  # fmt: skip
            limiter = open_limiter(address)
            assert isinstance(limiter, kind)
            await limiter.close()

    asyncio.run(check())
