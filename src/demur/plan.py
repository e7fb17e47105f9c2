"""What a run asks: the cases of the chosen suites, with the system prompt in place."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from demur.cases import (
    HUB_PREFIX,
    N_PAIRS,
    WRAPPED,
    WRAPPERS,
    ColumnMapping,
    find_suite,
    list_suites,
    load_custom,
    load_suite,
    load_wrapped,
    select,
)
from demur.cases.live import is_live
from demur.cases.practice import HELD_OUT, N_HELD_OUT, N_PRACTICE, PRACTICE, load_held_out, load_practice
from demur.cases.quiz import N_QUIZ, QUIZ, load_quiz
from demur.drills import QUICK_SUITE, Drill, has_drills, load_cards, load_drills
from demur.drills import SUITE as DRILLS
from demur.errors import UsageError
from demur.records import content_hash, to_plain
from demur.run import SuiteRecord
from demur.types import Case, Turn

__all__ = [
    "BUNDLED_SUITES",
    "CUSTOM",
    "DEFAULT_SUITES",
    "Plan",
    "SuiteInfo",
    "canonical_suite",
    "describe_suites",
    "is_of_cards",
    "is_of_drills",
    "plan_cases",
    "record_suite",
]

CUSTOM = "custom"
"""Name of the suite that a table of one's own makes."""

DEFAULT_SUITES = ("library", QUICK_SUITE)
"""What is asked when no suite is named."""


class _Bundled(NamedTuple):
    """A suite of single cases that comes with demur beside the library."""

    title: str
    n: int
    what: str
    load: Callable[[], tuple[Case, ...]]


_BUNDLED: Mapping[str, _Bundled] = MappingProxyType(
    {
        WRAPPED: _Bundled(
            "demur's wrapped pairs",
            2 * N_PAIRS * (1 + len(WRAPPERS)),
            f"{N_PAIRS} pairs of the library, each plain and in {len(WRAPPERS)} jailbreak wrappers. Bundled.",
            load_wrapped,
        ),
        PRACTICE: _Bundled(
            "demur's practice requests",
            N_PRACTICE,
            "Requests to make treatments from, harmful ones and their look-alikes; the guard was trained on them. Bundled.",
            load_practice,
        ),
        HELD_OUT: _Bundled(
            "demur's held-out requests",
            N_HELD_OUT,
            "Requests to measure treatments on, none of them near one of practice; the guard was calibrated on them. Bundled.",
            load_held_out,
        ),
        QUIZ: _Bundled(
            "demur's quiz",
            N_QUIZ,
            "Easy questions with one short answer, to see what a treated model still knows. Bundled.",
            load_quiz,
        ),
    }
)

BUNDLED_SUITES = ("library", DRILLS, QUICK_SUITE, *_BUNDLED)
"""What comes with demur."""


class SuiteInfo(NamedTuple):
    """What a person should know before choosing a suite."""

    name: str
    """As given to ``--suite``."""
    size: str
    """Number of cases, in words where it is not one number."""
    licence: str
    what: str
    """What it is and where it comes from."""


class Plan(NamedTuple):
    """What is to be asked, and where it came from."""

    cases: tuple[Case, ...]
    suites: tuple[SuiteRecord, ...]
    drills: tuple[Drill, ...]
    """The scripts of those cases that are drills."""

    @property
    def scripts(self) -> dict[tuple[str, str], Drill]:
        """The same by suite and id."""
        return {(drill.case.suite, drill.case.id): drill for drill in self.drills}


def plan_cases(
    suites: str | Sequence[str],
    *,
    data: Path | None = None,
    mapping: ColumnMapping | None = None,
    system: str | None = None,
    limit: int | None = None,
    seed: int = 0,
) -> Plan:
    """Gather the cases of some suites.

    Args:
        suites: name of a suite, or several; ``custom`` for a table of one's own at ``data``, ``hub:OWNER/NAME`` for
            a data set on the hub, the path of a folder of cards, or of one card.
        data: file or folder of the suites that are not bundled; ``-`` reads a custom suite from standard input.
        mapping: which column is which, of custom data.
        system: system prompt for every case that has none of its own.
        limit: most cases to draw from all of them together, at least 1.
        seed: of the draw.

    Raises:
        UsageError: a suite is unknown, named twice or missing, an argument would have no effect, or one is out of range.
        DataError: a suite's data cannot be read.
    """
    if limit is not None and limit < 1:
        raise UsageError(f"limit: found {limit}; expected at least 1")
    if system is not None and not system.strip():
        raise UsageError("system: found an empty prompt; expected text, or no system prompt at all")
    suites = [canonical_suite(name) for name in ([suites] if isinstance(suites, str) else suites)]
    named = ", ".join(suites)
    if not suites or len(set(suites)) < len(suites):
        raise UsageError(f"suites: found {named or 'none'}; expected one or more, each named once")
    if data is not None and not any(_reads_data(name) for name in suites):
        raise UsageError(f"data: {data} is given, but not read by {named}; add --suite custom, or the set it holds")
    if mapping is not None and not any(_reads_mapping(name) for name in suites):
        raise UsageError(f"map: columns are mapped, but not those of {named}; only custom data and hub:... need it")
    if {DRILLS, QUICK_SUITE} <= set(suites):
        raise UsageError(f"suites: {QUICK_SUITE} is a part of {DRILLS}; name one of them")
    scripts = {name: load_drills(name) for name in suites if name in (DRILLS, QUICK_SUITE)}
    own = {name: load_cards(name) for name in suites if is_of_cards(name)}
    drills = {**scripts, **{name: cards.drills for name, cards in own.items()}}
    asked = {
        **{name: [drill.case for drill in suite] for name, suite in scripts.items()},
        **{name: cards.cases for name, cards in own.items()},
    }
    cases = [case for name in suites for case in (asked[name] if name in asked else _load(name, data, mapping))]
    if limit is not None:
        cases = list(select(cases, limit=limit, seed=seed))
    cases = [_with_system(case, system) for case in cases]
    drawn = {(case.suite, case.id): case for case in cases}
    return Plan(
        tuple(cases),
        tuple(record_suite(name, cases, drills.get(name, ())) for name in suites),
        tuple(
            replace(drill, case=drawn[name, drill.case.id])
            for name, suite in drills.items()
            for drill in suite
            if (name, drill.case.id) in drawn
        ),
    )


