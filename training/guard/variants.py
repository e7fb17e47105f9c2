"""Requests made from `lexicon.toml`, and written ones with words changed: what the teacher is asked about."""

import random
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from written import HERE

from demur.guard.intent.pieces import FIRST, words_of
from demur.guard.views.folding import fold

__all__ = ["change_texts", "make_requests", "sweep_words"]

_LEXICON: dict[str, Any] = tomllib.loads((HERE / "lexicon.toml").read_text("utf-8"))
_OPENED = 0.25
"""Share of requests with an opener before them."""
_SHARES = {"things": 0.20, "people": 0.13, "harmful": 0.17, "harmless": 0.20, "knowledge": 0.08, "code": 0.22}
_MALICIOUS = 0.4
_NEAR, _SHORTEST = 12, 4
"""Near words to choose from; letters of a word that is replaced."""
_CHANGED = 0.15, 0.5
_REPLACED_BY_NEAR, _JOINED, _THINNED, _LEFT_OUT, _MOST_WORDS = 0.75, 0.15, 0.2, 0.12, 60
_MARKS = ".,;:!?\"'()"


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


def sweep_words(n: int, *, pieces: Sequence[str], seed: int) -> list[str]:
    """Make `n` plain instructions about any words of the vocabulary, so that no word is new to who is taught with them."""
    rng, sweep = random.Random(seed), _LEXICON["sweep"]
    words = [piece for piece in pieces if _is_word(piece)]
    return [
        rng.choice(sweep["frames"]).format(
            a=rng.choice(words), b=rng.choice(words), c=rng.choice(words), v=rng.choice(sweep["verbs"])
        )
        for _ in range(n)
    ]


def change_texts(
    texts: Sequence[str], n: int, *, pieces: Sequence[str], vectors: NDArray[np.float32], seed: int
) -> list[str]:
    """Make `n` texts of given ones, as TinyBERT was taught with (Jiao et al. 2020): what they say changes, and only a teacher knows how.

    Words are replaced, most by near ones, some by others that follow the same word; halves of two texts are joined; words left out.

    Args:
        texts: English, folded.
        n: How many.
        pieces: The vocabulary, the commonest first.
        vectors: One for each row of the table.
        seed: The same texts for the same seed.
    """
    rng = random.Random(seed)
    cut = [text.split(" ") for text in texts]
    near, followers = _near_words(texts, pieces, vectors), _followers(cut)
    made: dict[str, None] = {}
    while len(made) < n:
        words = list(rng.choice(cut))
        if rng.random() < _JOINED:
            other = rng.choice(cut)
            words = words[: rng.randint(1, len(words))] + other[rng.randrange(len(other)) :]
        share = rng.uniform(*_CHANGED)
        for place, word in enumerate(words):
            if rng.random() < share:
                words[place] = _other_word(word, words[place - 1] if place else "", near, followers, rng)
        if rng.random() < _THINNED:
            words = [word for word in words if rng.random() > _LEFT_OUT]
        made[" ".join(words[:_MOST_WORDS])] = None
    return [text for text in made if text]


def _other_word(
    word: str,
    before: str,
    near: Mapping[str, Sequence[str]],
    followers: Mapping[str, Sequence[str]],
    rng: random.Random,
) -> str:
    bare = word.strip(_MARKS)
    if bare in near and rng.random() < _REPLACED_BY_NEAR:
        return word.replace(bare, rng.choice(near[bare]))
    return rng.choice(followers[before]) if len(bare) >= _SHORTEST and before in followers else word


def _followers(texts: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    """Gather which words follow each, as often as they do."""
    found: dict[str, list[str]] = defaultdict(list)
    for words in texts:
        for before, word in zip(["", *words], words, strict=False):
            found[before].append(word)
    return found


def _near_words(texts: Sequence[str], pieces: Sequence[str], vectors: NDArray[np.float32]) -> dict[str, list[str]]:
    rows = {piece: FIRST + row for row, piece in enumerate(pieces) if _is_word(piece)}
    latin = np.array(list(rows.values()))
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-6)
    words = sorted({word for text in texts for word in words_of(text)} & rows.keys())
    return dict(_nearest(words, rows, latin, directions, pieces))


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
            yield word, [pieces[latin[place] - FIRST] for place in places if pieces[latin[place] - FIRST] != word]
