"""What is wrong with a policy that can be read, what is doubtful, and what each of its rails can do with a stream."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from demur.guard.crisis import due
from demur.guard.guard import Guard
from demur.guard.policy import Policy, PolicyRule

__all__ = ["Finding", "Mode", "find_faults", "modes_of"]

_SOON_DAYS = 60
_LARGE = 2_000
"""Instructions of a compiled pattern from which it is worth a look: they are what RE2's time and memory grow with."""
_SHORT = 3
"""Characters of a phrase that everyday text is full of, in scripts that have letters for sounds."""
_LONG_HOLD = 1_000
"""Characters of a reply that a stream can be held for before people think that it hangs."""
_EVERYDAY = (
    "Hi, can you help me plan a birthday party for my daughter on Saturday? We expect 12 children and have about 200 euros.",
    "Please summarise this text in three sentences and list the main points, with dates and names.",
    "def add(a, b):\n    return a + b\n\nprint(add(2, 3))",
    "The weather was fine, so we walked to the old bridge, had a coffee there, and took the bus home at 5 pm.",
)
"""What no rule that blocks should find anything in."""


@dataclass(frozen=True)
class Finding:
    """Something to mend, or to know."""

    level: Literal["error", "warning"]
    message: str


@dataclass(frozen=True)
class Mode:
    """What a rail can do while a reply is still coming."""

    rail: str
    way: Literal["request", "incremental", "whole"]
    """Before the model is asked; as the reply comes; or when all of it is there."""
    reach: int | None
    """Characters that a stream can be held at most; None where it is held to its end."""
    when: str
    """For which replies."""


def find_faults(policy: Policy, *, day: dt.date) -> Iterator[Finding]:
    """Find what is wrong with a policy at a day: help that has run out, rules that fire on everything, patterns that cost much."""
    for entry in due(day, _SOON_DAYS):
        has_expired = entry.expires < day
        yield Finding(
            "error" if has_expired else "warning",
            f"{entry.place}: {'expired' if has_expired else 'expires'} on {entry.expires}; confirm it at {entry.source}",
        )
    for rule in policy.rules:
        yield from _faults_of(rule)
    yield from _phrases_twice(policy)
    limits = policy.intent
    if limits.block is None and not any(rule.action == "block" and "input" in rule.at for rule in policy.rules):
        yield Finding("warning", "no request is ever blocked: intent is off and no rule blocks at the input")
    if policy.judge == "block" and limits.suspect is None:
        yield Finding("warning", "judge: block has nothing to judge: intent has no suspect threshold")
    for name, tenant in policy.tenants.items():
        for finding in find_faults(tenant, day=day):
            yield Finding(finding.level, f"tenant {name}: {finding.message}")


def modes_of(guard: Guard) -> tuple[Mode, ...]:
    """Say of each rail what it does with a stream, the longest hold of any of its rules included."""
    policy = guard.policy
    modes = [
        Mode("input: rules", "request", 0, "all"),
        Mode("input: intent", "request", 0, "off" if policy.intent.block is None else "all"),
        Mode("output: rules", "incremental", guard.output.reach, "all"),
    ]
    if policy.judge == "block":
        modes.append(
            Mode("output: judge", "whole", None, f"requests with a probability of {policy.intent.suspect} or more")
        )
    elif policy.judge == "warn":
        modes.append(Mode("output: judge", "whole", 0, "after the end, to tell"))
    return tuple(modes)


def _faults_of(rule: PolicyRule) -> Iterator[Finding]:
    for pattern in rule.patterns:
        size = _size_of(pattern)
        if size > _LARGE:
            yield Finding(
                "warning", f"{rule.name}: {pattern!r} compiles to {size:,} instructions; make its gaps shorter"
            )
        hit = next((text for text in _EVERYDAY if _finds(pattern, text)), None)
        if hit is not None and rule.action != "warn":
            yield Finding("warning", f"{rule.name}: {pattern!r} finds something in everyday text: {hit[:40]!r} ...")
    for phrase in rule.phrases:
        if len(phrase) <= _SHORT and phrase.isascii() and rule.action != "warn":
            yield Finding(
                "warning", f"{rule.name}: the phrase {phrase!r} is short; everyday text is full of such words"
            )


def _phrases_twice(policy: Policy) -> Iterator[Finding]:
    owners: dict[tuple[str, str], str] = {}
    for rule in policy.rules:
        for phrase in rule.phrases:
            for rail in rule.at:
                key = (rail, phrase.casefold())
                if key in owners and owners[key] != rule.name:
                    yield Finding(
                        "warning", f"{rule.name}: the phrase {phrase!r} is one of {owners[key]} too, which decides"
                    )
                owners.setdefault(key, rule.name)


def _size_of(pattern: str) -> int:
    size: int = _compiled(pattern).programsize
    return size


def _finds(pattern: str, text: str) -> bool:
    return _compiled(pattern).search(text) is not None


def _compiled(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    return re2.compile(f"(?i){pattern}", options)
