"""The input of a response: items of a conversation, read as turns."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from demur.errors import DataError
from demur.guard.wire.content import check_spelling, kind_of, read_role, text_of_file, texts_of
from demur.guard.wire.conversation import Returned
from demur.guard.wire.responses_texts import is_text, is_too_deep
from demur.types import Role, Turn

__all__ = ["Input", "read_input"]

_ITEM_KEYS = frozenset({"content", "id", "output", "role", "type"})
_RETURNED = frozenset({"output", "outputs", "result", "results", "error", "reason"})
"""Fields of an item that say what a tool returned."""
_OPERATORS = frozenset({"additional_tools", "configuration_update", "mcp_list_tools", "tool_search_output"})
"""Items that say what the model has at hand."""
_KEPT = frozenset({"item_reference", "compaction", "compaction_trigger"})
"""Items that stand for turns which a server keeps, or which nobody else can read."""


class Input(NamedTuple):
    """What a request says."""

    turns: tuple[Turn, ...]
    is_all: bool
    """Whether everything that the model is given was in it to be read."""


def read_input(value: Any) -> Input:
    """Read the input: a text, or a list of items.

    What a tool returned counts as said by the user.

    Raises:
        DataError: it is neither, or nested too deep; the line names the place.
    """
    if value is None or isinstance(value, str):
        return Input((Turn("user", value),) if value else (), is_all=True)
    if not isinstance(value, list):
        raise DataError(f"input: found {kind_of(value)}; expected a text or a list of items")
    if is_too_deep(value):
        raise DataError("input: found items that are nested too deep; expected what a request needs")
    turns = [turn for number, item in enumerate(value) for turn in _turns(item, f"input[{number}]")]
    is_all = not any(_is_kept(item) for item in value)
    return Input(tuple(turns), is_all=is_all)


def _turns(item: Any, where: str) -> Iterator[Turn]:
    if not isinstance(item, Mapping):
        raise DataError(f"{where}: found {kind_of(item)}; expected an item")
    check_spelling(item, _ITEM_KEYS, where)
    kind = item.get("type")
    if kind == "message" or (kind is None and "role" in item):
        yield Turn(read_role(item, where), "\n".join(texts_of(item.get("content"))))
    elif _is_kept(item):
        return
    elif not isinstance(kind, str):
        raise DataError(f"{where}.type: found {kind_of(kind)}; expected the type of an item")
    elif kind in _OPERATORS:
        yield from _turn("system", _strings(item))
    elif kind == "reasoning" or kind.endswith(("_call", "_request")) or kind == "program":
        yield from _turn("assistant", _strings({key: item[key] for key in item if key not in _RETURNED}))
        yield from _returned(_strings({key: item[key] for key in item if key in _RETURNED}))
    else:
        yield from _returned(_strings(item))


def _turn(role: Role, texts: Iterator[str]) -> Iterator[Turn]:
    if text := "\n".join(filter(None, texts)):
        yield Turn(role, text)


def _returned(texts: Iterator[str]) -> Iterator[Turn]:
    if text := "\n".join(filter(None, texts)):
        yield Returned("user", text)


def _is_kept(item: Any) -> bool:
    if not isinstance(item, Mapping):
        return False
    kind = item.get("type")
    return kind in _KEPT if isinstance(kind, str) else kind is None and "role" not in item and "id" in item


def _strings(value: Any, key: str = "") -> Iterator[str]:
    """Give whatever can be read in an item."""
    if isinstance(value, str):
        if key == "file_data":
            yield text_of_file(value) or ""
        elif key not in ("name", "namespace", "server_label") and is_text(key, value):
            yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _strings(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, key)
