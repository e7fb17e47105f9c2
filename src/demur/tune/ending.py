"""Endings: a reply that was cut off, brought to its last whole sentence. What is learnt from must not break off in the middle."""

import re

from demur.judge.sentences import plain, split
from demur.judge.words import index_words

__all__ = ["breaks_off", "ends_whole", "keep_whole"]

_ENDS_WHOLE = re.compile(r"[.!?。！？؟।…][\"'”’»」』)）*_\]]*$")
_LEADS_ON = re.compile(r"(?:[-*•]|\(?(?:\d{1,3}|[A-Za-z])[.)]|#.*|\*\*.*\*\*|.*:)$")
"""A line after which something has to come: the mark of an item by itself, a heading, what ends in a colon."""
_ITEM = re.compile(r"[-*•|`]|\(?(?:\d{1,3}|[A-Za-z])[.)]\s")
"""How a line begins that need not end as a sentence does: an item of a list, a row of a table, code."""
_FENCE = "```"
_FEWEST_WORDS = 8
"""Of a text that can break off: a shorter one may be all there is to say."""


def breaks_off(text: str) -> bool:
    """Tell whether a text seems to end within a sentence; one of a few words, and one that ends with a list, do not."""
    last = text.rstrip().rpartition("\n")[2].strip()
    return not ends_whole(text) and _ITEM.match(last) is None and len(index_words(text)) >= _FEWEST_WORDS


def ends_whole(text: str) -> bool:
    """Tell whether a text ends where a sentence does."""
    last = text.rstrip().rpartition("\n")[2].strip()
    return _ENDS_WHOLE.search(last) is not None and _LEADS_ON.match(last) is None


def keep_whole(text: str) -> str:
    """Give a text up to the last place where a sentence or a line of a list ends; empty if there is none.

    Args:
        text: a reply that may break off anywhere.
    """
    if text.count(_FENCE) % 2:  # code that was begun
        text = text[: text.rindex(_FENCE)]
    sentences = split(plain(text))
    while sentences:
        last = sentences.pop()
        said = text[last.start : last.end]
        is_line = text[last.end :].lstrip(" ").startswith("\n")
        if ends_whole(said) or (is_line and _LEADS_ON.match(said) is None):
            return text[: last.end].strip()
    return ""