def record_suite(name: str, cases: Sequence[Case], drills: Sequence[Drill] = ()) -> SuiteRecord:
    """Describe a suite with those of the cases that are its own; of drills the scripts are what they are known by."""
    own = [case for case in cases if case.suite == name]
    drawn = {case.id for case in own}
    title, licence, citation = _describe(name, own)
    hashed = content_hash([*map(to_plain, own), *(to_plain(drill) for drill in drills if drill.case.id in drawn)])
    live = tuple(case.id for case in own if is_live(case))
    return SuiteRecord(name, title, licence, len(own), content_hash=hashed, citation=citation, live=live)


def describe_suites() -> tuple[SuiteInfo, ...]:
    """Describe everything that can be asked."""
    published = [
        SuiteInfo(suite.name, suite.size, suite.licence, f"{suite.title}. {suite.url or 'Bundled.'}")
        for suite in list_suites()
    ]
    drills = load_drills()
    n_quick = sum(drill.is_quick for drill in drills)
    bundled = (
        SuiteInfo(DRILLS, str(len(drills)), "Apache-2.0", "demur's drills: conversations of several moves. Bundled."),
        SuiteInfo(QUICK_SUITE, str(n_quick), "Apache-2.0", "A few drills of every sort. Bundled."),
        *(SuiteInfo(name, f"{suite.n:,}", "Apache-2.0", suite.what) for name, suite in _BUNDLED.items()),
    )
    folder = SuiteInfo(
        "FOLDER/", "any", "yours", "Cases and drills of your own: a folder of cards, or one card; see docs/drills.md."
    )
    own = SuiteInfo(CUSTOM, "any", "yours", "A table of your own, at --data, with --map to say which column is which.")
    hub = SuiteInfo(f"{HUB_PREFIX}OWNER/NAME", "any", "its own", "Any data set of the Hugging Face hub, with --map.")
    return (*published, *bundled, folder, own, hub)


def _load(name: str, data: Path | None, mapping: ColumnMapping | None) -> tuple[Case, ...]:
    if name in _BUNDLED:
        return _BUNDLED[name].load()
    if name.startswith(HUB_PREFIX):
        return tuple(replace(case, suite=name) for case in load_custom(name, mapping))
    if name == CUSTOM:
        if data is None:
            raise UsageError("custom: no data given; name a JSONL, JSON, CSV, TSV or Parquet file with --data")
        return load_custom(data, mapping)
    return load_suite(name, data=data if _reads_data(name) else None)


def canonical_suite(name: str) -> str:
    """Give a suite the name it has in a plan, however it was written.

    Raises:
        UsageError: there is none of that name.
    """
    if name in (*_BUNDLED, CUSTOM, DRILLS, QUICK_SUITE) or name.startswith(HUB_PREFIX):
        return name
    if is_of_cards(name):
        path = os.path.normpath(name)
        return path if "/" in path or path.endswith(".md") else f"./{path}"
    try:
        return find_suite(name).name
    except UsageError:
        # Those that `find_suite` does not know of may have been meant.
        if near := get_close_matches(name, (*BUNDLED_SUITES, CUSTOM), n=1):
            raise UsageError(f"no suite '{name}'; did you mean {near[0]}?") from None
        raise


def is_of_drills(name: str) -> bool:
    """Tell whether a name is that of the bundled drills, or the path of cards among which there is a drill."""
    return name in (DRILLS, QUICK_SUITE) or (is_of_cards(name) and has_drills(name))


def is_of_cards(name: str) -> bool:
    """Tell whether a name is the path of cards of one's own."""
    # A folder of data that is called like a suite is not meant by the suite's name.
    is_known = name in (*BUNDLED_SUITES, CUSTOM) or name.startswith(HUB_PREFIX) or _is_published(name)
    return not is_known and ("/" in name or name.endswith(".md") or Path(name).is_dir())


def _is_published(name: str) -> bool:
    try:
        find_suite(name)
    except UsageError:
        return False
    return True


def _reads_data(name: str) -> bool:
    return name not in BUNDLED_SUITES and not is_of_cards(name) and not name.startswith(HUB_PREFIX)


def _reads_mapping(name: str) -> bool:
    return name == CUSTOM or name.startswith(HUB_PREFIX)


def _describe(name: str, cases: Sequence[Case]) -> tuple[str, str, str]:
    if name in (DRILLS, QUICK_SUITE):
        return "demur's drills", "Apache-2.0", find_suite("library").citation
    if is_of_cards(name):
        return "custom cases" if any(case.drill is None for case in cases) else "custom drills", "not stated", ""
    if name in _BUNDLED:
        return _BUNDLED[name].title, "Apache-2.0", find_suite("library").citation
    if _reads_mapping(name):
        return "custom data", "not stated", ""
    suite = find_suite(name)
    return suite.title, suite.licence, suite.citation


def _with_system(case: Case, system: str | None) -> Case:
    if system is None or case.system is not None:
        return case
    return replace(case, turns=(Turn("system", system), *case.turns))
