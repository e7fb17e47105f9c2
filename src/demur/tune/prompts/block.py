"""Building blocks of system prompts: the parts a prompt can have, and how each can be put."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

__all__ = ["Block", "load_blocks", "load_order", "load_parts"]

_FILE = "prompt_blocks.toml"


@dataclass(frozen=True)
class Block:
    """One phrasing of one part of a system prompt."""

    part: str
    """What it is about: ``context``, ``audience``, ``help``, ``decline``, ``manner`` or ``ask``."""
    name: str
    """Which phrasing of its part it is."""
    text: str
    """One or a few sentences."""

    @property
    def label(self) -> str:
        """Part and name, parted by a dot."""
        return f"{self.part}.{self.name}"


def load_parts(*, is_operated: bool = False) -> Mapping[str, str]:
    """Load the parts that a prompt can have, in its order, each with what it is about.

    Args:
        is_operated: whether the subject has a system prompt of its own, which says already what it is for and for whom.
    """
    told = _load()
    return {part: about for part, about in told["about"].items() if not (is_operated and part in told["operator"])}


def load_blocks(*, is_operated: bool = False) -> tuple[Block, ...]:
    """Load the blocks that come with demur, parts in the order of a prompt, each with its shortest phrasing first.

    Args:
        is_operated: as for `load_parts`.
    """
    phrasings = _load()["parts"]
    return tuple(
        Block(part, name, text)
        for part in load_parts(is_operated=is_operated)
        for name, text in phrasings[part].items()
    )


def load_order() -> tuple[str, ...]:
    """Load the parts in the order in which they are tried, the one of which most is expected first."""
    return tuple(_load()["first"])


def _load() -> dict[str, Any]:
    return tomllib.loads(resources.files("demur.tune").joinpath(_FILE).read_text(encoding="utf-8"))
