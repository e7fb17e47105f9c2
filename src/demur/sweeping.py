"""Treatments of one subject opened, put beside each other, and written as a picture or a record."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from demur.errors import UsageError
from demur.output import write_file
from demur.records import SCHEMA_VERSION, to_plain
from demur.report.frontier import render_frontier
from demur.tune.folder import read_treatment
from demur.tune.frontier import RULE, Frontier, find_frontier

__all__ = ["check_format", "sweep", "write_frontier"]


def sweep(folders: Sequence[str | Path]) -> Frontier:
    """Open treatments and find which of them are worth having, and which is to be had.

    Args:
        folders: of the treatments; one will do.

    Raises:
        UsageError: there is none, one is given twice, they are of different subjects, or were not measured alike.
        DataError: a folder holds no treatment, it cannot be read, or its panel lacks one of the two sides.
    """
    paths = [Path(folder) for folder in folders]
    known: dict[Path, Path] = {}
    for path in paths:
        if known.setdefault(path.resolve(), path) is not path:
            raise UsageError(f"{path}: is given twice; expected each treatment once")
    return find_frontier([(str(path), read_treatment(path)) for path in paths])


def check_format(path: Path) -> None:
    """Raise UsageError unless there is a format for a file of that name."""
    if path.suffix not in _FORMATS:
        raise UsageError(
            f"{path}: unknown format; expected a file whose name ends in .html (the picture) or .json (the record)"
        )


def write_frontier(frontier: Frontier, path: Path) -> None:
    """Write treatments beside each other as a page or as JSON, by the file's suffix.

    Raises:
        UsageError: the suffix is of no format, there is a folder of that name, or the file is one that a run is made of.
        IncompleteError: it cannot be written there.
    """
    check_format(path)
    write_file(path, _FORMATS[path.suffix](frontier))


def _json(frontier: Frontier) -> str:
    plain = {"schema_version": SCHEMA_VERSION, "rule": RULE, **to_plain(frontier)}
    return json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


_FORMATS: Mapping[str, Callable[[Frontier], str]] = {".html": render_frontier, ".json": _json}
