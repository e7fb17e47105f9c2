"""A mapping of a policy and where it stands, so that what is wrong with it is one line with the place."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from demur.errors import DataError
from demur.guard.policy.located_yaml import Located, Path

__all__ = ["Table"]


@dataclass(frozen=True)
class Table:
    """A mapping of the policy, and where it stands."""

    document: Located
    where: str
    path: Path
    values: Any

    def error(self, message: str, *path: str | int) -> DataError:
        """Make the error of something at a path below."""
        return DataError(f"{self.where}:{self.document.line((*self.path, *path))}: {message}")

    @contextmanager
    def at(self, *path: str | int) -> Iterator[None]:
        """Put the place before the message of a DataError that comes from somebody who does not know it."""
        try:
            yield
        except DataError as error:
            raise self.error(str(error), *path) from None

    def check_keys(self, known: Sequence[str]) -> None:
        """Raise DataError if it is no mapping, or a key is none of these."""
        if not isinstance(self.values, Mapping):
            raise self.error(f"found {self.values!r}; expected keys such as {known[0]}:")
        unknown = next((key for key in self.values if key not in known), None)
        if unknown is not None:
            raise self.error(f"{unknown}: unknown; expected one of {', '.join(known)}", unknown)

    def table(self, key: str) -> "Table":
        """Give the mapping at a key; an empty one where there is none."""
        return Table(self.document, self.where, (*self.path, key), self.values.get(key, {}))

    def tables(self, key: str) -> "tuple[Table, ...]":
        """Give the items of a list of mappings; none where there is none."""
        found = self.values.get(key, [])
        if not isinstance(found, list):
            raise self.error(f"{key}: found {found!r}; expected a list", key)
        return tuple(
            Table(self.document, self.where, (*self.path, key, number), item) for number, item in enumerate(found)
        )

    def one_of(self, key: str, allowed: Sequence[str], *, default: str | None = None) -> Any:
        """Give a value that is one of these; it must be there if there is no default."""
        value = self.values.get(key, default)
        if value not in allowed:
            found = f"found {value!r}" if key in self.values else "missing"
            raise self.error(f"{key}: {found}; expected one of {', '.join(allowed)}", key)
        return value

    def text(self, key: str) -> str | None:
        """Give a text; None where there is none."""
        value = self.values.get(key)
        if key not in self.values:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"{key}: found {value!r}; expected text, in quotes if need be", key)
        return value.strip()

    def texts(self, key: str, allowed: Sequence[str] | None = None) -> tuple[Any, ...]:
        """Give a list of texts, each one of those allowed; none where there is none."""
        found = self.values.get(key, [])
        if not isinstance(found, list):
            raise self.error(f"{key}: found {found!r}; expected a list", key)
        for number, item in enumerate(found):
            if not isinstance(item, str) or not item.strip() or (allowed is not None and item not in allowed):
                expected = f"one of {', '.join(allowed)}" if allowed else "text, in quotes if need be"
                raise self.error(f"{key}: found {item!r}; expected {expected}", key, number)
        return tuple(found)

    def flag(self, key: str, *, default: bool) -> bool:
        """Give true or false."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.error(f"{key}: found {value!r}; expected true or false", key)
        return value

    def number(self, key: str, *, default: float | None, above: float, most: float) -> float | None:
        """Give a number above one bound and at most another; `default` where there is none, None where it says ``off``."""
        value = self.values.get(key, default)
        if value in ("off", False) or value is None:  # YAML reads a bare off as false
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not above < value <= most:
            raise self.error(
                f"{key}: found {value!r}; expected a number above {above:g}, {most:g} at most, or off", key
            )
        return float(value)

    def count(self, key: str) -> int | None:
        """Give a whole number of at least 1; None where there is none."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self.error(f"{key}: found {value!r}; expected a whole number of at least 1", key)
        return value
