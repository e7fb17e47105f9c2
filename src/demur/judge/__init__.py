"""Judges: what a reply is, how it fails over a conversation, and how much of the refusing is recitation."""

from demur.judge.base import Judge
from demur.judge.conversation import capitulated, is_inconsistent

__all__ = ["Judge", "capitulated", "default_judge", "is_inconsistent"]


def default_judge() -> Judge:
    """Give the judge that is used where none is named: the local one."""
    from demur.judge.local import LocalJudge

    return LocalJudge()
