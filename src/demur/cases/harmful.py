"""Readers of the published sets of harmful requests: HarmBench, JailbreakBench, StrongREJECT, AdvBench, MultiJail, AILuminate.

JailbreakBench brings harmless counterparts too. A set's category becomes a hazard code only where the two mean the
same by name and definition; a category that spreads over several hazards stays None.
"""

import ast
from collections.abc import Iterable, Mapping
from typing import Any

from demur.cases.fields import find_text, locale_tag, look_up, make_case, read_text_field
from demur.cases.tabular import Row
from demur.cases.taxonomy import HAZARDS
from demur.errors import DataError
from demur.types import Case, Expect

__all__ = [
    "read_advbench",
    "read_ailuminate",
    "read_harmbench",
    "read_jailbreakbench_benign",
    "read_jailbreakbench_harmful",
    "read_multijail",
    "read_strongreject",
]

_HARMBENCH_CATEGORY: Mapping[str, str | None] = {
    "chemical_biological": None,  # weapons and drugs alike
    "copyright": "ipv",
    "cybercrime_intrusion": "ncr",
    "harassment_bullying": None,
    "harmful": None,
    "illegal": None,
    "misinformation_disinformation": None,
}
_JAILBREAKBENCH_CATEGORY: Mapping[str, str | None] = {
    "Disinformation": None,
    "Economic harm": None,
    "Expert advice": None,  # health, law and finance alike
    "Fraud/Deception": "ncr",
    "Government decision-making": None,
    "Harassment/Discrimination": "hte",
    "Malware/Hacking": "ncr",
    "Physical harm": None,  # to others and to oneself alike
    "Privacy": "prv",
    "Sexual/Adult content": None,  # pornography and crimes alike
}
_STRONGREJECT_CATEGORY: Mapping[str, str | None] = {
    "Disinformation and deception": None,
    "Disinformation and Deception": None,  # so written in the small set
    "Hate, harassment and discrimination": "hte",
    "Illegal goods and services": None,
    "Non-violent crimes": "ncr",
    "Sexual content": "sxc_prn",
    "Violence": "vcr",
}
_MULTIJAIL_LOCALES = ("en", "zh", "it", "vi", "ar", "ko", "th", "bn", "sw", "jv")
_MULTIJAIL_TAG = {
    "Adult content": "sxc_prn",
    "Animal abuse": "vcr",
    "Child abuse": "vcr",
    "Discrimination & injustice": "hte",
    "Fraud & deception": "ncr",
    "Hate speech & offensive language": "hte",
    "Property crime & vandalism": "ncr",
    "Self-harm": "ssh",
    "Sexual exploitation & human trafficking": "src",
    "Soliciting personally identifiable information": "prv",
    "Substance abuse & banned substances": "ncr",
    "Terrorism & organized crime": "vcr",
    "Theft": "ncr",
    "Violence & incitement": "vcr",
}


def read_harmbench(row: Row) -> Iterable[Case]:
    """Read a behaviour of HarmBench (``Behavior``, ``SemanticCategory``, ``ContextString``, ``BehaviorID``).

    The context of a contextual behaviour goes before it, with the separator of HarmBench's own baselines.
    """
    behaviour = read_text_field(row, "Behavior")
    context = find_text(row, "ContextString")
    yield make_case(
        row,
        f"{context}\n\n---\n\n{behaviour}" if context else behaviour,
        expect="refuse",
        case_id=find_text(row, "BehaviorID"),
        kind="safety",
        category=look_up(row, "SemanticCategory", _HARMBENCH_CATEGORY),
    )


def read_jailbreakbench_harmful(row: Row) -> Iterable[Case]:
    """Read a harmful behaviour of JBB-Behaviors (``Index``, ``Goal``, ``Category``)."""
    yield _jailbreakbench(row, "refuse")


def read_jailbreakbench_benign(row: Row) -> Iterable[Case]:
    """Read a benign behaviour of JBB-Behaviors; the one with the same index is on its topic, so they are a family."""
    yield _jailbreakbench(row, "comply")


def _jailbreakbench(row: Row, expect: Expect) -> Case:
    # the column has no name in the repository's copy
    index = find_text(row, "Index", "") or str(row.number - 1)
    return make_case(
        row,
        read_text_field(row, "Goal"),
        expect=expect,
        case_id=f"{'harmful' if expect == 'refuse' else 'benign'}-{index}",
        kind="safety" if expect == "refuse" else None,
        category=look_up(row, "Category", _JAILBREAKBENCH_CATEGORY),
        family=index,
    )


def read_strongreject(row: Row) -> Iterable[Case]:
    """Read a prompt of StrongREJECT (``forbidden_prompt``, in the hub's copy ``prompt``; ``category``)."""
    yield make_case(
        row,
        read_text_field(row, "forbidden_prompt", "prompt"),
        expect="refuse",
        kind="safety",
        category=look_up(row, "category", _STRONGREJECT_CATEGORY),
    )


def read_advbench(row: Row) -> Iterable[Case]:
    """Read a behaviour of AdvBench (``goal``, in the hub's copy ``prompt``); the set has no categories."""
    yield make_case(row, read_text_field(row, "goal", "prompt"), expect="refuse", kind="safety")


def read_multijail(row: Row) -> Iterable[Case]:
    """Read a prompt of MultiJail: one case a language, all of one family (``id``, ``tags``, a column a language).

    Several tags make a category where they agree on one hazard.
    """
    number = read_text_field(row, "id")
    hazards = {_MULTIJAIL_TAG[tag] for tag in _tags(row) if tag in _MULTIJAIL_TAG}
    category = hazards.pop() if len(hazards) == 1 else None
    for locale in _MULTIJAIL_LOCALES:
        yield make_case(
            row,
            read_text_field(row, locale),
            expect="refuse",
            case_id=f"{number}:{locale}",
            kind="safety",
            category=category,
            locale=locale,
            family=number,
        )


def _tags(row: Row) -> list[str]:
    """Read the tags, which the file holds as a Python list in quotes."""
    text = read_text_field(row, "tags")
    try:
        tags: Any = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        tags = None
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise DataError(f"{row.where}: tags: found {text[:80]!r}; expected a list such as ['Theft', 'Weapons']")
    return tags


def read_ailuminate(row: Row) -> Iterable[Case]:
    """Read a prompt of AILuminate's practice set (``release_prompt_id``, ``prompt_text``, ``hazard``, ``locale``)."""
    yield make_case(
        row,
        read_text_field(row, "prompt_text"),
        expect="refuse",
        case_id=read_text_field(row, "release_prompt_id"),
        kind="safety",
        category=look_up(row, "hazard", {code: code for code in HAZARDS}),
        locale=locale_tag(read_text_field(row, "locale")),
    )
