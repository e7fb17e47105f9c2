"""Limits kept in Redis: one count for all gateways that ask the same one."""

import asyncio
import hashlib
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from demur.errors import DataError, MissingExtraError
from demur.guard.limits.allowance import ALLOWED, Allowance, weigh
from demur.guard.limits.debt import MOST_CHARGE, UNIT
from demur.guard.limits.limiter import LimitsDownError
from demur.guard.limits.rules import Rules
from demur.guard.limits.scripts import blocked_script, settle_script, take_script
from demur.guard.limits.who import Scope, Who, name_of

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["RedisLimiter"]

_SCHEMES = ("redis", "rediss", "unix")
_MOST_CONNECTIONS = 64
_UNREADABLE = "limits: the address of Redis cannot be read; write what is special in its password as %XX"
_LONGEST_PEPPER = 64
"""BLAKE2b takes no longer key."""


class RedisLimiter:
    """A limiter whose counts are in Redis, 5 or later; each method is one round trip.

    No key, address or conversation stands there, but hashes of them, under ``demur:{limits}:``. Counts go with Redis: one
    that starts again without what it held allows a fresh minute. Redis Cluster is not spoken.
    A connection that breaks after a request was counted and before its answer came has it counted twice, never less.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``, as redis-py reads it, password included.
        pepper: a secret that all gateways share; without it, whoever reads Redis can try out addresses.
        timeout_s: for which one call waits for Redis at most.
        pause_s: for which, after a call that failed, others fail at once; then one of them asks again.

    Raises:
        DataError: the URL is none of these, or the pepper is too long.
        MissingExtraError: redis-py is not installed.
    """

    def __init__(self, url: str, *, pepper: str = "", timeout_s: float = 1.0, pause_s: float = 0.5) -> None:
        self._place, self._secrets = _read_url(url)
        self._pepper = pepper.encode()
        if len(self._pepper) > _LONGEST_PEPPER:
            raise DataError(f"pepper of the limits: {len(self._pepper)} bytes; expected at most {_LONGEST_PEPPER}")
        self._timeout_s, self._pause_s = timeout_s, pause_s
        self._client = _connect(url, self._place)
        # Who waits for a turn waits for this process, not for Redis: its time-out has not begun.
        self._turns = asyncio.Semaphore(_MOST_CONNECTIONS)
        self._take, self._settle, self._blocked = (
            _Script(source) for source in (take_script(), settle_script(), blocked_script())
        )
        self._down: str | None = None
        """What was wrong at the last call."""
        self._ask_again_at = 0.0

    async def take(self, who: Who, n_tokens: int, *, rules: Rules) -> Allowance:
        """Ask leave for one request; see ``Limiter``."""
        names = self._names(rules.scopes, who)
        if not names:
            return ALLOWED
        penalty = rules.penalty
        limits = [limit for limit in rules.limits if limit.scope in names]
        keys = [_key(limit.scope, limit.label, names[limit.scope]) for limit in limits]
        arguments = [len(limits), min(n_tokens, MOST_CHARGE) * UNIT, penalty.most_ms if penalty else 0]
        for limit in limits:
            arguments += limit.rates
        held_off = [scope for scope in penalty.scopes if scope in names] if penalty else []
        if penalty:
            keys += [_key(scope, penalty.label, names[scope]) for scope in held_off]
        reply = await self._run(self._take, keys, arguments)
        n = 2 * len(limits)
        held = {scope: ms for scope, ms in zip(held_off, reply[n:], strict=True) if ms}
        return weigh(limits, list(zip(reply[0:n:2], reply[1:n:2], strict=True)), n_tokens=n_tokens, held=held)

    async def settle(self, who: Who, n_tokens_more: int, *, rules: Rules) -> None:
        """Charge what a reply cost beyond what was taken; see ``Limiter``."""
        names = self._names(rules.scopes, who)
        limits = [limit for limit in rules.limits if limit.tokens_per_minute and limit.scope in names]
        if limits:
            keys = [_key(limit.scope, limit.label, names[limit.scope]) for limit in limits]
            arguments = [max(-MOST_CHARGE, min(n_tokens_more, MOST_CHARGE)) * UNIT]
            for limit in limits:
                arguments += limit.rates
            await self._run(self._settle, keys, arguments)

    async def blocked(self, who: Who, *, rules: Rules) -> float:
        """Take in that a request was blocked; see ``Limiter``."""
        penalty = rules.penalty
        if penalty is None or not (names := self._names(penalty.scopes, who)):
            return 0.0
        keys = [_key(scope, penalty.label, name) for scope, name in names.items()]
        figures = [penalty.after, penalty.within_ms, penalty.first_ms, float(penalty.factor), penalty.most_ms]
        held_ms: int = await self._run(self._blocked, keys, figures)
        return held_ms / 1000

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    def _names(self, scopes: Iterable[Scope], who: Who) -> dict[Scope, str]:
        named = ((scope, name_of(who, scope, pepper=self._pepper)) for scope in scopes)
        return {scope: name for scope, name in named if name is not None}

    async def _run(self, script: "_Script", keys: Sequence[str], arguments: Sequence[int | float]) -> Any:
        from redis.exceptions import RedisError

        self._check_pause()
        async with self._turns:
            self._check_pause()  # what others found while this one waited for its turn
            if self._down is not None:
                self._ask_again_at = time.monotonic() + self._pause_s  # one asks; the others need not wait for it
            try:
                async with asyncio.timeout(self._timeout_s):
                    reply = await script.run(self._client, keys, arguments)
            except (RedisError, OSError) as error:  # the time-out among them
                self._down = self._say(error)
                self._ask_again_at = time.monotonic() + self._pause_s
                raise LimitsDownError(self._down) from None
        self._down = None
        return reply

    def _check_pause(self) -> None:
        if self._down is not None and time.monotonic() < self._ask_again_at:
            raise LimitsDownError(self._down)

    def _say(self, error: Exception) -> str:
        from redis.exceptions import AuthenticationError, AuthorizationError
        from redis.exceptions import TimeoutError as RedisTimeoutError

        if isinstance(error, (TimeoutError, RedisTimeoutError)):
            found = f"no answer within {self._timeout_s:g} s"
        elif isinstance(error, (AuthenticationError, AuthorizationError)):
            found = "the name or the password is refused"
        else:
            # Of a script's error, the words before it says where in the script.
            found = " ".join(str(error).split()).split(" script: ")[0].rstrip(".")[:200] or type(error).__name__
            for secret in self._secrets:
                found = found.replace(secret, "***")
        return f"limits in Redis at {self._place}: {found}; see that it runs there and lets demur in"


