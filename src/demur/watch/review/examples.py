"""What shows an alarm best, as the watch writes it down, to be looked at."""

import hashlib
import json
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
            yield _read(example, describe_alarm(alarm), f"{where}: example {place}")


def describe_alarm(alarm: Mapping[str, Any]) -> str:
    """Say in one line what an alarm is of."""
    words = [f"{alarm.get('direction') or 'changed'}: {alarm.get('metric') or 'a rate'}"]
    where = alarm.get("slice")
    pairs = where.items() if isinstance(where, dict) else where if isinstance(where, list) else []
    parts = [" ".join(map(str, pair)) if isinstance(pair, (list, tuple)) else str(pair) for pair in pairs]
    words.append(where if isinstance(where, str) else ", ".join(parts) or "all traffic")
    since = alarm.get("since")
    if isinstance(since, (int, float)):
        words.append(f"since {datetime.fromtimestamp(since, UTC):%Y-%m-%d %H:%M} UTC")
    elif since:
        words.append(f"since {since}")
    return _clean(" · ".join(words))


def _read(example: Any, why: str, where: str) -> Example:
    if isinstance(example, str) and example:
        return Example(_name(example), why, None)
    if not isinstance(example, dict):
        raise DataError(
            f"{where}: found a JSON {type(example).__name__}; expected an object with prompt and response, or an id"
        )
    turns = _read_turns(example, where)
    reply = example.get("response")
    if not turns or not isinstance(reply, str):
        if not example.get("id"):
            raise DataError(f"{where}: found neither prompt and response nor an id")
        return Example(_name(str(example["id"])), why, None)
    said = json.dumps([[turn.role, turn.text] for turn in turns] + [reply])
    name = str(example.get("id") or hashlib.blake2b(said.encode(), digest_size=16).hexdigest())
    at = example.get("at")
    item = Item(
        id=_name(name),
        at=float(at) if isinstance(at, (int, float)) else None,
        reasons=("alarm",),
        why=why,
        turns=turns,
        reply=_clean(reply),
        language=_text(example, "language"),
        category=_text(example, "category"),
        tenant=_text(example, "tenant"),
        model=_text(example, "model"),
    )
    return Example(item.id, why, item)


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
