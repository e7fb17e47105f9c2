"""What a text says, without how it is set: the words that two texts are compared by."""

from collections.abc import Sequence
from unicodedata import normalize

from demur.judge.sentences import plain
from demur.judge.words import find_words, is_unspaced

__all__ = ["Words", "read_words", "shingle"]

Words = tuple[str, ...]

_WORDS, _CHARACTERS = 3, 5
"""Length of a shingle, in words (Broder 1997 has 10 for whole pages) and in characters where writing leaves no spaces."""


def read_words(text: str) -> Words:
    """Give the words of a text, in order, numbers included.

    Case, punctuation, apostrophes, spacing and the forms that Unicode holds compatible (NFKC) do not count. In scripts that leave no
    spaces between words a character is a word.
    """
    said = plain((text if text.isascii() else normalize("NFKC", text)).casefold()).replace("'", "")
    words: list[str] = []
    for match in find_words(said):
        word = match[0]
        if is_unspaced(word):
            words += word
        else:
            words.append(word)
    return tuple(words)


def shingle(words: Sequence[str]) -> set[Words]:
    """Give the runs of three words of a text, or of five characters where most of its words are characters.

    A text that is shorter is one run; one without words has none.
    """
    size = _CHARACTERS if 2 * sum(map(is_unspaced, words)) > len(words) else _WORDS
    if len(words) <= size:
        return {tuple(words)} if words else set()
    return set(zip(*(words[start:] for start in range(size)), strict=False))
