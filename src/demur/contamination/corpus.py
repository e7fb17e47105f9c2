"""Corpora: the texts in files and folders of training data, each with the place it stands at.

Every text of a row is a document: each field, each message of a conversation (``messages``, ShareGPT's ``conversations``,
``chosen`` and ``rejected``), each turn of a transcript that marks them ``Human:`` and ``Assistant:``. In plain text a line is a
document, in Markdown a paragraph, and of a card (Markdown with front matter that says what is expected) the request.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from demur.cases import read_rows
from demur.cases.front_matter import parse_front_matter
from demur.cases.tabular import FORMATS
from demur.errors import DataError
from demur.records import read_text

__all__ = ["SUFFIXES", "Document", "list_files", "read_documents"]

_PLAIN, _MARKDOWN = (".txt", ".text"), (".md", ".markdown")
SUFFIXES = (*FORMATS, *_PLAIN, *_MARKDOWN)
"""What can be read, in any case of letters."""

_SPOKEN = {"role": "content", "from": "value"}
"""Of a message, the key that says who speaks, and the one that holds what is said."""
_TRANSCRIPT = re.compile(r"(?:^|\n\n)(?:Human|Assistant): ")
_PARAGRAPH = re.compile(r"\n[ \t]*\n")


class Document(NamedTuple):
    """One text of a corpus."""

    where: str
    """File, line or row, and field."""
    text: str


def list_files(path: Path) -> tuple[list[Path], int]:
    """Give the files of a corpus that can be read, in order, and the number of others in its folder; hidden ones are neither.

    Raises:
        DataError: there is no such file or folder, or nothing in it that can be read.
    """
    if path.is_file():
        if path.suffix.lower() not in SUFFIXES:
            raise DataError(f"{path}: found suffix '{path.suffix}'; expected one of {', '.join(SUFFIXES)}")
        return [path], 0
    if not path.is_dir():
        raise DataError(f"{path}: no such file or folder; expected a corpus, or a bundled suite: library or drills")
    inside = sorted(file for file in path.rglob("*") if file.is_file() and not _is_hidden(file.relative_to(path)))
    files = [file for file in inside if file.suffix.lower() in SUFFIXES]
    if not files:
        raise DataError(f"{path}: no file in it that can be read; expected one of {', '.join(SUFFIXES)}")
    return files, len(inside) - len(files)


def read_documents(files: Iterable[Path]) -> Iterator[Document]:
    """Give the documents of files, as they stream past; a JSON array and Markdown are read whole, file by file.

    Raises:
        DataError: a file cannot be read, or a line of it is broken.
    """
    for file in files:
        suffix = file.suffix.lower()
        if suffix in _PLAIN:
            yield from _read_lines(file)
        elif suffix in _MARKDOWN:
            yield from _read_markdown(file)
        else:
            for row in read_rows(file):
                for field, value in row.values.items():
                    for text in _texts(value):
                        yield Document(f"{row.where}: {field}", text)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _read_lines(file: Path) -> Iterator[Document]:
    try:
        with file.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield Document(f"{file}:{number}", line.strip())
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: {error.reason}; save the file as UTF-8, e.g. iconv -f latin1 -t utf-8") from None
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror or error}") from None


def _read_markdown(file: Path) -> Iterator[Document]:
    text = read_text(file).replace("\r\n", "\n")
    if text.startswith("---\n") and re.search(r"^expect:", text, re.MULTILINE):
        yield Document(str(file), parse_front_matter(text, str(file)).body)
        return
    for number, paragraph in enumerate(_PARAGRAPH.split(text), 1):
        if paragraph.strip():
            yield Document(f"{file}: paragraph {number}", paragraph.strip())


def _texts(value: Any) -> Iterator[str]:
    """Give every text in a value of JSON, in order."""
    if isinstance(value, str):
        if value.startswith("[{") and (items := _parse(value)) is not None:  # a conversation in a cell of CSV
            yield from _texts(items)
        else:
            yield from (part.strip() for part in _TRANSCRIPT.split(value) if part.strip())
    elif isinstance(value, dict):
        said = next((value[text] for speaker, text in _SPOKEN.items() if speaker in value and text in value), None)
        for item in value.values() if said is None else (said,):
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _parse(text: str) -> list[Any] | None:
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return items if isinstance(items, list) else None
