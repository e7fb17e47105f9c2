"""From the hazards that the classifier names to the categories that refusals are written in."""

from collections.abc import Mapping

__all__ = ["category_of"]

_CATEGORIES: Mapping[str, str] = {
    "cse": "minors",
    "cyb": "cyber-attack",
    "dfm": "defamation",
    "dis": "disinformation",
    "ele": "elections",
    "fin": "financial-advice",
    "har": "harassment",
    "hlt": "health-advice",
    "hte": "harassment",
    "ipv": "intellectual-property",
    "iwp": "weapons",
    "lgl": "legal-advice",
    "ncr": "crime",
    "prv": "privacy",
    "src": "violence",
    "ssh": "self-harm",
    "sxc": "sexual-content",
    "vcr": "violence",
}
"""Codes of the AILuminate taxonomy 1.0, and three more that its benchmarks leave out: cyb, dis, har."""


def category_of(hazard: str | None) -> str:
    """Give the category that a refusal of a hazard is written in; crime in general for one that is not known."""
    return _CATEGORIES.get(hazard or "", "crime")
