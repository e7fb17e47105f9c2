"""Claims about reading tables."""

import csv
import io
import itertools
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from demur.cases import read_jsonl, read_rows
from demur.errors import DataError

ROWS = [{"id": "1", "prompt": 'héllo, "you"\nand you'}, {"id": "2", "prompt": "# no comment"}]


def write_csv(path, delimiter=",", encoding="utf-8"):
    """Write the rows as a delimited table."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, ["id", "prompt"], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(ROWS)
    path.write_bytes(buffer.getvalue().encode(encoding))


WRITERS = {
    "t.csv": write_csv,
    "t.CSV": write_csv,
    "bom.csv": lambda path: write_csv(path, encoding="utf-8-sig"),
    "wide.csv": lambda path: write_csv(path, encoding="utf-16"),
    "t.tsv": lambda path: write_csv(path, delimiter="\t"),
    "t.json": lambda path: path.write_text(json.dumps(ROWS)),
    "lines.json": lambda path: path.write_text("\n".join(map(json.dumps, ROWS))),
    "t.jsonl": lambda path: path.write_text("\n\n".join(map(json.dumps, ROWS))),
    "raw.jsonl": lambda path: path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), "utf-8"),
    "bom.jsonl": lambda path: path.write_text("\n".join(map(json.dumps, ROWS)), "utf-8-sig"),
    "wide.jsonl": lambda path: path.write_text("\n".join(map(json.dumps, ROWS)), "utf-16"),
    "t.ndjson": lambda path: path.write_text("\r\n".join(map(json.dumps, ROWS)) + "\r\n"),
    "t.parquet": lambda path: pq.write_table(pa.Table.from_pylist(ROWS), path),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_rows(tmp_path, name):
    """Format, byte-order mark, encoding and line ends do not change what is read."""
    WRITERS[name](tmp_path / name)
    rows = list(read_rows(tmp_path / name))
    assert [dict(row.values) for row in rows] == ROWS
    assert [row.number for row in rows] == [1, 2]
    assert all(row.where.startswith(str(tmp_path / name)) for row in rows)


def test_places_are_lines(tmp_path):
    """A record is placed at the line it starts on, also after records that go over several lines and blank ones."""
    WRITERS["t.csv"](tmp_path / "t.csv")
    assert [row.where.rpartition(":")[2] for row in read_rows(tmp_path / "t.csv")] == ["2", "4"]
    WRITERS["t.jsonl"](tmp_path / "t.jsonl")
    assert [row.where.rpartition(":")[2] for row in read_rows(tmp_path / "t.jsonl")] == ["1", "3"]


def test_line_separators_inside_json_are_text(tmp_path):
    """A Unicode line separator inside a string does not end a JSON line."""
    (tmp_path / "t.jsonl").write_text('{"prompt": "a\u2028b"}\n', "utf-8")
    (tmp_path / "t.json").write_text('{"prompt": "a\u2028b"}\n', "utf-8")
    for name in ("t.jsonl", "t.json"):
        (row,) = read_rows(tmp_path / name)
        assert row.values["prompt"] == "a\u2028b"


def test_huge_fields(tmp_path):
    """A CSV cell may be far longer than the csv module's default limit."""
    (tmp_path / "t.csv").write_text("prompt\n" + "x" * 300_000 + "\n")
    (row,) = read_rows(tmp_path / "t.csv")
    assert len(row.values["prompt"]) == 300_000


def test_streams_lazily():
    """Rows of JSON Lines come as they arrive: the first is given before a later, broken line is read."""
    lines = (line for line in [b'{"a": 1}\n', b"broken\n"])

    class Pipe(io.RawIOBase):
        def readline(self, _size=-1):
            return next(lines, b"")

    rows = read_jsonl(Pipe(), "standard input")
    assert next(rows).values == {"a": 1}
    with pytest.raises(DataError, match="standard input:2: not JSON"):
        next(rows)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"a,b\n1,2\n3\n", "t.csv:3: found 1 cells; expected 2"),
        ("t.csv", b"a,b\n1,2,3\n", "t.csv:2: found 3 cells; expected 2"),
        ("t.csv", b'a,b\n1,2\n"open,3\n4,5\n', "t.csv:3: not a well-formed record"),
        ("t.csv", b"a,b\n1,caf\xe9\n", "t.csv:2: byte 0xe9 is not utf-8; .*iconv"),
        ("t.csv", b"a,b,a\n1,2,3\n", "t.csv:1: column 'a' stands in the header more than once"),
        ("t.csv", b"", "t.csv: the file is empty"),
        ("t.tsv", b"\n\n", "t.tsv: the file is empty"),
        ("t.jsonl", b'{"a": 1}\n\n{"a": \n', "t.jsonl:3: not JSON"),
        ("t.jsonl", b'{"a": 1}\n[1]\n', "t.jsonl:2: found a JSON list"),
        ("t.jsonl", b'{"a": 1}\n{"a": "\xff"}\n', "t.jsonl:2: byte 0xff is not utf-8"),
        ("t.json", b'[{"a": 1}, 2]', "t.json: row 2: found a JSON int"),
        ("t.json", b'"text"', "t.json: found a JSON str; expected an array"),
        ("t.json", b"[1,", "t.json: not JSON"),
        ("t.parquet", b"PAR1 no", "t.parquet: not a Parquet file"),
        ("t.xlsx", b"", "t.xlsx: found suffix '.xlsx'; expected one of .jsonl"),
    ],
)
def test_broken_files_name_the_line(tmp_path, name, content, message):
    """Whatever is wrong with a file is one line of text that names the file and, where there are lines, the line."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        list(read_rows(tmp_path / name))
    assert "\n" not in str(caught.value)


def test_missing_files_and_folders(tmp_path):
    """A missing file and a folder are errors of ours, not of the operating system."""
    with pytest.raises(DataError, match="cannot be read: No such file"):
        list(read_rows(tmp_path / "none.csv"))
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        list(read_rows(tmp_path / "folder.csv"))


def test_parquet_is_read_in_batches(tmp_path):
    """A Parquet file longer than a batch keeps its order and numbers, and its nested values."""
    table = pa.table({"n": list(range(3000)), "messages": [[{"role": "user", "content": "x"}]] * 3000})
    pq.write_table(table, tmp_path / "t.parquet")
    rows = read_rows(tmp_path / "t.parquet")
    assert all(row.number == row.values["n"] + 1 for row in itertools.islice(rows, 2999))
    assert next(rows).values["messages"] == [{"role": "user", "content": "x"}]
