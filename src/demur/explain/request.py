"""A request in units that can be taken out one by one: its different words, and the exchanges before it."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from demur.explain.wordings import Lever, load_control, load_mask, load_substitute
from demur.types import Case, Turn

__all__ = [
    "EDITS",
    "EditKind",
    "Span",
    "Unit",
    "edit",
    "find_words",
    "frame",
    "make_control",
    "pull",
    "put_under",
    "read_units",
    "says_something",
    "swap",
]

EditKind = Literal["remove", "mask", "substitute"]

EDITS: tuple[EditKind, ...] = ("remove", "mask", "substitute")

Span = tuple[int, int]

_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]{1,2}"  # scripts that leave no spaces: two characters make most words
    r"|[^\W_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+(?:['’-][^\W_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+)*"
)
_WIDE = re.compile(r"[ \t]{2,}")
_BEFORE_POINT = re.compile(r"[ \t]+(?=[,.;:!?)])")


@dataclass(frozen=True)
class Unit:
    """A word wherever it stands in the request, or an exchange before the request."""

    text: str
    spans: tuple[Span, ...] = ()
    """Places in the last turn; empty for an exchange."""
    turns: tuple[int, ...] = ()
    """Numbers of the turns of an exchange; empty for a word."""


def find_words(text: str) -> tuple[Span, ...]:
    """Find the words of a text, from and to, in characters."""
    return tuple(match.span() for match in _WORD.finditer(text))


def read_units(case: Case) -> tuple[Unit, ...]:
    """Read the units of a case in the order in which they begin: exchanges, then the words of the last turn.

    The same word in several places is one unit, whatever its case.
    """
    places: dict[str, list[Span]] = defaultdict(list)
    for start, end in find_words(case.prompt):
        places[case.prompt[start:end].casefold()].append((start, end))
    words = (Unit(case.prompt[slice(*spans[0])], tuple(spans)) for spans in places.values())
    return (*_exchanges(case.turns), *words)


def _exchanges(turns: Sequence[Turn]) -> list[Unit]:
    """Part what was said before the request into what begins with a turn of the user's."""
    exchanges: list[list[int]] = []
    for number, turn in enumerate(turns[:-1]):
        if turn.role == "user" or (turn.role == "assistant" and not exchanges):
            exchanges.append([number])
        elif turn.role == "assistant":
            exchanges[-1].append(number)
    return [Unit(turns[numbers[0]].text, turns=tuple(numbers)) for numbers in exchanges]


def edit(case: Case, units: Sequence[Unit], kind: EditKind = "remove") -> Case:
    """Take units out of a case; exchanges are always removed, words removed, masked, or replaced by a neutral one."""
    gone = {number for unit in units for number in unit.turns}
    filler = {"remove": "", "mask": load_mask(), "substitute": load_substitute(case.locale)}[kind]
    text = case.prompt
    for start, end in sorted((span for unit in units for span in unit.spans), reverse=True):
        text = text[:start] + filler + text[end:]
    if kind == "remove" and text != case.prompt:
        text = _BEFORE_POINT.sub("", _WIDE.sub(" ", text)).strip()
    kept = tuple(turn for number, turn in enumerate(case.turns[:-1]) if number not in gone)
    return replace(case, turns=(*kept, Turn("user", text)))


def says_something(case: Case) -> bool:
    """Tell whether there is a word left in the request."""
    return _WORD.search(case.prompt) is not None


def swap(case: Case, start: int, end: int, other: str) -> Case:
    """Put other words in the place of some of the request."""
    return _reword(case, " ".join(f"{case.prompt[:start]} {other} {case.prompt[end:]}".split()))


def frame(case: Case, framing: str) -> Case:
    """Put a request into a frame."""
    return _reword(case, framing.replace("{}", case.prompt))


def pull(case: Case, lever: Lever) -> Case:
    """State what a lever states, in the user's words or in the operator's."""
    if lever.place == "user":
        return _reword(case, f"{lever.text} {case.prompt}")
    return put_under(case, lever.text if case.system is None else f"{case.system}\n\n{lever.text}")


def put_under(case: Case, system: str | None) -> Case:
    """Put a case under a system prompt in place of its own; None is none at all."""
    rest = case.turns if case.system is None else case.turns[1:]
    return replace(case, turns=rest if system is None else (Turn("system", system), *rest))


def make_control(case: Case) -> Case:
    """Make a question that nobody refuses, under the system prompt of a case."""
    system = () if case.system is None else (case.turns[0],)
    return Case(
        f"{case.id}/control", (*system, Turn("user", load_control())), "comply", suite=case.suite, source="demur"
    )


def _reword(case: Case, text: str) -> Case:
    return replace(case, turns=(*case.turns[:-1], Turn("user", text)))
