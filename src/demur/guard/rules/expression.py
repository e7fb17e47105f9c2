r"""A regular expression of RE2, read for two things RE2 does not tell: how long a match can be, and what may still become one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from demur.errors import DataError

__all__ = ["Expression", "read_expression"]

_ESCAPE = r"\\(?:x\{[0-9A-Fa-f]+\}|x[0-9A-Fa-f]{2}|[pP]\{[^}]*\}|[pP].|0[0-7]{0,2}|[1-7][0-7]{1,2}|.)"
_TOKEN = re.compile(
    rf"""(?P<quote>\\Q(?P<quoted>.*?)(?:\\E|\Z))
    | (?P<assertion>\\[AzbB]|[\^$])
    | (?P<single>{_ESCAPE}|\[\^?\]?(?:\[:\^?\w+:\]|{_ESCAPE}|[^\]\\])*\])
    | \(\?(?P<flags>[imsU]*(?:-[imsU]*)?)(?P<scope>[:)])
    | (?P<open>\((?:\?P?<\w+>)?)
    | (?P<close>\))
    | (?P<bar>\|)
    | (?P<repeat>(?:[*+?]|\{{\d+(?:,\d*)?\}})\??)
    | (?P<char>.)""",
    re.VERBOSE | re.DOTALL,
)
_FOREIGN = (
    (re.compile(r"\(\?<?[=!]"), "a lookaround, which RE2 has not; match the surroundings themselves or use \\b"),
    (re.compile(r"\\[1-9]|\(\?P="), "a backreference, which RE2 has not; write out what may be repeated"),
    (re.compile(r"\(\?>|[*+?}]\+"), "a possessive or atomic group, which RE2 has not and does not need; leave it out"),
)
_WIDEST = 80
"""What the advice on an unbounded part proposes, in characters."""


@dataclass(frozen=True)
class Expression:
    """What an expression matches, and what could still become a match when more text comes."""

    full: str
    """An expression that matches the same, with its flags written at each character."""
    begun: str
    """An expression for every beginning of a match that leaves something to be decided by what follows: another
    character, a longer match, an assertion. It matches the empty string too."""
    shortest: int
    """Characters of the shortest match; assertions that make it longer are not counted."""
    longest: int
    """Characters of the longest match."""
    is_single: bool = False
    """Whether it is one character or one assertion, so that nothing but the empty string has begun and not ended it."""
    is_loose: bool = False
    """Whether it is a single one repeated from zero times on, so that it matches what has begun it, too."""


class _Item(NamedTuple):
    expression: Expression
    start: int
    """Where it stands in the source."""


_NOTHING = Expression("", "", 0, 0, is_single=True)


def read_expression(pattern: str) -> Expression:
    r"""Read a pattern in the syntax of RE2.

    Raises:
        DataError: RE2 cannot read it, it has no bound, or it can match without a character.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise DataError(f'pattern "{pattern}": {_explain(pattern, error)}') from error
    if "\\C" in pattern.replace("\\\\", ""):
        raise DataError(f'pattern "{pattern}": \\C takes a character apart; write (?s:.) for any character')
    expression = _Reader(pattern).read()
    if not expression.shortest:
        raise DataError(f'pattern "{pattern}" can match without a single character; ask for at least one')
    return expression


def _explain(pattern: str, error: Exception) -> str:
    for foreign, what in _FOREIGN:
        if found := foreign.search(pattern):
            return f'"{found[0]}" begins or is {what}'
    return f"RE2 cannot read it: {error.args[0].decode() if isinstance(error.args[0], bytes) else error}"


