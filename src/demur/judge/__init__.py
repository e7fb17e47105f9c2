"""Judges: what a reply is, how it fails over a conversation, and how much of the refusing is recitation."""

from demur.judge.base import Judge
from demur.judge.conversation import capitulated, is_inconsistent
from demur.judge.rule_judge import RuleJudge, default_judge

__all__ = ["Judge", "RuleJudge", "capitulated", "default_judge", "is_inconsistent"]
