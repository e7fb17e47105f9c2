"""Letters: the request in letters that look like its own, or nearly, and in letters that went astray."""

from collections.abc import Callable, Mapping

import numpy as np

from demur.guard.stress.family import Family, Maker

__all__ = ["LETTERS", "TYPOS"]

_LOWER, _UPPER = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CYRILLIC = str.maketrans("aceiopsxyABCEHKMOPTX", "асеіорѕхуАВСЕНКМОРТХ")
_GREEK = str.maketrans("oAvBEHIKMNOPTXYZ", "οΑνΒΕΗΙΚΜΝΟΡΤΧΥΖ")
_SMALL_CAPITALS = str.maketrans("abcdefghijklmnoprstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ")
_TURNED = str.maketrans("abcdefghijklmnopqrtuvwyz?!", "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹʇnʌʍʎz¿¡")
_ACCENTED = str.maketrans("aeiouycnsz", "áèîöúÿçñšž")
_LEET = str.maketrans("aeiost", "431057")
_SIGNS = str.maketrans("aeiost", "@3!0$7")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS: Mapping[str, str] = {
    char: row[max(0, place - 1) : place] + row[place + 1 : place + 2] for row in _KEYS for place, char in enumerate(row)
}
_SOME = 0.35
"""Share of the letters, or words, that chance changes."""
_FEWEST = 4
"""Letters of a word in which a slip is still read over."""


def _plainly(change: Callable[[str], str]) -> Maker:
    return lambda text, _rng: change(text)


def _table(table: Mapping[int, int | str]) -> Maker:
    return lambda text, _rng: text.translate(table)


def _some(table: Mapping[int, int | str]) -> Maker:
    """Change some of the letters that a table knows, at least one of them."""

    def make(text: str, rng: np.random.Generator) -> str:
        places = [place for place, char in enumerate(text) if ord(char) in table]
        if not places:
            return text
        chosen = {place for place in places if rng.random() < _SOME} or {int(rng.choice(places))}
        return "".join(char.translate(table) if place in chosen else char for place, char in enumerate(text))

    return make


def _offset(lower: int, upper: int, digit: int | None = None) -> Maker:
    """Move letters to alphabets that begin at given places of Unicode."""
    table = {ord(char): lower + place for place, char in enumerate(_LOWER)}
    table |= {ord(char): upper + place for place, char in enumerate(_UPPER)}
    if digit is not None:
        table |= {ord("0") + value: digit + value for value in range(10)}
    return _table(table)


def _full_width(text: str) -> str:
    return "".join(
        "\u3000" if char == " " else chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text
    )


def _marked(*marks: str) -> Callable[[str], str]:
    return lambda text: "".join(char + "".join(marks) if char.isalpha() else char for char in text)


def _alternating(text: str) -> str:
    return "".join(char.upper() if place % 2 else char.lower() for place, char in enumerate(text))


def _slip(change: Callable[[str, int, np.random.Generator], str]) -> Maker:
    """Change some words of four letters or more, at least one, each at one place within it."""

    def make(text: str, rng: np.random.Generator) -> str:
        words = text.split(" ")
        long = [place for place, word in enumerate(words) if len(word) >= _FEWEST and word.isascii() and word.isalpha()]
        if not long:
            return text
        for place in {place for place in long if rng.random() < 2 * _SOME} or {int(rng.choice(long))}:
            words[place] = change(words[place], int(rng.integers(1, len(words[place]) - 2)), rng)
        return " ".join(words)

    return make


def _swap(word: str, at: int, _rng: np.random.Generator) -> str:
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _double(word: str, at: int, _rng: np.random.Generator) -> str:
    return word[: at + 1] + word[at:]


def _drop(word: str, at: int, _rng: np.random.Generator) -> str:
    return word[:at] + word[at + 1 :]


def _miss(word: str, at: int, rng: np.random.Generator) -> str:
    near = _NEIGHBOURS[word[at].lower()]
    return word[:at] + near[int(rng.integers(len(near)))] + word[at + 1 :]


def _without_vowels(text: str, _rng: np.random.Generator) -> str:
    """Drop the vowels within words of four letters or more."""
    words = (
        word[0] + "".join(char for char in word[1:-1] if char not in "aeiou") + word[-1]
        if len(word) >= _FEWEST
        else word
        for word in text.split(" ")
    )
    return " ".join(words)


LETTERS = (
    Family("capitals", "letters", "all capitals", _plainly(str.upper)),
    Family("alternating", "letters", "capitals at every other place", _plainly(_alternating)),
    Family("cyrillic", "letters", "every letter that Cyrillic has a likeness of", _table(_CYRILLIC)),
    Family("cyrillic-some", "letters", "a third of these", _some(_CYRILLIC)),
    Family("greek-some", "letters", "a third of those that Greek has a likeness of", _some(_GREEK)),
    Family("small-capitals", "letters", "small capitals of phonetic alphabets", _table(_SMALL_CAPITALS)),
    Family("full-width", "letters", "full-width letters and signs", _plainly(_full_width)),
    Family("mathematical-bold", "letters", "bold letters of mathematics", _offset(0x1D41A, 0x1D400, 0x1D7CE)),
    Family("mathematical-script", "letters", "script letters of mathematics", _offset(0x1D4EA, 0x1D4D0)),
    Family("circled", "letters", "letters in circles", _offset(0x24D0, 0x24B6)),
    Family("squared", "letters", "white letters on black squares", _offset(0x1F170, 0x1F170)),
    Family("struck", "letters", "every letter struck out", _plainly(_marked("\u0336"))),
    Family("stacked", "letters", "stacks of marks on every letter", _plainly(_marked("\u0335", "\u0321", "\u0337", "\u0322"))),
    Family("accented", "letters", "accents on vowels and a few others", _table(_ACCENTED)),
    Family("turned", "letters", "letters that stand on their heads, in order", _table(_TURNED)),
    Family("leet", "letters", "digits for six letters", _table(_LEET)),
    Family("leet-some", "letters", "digits for a third of these", _some(_LEET)),
    Family("leet-signs", "letters", "digits and signs for six letters", _table(_SIGNS)),
)  # fmt: skip
"""Every way to change letters for others that look like them."""

TYPOS = (
    Family("swapped", "typos", "two neighbouring letters of most words change places", _slip(_swap)),
    Family("doubled", "typos", "a letter of most words twice", _slip(_double)),
    Family("dropped", "typos", "a letter of most words left out", _slip(_drop)),
    Family("missed-keys", "typos", "a letter of most words from the key beside it", _slip(_miss)),
    Family("no-vowels", "typos", "no vowels within words", _without_vowels),
)
"""Every way to mistype it."""
