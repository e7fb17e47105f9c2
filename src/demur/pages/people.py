"""Who may sign in: people with tokens of their own, and tokens of a role with which one says one's name."""

import os
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path

import yaml

from demur.errors import DataError, UsageError
from demur.records import from_plain, read_text
from demur.watch.review import Role

__all__ = [
    "LEAD_TOKEN",
    "REVIEW_TOKEN",
    "NamedToken",
    "People",
    "Person",
    "hash_token",
    "make_token",
    "read_name",
    "read_people",
]

REVIEW_TOKEN, LEAD_TOKEN = "DEMUR_REVIEW_TOKEN", "DEMUR_LEAD_TOKEN"
"""Environment: with which people sign in as reviewers and as leads, under the name they give."""
_LONGEST_NAME, _SHORTEST_TOKEN = 40, 16
_RANKS: Mapping[Role, int] = {"reviewer": 0, "lead": 1}


@dataclass(frozen=True)
class Person:
    """Somebody who has signed in."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Tell whether they may do what this role may."""
        return _RANKS[self.role] >= _RANKS[role]


@dataclass(frozen=True)
class NamedToken:
    """A token of one person, as the file has it."""

    name: str
    role: Role
    sha256: str
    """Of the token, in hexadecimal digits: it is long and random, so that a plain SHA-256 is as good as a slow hash."""


class People:
    """Lets people in.

    Args:
        named: who has a token of their own; nobody else can take these names.
        by_role: tokens of everybody else, by their role.
    """

    def __init__(self, named: Sequence[NamedToken] = (), by_role: Mapping[Role, str] | None = None) -> None:
        self._named = {one.name: one for one in named}
        self._by_role = {role: hash_token(token) for role, token in (by_role or {}).items()}

    def __bool__(self) -> bool:
        return bool(self._named or self._by_role)

    def admit(self, name: str, token: str) -> Person | None:
        """Let somebody in; None where the token is not theirs, or the name is none."""
        known, digest = read_name(name), hash_token(token)
        if known is None:
            return None
        own = self._named.get(known)
        if own is not None:
            return Person(known, own.role) if compare_digest(own.sha256, digest) else None
        found = None
        for role, expected in self._by_role.items():
            if compare_digest(expected, digest) and (found is None or _RANKS[role] > _RANKS[found]):
                found = role
        return None if found is None else Person(known, found)

    def knows(self, person: Person) -> bool:
        """Tell whether somebody who has been let in would still be."""
        own = self._named.get(person.name)
        return own.role == person.role if own is not None else person.role in self._by_role


def read_people(file: Path | None = None, environment: Mapping[str, str] = os.environ) -> People:
    """Read who may sign in.

    Args:
        file: YAML, a list of ``{name: ada, role: lead, sha256: ...}``, as ``demur review token`` writes an entry of it.
        environment: where the tokens of roles are, in `REVIEW_TOKEN` and `LEAD_TOKEN`.

    Raises:
        DataError: the file cannot be read, or holds something else. UsageError: a token is too short to be safe.
    """
    by_role: dict[Role, str] = {}
    names: tuple[tuple[Role, str], ...] = (("reviewer", REVIEW_TOKEN), ("lead", LEAD_TOKEN))
    for role, variable in names:
        token = environment.get(variable, "")
        if token and len(token) < _SHORTEST_TOKEN:
            raise UsageError(
                f"{variable}: {len(token)} characters; expected {_SHORTEST_TOKEN} or more: demur review token makes one"
            )
        if token:
            by_role[role] = token
    return People([] if file is None else _read_named(file), by_role)


def make_token() -> str:
    """Make a token."""
    return f"demur-{secrets.token_urlsafe(32)}"


def hash_token(token: str) -> str:
    """Give what a file knows of a token."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def read_name(text: str) -> str | None:
    """Give a name in the one way in which it is written; None where it is none."""
    name = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return name if 0 < len(name) <= _LONGEST_NAME and name.isprintable() else None


def _read_named(file: Path) -> list[NamedToken]:
    try:
        plain = yaml.safe_load(read_text(file))
    except yaml.YAMLError as error:
        raise DataError(f"{file}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(plain, list):
        raise DataError(f"{file}: found no list; expected entries as demur review token writes them")
    found: dict[str, NamedToken] = {}
    for number, entry in enumerate(plain, 1):
        one = from_plain(NamedToken, entry, f"{file}: entry {number}")
        name = read_name(one.name)
        if name is None or name in found:
            raise DataError(
                f"{file}: entry {number}: name: found {one.name[:60]!r}; expected one of its own, of at most {_LONGEST_NAME} characters"
            )
        if len(one.sha256) != len(hash_token("")) or not set(one.sha256) <= set("0123456789abcdef"):
            raise DataError(f"{file}: entry {number}: sha256: expected 64 hexadecimal digits")
        found[name] = NamedToken(name, one.role, one.sha256)
    return list(found.values())
