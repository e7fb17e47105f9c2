"""``demur contamination`` as its user meets it."""

import json

import pytest
from command_line import assert_one_line, run_here, write_jsonl

from demur.cases import load_library


@pytest.fixture
def pool(tmp_path):
    """Write a corpus that holds three cards, one of them with a terminal's escape in it."""
    prompts = [case.prompt for case in load_library()[:3]]
    return write_jsonl(tmp_path / "pool.jsonl", {"messages": [{"role": "user", "content": prompts[0] + "\x1b[31m"}]},
                       *({"prompt": prompt} for prompt in prompts[1:]))  # fmt: skip


def test_it_ends_with_nought_whatever_is_found(capsys, monkeypatch, pool, tmp_path):
    """The summary fits 80 columns, shows ten pairs and nothing that acts on a terminal, and the file holds them all."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    ended = run_here(capsys, "contamination", "library", "--against", "pool.jsonl", "-o", "found.json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.count("library:") == 10
    assert max(map(len, ended.out.splitlines())) <= 80
    assert "\x1b" not in ended.out
    assert len(json.loads((tmp_path / "found.json").read_text("utf-8"))["nearest"]) > 10


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("library", "--against", "nowhere"), ("nowhere: no such file or folder",)),
        (("nosuch", "--against", "library"), ("nosuch",)),
        (("library",), ("--against",)),
        (("custom", "--against", "library"), ("--data",)),
    ],
)
def test_what_cannot_be_used_ends_with_two(capsys, arguments, parts):
    """A corpus or suite that is not there, or none, is one line."""
    assert_one_line(run_here(capsys, "contamination", *arguments), 2, *parts)


def test_a_place_that_cannot_be_written_ends_with_three(capsys, pool, tmp_path):
    """What was found is on the terminal, and the place is named."""
    (tmp_path / "file").write_text("", "utf-8")
    ended = run_here(capsys, "contamination", "drills", "--against", str(pool), "-o", str(tmp_path / "file" / "x.json"))
    assert ended.code == 3
    assert "cannot be written" in ended.err