class _Reader:
    """One pass over a pattern that RE2 has accepted."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._tokens: Iterator[re.Match[str]] = _TOKEN.finditer(pattern)

    def read(self, flags: frozenset[str] = frozenset()) -> Expression:
        """Read up to the end of the group or of the pattern."""
        choices: list[Expression] = []
        items: list[_Item] = []
        for token in self._tokens:
            if token["close"]:
                break
            if token["bar"]:
                choices.append(_sequence(items))
                items = []
            elif token["scope"] == ")":
                flags = _turn(flags, token["flags"])
            elif token["repeat"]:
                last = items.pop()
                items.append(_Item(self._repeat(last, token), last.start))
            elif token["open"] or token["scope"]:
                items.append(_Item(self.read(_turn(flags, token["flags"] or "")), token.start()))
            elif token["quote"]:
                start = token.start("quoted")
                items += (_Item(_single(re.escape(c), flags), start + i) for i, c in enumerate(token["quoted"]))
            else:
                items.append(_Item(_read_single(token, flags), token.start()))
        choices.append(_sequence(items))
        return _choice(choices)

    def _repeat(self, last: _Item, token: re.Match[str]) -> Expression:
        sign = token["repeat"][0]
        bounds = token["repeat"].rstrip("?").strip("{}").split(",") if sign == "{" else []
        least = int(bounds[0]) if bounds else int(sign == "+")
        if sign in "*+" or bounds[1:] == [""]:
            part = self._pattern[last.start : token.end()]
            instead = f"{{{least},{max(_WIDEST, least)}}}"
            raise DataError(f'pattern "{self._pattern}": "{part}" has no bound; write {instead} instead')
        return _repeat(last.expression, least, 1 if sign == "?" else int(bounds[-1]))


def _turn(flags: frozenset[str], change: str) -> frozenset[str]:
    on, _, off = change.partition("-")
    return (flags | set(on)) - set(off)


def _read_single(token: re.Match[str], flags: frozenset[str]) -> Expression:
    if text := token["assertion"]:
        return Expression(_flag(text, flags & {"m"} if text in "^$" else frozenset()), "", 0, 0, is_single=True)
    if text := token["single"]:
        return _single(text, flags)
    char = token["char"]
    return _single(char if char == "." else re.escape(char), flags)


def _single(text: str, flags: frozenset[str]) -> Expression:
    return Expression(_flag(text, flags & {"s"} if text == "." else flags & {"i"}), "", 1, 1, is_single=True)


def _flag(text: str, flags: frozenset[str]) -> str:
    return f"(?{''.join(sorted(flags))}:{text})" if flags else text


def _repeat(one: Expression, least: int, most: int) -> Expression:
    if not most or not one.full:
        return _NOTHING
    full = f"(?:{one.full}){{{least},{most}}}"
    begun = f"(?:{one.full}){{0,{most - 1}}}{one.begun}" if most > 1 else one.begun
    return Expression(full, begun, one.shortest * least, one.longest * most, is_loose=one.is_single and not least)


def _sequence(items: list[_Item]) -> Expression:
    """Join what follows one another: begun is the first one, or the first one is done and the rest is begun."""
    parts = [item.expression for item in items if item.expression.full]
    if len(parts) <= 1:
        return parts[0] if parts else _NOTHING
    begun = parts[-1].begun
    for part in reversed(parts[:-1]):
        if part.is_loose:
            begun = part.full + begun
        else:
            begun = f"(?:{part.full}{begun})?" if part.is_single else f"(?:{part.begun}|{part.full}{begun})"
    return Expression(
        "".join(part.full for part in parts),
        begun,
        sum(part.shortest for part in parts),
        sum(part.longest for part in parts),
    )


def _choice(choices: list[Expression]) -> Expression:
    if len(choices) == 1:
        return choices[0] if choices[0].is_single else _group(choices[0])
    if not any(choice.full for choice in choices):
        return _NOTHING
    return Expression(
        f"(?:{'|'.join(choice.full for choice in choices)})",
        f"(?:{'|'.join(choice.begun for choice in choices)})",
        min(choice.shortest for choice in choices),
        max(choice.longest for choice in choices),
    )


def _group(only: Expression) -> Expression:
    return Expression(f"(?:{only.full})", only.begun, only.shortest, only.longest, is_loose=only.is_loose)
