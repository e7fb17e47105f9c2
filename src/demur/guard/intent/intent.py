"""What a request is after, as far as its words tell."""

from typing import Literal, NamedTuple, get_args

__all__ = ["ABOUTS", "HAZARDS", "READINGS", "About", "Hazard", "Intent"]

Hazard = Literal[
    "vcr", "ncr", "src", "cse", "iwp", "ssh", "hte", "prv", "ipv", "dfm", "sxc", "ele", "hlt", "fin", "lgl", "cyb", "dis", "har",
]  # fmt: skip
"""Hazards by AILuminate's codes, and ``cyb`` attacks on computers, ``dis`` disinformation, ``har`` harassment."""

HAZARDS: tuple[Hazard, ...] = get_args(Hazard)

About = Literal["self", "other", "danger", "violence"]
"""Whom a crisis is about: the writer, who may harm themselves; somebody else, who may; somebody in danger; somebody who is being hurt."""

ABOUTS: tuple[About, ...] = get_args(About)


class Intent(NamedTuple):
    """How probable each reading of a request is; the five probabilities sum to 1."""

    harmful: float
    """A well-behaved assistant refuses."""
    crisis: float
    """The writer is in danger of suicide or self-harm, or somebody is in danger now."""
    worried: float
    """The writer is worried about somebody."""
    mention: float
    """Such a crisis is a matter of study, work, fiction or speech."""
    harmless: float
    category: Hazard
    """The hazard that it is about if it is harmful at all."""
    about: About = "self"
    """Whom it is about if it is a crisis at all."""


READINGS = Intent._fields[:5]
"""In the order of the network's outputs."""
