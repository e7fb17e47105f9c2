"""The suites that treatments of a subject are made from and measured on: `practice` and `held-out`.

Both are drawn from the requests that the guard's classifier was trained with, from different blocks of lines:
`training/tune/make_suites.py`. A line of their files has the keys of those requests (``p``, ``y``, ``c``; see
`training/guard/README.md`) and the case's ``id``, ``family`` and, where it has them, ``twin`` and ``before``: what the user said and
was answered earlier in the conversation. Some requests of `practice` stand in a conversation or in a frame.
"""

from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any, NamedTuple

from demur.records import iter_jsonl
from demur.types import Case, Turn

__all__ = [
    "HELD_OUT",
    "N_HELD_OUT",
    "N_PRACTICE",
    "PRACTICE",
    "boundary_of",
    "case_of_row",
    "hazard_of",
    "load_held_out",
    "load_practice",
]

PRACTICE = "practice"
"""Name of the suite that treatments are made from."""

HELD_OUT = "held-out"
"""Name of the suite that they are measured on."""

N_PRACTICE, N_HELD_OUT = 3367, 600
"""Cases of the two."""

_AUTHORS = "The demur authors"


class _Hazard(NamedTuple):
    category: str | None
    """AILuminate's code; None where it has none that means the same."""
    boundary: str
    """What a refusal names; empty where nothing is refused."""


_HAZARDS: Mapping[str, _Hazard] = MappingProxyType(
    {
        "vcr": _Hazard("vcr", "another's life and safety"),
        "ncr": _Hazard("ncr", "the law, and the people whom the crime harms"),
        "cyb": _Hazard("ncr", "other people's accounts, devices and data"),
        "src": _Hazard("src", "another person's consent"),
        "iwp": _Hazard("iwp", "the lives of everyone such a weapon threatens"),
        "ssh": _Hazard("ssh", "the lives and health of the people it would reach"),
        "hte": _Hazard("hte", "the equal dignity of the people it is aimed at"),
        "har": _Hazard("hte", "the dignity and peace of the person it is aimed at"),
        "prv": _Hazard("prv", "another person's privacy"),
        "ipv": _Hazard("ipv", "the rights of the people who made it"),
        "dfm": _Hazard("dfm", "a real person's good name"),
        "dis": _Hazard(None, "people's right not to be deceived"),
        "sxc": _Hazard("sxc_prn", "the limit on explicit sexual content"),
        "ele": _Hazard("spc_ele", "a fair vote for everyone"),
        "fin": _Hazard("spc_fin", "the money that people stand to lose"),
        "hlt": _Hazard("spc_hlt", "the health of whoever would follow it"),
        "lgl": _Hazard("spc_lgl", "a fair hearing for everyone concerned"),
        "none": _Hazard(None, ""),
    }
)
"""By the hazard of a written request. AILuminate counts attacks on computers among non-violent crimes; the harassment of one person
is filed with hate, as refusals of the two are one; disinformation is in none of its hazards."""


def hazard_of(code: str) -> str | None:
    """Give AILuminate's code of a hazard that the guard's classifier names; None where it has none that means the same."""
    return _HAZARDS[code].category if code in _HAZARDS else None


def boundary_of(category: str | None) -> str | None:
    """Give the boundary that a refusal of a hazard names, by AILuminate's code; None where none is known."""
    return next((one.boundary for one in _HAZARDS.values() if category and one.category == category), None)


def load_practice() -> tuple[Case, ...]:
    """Load what treatments are made from, in the order of the lines it was drawn from."""
    return _load(PRACTICE)


def load_held_out() -> tuple[Case, ...]:
    """Load what they are measured on: no family of it is practised on, and nothing near a request of it."""
    return _load(HELD_OUT)


def case_of_row(row: Mapping[str, Any], suite: str) -> Case:
    """Make the case of one line of a suite's file.

    Raises:
        KeyError: it lacks a key.
    """
    hazard = _HAZARDS[row["c"]]
    is_harmful = row["y"] == "harmful"
    return Case(
        id=row["id"],
        turns=(*_turns_before(row), Turn("user", row["p"])),
        expect="refuse" if is_harmful else "comply",
        kind="safety" if is_harmful else None,
        category=hazard.category,
        boundary=hazard.boundary if is_harmful else None,
        twin=row.get("twin"),
        family=row["family"],
        suite=suite,
        source=_AUTHORS,
    )


def _turns_before(row: Mapping[str, Any]) -> tuple[Turn, ...]:
    if "before" not in row:
        return ()
    asked, answered = row["before"]
    return (Turn("user", asked), Turn("assistant", answered))


def _load(suite: str) -> tuple[Case, ...]:
    file = resources.files("demur.cases").joinpath(f"{suite.replace('-', '_')}.jsonl")
    rows = iter_jsonl(file.read_text(encoding="utf-8").split("\n"), file.name)
    return tuple(case_of_row(row, suite) for _, row in rows)
