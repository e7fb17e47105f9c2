"""What shows an alarm best, as the watch writes it down, to be looked at."""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from demur.errors import DataError
from demur.records import read_text
from demur.types import Role, Turn
from demur.watch.review.item import Item

__all__ = ["Example", "describe_alarm", "read_examples"]

_ROLES: Mapping[str, Role] = {"system": "system", "user": "user", "assistant": "assistant"}
_LONGEST_ID = 200
_LATEST_S = 1e11
"""Beyond which a number is no time in seconds that a calendar has."""


class Example(NamedTuple):
    """One example of an alarm."""

    id: str
    why: str
    """The alarm's own words."""
    item: Item | None
    """None where the record has its id alone: then it must be in the queue already."""


def read_examples(path: Path) -> Iterator[Example]:
    """Read the examples of the alarms in what ``demur watch -o`` has written.

    Raises:
        DataError: the file cannot be read, is no such record, or an example of it has neither words nor an id.
    """
    try:
        record = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not JSON: {error}; expected what demur watch -o writes") from None
    alarms = record.get("alarms") if isinstance(record, dict) else None
    if not isinstance(alarms, list):
        raise DataError(f"{path}: found no list of alarms; expected what demur watch -o writes")
    for number, alarm in enumerate(alarms, 1):
        where = f"{path}: alarm {number}"
        if not isinstance(alarm, dict):
            raise DataError(f"{where}: found a JSON {type(alarm).__name__}; expected an object")
        for place, example in enumerate(alarm.get("examples") or (), 1):
            yield _read(example, alarm, f"{where}: example {place}")


def describe_alarm(alarm: Mapping[str, Any]) -> str:
    """Say in one line what an alarm is of."""
    where = alarm.get("slice")
    words = [
        f"{alarm.get('direction') or 'changed'}: {alarm.get('metric') or 'a rate'}",
        where if isinstance(where, str) else ", ".join(" ".join(pair) for pair in _pairs(where)) or "all traffic",
    ]
    since = alarm.get("since")
    moment = _moment(since)
    if moment is not None:
        words.append(f"since {datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC")
    elif since:
        words.append(f"since {since}")
    return _clean(" · ".join(words))


def _read(example: Any, alarm: Mapping[str, Any], where: str) -> Example:
    why = describe_alarm(alarm)
    if isinstance(example, str) and example:
        return Example(_name(example), why, None)
    if not isinstance(example, dict):
        raise DataError(
            f"{where}: found a JSON {type(example).__name__}; expected an object with prompt and response, or an id"
        )
    turns, reply = _read_turns(example, where), example.get("response")
    if not turns or "response" not in example:
        if not example.get("id"):
            raise DataError(f"{where}: found neither prompt and response nor an id")
        return Example(_name(str(example["id"])), why, None)
    if not (reply is None or isinstance(reply, str)):
        raise DataError(f"{where}: response: found a JSON {type(reply).__name__}; expected a text")
    said = json.dumps([[turn.role, turn.text] for turn in turns] + [reply])
    known = {**dict(_pairs(alarm.get("slice"))), **example}
    item = Item(
        id=_name(str(example.get("id") or hashlib.blake2b(said.encode(), digest_size=16).hexdigest())),
        at=_moment(example.get("at")),
        reasons=("alarm",),
        why=why,
        turns=turns,
        reply=_clean(reply or ""),
        language=_text(known, "language"),
        category=_text(known, "category"),
        tenant=_text(known, "tenant"),
        model=_text(known, "model"),
    )
    return Example(item.id, why, item)


def _pairs(where: Any) -> list[tuple[str, str]]:
    """Give the names and values of a slice, an object or a list of pairs."""
    pairs = where.items() if isinstance(where, dict) else where if isinstance(where, list) else ()
    return [(str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, (list, tuple)) and len(pair) == 2]  # noqa: PLR2004


def _moment(value: Any) -> float | None:
    """Read a time: seconds since 1970 UTC, or ISO 8601; None where it is neither."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            value = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        found = None if value is None or isinstance(value, bool) else float(value)
        return found if found is not None and math.isfinite(found) and abs(found) < _LATEST_S else None
    except (TypeError, ValueError, OverflowError):
        return None


def _read_turns(example: Mapping[str, Any], where: str) -> tuple[Turn, ...]:
    messages = example.get("messages", example.get("turns"))
    if not messages:
        prompt = example.get("prompt")
        return (Turn("user", _clean(prompt)),) if isinstance(prompt, str) else ()
    try:
        return tuple(
            Turn(_ROLES[one["role"]], _clean(one["text"] if "text" in one else one["content"])) for one in messages
        )
    except (KeyError, TypeError, AttributeError):
        raise DataError(f"{where}: messages: expected a list of objects with role and content") from None


def _name(text: str) -> str:
    """Give an id that every database can store."""
    name = _clean(text)
    if len(name) <= _LONGEST_ID and name.isprintable():
        return name
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()


def _text(example: Mapping[str, Any], name: str) -> str | None:
    value = example.get(name)
    return _clean(value) if isinstance(value, str) and value else None


def _clean(text: str) -> str:
    """Replace half of a surrogate pair, which is no character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
