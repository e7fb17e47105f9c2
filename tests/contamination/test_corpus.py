"""Every text of a corpus is a document, whatever holds it."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from demur.contamination import list_files, read_documents
from demur.errors import DataError

CHAT = [{"role": "user", "content": "How?"}, {"role": "assistant", "content": "Like this."}]


def texts(path):
    """Give the texts of a corpus, in order."""
    return [document.text for document in read_documents(list_files(path)[0])]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"prompt": "How?", "n": 3, "none": None}, ["How?"]),
        ({"messages": CHAT}, ["How?", "Like this."]),
        ({"conversations": [{"from": "human", "value": "How?"}, {"from": "gpt", "value": "So."}]}, ["How?", "So."]),
        ({"prompt": "How?", "chosen": CHAT, "rejected": "No."}, ["How?", "How?", "Like this.", "No."]),
        ({"chosen": "\n\nHuman: How?\n\nAssistant: So.\n\nHuman: Why?"}, ["How?", "So.", "Why?"]),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "How?"}]}]}, ["text", "How?"]),
    ],
)
def test_every_text_of_a_row_is_a_document(tmp_path, row, expected):
    """Fields, messages, ShareGPT's turns, chosen and rejected, and transcripts are each taken apart."""
    path = tmp_path / "pool.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert texts(path) == expected
    assert next(read_documents([path])).where == f"{path}:1: {next(iter(row))}"


def test_every_format_is_read(tmp_path):
    """Parquet, CSV with a conversation in a cell, a JSON array, lines of text and paragraphs of Markdown."""
    pq.write_table(pa.Table.from_pylist([{"messages": CHAT}]), tmp_path / "a.parquet")
    cell = json.dumps(CHAT).replace('"', '""')
    (tmp_path / "b.csv").write_text(f'id,messages\nx,"{cell}"\n', encoding="utf-8")
    (tmp_path / "c.json").write_text(json.dumps([{"prompt": "Why?"}]), encoding="utf-8")
    (tmp_path / "d.txt").write_text("One.\n\nTwo.\n", encoding="utf-8")
    (tmp_path / "e.md").write_text("First\nparagraph.\n\nSecond.\n", encoding="utf-8")
    (tmp_path / "f.bin").write_text("?", encoding="utf-8")
    (tmp_path / ".hidden.txt").write_text("?", encoding="utf-8")
    assert texts(tmp_path) == [
        *("How?", "Like this.", "x", "How?", "Like this."),
        *("Why?", "One.", "Two.", "First\nparagraph.", "Second."),
    ]
    assert list_files(tmp_path)[1] == 1


def test_of_a_card_the_request_is_the_document(tmp_path):
    """The front matter of a card is no document, and its paragraphs are one."""
    (tmp_path / "card.md").write_text("---\nexpect: comply\nsource: us\n---\nHow?\n\nAnd why?\n", encoding="utf-8")
    assert texts(tmp_path) == ["How?\n\nAnd why?"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.jsonl", None, "no such file or folder; expected a corpus, or a bundled suite: library or drills"),
        ("a.bin", b"x", "found suffix '.bin'; expected one of .jsonl"),
        ("a.txt", b"\xff\xfe\xff", "save the file as UTF-8"),
        ("a.jsonl", b"{", "a.jsonl:1: not JSON"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, name, content, message):
    """The message names the file and what was expected."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        texts(tmp_path / name)


def test_a_folder_without_corpora_is_refused(tmp_path):
    """A folder in which nothing can be read is no clean corpus."""
    with pytest.raises(DataError, match="no file in it that can be read"):
        list_files(tmp_path)
