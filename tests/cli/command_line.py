"""The command line as its user meets it: what it says, where, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from demur.cli.main import main

DEMUR = (str(Path(sys.executable).with_name("demur")),)
"""As installed: under ``python -m`` the interpreter itself sometimes has the last word on an interrupt."""


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def run_here(capsys, *arguments: str) -> Ended:
    """Run a command in this process."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    return Ended(ended.value.code, said.out, said.err)


def run_apart(*arguments: str, **more: Any) -> Ended:
    """Run a command in a process of its own."""
    ran = subprocess.run([*DEMUR, *arguments], capture_output=True, text=True, check=False, **more)
    return Ended(ran.returncode, ran.stdout, ran.stderr)


def assert_one_line(ended: Ended, code: int, *parts: str) -> None:
    """Check that a command failed with one line that names the trouble, and nothing else."""
    assert ended.err.startswith("demur: ")
    assert ended.err.count("\n") == 1, ended.err
    for part in parts:
        assert part in ended.err
    assert ended.code == code


def write_jsonl(path: Path, *rows: dict[str, Any]) -> Path:
    """Write a row a line."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path
