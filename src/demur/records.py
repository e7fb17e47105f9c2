"""Records on disk: versioned JSON Lines, content hashes, and files that are whole or not there."""

import hashlib
import json
import os
import platform
import tempfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from demur.errors import DataError

__all__ = [
    "SCHEMA_VERSION",
    "content_hash",
    "decode_text",
    "from_plain",
    "installed_versions",
    "iter_jsonl",
    "mode_of_new",
    "read_lines",
    "read_text",
    "to_line",
    "to_plain",
    "write_atomically",
]

SCHEMA_VERSION = 1
"""Version of every record demur writes; raised when a field changes its meaning or goes."""

T = TypeVar("T")

_adapters: dict[Any, TypeAdapter[Any]] = {}


def to_plain(record: object) -> Any:
    """Turn a record (a dataclass of plain values) into dicts, lists, strings and numbers."""
    return _adapter(type(record)).dump_python(record, mode="json")


def from_plain(kind: type[T], value: object, where: str) -> T:
    """Read a record of the given kind from plain values.

    Raises:
        DataError: the value is no such record; the message starts with ``where``.
    """
    try:
        result: T = _adapter(kind).validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or kind.__name__
        raise DataError(f"{where}: {place}: {first['msg']}") from None
    return result


def to_line(record: object) -> str:
    """Write a record as one line of JSON with the schema's version, without the line's end."""
    plain = {"schema_version": SCHEMA_VERSION, **to_plain(record)}
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def read_lines(kind: type[T], lines: Iterable[str], where: str) -> list[T]:
    """Read records that `to_line` wrote.

    Raises:
        DataError: a line is not JSON, of another version, or no such record.
    """
    records = []
    for number, plain in iter_jsonl(lines, where):
        if plain.get("schema_version") != SCHEMA_VERSION:
            raise DataError(
                f"{where}:{number}: schema_version {plain.get('schema_version')}; this demur reads {SCHEMA_VERSION}"
            )
        records.append(from_plain(kind, plain, f"{where}:{number}"))
    return records


def content_hash(record: object) -> str:
    """Hash what a record says: 16 hexadecimal digits of SHA-256 over its canonical JSON."""
    plain = record if isinstance(record, (dict, list, str, int, float, type(None))) else to_plain(record)
    canonical = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def decode_text(data: bytes, where: str) -> str:
    """Decode UTF-8 (with or without a byte-order mark) or UTF-16 with one.

    Raises:
        DataError: the bytes are neither.
    """
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{where}:{line}: byte 0x{data[error.start]:02x} is not {encoding.removesuffix('-sig')}; "
            f"save the file as UTF-8, e.g. iconv -f latin1 -t utf-8"
        ) from None


def read_text(path: Path) -> str:
    """Read a whole text file, whatever its byte-order mark.

    Raises:
        DataError: there is no such file, it cannot be read, or it is not text.
    """
    try:
        return decode_text(path.read_bytes(), str(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None


def iter_jsonl(lines: Iterable[str], where: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give each JSON object with the number of its line, from 1; blank lines are passed over.

    Raises:
        DataError: a line is not a JSON object.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{where}:{number}: not JSON: {error}; expected one object a line") from None
        if not isinstance(value, dict):
            raise DataError(f"{where}:{number}: found a JSON {type(value).__name__}; expected an object")
        yield number, value


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that it is either the old one or the whole new one, also after a power cut.

    Through a link its target is written. A pipe or a device cannot be replaced: the content goes into it.
    """
    data = content.encode() if isinstance(content, str) else content
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode_of_new(path))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def mode_of_new(path: Path) -> int:
    """Give the permissions a file should have that takes a path's place: those it had, or the user's own default."""
    if path.exists():
        return path.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def installed_versions(*packages: str) -> dict[str, str]:
    """Name the version of Python and of each package that is installed; those that are not are left out."""
    versions = {"python": platform.python_version()}
    for package in packages:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]
