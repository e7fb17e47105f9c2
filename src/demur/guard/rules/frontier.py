"""How far the text of a stream is decided: where a match could still be going on when the text so far ends."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from demur.errors import DataError
from demur.guard.rules.expression import Expression
from demur.guard.rules.phrases import Phrases

__all__ = ["Frontier", "Standing", "compile_set"]

_MEMORY = tuple(2**power for power in range(23, 29))
"""Bytes a set may take, tried in turn from 8 to 256 MB: RE2 gives a set its states' memory from the same purse."""
_PROBE = "\U0010fffe\U0010ffff"
_GLANCE = 2
"""Characters that tell of most places that nothing begins there; with the one before they are remembered."""
_REMEMBERED = 2**15


class Standing(Enum):
    """What is known of a place in a text that may go on."""

    NOTHING = "nothing"
    """No match begins here, whatever comes."""
    OPEN = "open"
    """Whether a match begins here, or where it ends, depends on what comes."""
    MATCH = "match"
    """A match begins here, whatever comes."""


class Frontier:
    """What begins at a place of a text that may go on.

    A place is open while the text from there to its end is the beginning of a match: one that lacks something, could be
    longer, or ends with an assertion about what follows. A place that is not open stays so, whatever comes, and
    whether a match begins there no longer changes.
    """

    def __init__(self, expressions: Sequence[Expression], phrases: Phrases) -> None:
        self._within = _Members(expressions, before="(?s:.)")
        """For a text with the character before: assertions see it."""
        anchored = [one for one in expressions if "^" in one.full or r"\A" in one.full]
        self._at_start = _Members(anchored, before="")
        """Those that may ask for the beginning of the text; some more do no harm."""
        self._phrases = phrases
        self._glances: dict[str, bool] = {}

    def next(self, text: str, at: int) -> int:
        """Give the first place from ``at`` on that may be open or have a match; the end of the text if there is none."""
        glances = self._glances
        end = len(text)
        if not at and end and self.look(text, 0) is not Standing.NOTHING:
            return 0
        for place in range(at or 1, end):
            key = text[place - 1 : place + _GLANCE]
            if (known := glances.get(key)) is None:
                known = self._glance(key)
            if known:
                return place
        return end

    def look(self, text: str, at: int, *, is_over: bool = False) -> Standing:
        """Tell how a place stands, where the text may go on or is over."""
        is_begun, is_whole = self._match(text, at)
        if not is_over and (is_begun or self._phrases.may_begin(text, at)):
            return Standing.OPEN
        if is_whole or self._phrases.begins(text, at):
            return Standing.MATCH
        return Standing.NOTHING

    def _glance(self, key: str) -> bool:
        if len(self._glances) >= _REMEMBERED:
            self._glances.clear()
        known = self.look(key, 1) is not Standing.NOTHING
        self._glances[key] = known
        return known

    def _match(self, text: str, at: int) -> tuple[bool, bool]:
        """Tell whether a match of a pattern is begun at a place, and whether one is whole."""
        if at:
            return self._within.match(text[at - 1 :])
        # A text begins as a line does, but for what asks for the text's own beginning.
        (begun, whole), (begun_there, whole_there) = self._within.match(f"\n{text}"), self._at_start.match(text)
        return begun or begun_there, whole or whole_there


class _Members:
    """A set in which each expression is twice: as what is begun at the end of a text, and as what is whole, whatever follows."""

    def __init__(self, expressions: Sequence[Expression], *, before: str) -> None:
        import re2

        # One member for each: the same joined by bars into one takes ten times as long to compile.
        begun = [before + expression.begun for expression in expressions]
        whole = [f"{before}{expression.full}(?s:.*)" for expression in expressions]
        self._n = len(expressions)
        self._set = compile_set(re2.Set.FullMatchSet, begun + whole)

    def match(self, text: str) -> tuple[bool, bool]:
        if not self._set or not (members := self._set.Match(text)):
            return False, False
        # The set's probe is the last member, and a text may hold it.
        return min(members) < self._n, any(self._n <= member < 2 * self._n for member in members)


def compile_set(kind: Callable[[Any], Any], patterns: Sequence[str]) -> Any:
    """Compile patterns into one set of RE2, with no more memory than it needs; None without patterns.

    The set numbers the patterns in the order given; one more, at the end, is a probe.

    A set that lacks memory while matching says "no match" instead of failing. Its memory holds a score of its largest
    states or it does not begin; whether it does is tried here with the probe.

    Raises:
        DataError: they need more than 256 MB.
    """
    import re2

    if not patterns:
        return None
    for memory in _MEMORY:
        options = re2.Options()
        options.max_mem = memory
        options.longest_match = True
        options.never_capture = True
        options.log_errors = False
        compiled = kind(options)
        try:
            for pattern in (*patterns, _PROBE):
                compiled.Add(pattern)
            compiled.Compile()
        except re2.error:
            continue
        if compiled.Match(_PROBE):
            return compiled
    raise DataError(f"{len(patterns)} patterns together need more than 256 MB; make their repetitions shorter")
