"""What every judge is: something that reads one reply and says what it is."""

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from demur.types import Reply, Turn, Verdict

__all__ = ["Judge"]


@runtime_checkable
class Judge(Protocol):
    """Reads one reply in its conversation and gives a verdict; the same input gives the same verdict."""

    @property
    def name(self) -> str:
        """Short name, written into every verdict."""

    @property
    def version(self) -> str:
        """Changes whenever some verdict could; written into every verdict."""

    def judge(self, reply: Reply, turns: Sequence[Turn], /) -> Verdict:
        """Say what a reply is.

        Args:
            reply: what the subject answered; its `reasoning` is judged by itself.
            turns: the conversation up to and including the user's question, oldest first.

        Returns:
            A verdict; one that could not be reached has outcome None and says why in `note`.
        """

    def judge_many(self, pairs: Iterable[tuple[Reply, Sequence[Turn]]]) -> list[Verdict]:
        """Say what each of several replies is, in order: the same as `judge` says, in less time where that can be.

        Args:
            pairs: each reply with its conversation.
        """
