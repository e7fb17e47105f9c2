"""The guard: a gateway in front of a model that says no well, and only when it should."""

from demur.guard.guard import Guard
from demur.guard.policy import Policy, default_policy, parse_policy

__all__ = ["Guard", "Policy", "default_policy", "parse_policy"]
