"""Candidates: system prompts put together from blocks, drawn so that every block gets its turn."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from demur.records import content_hash
from demur.tune.prompts.block import Block

__all__ = ["Candidate", "draw_candidates"]

_MOST_BLOCKS = 3
"""Of a drawn candidate: longer prompts are followed worse by small models, and cost tokens with every question."""
_MOST_TRIES = 50
"""Draws in a row that give nothing new, after which there is no more to be had."""


@dataclass(frozen=True)
class Candidate:
    """A system prompt: the subject's own, if it has one, and then the blocks."""

    own: str | None
    """System prompt that the subject has already."""
    blocks: tuple[Block, ...] = ()
    """What is added to it; nothing is added by the subject's own prompt."""

    @property
    def text(self) -> str | None:
        """The whole system prompt; None is none at all."""
        parts = [self.own] if self.own is not None else []
        return "\n\n".join([*parts, self.added] if self.added else parts) or None

    @property
    def added(self) -> str:
        """The blocks alone."""
        return " ".join(block.text for block in self.blocks)

    @property
    def label(self) -> str:
        """The blocks by their labels."""
        return " + ".join(block.label for block in self.blocks) or "as it was"

    @property
    def key(self) -> str:
        """Hash of the whole prompt, 16 hexadecimal digits."""
        return content_hash(self.text)

    def shorter(self) -> tuple["Candidate", ...]:
        """Give the candidates with one block less."""
        return tuple(
            Candidate(self.own, self.blocks[:place] + self.blocks[place + 1 :]) for place in range(len(self.blocks))
        )


def draw_candidates(
    blocks: Sequence[Block], n: int, *, first: Sequence[str] = (), own: str | None = None, rng: np.random.Generator
) -> tuple[Candidate, ...]:
    """Draw different candidates of one, two and three blocks by turns.

    Parts and phrasings that were used least come first, so that few candidates try every block, and each in other company.

    Args:
        blocks: parts in the order of a prompt, phrasings of one part in the order in which they are to be tried.
        n: how many; fewer where there are no more.
        first: parts in the order in which they are tried for the first time.
        own: system prompt that the subject has already.
        rng: decides later between parts that were used equally often.
    """
    parts = list(dict.fromkeys(block.part for block in blocks))
    used: Counter[str] = Counter()
    drawn: dict[tuple[str, ...], Candidate] = {}
    tries = 0
    while len(drawn) < n and tries < _MOST_TRIES:
        size = min(1 + (len(drawn) + tries) % _MOST_BLOCKS, len(parts))
        order = sorted(
            rng.permutation(len(parts)), key=lambda place: (used[parts[place]], _rank(parts[place], first, used))
        )
        chosen = [_least_used(parts[place], blocks, used) for place in sorted(order[:size])]
        labels = tuple(block.label for block in chosen)
        used.update(block.part for block in chosen)
        used.update(labels)
        tries = tries + 1 if labels in drawn else 0
        drawn.setdefault(labels, Candidate(own, tuple(chosen)))
    return tuple(drawn.values())


def _rank(part: str, first: Sequence[str], used: Counter[str]) -> int:
    return 0 if used[part] or part not in first else first.index(part)


def _least_used(part: str, blocks: Sequence[Block], used: Counter[str]) -> Block:
    return min((block for block in blocks if block.part == part), key=lambda block: used[block.label])
