"""The policy: one file that says what is looked for, what follows, who may ask, how often, and what happens when a part fails."""

from demur.guard.policy.parsing import parse_policy
from demur.guard.policy.policy import (
    OFF,
    FailMode,
    FailModes,
    Key,
    Policy,
    PolicyRule,
    Thresholds,
)
from demur.guard.policy.reading import default_policy, read_policy

__all__ = [
    "OFF",
    "FailMode",
    "FailModes",
    "Key",
    "Policy",
    "PolicyRule",
    "Thresholds",
    "default_policy",
    "parse_policy",
    "read_policy",
]
