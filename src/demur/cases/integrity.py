"""Integrity: what must hold of every set of cases, whatever file it came from."""

from collections.abc import Iterable

from demur.errors import DataError
from demur.types import Case

__all__ = ["LocatedCase", "check_cases", "check_twins"]

LocatedCase = tuple[str, Case]
"""The place a case was read from, for messages, and the case."""


def check_cases(located: Iterable[LocatedCase], *, of: str = "the data") -> tuple[Case, ...]:
    """Take the cases ``of`` some place, if every one says something and every id is its own.

    Raises:
        DataError: a prompt is empty, a text cannot be written as UTF-8, two cases share an id, or there is no case at all.
            One line: the first finding of the first sort, and how many more there are of it.
    """
    cases: list[Case] = []
    places: dict[str, str] = {}
    empty: list[str] = []
    broken: list[str] = []
    repeated: list[str] = []
    for where, case in located:
        if not case.prompt.strip():
            empty.append(f"{where}: the prompt is empty")
        elif not _is_writable(case):
            broken.append(f"{where}: a text holds half of a surrogate pair, which is no character")
        if case.id in places:
            repeated.append(f"{where}: id '{case.id}' is taken by {places[case.id]}")
        places.setdefault(case.id, where)
        cases.append(case)
    for findings, advice in (
        (empty, "give each row a prompt or remove it"),
        (broken, "write the text again from its source"),
        (repeated, "make ids unique, or leave them out and they are made"),
    ):
        if findings:
            more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
            raise DataError(f"{findings[0]}{more}; {advice}")
    if not cases:
        raise DataError(f"{of} holds no case; expected one row or more that can be asked")
    return tuple(cases)


def check_twins(located: Iterable[LocatedCase]) -> None:
    """Check that every twin exists, names its twin back and differs from it in truth.

    Args:
        located: Cases with unique ids.

    Raises:
        DataError: for the first case of which that is not so.
    """
    pairs = tuple(located)
    by_id = {case.id: case for _, case in pairs}
    for where, case in pairs:
        # Before all else: where one is misspelt, the other is the one that seems not to be answered.
        if case.twin is not None and case.twin not in by_id:
            raise DataError(
                f"{where}: twin: there is no case '{case.twin}'; expected the id of another case of the set"
            )
    for where, case in pairs:
        if case.twin is None:
            continue
        twin = by_id[case.twin]
        if twin.twin != case.id:
            raise DataError(
                f"{where}: twin: '{twin.id}' names {twin.twin or 'no twin'}; expected it to name '{case.id}' back"
            )
        if twin.expect == case.expect:
            raise DataError(f"{where}: twin: '{twin.id}' expects {twin.expect} too; expected twins of different truth")


def _is_writable(case: Case) -> bool:
    fields = (value for value in vars(case).values() if isinstance(value, str))
    try:
        "".join((*fields, *(turn.text for turn in case.turns))).encode()
    except UnicodeEncodeError:
        return False
    return True
