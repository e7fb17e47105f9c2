"""The local judge: tokens, a small trained network over them, and the verdict that is read off it."""

from demur.judge.local.local_judge import LocalJudge

__all__ = ["LocalJudge"]
