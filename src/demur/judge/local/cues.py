"""Which cues a sentence holds: ways of declining, faulting, consoling, offering, asking back; a lexicon for each language.

A cue is a way of *saying* something, never a topic. A class of cues means the same in every language; its phrases stand
in ``languages/XX.toml`` as RE2 expressions; those whose literal parts a sentence holds are tried on it.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["Lexicon", "cue_classes", "known_languages", "lexicon_of"]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The cues of one language."""

    language: str
    """BCP 47 tag."""
    _found_by: tuple[tuple[int, ...], ...]
    """For each expression, the classes it is a cue of."""
    _filter: Any
    """RE2's filter: it finds the literal parts of all expressions in one pass. (One automaton of all of them has too many states: 13 times slower.)"""

    def classes_in(self, sentence: str) -> set[int]:
        """Find the cues of a sentence.

        Args:
            sentence: in its plain form, see `demur.judge.sentences`.

        Returns:
            Indices into `cue_classes`.
        """
        found: set[int] = set()
        for index in self._filter.Match(sentence) or ():
            found.update(self._found_by[index])
        return found


@cache
def cue_classes() -> tuple[str, ...]:
    """Give the names of the classes in the order of the network's inputs: all that the English lexicon has, sorted."""
    table = _read_table("en")
    return tuple(sorted({name for name in table if name != "unions"} | set(table.get("unions", {}))))


@cache
def known_languages() -> tuple[str, ...]:
    """Give the tags of the languages that have a lexicon, sorted."""
    files = resources.files("demur.judge.local").joinpath("languages").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


@cache
def lexicon_of(language: str) -> Lexicon:
    """Compile the lexicon of a language, once a process.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it has a class that English lacks.
    """
    import re2

    table = _read_table(language)
    unions: dict[str, Sequence[str]] = table.pop("unions", {})
    order = {name: index for index, name in enumerate(cue_classes())}
    if strange := sorted(table.keys() - order.keys()):
        raise ValueError(f"languages/{language}.toml: unknown cue classes {', '.join(strange)}")
    options = re2.Options()
    options.never_capture = True
    expressions = re2.Filter()
    found_by = []
    for name, phrases in table.items():
        classes = (order[name], *(order[union] for union, parts in unions.items() if name in parts))
        for phrase in phrases:
            expressions.Add(phrase, options)
            found_by.append(classes)
    expressions.Compile()
    return Lexicon(language, tuple(found_by), expressions)


def _read_table(language: str) -> dict[str, Any]:
    file = resources.files("demur.judge.local").joinpath("languages", f"{language}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
