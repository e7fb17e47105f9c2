"""The trained judge: it reads sixteen languages and gives the whole verdict; a preview beside the rules, see ``docs/judge.md``."""

from demur.judge.local.local_judge import LocalJudge

__all__ = ["LocalJudge"]
