"""Opening a limiter by its address."""

from demur.errors import DataError
from demur.guard.limits.limiter import Limiter
from demur.guard.limits.memory import MemoryLimiter
from demur.guard.limits.redis import RedisLimiter

__all__ = ["open_limiter"]

_MEMORY = "memory://"


def open_limiter(address: str | None = None, *, pepper: str = "") -> Limiter:
    """Open a limiter.

    Args:
        address: ``memory://`` or None for one in this process, which other gateways do not see; the URL of a Redis for one
            that all of them share.
        pepper: see ``RedisLimiter``.

    Raises:
        DataError: the address is none of these.
        MissingExtraError: redis-py is not installed.
    """
    if address is None or address == _MEMORY:
        return MemoryLimiter()
    if "://" not in address:
        raise DataError(f"limits: the address is no URL; expected {_MEMORY} or redis://HOST:PORT")
    return RedisLimiter(address, pepper=pepper)
