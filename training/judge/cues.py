"""Which cues a sentence holds: ways of declining, faulting, consoling, offering, asking back; a lexicon for each language.

A cue is a way of *saying* something, never a topic. A class of cues means the same in every language; its phrases stand
in ``languages/XX.toml`` as RE2 expressions.

Those with a wide gap ("put ... at risk") are tried on a sentence one by one if it holds their literal parts. The others are
cut, as they stand in the file, into sets of which each is one automaton. A gap must be counted through while all else goes
on, so that a set of expressions with gaps, or one large set, has more states than it ever gets done building.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["Lexicon", "cue_classes", "known_languages", "lexicon_of"]

_LANGUAGES = Path(__file__).parent / "languages"
_SET_SIZE = 30
"""Expressions in one automaton: of 15, 30, 60 and 100, 30 took the least time on English replies not seen before."""
_WIDE_GAP = re.compile(r"[+?] ?\)\{\d,(?:[3-9]|\d\d)\}|(?:\]|\.|\\[wW])\{\d+,\d\d\}")
"""A run of up to three or more words of any kind, or of up to ten or more characters."""

_Found = tuple[frozenset[int], ...]
"""For each expression, the classes it is a cue of."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The cues of one language."""

    language: str
    """BCP 47 tag."""
    _automata: tuple[tuple[Any, _Found], ...]
    """RE2's sets of expressions without a wide gap, and last its filter of those with one."""

    def classes_in(self, sentence: str) -> set[int]:
        """Find the cues of a sentence.

        Args:
            sentence: in its plain form, see `demur.judge.sentences`.

        Returns:
            Indices into `cue_classes`.
        """
        encoded = sentence.encode()
        found: set[int] = set()
        for automaton, found_by in self._automata:
            for index in automaton.Match(encoded) or ():
                found |= found_by[index]
        return found


@cache
def cue_classes() -> tuple[str, ...]:
    """Give the names of the classes in the order of the network's inputs: all that the English lexicon has, sorted."""
    table = _read_table("en")
    return tuple(sorted({name for name in table if name != "unions"} | set(table.get("unions", {}))))


@cache
def known_languages() -> tuple[str, ...]:
    """Give the tags of the languages that have a lexicon, sorted."""
    return tuple(sorted(file.stem for file in _LANGUAGES.glob("*.toml")))


@cache
def lexicon_of(language: str) -> Lexicon:
    """Compile the lexicon of a language, once a process.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it has a class that English lacks.
    """
    table = _read_table(language)
    unions: dict[str, Sequence[str]] = table.pop("unions", {})
    order = {name: index for index, name in enumerate(cue_classes())}
    if strange := sorted(table.keys() - order.keys()):
        raise ValueError(f"languages/{language}.toml: unknown cue classes {', '.join(strange)}")
    narrow: list[tuple[str, frozenset[int]]] = []
    wide: list[tuple[str, frozenset[int]]] = []
    for name, phrases in table.items():
        classes = frozenset((order[name], *(order[union] for union, parts in unions.items() if name in parts)))
        for phrase in phrases:
            (wide if _WIDE_GAP.search(phrase) else narrow).append((phrase, classes))
    sets = [_set_of(narrow[start : start + _SET_SIZE]) for start in range(0, len(narrow), _SET_SIZE)]
    return Lexicon(language, (*sets, _filter_of(wide)))


def _set_of(expressions: Sequence[tuple[str, frozenset[int]]]) -> tuple[Any, _Found]:
    import re2

    matcher = re2.Set.SearchSet(_options())
    for phrase, _ in expressions:
        matcher.Add(phrase)
    matcher.Compile()
    return matcher, tuple(classes for _, classes in expressions)


def _filter_of(expressions: Sequence[tuple[str, frozenset[int]]]) -> tuple[Any, _Found]:
    import re2

    matcher = re2.Filter()
    for phrase, _ in expressions:
        matcher.Add(phrase, _options())
    matcher.Compile()
    return matcher, tuple(classes for _, classes in expressions)


def _options() -> Any:
    import re2

    options = re2.Options()
    options.never_capture = True
    return options


def _read_table(language: str) -> dict[str, Any]:
    return tomllib.loads((_LANGUAGES / f"{language}.toml").read_text(encoding="utf-8"))
