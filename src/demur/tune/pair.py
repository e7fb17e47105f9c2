"""Preference data: pairs of a better and a worse answer to one prompt, in TRL's conversational format."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from demur.errors import DataError
from demur.output import to_json_line, write_file
from demur.records import from_plain, iter_jsonl, read_text
from demur.types import Turn

__all__ = ["FAULTS", "Fault", "Pair", "read_pairs", "write_pairs"]

Fault = Literal["wrong refusal", "missed harm", "ugly refusal", "capitulation", "leak", "right answer", "right refusal"]
"""What a pair mends; the last two are no faults: what is right is to stay, or one side would be traded for the other."""
FAULTS: tuple[Fault, ...] = get_args(Fault)
_OF_HARMLESS = frozenset({"wrong refusal", "right answer"})


@dataclass(frozen=True)
class Pair:
    """A prompt with the answer to learn and the answer to leave."""

    id: str
    """Unique in its file."""
    prompt: tuple[Turn, ...]
    """The conversation up to the question, which is the last turn and the user's."""
    chosen: str
    rejected: str
    """A refusal, or the short beginning of an answer without its content."""
    fault: Fault
    category: str | None = None
    """Hazard of the case; of a harmless one, that which it looks like."""
    family: str | None = None
    """Cases of one family are not independent: the result is not to be measured on any of them."""
    locale: str = "en"
    chosen_from: str = ""
    """Who wrote it: ``template``, ``own``, ``stub``, or the name of a model."""
    rejected_from: str = ""
    source: str = ""
    """Suite and id of the case, parted by a colon."""
    principle: str | None = None
    """Id of the principle of a constitution that the chosen answer was revised by; None where it was not."""

    @property
    def is_harmless(self) -> bool:
        """Whether what is asked is to be answered."""
        return self.fault in _OF_HARMLESS


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """Write pairs as JSON Lines: ``prompt``, ``chosen`` and ``rejected`` are lists of messages, the rest stands beside them.

    Raises:
        UsageError: there is a folder of that name. IncompleteError: it cannot be written there.
    """
    write_file(path, "".join(to_json_line(_to_row(pair)) for pair in pairs))


def read_pairs(path: Path) -> tuple[Pair, ...]:
    """Read pairs, demur's or anybody's: only ``prompt``, ``chosen`` and ``rejected`` must be there, and ``fault``.

    Raises:
        DataError: the file cannot be read, is empty, a line is no pair, or two have one id.
    """
    rows = list(iter_jsonl(read_text(path).split("\n"), str(path)))
    pairs = tuple(_from_row(row, f"{path}:{number}", f"{number}") for number, row in rows)
    if not pairs:
        raise DataError(f"{path}: holds no pairs; expected one a line, as demur tune pairs writes them")
    twice = next((name for name, n in Counter(pair.id for pair in pairs).items() if n > 1), None)
    if twice is not None:
        raise DataError(f"{path}: two pairs have the id '{twice}'; expected each once")
    return pairs


def _to_row(pair: Pair) -> Mapping[str, Any]:
    messages = [{"role": turn.role, "content": turn.text} for turn in pair.prompt]
    answers = {name: [{"role": "assistant", "content": getattr(pair, name)}] for name in ("chosen", "rejected")}
    return {**asdict(pair), "prompt": messages, **answers}


def _from_row(row: Mapping[str, Any], where: str, number: str) -> Pair:
    prompt = [{"role": role, "text": text} for role, text in _messages(row.get("prompt"), f"{where}: prompt")]
    if prompt[-1]["role"] != "user":
        raise DataError(f"{where}: prompt: ends with the {prompt[-1]['role']}'s turn; expected the user's")
    answers = {name: _answer(row.get(name), f"{where}: {name}") for name in ("chosen", "rejected")}
    return from_plain(Pair, {"id": number, **row, "prompt": prompt, **answers}, where)


def _answer(value: Any, where: str) -> str:
    messages = _messages(value, where)
    if len(messages) != 1 or messages[0][0] != "assistant":
        raise DataError(f"{where}: found {len(messages)} messages; expected one, of the assistant")
    return messages[0][1]


def _messages(value: Any, where: str) -> list[tuple[str, str]]:
    if not isinstance(value, list) or not value:
        raise DataError(f"{where}: expected a list of messages, each with role and content")
    for message in value:
        if not isinstance(message, dict) or not all(isinstance(message.get(key), str) for key in ("role", "content")):
            raise DataError(f"{where}: found {message!r:.80}; expected a message with role and content, both text")
    return [(message["role"], message["content"]) for message in value]
