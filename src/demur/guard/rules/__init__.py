"""Rules: patterns and phrases, looked for in a whole text or in one that is still coming."""

from demur.guard.rules.holdback import HoldBack
from demur.guard.rules.patterns import Match, Rule, RuleSet

__all__ = ["HoldBack", "Match", "Rule", "RuleSet"]
