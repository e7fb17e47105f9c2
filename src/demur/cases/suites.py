"""Suites: how a set of cases that demur knows by name is found and loaded.

The published sets are read from their authors' own files, or from the hub where the suite has an address there.
"""

import difflib
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from demur.cases.hub import read_hub
from demur.cases.integrity import LocatedCase, check_cases
from demur.cases.library import load_library
from demur.cases.registry import LIBRARY, SUITES, Part, Suite
from demur.cases.tabular import Row, read_rows
from demur.errors import DataError, MissingExtraError, UsageError
from demur.types import Case

__all__ = ["find_suite", "list_suites", "load_suite"]


def list_suites() -> tuple[Suite, ...]:
    """Name every suite: the library first, then the over-refusal sets, then the sets of harmful requests."""
    return SUITES


def find_suite(name: str) -> Suite:
    """Look a suite up by its name; capitals and hyphens do not matter.

    Raises:
        UsageError: there is none of that name.
    """
    names = [suite.name for suite in SUITES]
    spelt = {_letters(known): known for known in names}
    name = spelt.get(_letters(name), name)
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = (
            f"did you mean {near[0]}?" if near else f"expected one of {', '.join(names)}, or custom with your own file"
        )
        raise UsageError(f"no suite '{name}'; {hint}")
    return SUITES[names.index(name)]


def _letters(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def load_suite(name: str, *, data: Path | None = None) -> tuple[Case, ...]:
    """Load the cases of a suite.

    Args:
        name: One of the names of `list_suites`.
        data: The suite's own file, or a folder that holds its files under their known names, searched all the way
            down. A suite of several parts tells them apart by file name, and a folder must hold all of them. For ``library``: a folder of other cards.
            None loads the bundled library, or the suite from the hub where it has an address there.

    Returns:
        Its cases in the order of its files, each with the suite's name and its URL as source.

    Raises:
        UsageError: no such suite. DataError: no data, a file that is not the suite's, or cases that do not hold
            together. MissingExtraError, IncompleteError: the hub is asked and cannot be.
    """
    suite = find_suite(name)
    if suite is LIBRARY:
        return load_library(data)
    try:
        return check_cases(_locate(suite, data), of=str(data or suite.name))
    except MissingExtraError as error:
        raise MissingExtraError(f"{error}; or get {_names(suite)} from {suite.url} and name it with --data") from None


def _locate(suite: Suite, data: Path | None) -> Iterator[LocatedCase]:
    for part, rows in _tables(suite, data):
        for row in rows:
            for case in part.read(row):
                yield row.where, replace(case, suite=suite.name, source=suite.url)


def _tables(suite: Suite, data: Path | None) -> Iterator[tuple[Part, Iterator[Row]]]:
    if data is None:
        if suite.hub is None:
            raise DataError(
                f"{suite.name}: no data given; get {_names(suite)} from {suite.url} and name it with --data"
            )
        for part in suite.parts:
            if part.hub is not None:
                yield part, read_hub(part.hub)
        return
    for part, path in _files(suite, data):
        yield part, read_rows(path)


def _files(suite: Suite, data: Path) -> list[tuple[Part, Path]]:
    if not data.exists():
        raise DataError(f"{data}: no such file or folder; expected {_names(suite)} from {suite.url}")
    if data.is_dir():
        found = [(_part_of(suite, path), path) for path in sorted(data.rglob("*")) if path.is_file()]
        files = [(part, path) for part, path in found if part is not None]
        held = [part for part, _ in files]
        missing = [" or ".join(part.files) for part in suite.parts if part not in held]
        if missing:
            advice = "; name one file to load it alone" if files else ""
            raise DataError(
                f"{data}: this folder does not hold all of {suite.name}; expected {' and '.join(missing)}{advice}"
            )
        return files
    if len(suite.parts) == 1:
        return [(suite.parts[0], data)]
    part = _part_of(suite, data)
    if part is None:
        others = [other.name for other in SUITES if other is not suite and _part_of(other, data)]
        if others:
            raise DataError(f"{data}: by its name no file of {suite.name}; try --suite {others[0]}")
        raise DataError(
            f"{data}: cannot tell by its name which part of {suite.name} this is; expected {_names(suite)}; rename it"
        )
    return [(part, data)]


def _part_of(suite: Suite, path: Path) -> Part | None:
    name = path.name.lower()
    return next((part for part in suite.parts if any(fnmatch(name, pattern) for pattern in part.files)), None)


def _names(suite: Suite) -> str:
    return " and ".join(" or ".join(part.files) for part in suite.parts)