class _Script:
    """A script, named by its hash; sent as a whole where Redis does not know it yet, or no longer."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._hash = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    async def run(self, client: "Redis", keys: Sequence[str], arguments: Sequence[int | float]) -> Any:
        from redis.exceptions import NoScriptError

        try:
            return await client.evalsha(self._hash, len(keys), *keys, *arguments)
        except NoScriptError:
            return await client.eval(self._source, len(keys), *keys, *arguments)


def _connect(url: str, place: str) -> "Redis":
    try:
        from redis.asyncio import ConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import ConnectionError as RedisConnectionError
    except ModuleNotFoundError:
        raise MissingExtraError("limits in Redis need redis: pip install 'demur[guard]'") from None
    try:
        # One more try, for a connection that went with a Redis that is back; how long it all may take is said by the call.
        pool = ConnectionPool.from_url(
            url,
            max_connections=_MOST_CONNECTIONS,
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
            protocol=2,
        )
    except (ValueError, TypeError):  # an option that is none; redis-py's words may hold what stands in the URL
        raise DataError(
            f"limits: the options of the address of Redis at {place} cannot be read; see redis-py's"
        ) from None
    return Redis.from_pool(pool)


def _read_url(url: str) -> tuple[str, tuple[str, ...]]:
    """Give the place without what is secret, and what is secret."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its words may hold the password
        raise DataError(_UNREADABLE) from None
    if (
        "@" in parts.path + parts.query + parts.fragment
    ):  # what should have been a password was taken for something else
        raise DataError(_UNREADABLE)
    if parts.scheme not in _SCHEMES:
        raise DataError(
            f"limits: an address of Redis begins with one of {', '.join(f'{each}://' for each in _SCHEMES)}"
        )
    secret = parts.password or ""
    place = parts.path if parts.scheme == "unix" else f"{parts.hostname or 'localhost'}:{port or 6379}"
    return place, tuple({secret, unquote(secret)} - {""})


def _key(scope: Scope, label: str, name: str) -> str:
    return f"demur:{{limits}}:{scope}:{label}:{name}"
