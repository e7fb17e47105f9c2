"""The headers that tell a caller what is left and when to come back."""

import math

from demur.guard.limits.allowance import Allowance

__all__ = ["duration", "headers"]


def headers(allowance: Allowance) -> list[tuple[bytes, bytes]]:
    """Give the headers of a reply, as OpenAI names them.

    ``x-ratelimit-{limit,remaining,reset}-{requests,tokens}`` stand on every reply that a limit of the kind holds for;
    a refusal has ``retry-after`` (RFC 9110, 10.2.3: whole seconds, rounded up) and ``retry-after-ms``, which OpenAI's
    clients prefer. Where waiting does not help, ``x-should-retry: false`` keeps them from trying again.

    Left out: ``RateLimit`` and ``RateLimit-Policy`` of draft-ietf-httpapi-ratelimit-headers. Revision 11 of May 2026 is
    no standard yet, the fields changed their syntax twice on the way, and OpenAI's client reads neither.
    """
    found: list[tuple[str, str]] = []
    for kind, standing in (("requests", allowance.requests), ("tokens", allowance.tokens)):
        if standing is not None:
            found += [
                (f"x-ratelimit-limit-{kind}", str(standing.limit)),
                (f"x-ratelimit-remaining-{kind}", str(standing.remaining)),
                (f"x-ratelimit-reset-{kind}", duration(standing.reset_s)),
            ]
    if not allowance.is_allowed:
        wait = allowance.retry_after_s
        if wait is None:
            found.append(("x-should-retry", "false"))
        else:
            found += [("retry-after", str(math.ceil(wait))), ("retry-after-ms", str(round(wait * 1000)))]
    return [(name.encode(), value.encode()) for name, value in found]


def duration(seconds: float) -> str:
    """Write a time as Go does, and OpenAI with it: ``12ms``, ``1s``, ``7.66s``, ``6m0s``, ``1h0m0.5s``."""
    ms = round(seconds * 1000)
    if 0 < ms < 1000:  # noqa: PLR2004 -- a second
        return f"{ms}ms"
    minutes, ms = divmod(ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    written = f"{ms // 1000}.{ms % 1000:03}".rstrip("0").rstrip(".") + "s"
    if hours or minutes:
        written = f"{minutes}m{written}"
    return f"{hours}h{written}" if hours else written
