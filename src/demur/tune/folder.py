"""The folder of a treatment: written only with its panel, and read again."""

import json
from collections.abc import Mapping
from pathlib import Path

from demur.errors import DataError
from demur.output import write_file
from demur.records import SCHEMA_VERSION, from_plain, read_text, to_plain
from demur.subjects.adapter import CANDIDATE, MEASURED, file_sha256
from demur.tune.treatment import Treatment

__all__ = ["hash_files", "read_treatment", "save_candidate", "save_treatment"]


def save_treatment(folder: Path, treatment: Treatment) -> None:
    """Write ``treatment.json``: from now on the treatment can be used.

    Raises:
        ValueError: its panel lacks a side. IncompleteError: it cannot be written.
    """
    missing = {"safety_rate", "utility_rate"} - treatment.panel.changes.keys()
    if missing:
        raise ValueError(f"found a panel without {', '.join(sorted(missing))}; expected both sides")
    _write(folder / MEASURED, to_plain(treatment))
    (folder / CANDIDATE).unlink(missing_ok=True)


def save_candidate(folder: Path, *, model: str, base_sha256: str, files: Mapping[str, str]) -> None:
    """Write ``candidate.json``, with which an adapter can be asked for its panel and for nothing else.

    Raises:
        IncompleteError: it cannot be written.
    """
    _write(folder / CANDIDATE, {"model": model, "base_sha256": base_sha256, "files": dict(files)})


def read_treatment(folder: Path) -> Treatment:
    """Read what was done, and what came of it.

    Raises:
        DataError: there is no treatment there, it is of another version, or lacks a part.
    """
    path = folder / MEASURED
    if not path.is_file():
        raise DataError(f"{folder}: has no {MEASURED}; expected the folder of a treatment, as demur tune leaves it")
    try:
        plain = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not JSON: {error}; expected what demur tune wrote") from None
    version = plain.get("schema_version") if isinstance(plain, dict) else None
    if version != SCHEMA_VERSION:
        raise DataError(f"{path}: schema_version {version}; this demur reads {SCHEMA_VERSION}")
    return from_plain(Treatment, plain, str(path))


def hash_files(folder: Path, *names: str) -> dict[str, str]:
    """Give the SHA-256 of files of a folder, by name."""
    return {name: file_sha256(folder / name) for name in names}


def _write(path: Path, plain: Mapping[str, object]) -> None:
    said = {"schema_version": SCHEMA_VERSION, **plain}
    write_file(path, json.dumps(said, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
