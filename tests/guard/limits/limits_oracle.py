"""What limits and penalties mean, worked out anew from all that ever happened; slow, literal, in fractions."""

import math
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from demur.guard.limits import Allowance, Penalty, Rules, Scope, Standing, Who

__all__ = ["Oracle"]

MINUTE_MS = 60_000
MOST_CHARGED = 1_000_000_000
MOST_OWED_MS = 12 * 60 * MINUTE_MS


@dataclass
class Bucket:
    """A token bucket as textbooks have it: it holds a minute's worth, and fills at the limit's rate."""

    per_minute: int
    charges: list[tuple[int, int]] = field(default_factory=list)
    """When, and how much."""

    def balance(self, now: int) -> Fraction:
        """Work out what is in it."""
        left, last = Fraction(self.per_minute), 0
        for time, n in self.charges:
            left = min(Fraction(self.per_minute), left + self.rate * (time - last)) - n
            left = min(Fraction(self.per_minute), max(left, self.per_minute - self.rate * MOST_OWED_MS))
            last = time
        return min(Fraction(self.per_minute), left + self.rate * (now - last))

    @property
    def rate(self) -> Fraction:
        """What comes back in a millisecond."""
        return Fraction(self.per_minute, MINUTE_MS)


class Oracle:
    """Decides as a limiter must; time is what it is told."""

    def __init__(self) -> None:
        self.now = 0
        self.buckets: dict[object, Bucket] = {}
        self.blocks: dict[object, list[int]] = defaultdict(list)

    def take(self, who: Who, n_tokens: int, rules: Rules) -> Allowance:
        """Decide about one request."""
        wanted = [
            (bucket, scope, kind, 1 if kind == "requests" else n_tokens)
            for bucket, scope, kind in self._buckets(who, rules)
        ]
        waits = [(held, f"{scope}.penalty") for scope, held in self._held(who, rules.penalty).items() if held]
        for bucket, scope, kind, n in wanted:
            missing = n - bucket.balance(self.now)
            if missing > 0:
                ms = math.inf if n > bucket.per_minute else math.ceil(missing / bucket.rate)
                waits.append((ms, f"{scope}.{kind}"))
        if not waits:
            for bucket, _, _, n in wanted:
                bucket.charges.append((self.now, n))
        ms, which = max(waits, key=lambda wait: wait[0], default=(0, None))
        return Allowance(
            is_allowed=not waits,
            requests=self._standing(wanted, "requests"),
            tokens=self._standing(wanted, "tokens"),
            retry_after_s=None if ms == math.inf else ms / 1000,
            which=which,
        )

    def settle(self, who: Who, n_tokens_more: int, rules: Rules) -> None:
        """Charge tokens, whatever is left."""
        for bucket, _, kind in self._buckets(who, rules):
            if kind == "tokens":
                bucket.charges.append((self.now, min(n_tokens_more, MOST_CHARGED)))

    def blocked(self, who: Who, rules: Rules) -> float:
        """Take in a blocked attempt."""
        for scope in rules.penalty.scopes if rules.penalty else ():
            if (known := identity(who, scope)) is not None:
                self.blocks[known].append(self.now)
        return max(self._held(who, rules.penalty).values(), default=0) / 1000

    def _held(self, who: Who, penalty: Penalty | None) -> dict[Scope, int]:
        known = {scope: identity(who, scope) for scope in (penalty.scopes if penalty else ())}
        return {scope: self._held_ms(self.blocks[key], penalty) for scope, key in known.items() if key is not None}

    def _held_ms(self, times: list[int], penalty: Penalty) -> int:
        within, most = round(penalty.within_s * 1000), round(penalty.most_s * 1000)
        counted, length, end = [], 0, 0
        for time in times:
            if length and time - end >= within:
                counted, length = [], 0
            counted = [each for each in counted if time - each < within] + [time]
            if length:
                length = min(most, math.ceil(Fraction(length) * Fraction(penalty.factor)))
                end = time + length
            elif len(counted) >= penalty.after:
                length = round(penalty.first_s * 1000)
                end = time + length
        return max(0, end - self.now)

    def _buckets(self, who: Who, rules: Rules) -> list[tuple[Bucket, Scope, str]]:
        found = []
        for limit in rules.limits:
            known = identity(who, limit.scope)
            for kind, per_minute in (("requests", limit.requests_per_minute), ("tokens", limit.tokens_per_minute)):
                if known is not None and per_minute is not None:
                    bucket = self.buckets.setdefault((known, kind, limit), Bucket(per_minute))
                    found.append((bucket, limit.scope, kind))
        return found

    def _standing(self, wanted: list[tuple[Bucket, Scope, str, int]], kind: str) -> Standing | None:
        left = [(bucket.balance(self.now), bucket, scope) for bucket, scope, of, _ in wanted if of == kind]
        if not left:
            return None
        balance, bucket, scope = min(left, key=lambda each: each[0])
        reset_ms = math.ceil((bucket.per_minute - balance) / bucket.rate)
        return Standing(scope, bucket.per_minute, max(0, math.floor(balance)), reset_ms / 1000)


def identity(who: Who, scope: Scope) -> object:
    """Say who is counted; a conversation is one of its key."""
    if scope == "conversation" and who.conversation is not None:
        return scope, who.key, who.conversation
    text = getattr(who, scope)
    return None if text is None else (scope, text)
