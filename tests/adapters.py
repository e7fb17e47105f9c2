"""Adapters made up for tests: a folder with files of any content, and a record that says they were measured."""

import json
from pathlib import Path

from demur.subjects.adapter import MEASURED, file_sha256

__all__ = ["record_adapter", "rewrite"]


def record_adapter(folder: Path, *, base: Path, model: str = "demur/smollm2") -> Path:
    """Write the record of the files that lie in a folder, with both sides in its panel; give the folder."""
    files = {path.name: file_sha256(path) for path in folder.iterdir()}
    panel = {"changes": {"safety_rate": {}, "utility_rate": {}}}
    rewrite(folder, model=model, base_sha256=file_sha256(base), files=files, panel=panel)
    return folder


def rewrite(folder: Path, name: str = MEASURED, **said: object) -> None:
    """Change what the record of an adapter says."""
    path = folder / name
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**known, **said}))
