"""Rules of patterns and phrases, compiled once and looked for in one pass, whatever their number."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Literal, get_args

from demur.errors import DataError, MissingExtraError
from demur.guard.rules.expression import Expression, read_expression
from demur.guard.rules.frontier import Frontier, compile_set
from demur.guard.rules.phrases import Phrases

__all__ = ["Action", "Match", "Rule", "RuleSet", "encodable"]

Action = Literal["block", "warn"]

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Rule:
    """What is looked for, by any of its patterns and phrases, and what it leads to."""

    name: str
    """Unique in its set."""
    category: str
    """What a match is about."""
    action: Action
    """``block`` holds back the match and all that follows, ``warn`` only tells."""
    patterns: tuple[str, ...] = ()
    """Regular expressions of RE2, matched as they are written: ``(?i)`` ignores case. ``\\b`` knows ASCII words only."""
    phrases: tuple[str, ...] = ()
    """Plain strings, matched as whole words in any case."""


@dataclass(frozen=True)
class Match:
    """Where a rule holds."""

    rule: str
    """Its name."""
    start: int
    """First character."""
    end: int
    """The one after the last."""


class RuleSet:
    """Rules compiled together: a set of RE2 for the patterns, an automaton for the phrases.

    Raises:
        DataError: two rules of one name, a rule with nothing to look for, a pattern that RE2 cannot read, that has no
            bound or that matches without a character. The message names the rule and the part.
        MissingExtraError: the libraries are not installed.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        try:
            import ahocorasick  # noqa: F401  asked for here, so that the message comes before any work
            import re2
        except ImportError:
            raise MissingExtraError("rules need google-re2 and pyahocorasick: pip install 'demur[guard]'") from None
        self.rules = tuple(rules)
        """In the order given, which decides between matches of one place."""
        self._order = {rule.name: index for index, rule in enumerate(self.rules)}
        expressions = [_read(rule) for rule in self.rules]
        if len(self._order) != len(self.rules):
            names = [rule.name for rule in self.rules]
            twice = next(name for name in names if names.count(name) > 1)
            raise DataError(f'two rules have the name "{twice}"; give each a name of its own')
        self._expressions = expressions
        self.longest = {
            rule.name: max([one.longest for one in mine] + [len(phrase.casefold()) for phrase in rule.phrases])
            for rule, mine in zip(self.rules, expressions, strict=True)
        }
        """By name of the rule, the characters of the longest match it can have."""
        sources = [(index, pattern) for index, rule in enumerate(self.rules) for pattern in rule.patterns]
        self._owners = [index for index, _ in sources]
        self._set = compile_set(re2.Set.SearchSet, [pattern for _, pattern in sources])
        self._patterns: list[Any] = [_compile(pattern) for _, pattern in sources]
        self._phrases = Phrases((phrase, index) for index, rule in enumerate(self.rules) for phrase in rule.phrases)

    def __getitem__(self, name: str) -> Rule:
        return self.rules[self._order[name]]

    def find(self, text: str, start: int = 0) -> list[Match]:
        r"""Find the first match of each rule: the leftmost one, and of those that begin there the longest.

        Args:
            text: what is searched; halves of surrogate pairs count as U+FFFD.
            start: where a match begins at the earliest; what stands before is seen by ``\b``, ``^`` and word boundaries.

        Returns:
            One match at most for each rule, earliest first, then the longest, then in the order of the rules.
        """
        text = encodable(text)
        first: dict[int, tuple[int, int]] = {}
        for owner, begin, end in chain(self._find_patterns(text, start), self._phrases.find(text, start)):
            place = (begin, -end)
            if owner not in first or place < first[owner]:
                first[owner] = place
        places = sorted((place, owner) for owner, place in first.items())
        return [Match(self.rules[owner].name, begin, -end) for (begin, end), owner in places]

    def _find_patterns(self, text: str, start: int) -> Iterator[tuple[int, int, int]]:
        """Give the owner, the start and the end of the first match of each pattern; the set says which to search for."""
        for index in (self._set.Match(text) or ()) if self._set else ():
            if index < len(self._patterns) and (match := self._patterns[index].search(text, start)):
                yield self._owners[index], *match.span()

    def furthest(self, action: Action) -> int:
        """Give the characters of the longest match that any rule with this action can have; 0 without such a rule."""
        return self._furthest.get(action, 0)

    @cached_property
    def _furthest(self) -> dict[Action, int]:
        furthest: dict[Action, int] = {}
        for rule in self.rules:
            furthest[rule.action] = max(furthest.get(rule.action, 0), self.longest[rule.name])
        return furthest

    @cached_property
    def frontier(self) -> Frontier:
        """What of a text that goes on is decided, as far as the blocking rules are concerned.

        Compiled when first asked for, in about as long as the rules themselves; ask before the first reply is streamed.

        Raises:
            DataError: the patterns together need more than 256 MB.
        """
        blocking = [(index, rule) for index, rule in enumerate(self.rules) if rule.action == "block"]
        return Frontier(
            [expression for index, _ in blocking for expression in self._expressions[index]],
            Phrases((phrase, index) for index, rule in blocking for phrase in rule.phrases),
        )


def encodable(text: str) -> str:
    """Put U+FFFD for each half of a surrogate pair, which UTF-8 cannot write; the length stays."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def _read(rule: Rule) -> Sequence[Expression]:
    if rule.action not in get_args(Action):
        raise DataError(f'rule "{rule.name}": action "{rule.action}" is none of {", ".join(get_args(Action))}')
    if not rule.patterns and not rule.phrases:
        raise DataError(f'rule "{rule.name}" has nothing to look for; give it patterns or phrases')
    if not all(phrase.strip() for phrase in rule.phrases):
        raise DataError(f'rule "{rule.name}" has an empty phrase; leave it out')
    try:
        return [read_expression(pattern) for pattern in rule.patterns]
    except DataError as error:
        message = str(error).replace("\n", r"\n")
        raise DataError(f'rule "{rule.name}": {message}') from error


def _compile(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.longest_match = True
    options.log_errors = False
    return re2.compile(pattern, options)
