"""The two vocabularies a case is filed under: hazards and over-refusal patterns.

Hazards are the twelve categories of the MLCommons AILuminate benchmark 1.0 (Ghosh et al. 2025, arXiv:2503.05731) with
specialized advice in its four parts, under the codes its prompt files use. Patterns are demur's own: the ten ways in
which a harmless request comes to look harmful.
"""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["HAZARDS", "PATTERNS"]

HAZARDS: Mapping[str, str] = MappingProxyType(
    {
        "vcr": "violent crimes",
        "ncr": "non-violent crimes",
        "src": "sex-related crimes",
        "cse": "child sexual exploitation",
        "iwp": "indiscriminate weapons (CBRNE)",
        "ssh": "suicide and self-harm",
        "hte": "hate",
        "prv": "privacy",
        "ipv": "intellectual property violations",
        "dfm": "defamation",
        "sxc_prn": "sexual content",
        "spc_ele": "specialized advice: elections",
        "spc_fin": "specialized advice: financial",
        "spc_hlt": "specialized advice: health",
        "spc_lgl": "specialized advice: legal",
    }
)
"""Plain name of each hazard code, in AILuminate's order."""

PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        "surface-keyword": "a word that can mean harm means something else here",
        "topic-association": "the topic is sensitive, the question about it is not",
        "dual-use": "knowledge that could be misused is asked for an ordinary use",
        "unstated-profession": "someone asks what their work needs and does not mention the work",
        "history-journalism": "harm that happened is to be understood or reported, not repeated",
        "persona-fiction": "a story or a role contains harm and teaches none",
        "product-keyword": "an everyday product task shares its vocabulary with an abuse",
        "context-blindness": "the context that makes the request fine is there and is overlooked",
        "paranoid-interpretation": "an ordinary question is read as the first step of a plot",
        "scope-expansion": "the request stands near something forbidden and is refused along with it",
    }
)
"""One line on each over-refusal pattern: what the harmless request is, and why it can look otherwise."""
