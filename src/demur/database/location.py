"""Where an audit store is: a SQLite file or a PostgreSQL database."""

import errno
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from demur.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["Location", "is_location", "parse_location"]

_EXPECTED = "expected sqlite:///FILE, a path that ends in .db or .sqlite, or postgresql://USER:PASSWORD@HOST/DATABASE"
_ESCAPES = f"{_EXPECTED}; in passwords write / as %2F, @ as %40 and : as %3A"
_SUFFIXES = (".db", ".sqlite", ".sqlite3")


@dataclass(frozen=True)
class Location:
    """A database, found."""

    url: "sa.URL"
    """With the driver that is used."""
    shown: str
    """To be shown: neither user nor password."""
    file: Path | None
    """Of SQLite; None for PostgreSQL."""

    def make_file(self) -> None:
        """Make SQLite's file and its folder where there is none, readable by their owner alone.

        Raises:
            OSError: they cannot be made.
        """
        if self.file is not None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if self.file.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self.file))
            # A file that is there is not opened: closing it would drop every lock that this process holds on it through SQLite
            # (POSIX has it so), and another process would take the log of what was committed for its own to delete.
            with suppress(FileExistsError):
                os.close(os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def is_location(text: str) -> bool:
    """Tell a database from a file of another kind by how it is named."""
    return "://" in text or text.endswith(_SUFFIXES)


def parse_location(text: str) -> Location:
    """Read where the store is.

    Raises:
        UsageError: it is none of the forms. MissingExtraError: the database's library is not installed.
    """
    try:
        import orjson  # noqa: F401
        import sqlalchemy as sa
    except ImportError:
        raise MissingExtraError("the audit store needs SQLAlchemy and orjson: pip install 'demur[guard]'") from None
    if "://" not in text:
        if not text.endswith(_SUFFIXES):
            raise UsageError(f"audit store: found a path that does not end in {', '.join(_SUFFIXES)}; {_EXPECTED}")
        return _of_file(Path(text))
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        # The error quotes the URL, and with it the password.
        raise UsageError(f"audit store: not a URL; {_ESCAPES}") from None
    if url.drivername in {"sqlite", "sqlite+pysqlite"}:
        if not url.database or url.database == ":memory:" or url.host or url.query:
            raise UsageError(f"audit store: sqlite:// without a file of its own; {_EXPECTED}")
        return _of_file(Path(url.database))
    if url.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return _of_server(url)
    raise UsageError(f"audit store: {url.drivername}:// is not supported; {_EXPECTED}")


def _of_file(file: Path) -> Location:
    import sqlalchemy as sa

    file = file.expanduser().absolute()
    return Location(sa.URL.create("sqlite+pysqlite", database=str(file)), f"sqlite:///{file}", file)


def _of_server(url: "sa.URL") -> Location:
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise MissingExtraError("PostgreSQL needs psycopg: pip install 'demur[postgres]'") from None
    if not url.database:
        raise UsageError(f"audit store: names no database; {_EXPECTED}")
    if "@" in f"{url.host}{url.database}":
        # What is taken for a host would be a piece of the password.
        raise UsageError(f"audit store: not a URL; {_ESCAPES}")
    # Whatever stands in the query may be a password too.
    place = f"{url.host or ''}:{url.port}" if url.port else url.host or ""
    return Location(url.set(drivername="postgresql+psycopg"), f"postgresql://{place}/{url.database}", None)
