"""The local judge, loaded when first asked and shared: its weights take a quarter of a second."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demur.judge.local import LocalJudge

__all__ = ["shared_judge"]


@cache
def shared_judge() -> "LocalJudge":
    """Give the judge of this process."""
    from demur.judge.local import LocalJudge

    return LocalJudge()
