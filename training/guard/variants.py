"""Requests made from `lexicon.toml`, and written ones with words replaced by near ones: what the teacher is asked about."""

import random
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from written import HERE

from demur.guard.intent.pieces import FIRST, words_of
from demur.guard.views.folding import fold

__all__ = ["make_requests", "replace_words"]

_LEXICON: dict[str, Any] = tomllib.loads((HERE / "lexicon.toml").read_text("utf-8"))
_OPENED = 0.25
"""Share of requests with an opener before them."""
_SHARES = {"things": 0.20, "people": 0.13, "harmful": 0.17, "harmless": 0.20, "knowledge": 0.08, "code": 0.22}
_MALICIOUS = 0.4
_NEAR, _RARE, _SHORTEST = 12, 120, 4
"""Near words to choose from; a word in more requests than this is replaced nowhere; nor is one with fewer letters."""


def make_requests(n: int, seed: int) -> list[tuple[str, bool]]:
    """Make about `n` requests, folded, each with whether it is harmful; the same for the same seed."""
    rng = random.Random(seed)
    made = [_MAKERS[kind](rng) for kind, share in _SHARES.items() for _ in range(int(n * share))]
    return [(fold(text), harmful) for text, harmful in dict(made).items()]


def _ask(act: str, rng: random.Random) -> str:
    return _open(rng.choice(_LEXICON["asks"]["frames"]).format(x=act), rng)


def _open(text: str, rng: random.Random) -> str:
    return rng.choice(_LEXICON["openers"]["any"]) + text if rng.random() < _OPENED else text


def _how(rng: random.Random) -> str:
    how: str = rng.choice(_LEXICON["things"]["hows"])
    return how


def _make_thing(rng: random.Random) -> tuple[str, bool]:
    act = f"{rng.choice(_LEXICON['verbs']['rough'])} {rng.choice(_LEXICON['things']['objects'])}{_how(rng)}"
    return _ask(act, rng), False


def _make_people(rng: random.Random) -> tuple[str, bool]:
    act = f"{rng.choice(_LEXICON['verbs']['hurting'])} {rng.choice(_LEXICON['things']['people'])}{_how(rng)}"
    return _ask(act, rng), True


def _make_harmful(rng: random.Random) -> tuple[str, bool]:
    return _ask(rng.choice(_LEXICON["acts"]["harmful"]), rng), True


def _make_harmless(rng: random.Random) -> tuple[str, bool]:
    return _ask(rng.choice(_LEXICON["acts"]["harmless"]), rng), False


def _make_knowledge(rng: random.Random) -> tuple[str, bool]:
    about = _LEXICON["knowledge"]
    return _open(rng.choice(about["frames"]).format(t=rng.choice(about["topics"])), rng), False


def _make_code(rng: random.Random) -> tuple[str, bool]:
    code, harmful = _LEXICON["code"], rng.random() < _MALICIOUS
    opener, tasks = rng.choice(code["openers"]), rng.sample(code["tasks"], 3)
    if harmful:
        tasks[rng.randrange(2) if "{b}" in opener else 0] = rng.choice(code["evil"])
    one, two, three = tasks
    return opener.format(k=rng.choice(code["kinds"]), a=one, b=two, c=three), harmful


_MAKERS = {
    "things": _make_thing, "people": _make_people, "harmful": _make_harmful, "harmless": _make_harmless,
    "knowledge": _make_knowledge, "code": _make_code,
}  # fmt: skip


def replace_words(
    texts: Sequence[str], n: int, *, pieces: Sequence[str], vectors: NDArray[np.float32], seed: int
) -> list[str]:
    """Make `n` texts by replacing one to three words of given ones by words with near vectors.

    Args:
        texts: English, folded.
        n: How many.
        pieces: The vocabulary, the commonest first.
        vectors: One for each row of the table.
        seed: The same texts for the same seed.
    """
    rng = random.Random(seed)
    near = _near_words(texts, pieces, vectors)
    made: dict[str, None] = {}
    while len(made) < n:
        words = rng.choice(texts).split(" ")
        places = [place for place, word in enumerate(words) if word in near]
        for place in rng.sample(places, min(len(places), rng.choice((1, 1, 2, 3)))):
            words[place] = rng.choice(near[words[place]])
        if places:
            made[" ".join(words)] = None
    return list(made)


def _near_words(texts: Sequence[str], pieces: Sequence[str], vectors: NDArray[np.float32]) -> dict[str, list[str]]:
    rows = {piece: row for row, piece in enumerate(pieces) if _is_word(piece)}
    latin = np.array(list(rows.values()))
    directions = vectors[FIRST:] / np.linalg.norm(vectors[FIRST:], axis=1, keepdims=True).clip(1e-6)
    counts = Counter(word for text in texts for word in set(words_of(text)))
    return dict(_nearest(sorted(word for word in rows if 0 < counts[word] <= _RARE), rows, latin, directions, pieces))


def _is_word(piece: str) -> bool:
    return piece.isascii() and piece.isalpha() and len(piece) >= _SHORTEST


def _nearest(
    words: Sequence[str],
    rows: dict[str, int],
    latin: NDArray[np.intp],
    directions: NDArray[np.float32],
    pieces: Sequence[str],
) -> Iterator[tuple[str, list[str]]]:
    for start in range(0, len(words), 1_000):
        some = words[start : start + 1_000]
        likeness = directions[[rows[word] for word in some]] @ directions[latin].T
        for word, places in zip(some, np.argpartition(-likeness, _NEAR + 1, axis=1)[:, : _NEAR + 1], strict=True):
            yield word, [pieces[latin[place]] for place in places if pieces[latin[place]] != word]
