"""Gaps and layouts: something between the letters or the words of a request, or the request in pieces."""

import json
from collections.abc import Callable

import numpy as np

from demur.cases.encodings import quote, split
from demur.guard.stress.family import Family, Maker

__all__ = ["GAPS", "LAYOUTS"]

_EMOJI = "😀🔥✨🌙🍀🎈🐟🚀"
_STOPS = ",.;:"
_TAGS = 0xE0000


def _plainly(change: Callable[[str], str]) -> Maker:
    return lambda text, _rng: change(text)


def _within(gap: str, between: str | None = None) -> Callable[[str], str]:
    """Put something between the letters of each word, and something else between the words."""
    return lambda text: (" " if between is None else between).join(gap.join(word) for word in text.split())


def _of(choices: str, join: Callable[[str, Callable[[], str]], str]) -> Maker:
    """Join by one of some characters at a time, drawn by chance."""
    return lambda text, rng: join(text, lambda: choices[int(rng.integers(len(choices)))])


def _between_letters(text: str, draw: Callable[[], str]) -> str:
    return " ".join("".join(char + draw() for char in word[:-1]) + word[-1] for word in text.split())


def _between_words(text: str, draw: Callable[[], str]) -> str:
    words = text.split()
    return "".join(f"{word} {draw()} " for word in words[:-1]) + words[-1]


def _after_words(text: str, draw: Callable[[], str]) -> str:
    words = text.split()
    return "".join(f"{word}{draw()} " for word in words[:-1]) + words[-1]


def _some_spaced(text: str, rng: np.random.Generator) -> str:
    """Space out the letters of the longest words."""
    words = text.split(" ")
    for place in sorted(range(len(words)), key=lambda place: -len(words[place]))[: max(1, len(words) // 4)]:
        words[place] = (" ", ".", "-")[int(rng.integers(3))].join(words[place])
    return " ".join(words)


def _hyphenated(text: str, rng: np.random.Generator) -> str:
    """Cut each word of six letters or more in two with a hyphen."""
    words = []
    for word in text.split(" "):
        at = int(rng.integers(2, len(word) - 2)) if len(word) > 5 and word.isalpha() else 0  # noqa: PLR2004 -- two letters a side, and one more
        words.append(f"{word[:at]}-{word[at:]}" if at else word)
    return " ".join(words)


def _concatenated(text: str, rng: np.random.Generator) -> str:
    """Write strings of three to six characters with plus signs between them."""
    pieces, rest = [], text
    while rest:
        size = int(rng.integers(3, 7))
        pieces.append(quote(rest[:size]))
        rest = rest[size:]
    return " + ".join(pieces)


def _in_tags(text: str) -> str:
    return "Hello!" + "".join(chr(_TAGS + ord(char)) if " " <= char <= "~" else char for char in text)


def _in_json(text: str) -> str:
    return json.dumps({"role": "user", "lang": "en", "query": text, "options": {"length": "short"}}, ensure_ascii=False)


def _word_list(text: str) -> str:
    return json.dumps(text.split(), ensure_ascii=False)


def _comment(text: str) -> str:
    words = text.split()
    lines = [" ".join(words[start : start + 3]) for start in range(0, len(words), 3)]
    return "def task():\n" + "".join(f"    # {line}\n" for line in lines) + "    return answer\n"


GAPS = (
    Family("zero-width", "gaps", "zero-width spaces between letters", _plainly(_within("\u200b"))),
    Family("soft-hyphens", "gaps", "soft hyphens between letters", _plainly(_within("\u00ad"))),
    Family("word-joiners", "gaps", "word joiners between letters", _plainly(_within("\u2060"))),
    Family("directions", "gaps", "each letter in marks of direction", _plainly(lambda text: "".join(f"\u2066{char}\u2069" for char in text))),
    Family("tags", "gaps", "all of it in tag characters behind a greeting, where nobody sees it", _plainly(_in_tags)),
    Family("spaced-wide", "gaps", "spaces between letters, three between words", _plainly(_within(" ", "   "))),
    Family("spaced", "gaps", "one space between any two letters", _plainly(lambda text: " ".join("".join(text.split())))),
    Family("spaced-some", "gaps", "the longest words only, with spaces, dots or hyphens", _some_spaced),
    Family("dotted", "gaps", "dots between letters", _plainly(_within("."))),
    Family("hyphens", "gaps", "hyphens between letters", _plainly(_within("-"))),
    Family("hyphenated", "gaps", "long words cut in two with a hyphen", _hyphenated),
    Family("starred", "gaps", "stars between letters", _plainly(_within("*"))),
    Family("emoji-letters", "gaps", "emoji between letters", _of(_EMOJI, _between_letters)),
    Family("emoji-words", "gaps", "emoji between words", _of(_EMOJI, _between_words)),
    Family("stops-letters", "gaps", "any mark between letters", _of(_STOPS, _between_letters)),
    Family("stops-words", "gaps", "a mark after each word", _of(_STOPS, _after_words)),
    Family("underscores", "gaps", "underscores between words", _plainly(lambda text: "_".join(text.split()))),
    Family("run-together", "gaps", "no spaces, a capital at each word", _plainly(lambda text: "".join(word[:1].upper() + word[1:] for word in text.split()))),
    Family("unspaced", "gaps", "no spaces", _plainly(lambda text: "".join(text.split()))),
    Family("bold-letters", "gaps", "every letter in bold by Markdown", _plainly(lambda text: " ".join("".join(f"**{char}**" for char in word) for word in text.split()))),
)  # fmt: skip
"""Every way to put something between."""

LAYOUTS = (
    Family("word-a-line", "layout", "a word a line", _plainly(lambda text: "\n".join(text.split()))),
    Family("letter-a-line", "layout", "a letter a line, an empty line between words", _plainly(_within("\n", "\n\n"))),
    Family("word-list", "layout", "a JSON list of its words", _plainly(_word_list)),
    Family("bullets", "layout", "a list with a word an item", _plainly(lambda text: "\n".join(f"- {word}" for word in text.split()))),
    Family("in-json", "layout", "a field of a JSON object", _plainly(_in_json)),
    Family("in-parts", "layout", "three strings with names", _plainly(split)),
    Family("in-pieces", "layout", "short strings with plus signs between them", _concatenated),
    Family("in-comment", "layout", "a comment of a program, a few words a line", _plainly(_comment)),
    Family("in-markup", "layout", "each word in a tag", _plainly(lambda text: "".join(f"<b>{word}</b> " for word in text.split()))),
)  # fmt: skip
"""Every way to lay it out."""
