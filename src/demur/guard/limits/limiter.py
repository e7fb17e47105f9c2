"""The limiter: what keeps count, in this process or in one that several gateways share.

The library ``limits`` (5.8) was looked at first. It charges one limit a call, so that a request refused by its third limit has
used the first two. Its exact window keeps an entry a token (1.7 MB of Redis for 100,000) by each gateway's own clock, and
cannot charge what is not left, as a reply's tokens must be. Its tables in memory have no bound, and it has no penalty.
"""

from typing import Protocol

from demur.errors import IncompleteError
from demur.guard.limits.allowance import Allowance
from demur.guard.limits.rules import Rules
from demur.guard.limits.who import Who

__all__ = ["Limiter", "LimitsDownError"]


class LimitsDownError(IncompleteError):
    """The store of the limits cannot be asked; whether requests go on without is the policy's to say."""


class Limiter(Protocol):
    """Keeps count of requests, tokens and blocked attempts.

    Every method raises ``LimitsDownError`` where the store cannot be asked; by the next call it may be back.
    """

    async def take(self, who: Who, n_tokens: int, *, rules: Rules) -> Allowance:
        """Ask leave for one request, and charge it to every limit if all of them allow it.

        Args:
            who: who asks.
            n_tokens: it is reckoned to use, at least 0; those of the prompt are known before the reply's.
            rules: of their policy.
        """
        ...

    async def settle(self, who: Who, n_tokens_more: int, *, rules: Rules) -> None:
        """Charge what a reply cost beyond what was taken, even where nothing is left: what is owed holds up the next.

        Args:
            who: who asked.
            n_tokens_more: than were taken; negative where it was less. What is given back late may be spent at once,
                though what was used never exceeds what all the time together allowed.
            rules: of their policy.
        """
        ...

    async def blocked(self, who: Who, *, rules: Rules) -> float:
        """Take in that a request was blocked.

        Returns:
            Seconds for which they are held off from now; 0 where they are not.
        """
        ...

    async def close(self) -> None:
        """Let go of what it holds."""
        ...
