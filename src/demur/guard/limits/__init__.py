"""Limits: how many requests and tokens a minute a key, an address and a conversation have, and who is held off."""

from demur.guard.limits.allowance import Allowance, Standing
from demur.guard.limits.headers import headers
from demur.guard.limits.limiter import Limiter, LimitsDownError
from demur.guard.limits.memory import MemoryLimiter
from demur.guard.limits.opening import open_limiter
from demur.guard.limits.redis import RedisLimiter
from demur.guard.limits.rules import Limit, Penalty, Rules
from demur.guard.limits.who import Scope, Who

__all__ = [
    "Allowance",
    "Limit",
    "Limiter",
    "LimitsDownError",
    "MemoryLimiter",
    "Penalty",
    "RedisLimiter",
    "Rules",
    "Scope",
    "Standing",
    "Who",
    "headers",
    "open_limiter",
]
