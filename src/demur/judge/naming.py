"""Whether a reply names something: known by its words, in any language."""

import re
from collections.abc import Sequence
from functools import lru_cache
from unicodedata import normalize

from demur.judge.sentences import plain
from demur.judge.words import is_unspaced

__all__ = ["says_one_of"]


def says_one_of(text: str, names: Sequence[str]) -> bool:
    """Tell whether a text says one of some names.

    A name is found where a word begins with it, or several words with the first of them; where writing leaves no spaces,
    anywhere. Capitals, accents' encoding and kinds of quotes do not count.
    """
    said = plain(normalize("NFKC", text))
    return any(_pattern(name).search(said) is not None for name in names)


@lru_cache(maxsize=4096)
def _pattern(name: str) -> re.Pattern[str]:
    word = plain(normalize("NFKC", name))
    if is_unspaced(word):
        return re.compile(re.escape(word))
    return re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, word.split())))
