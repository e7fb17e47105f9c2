"""What one exchange uses of its caller's limits: taken before the model is asked, and settled when the reply is known."""

import time
from contextlib import suppress

from demur.guard.exchange import Exchange
from demur.guard.limits import Allowance, Limiter, LimitsDownError, Who, headers
from demur.guard.timing import ms_since
from demur.guard.wire.upstream import Header

__all__ = ["Meter"]

_CHARS_PER_TOKEN = 4
"""Of English prose, roughly; what the upstream counts takes its place when it is known."""


class Meter:
    """Counts for one exchange.

    Args:
        limiter: keeps count; None counts nothing.
        exchange: what is counted, and told of it.
        address: of the client.
    """

    def __init__(self, limiter: Limiter | None, exchange: Exchange, *, address: str | None) -> None:
        self._limiter, self._exchange = limiter, exchange
        self._who = Who(exchange.caller.identity, address, exchange.conversation)
        self._rules = exchange.guard.policy.limits
        self._taken = 0
        self.headers: tuple[Header, ...] = ()
        """What tells the caller how much is left."""

    async def take(self) -> Allowance | None:
        """Take what the request uses, by its length; None where nobody counts.

        Raises:
            LimitsDownError: the store of the limits cannot be asked, and the policy fails closed.
        """
        if self._limiter is None or not self._rules.scopes:
            return None
        exchange = self._exchange
        self._taken = sum(len(turn.text) for turn in exchange.asked.turns) // _CHARS_PER_TOKEN + 1
        began = time.perf_counter()
        try:
            allowance = await self._limiter.take(self._who, self._taken, rules=self._rules)
        except LimitsDownError as error:
            exchange.ran("limits", "error", ms_since(began))
            if exchange.guard.policy.fail.limits == "closed":
                raise
            exchange.error = str(error)
            return None
        exchange.ran("limits", "allow" if allowance.is_allowed else "block", ms_since(began))
        self.headers = tuple(headers(allowance))
        return allowance

    async def settle(self) -> None:
        """Charge what the reply cost, as the upstream counted it, or else by its length; once."""
        taken, self._taken = self._taken, 0
        if self._limiter is None or not taken:
            return
        said = self._exchange.said
        n_reply = said.n_output_tokens or len(said.text) // _CHARS_PER_TOKEN
        n_all = (said.n_input_tokens or taken) + n_reply
        with suppress(LimitsDownError):
            await self._limiter.settle(self._who, n_all - taken, rules=self._rules)

    async def hold_off(self) -> None:
        """Take in that something of the exchange was blocked."""
        if self._limiter is not None:
            with suppress(LimitsDownError):
                await self._limiter.blocked(self._who, rules=self._rules)
