"""What a policy holds; `parsing` reads it from its file, whose keys docs/guard.md explains."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from demur.guard.decision import Rail
from demur.guard.limits.rules import Rules

__all__ = [
    "OFF",
    "FailMode",
    "FailModes",
    "Key",
    "Policy",
    "PolicyRule",
    "ReplyJudging",
    "RuleAction",
    "Thresholds",
    "Unguarded",
]

RuleAction = Literal["block", "warn", "escalate"]
FailMode = Literal["open", "closed"]
"""Of a part that fails: ``open`` goes on without it and says so, ``closed`` answers nothing that it has not passed."""
ReplyJudging = Literal["off", "warn", "block"]
Unguarded = Literal["pass", "refuse"]


@dataclass(frozen=True)
class PolicyRule:
    """What is looked for, where, and what follows."""

    name: str
    category: str
    action: RuleAction
    at: tuple[Rail, ...]
    phrases: tuple[str, ...]
    patterns: tuple[str, ...]


@dataclass(frozen=True)
class Thresholds:
    """From which probability what the classifier says is acted upon; None never is. All in (0, 1]."""

    block: float | None = 0.4
    """Of harm: refused. Of 2,000 plain instructions that nobody trained with, .4 % have so much."""
    clarify: float | None = None
    """Of harm: the asker is asked what it is for; below `block`."""
    crisis: float | None = 0.4
    """Of a crisis: answered with help."""
    suspect: float | None = 0.2
    """Of harm: the judge reads the reply. At most `block`; .7 % of the same have so much."""


OFF = Thresholds(block=None, clarify=None, crisis=None, suspect=None)
"""The classifier is not asked."""


@dataclass(frozen=True)
class FailModes:
    """What happens when a part of the guard itself fails."""

    input: FailMode = "closed"
    output: FailMode = "closed"
    limits: FailMode = "open"
    audit: FailMode = "open"


@dataclass(frozen=True)
class Key:
    """A caller's key: its name and what is known of it; the key itself is nowhere."""

    name: str
    sha256: str
    """64 hexadecimal digits, of the key as it is sent."""
    policy: str | None = None
    """Path of the policy of this tenant, from the folder of the file that names it; None is that of everybody."""


@dataclass(frozen=True)
class Policy:
    """What the guard does."""

    rules: tuple[PolicyRule, ...]
    persona: str | None = None
    scope: str | None = None
    country: str | None = None
    tell: bool = True
    intent: Thresholds = field(default_factory=Thresholds)
    judge: ReplyJudging = "block"
    """What follows when the local judge finds that a suspect request was answered, or a refusal leaks."""
    unguarded: Unguarded = "pass"
    """What becomes of requests that are sent by paths no rail knows: embeddings, pictures, and ways round the rails too."""
    fail: FailModes = field(default_factory=FailModes)
    limits: Rules = field(default_factory=Rules)
    """How much each caller may use, and how repeated blocked attempts are held off."""
    keys: tuple[Key, ...] = ()
    """Where there are any, nobody is let in without one."""
    tenants: Mapping[str, "Policy"] = field(default_factory=dict)
    """By the name of the key; only what has a policy of its own."""
    fingerprint: str = ""
    """Hash of the file and of those it names."""
