"""Parts of an output: claimed by one, whole lines only, and nobody else's file touched."""

import fcntl
import json
import os
import stat

import pytest
from run_samples import RECORD

from demur.errors import IncompleteError, UsageError
from demur.output import open_part, to_json_line, write_file
from demur.run import RunFolder

LINES = ['{"a": 1}\n', '{"a": "é"}\n']


def take_up(part, known=LINES):
    """Take up the lines that are known, in their order."""
    left = list(known)
    return part.take_up(lambda line: bool(left) and left.pop(0) == line, lambda line: line.startswith('{"a"'))


def test_a_part_takes_the_outputs_place_with_its_permissions(tmp_path):
    """Until it is whole a part is nobody else's to read, and the output is what it was; then the part is the output."""
    out = tmp_path / "out.jsonl"
    out.write_text("before")
    out.chmod(0o640)
    with open_part(out) as part:
        part.append(LINES)
        assert stat.S_IMODE(part.path.stat().st_mode) == 0o600
        assert out.read_text() == "before"
        part.finish()
    assert out.read_text("utf-8") == "".join(LINES)
    assert stat.S_IMODE(out.stat().st_mode) == 0o640
    assert not part.path.exists()


def test_lines_are_added_after_those_taken_up(tmp_path):
    """What stays of an earlier part is not written again, and what does not stay is gone."""
    out = tmp_path / "out.jsonl"
    with open_part(out) as part:
        part.append([*LINES, '{"a": 3}\n', '{"a": 4'])
    with open_part(out) as part:
        assert take_up(part) == f"line 3 of {part.path} is of another source or another judge"
        assert part.n == 2
        part.append(['{"a": 5}\n'])
    with open_part(out) as part:
        assert take_up(part, [*LINES, '{"a": 5}\n']) is None
        assert part.n == 3
    assert part.path.read_text("utf-8") == "".join(LINES) + '{"a": 5}\n'


@pytest.mark.parametrize("data", [b"mine", b"mine\nand mine", b"[1]\n", b"\xff\xfe\n", b"\0" * 100])
def test_a_file_of_somebody_elses_is_not_touched(tmp_path, data):
    """What is no part of demur's is named, and stays as it is."""
    path = tmp_path / "out.jsonl.part"
    path.write_bytes(data)
    with (
        open_part(tmp_path / "out.jsonl") as part,
        pytest.raises(UsageError, match=r"out\.jsonl\.part: found a file that is no part of an output"),
    ):
        take_up(part)
    assert path.read_bytes() == data


def make_link(path):
    """Put a link to a file of the user's in the part's place."""
    target = path.with_name("target")
    target.write_text("mine")
    path.symlink_to(target)


@pytest.mark.parametrize("make", [make_link, lambda path: path.mkdir(), os.mkfifo], ids=["link", "folder", "pipe"])
def test_what_is_no_ordinary_file_is_in_the_way(tmp_path, make):
    """A link, a folder or a pipe where the part would be is named, and is not followed, filled or removed."""
    path = tmp_path / "out.jsonl.part"
    make(path)
    with pytest.raises(UsageError, match=r"out\.jsonl"), open_part(tmp_path / "out.jsonl") as part:
        part.append(LINES)
    assert path.lstat()
    if path.is_symlink():
        assert path.read_text() == "mine"


def test_two_do_not_write_one_part(tmp_path):
    """Whoever comes second is told, and the first goes on."""
    out = tmp_path / "out.jsonl"
    with open_part(out) as part:
        part.append(LINES)
        with pytest.raises(UsageError, match="another demur is writing it"), open_part(out):
            pass
        part.finish()
    assert out.read_text("utf-8") == "".join(LINES)


def test_an_output_that_was_just_finished_is_not_taken_for_a_part(tmp_path, monkeypatch):
    """If the part becomes the output between being opened and being locked, the next one begins a part of its own."""
    out, path = tmp_path / "out.jsonl", tmp_path / "out.jsonl.part"
    path.write_text("".join(LINES))
    lock = fcntl.flock

    def finish_and_lock(file, how):
        if path.exists() and not out.exists():
            path.replace(out)
        lock(file, how)

    monkeypatch.setattr("fcntl.flock", finish_and_lock)
    with open_part(out) as part:
        assert take_up(part) is None
        part.append(['{"a": 3}\n'])
    assert out.read_text("utf-8") == "".join(LINES)
    assert path.read_text() == '{"a": 3}\n'


def test_what_does_not_fit_is_not_half_written(tmp_path, monkeypatch):
    """A disk that takes some of a batch and then says no leaves the lines of the batches before."""
    with open_part(tmp_path / "out.jsonl") as part:
        part.append(LINES)

        class Full:
            def write(self, data, file=part._file):
                if len(data) > 10:
                    return file.write(data[:10])
                raise OSError(28, "No space left on device")

            def truncate(self, size, file=part._file):
                file.truncate(size)

        monkeypatch.setattr(part, "_file", Full())
        with pytest.raises(IncompleteError, match=r"out\.jsonl: cannot be written to its end: No space left on device"):
            part.append(['{"a": "long enough to be cut"}\n'])
        monkeypatch.undo()
    assert part.path.read_text("utf-8") == "".join(LINES)
    assert part.describe_kept() == f"; 2 rows are kept in {part.path}: the same command goes on from there"


def test_a_part_that_holds_nothing_is_not_left(tmp_path):
    """Who writes nothing leaves nothing, also if something was cut off."""
    out = tmp_path / "out.jsonl"
    for left in ("", '{"a": 7}\n', '{"a'):
        (tmp_path / "out.jsonl.part").write_text(left)
        with open_part(out) as part:
            take_up(part)
        assert list(tmp_path.iterdir()) == []
        assert part.describe_kept() == ""


def test_a_line_is_json_whatever_is_in_the_row():
    """Half a surrogate pair is written as its escape, and reads back; there is one line's end, at the end."""
    row = {"a": "\ud83d\u2028\n", "b": [float("nan"), 10**30], "c": "é"}
    line = to_json_line(row)
    line.encode()
    assert line.count("\n") == 1
    assert json.loads(line) == {"a": "\ud83d\u2028\n", "b": [None, 10**30], "c": "é"}


def test_the_file_of_a_run_is_not_written_through_a_link(tmp_path):
    """A link to a run's results is no way to lose them."""
    RunFolder(tmp_path / "run").create(RECORD, ())
    link = tmp_path / "out.json"
    link.symlink_to(tmp_path / "run" / "run.json")
    with pytest.raises(UsageError, match="is a file of a run"):
        write_file(link, "{}")
