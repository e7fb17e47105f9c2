"""The words an explanation adds to a request: frames, masks, levers and a question that nobody refuses."""

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal, NamedTuple

__all__ = [
    "Lever",
    "Place",
    "load_control",
    "load_frames",
    "load_levers",
    "load_mask",
    "load_probes",
    "load_substitute",
]

Place = Literal["user", "system"]


class Lever(NamedTuple):
    """Something that is stated about a request, and where."""

    name: str
    """``purpose``, ``audience`` or ``profession``."""
    place: Place
    """Before the request, or at the end of the system prompt."""
    text: str

    @property
    def n_words(self) -> int:
        """How much it changes."""
        return len(self.text.split())


def load_frames(locale: str) -> Sequence[str]:
    """Load the frames for a language, each with ``{}`` where the request stands."""
    frames: dict[str, list[str]] = _load()["frames"]
    return frames.get(_language(locale), frames["other"])


def load_mask() -> str:
    """Load what stands for a word that is masked."""
    return str(_load()["mask"])


def load_substitute(locale: str) -> str:
    """Load the neutral word that is put in a word's place; the mask where a language has none."""
    return str(_load()["substitutes"].get(_language(locale), load_mask()))


def load_control() -> str:
    """Load the question that nobody refuses."""
    return str(_load()["control"])


def load_levers() -> tuple[Lever, ...]:
    """Load the levers, the least change first."""
    levers = [Lever(name, place, text) for name, places in _load()["levers"].items() for place, text in places.items()]
    return tuple(sorted(levers, key=lambda lever: lever.n_words))


def load_probes(name: str) -> Sequence[str]:
    """Load the questions of a probe, each with ``{}`` where words stand; in English."""
    probes: Sequence[str] = _load()["probes"][name]
    return probes


def _language(locale: str) -> str:
    return locale.partition("-")[0]


@cache
def _load() -> dict[str, Any]:
    return tomllib.loads(resources.files("demur.explain").joinpath("wordings.toml").read_text(encoding="utf-8"))
