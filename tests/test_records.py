"""Records on disk: what is written comes back, and what is broken is refused in one line."""

import json
import os
import threading
from pathlib import Path

import pytest

from demur.errors import DataError
from demur.records import (
    SCHEMA_VERSION,
    content_hash,
    decode_text,
    from_plain,
    iter_jsonl,
    read_lines,
    to_line,
    write_atomically,
)
from demur.types import Case, Estimate, Evidence, Quality, Reply, Result, Turn, Verdict

CASE = Case(id="a/b", turns=(Turn("system", "Be kind."), Turn("user", "Was ist das?\u2028“x”")), expect="comply")
RESULT = Result(
    case=CASE,
    epoch=2,
    turn=0,
    n_turns=1,
    move="ask",
    prompt=CASE.prompt,
    reply=Reply("No.", reasoning="hm", latency_s=0.25),
    verdict=Verdict(
        "refuse",
        "safety",
        "model",
        0.9,
        ("leakage",),
        Quality(tone="preachy"),
        "comply",
        (Evidence("refuse", 0, 3, "No."),),
    ),
)


@pytest.mark.parametrize("record", [CASE, RESULT, Estimate(None, None, None, 0, 3, "wilson")])
def test_a_record_comes_back_as_it_was(record):
    """Writing and reading a record gives the same record, whatever characters it holds."""
    line = to_line(record)
    assert "\n" not in line
    assert json.loads(line)["schema_version"] == SCHEMA_VERSION
    assert read_lines(type(record), [line], "file") == [record]


def test_a_record_of_another_version_is_refused():
    """A line of a later schema is not read as if it were of this one."""
    line = json.dumps({**json.loads(to_line(CASE)), "schema_version": SCHEMA_VERSION + 1})
    with pytest.raises(DataError, match="file:1: schema_version"):
        read_lines(Case, [line], "file")


def test_a_wrong_field_is_named_with_its_place():
    """The message says file, line and field."""
    with pytest.raises(DataError, match="file:7: expect: "):
        from_plain(Case, {**json.loads(to_line(CASE)), "expect": "obey"}, "file:7")


def test_the_content_hash_depends_on_content_only():
    """The same content has the same hash, whatever the order of its keys; other content has another."""
    plain = json.loads(to_line(CASE))
    assert content_hash(plain) == content_hash(dict(reversed(plain.items())))
    assert content_hash(plain) != content_hash({**plain, "id": "a/c"})
    assert len(content_hash(CASE)) == 16


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_read_with_and_without_a_byte_order_mark(encoding):
    """UTF-8 with or without a mark and UTF-16 with one give the same text."""
    assert decode_text("né “x”".encode(encoding), "file") == "né “x”"


def test_text_in_another_encoding_is_refused_with_its_line():
    """A Latin-1 file is reported where it stops being UTF-8, and never read with replacement characters."""
    with pytest.raises(DataError, match="file:2: byte 0xe9"):
        decode_text("one\ncafé".encode("latin-1"), "file")


@pytest.mark.parametrize(("line", "message"), [("{oops", "not JSON"), ("[1]", "found a JSON list")])
def test_a_line_that_is_no_object_is_named(line, message):
    """A broken line is reported by its number."""
    with pytest.raises(DataError, match=f"file:2: {message}"):
        list(iter_jsonl(["{}", line], "file"))


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    """When writing fails, the old file stands and nothing else is left."""
    path = tmp_path / "a.txt"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "new \ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_written_through(tmp_path):
    """What a link leads to is written, whether it is there or not, and the link stays a link."""
    target, link = tmp_path / "kept" / "a.txt", tmp_path / "link"
    link.symlink_to(target)
    for text in ("new", "newer"):
        write_atomically(link, text)
        assert link.is_symlink()
        assert target.read_text() == text
    assert [path.name for path in target.parent.iterdir()] == ["a.txt"]


def test_a_pipe_and_a_device_are_written_to(tmp_path):
    """A FIFO gets the text and stays one, and so does a device; nothing is put in their place."""
    fifo, read = tmp_path / "fifo", []
    os.mkfifo(fifo)
    reader = threading.Thread(target=lambda: read.append(fifo.read_text("utf-8")))
    reader.start()
    write_atomically(fifo, "né")
    reader.join()
    assert read == ["né"]
    assert fifo.is_fifo()
    (tmp_path / "device").symlink_to("/dev/null")
    write_atomically(tmp_path / "device", "text")
    assert Path("/dev/null").is_char_device()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["device", "fifo"]
