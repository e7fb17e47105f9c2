"""The pieces that have a row of the table, and a vector of each to begin with."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from encoder import Encoder, WordPiece
from multilingual import Multilingual
from numpy.typing import NDArray
from written import HERE, Request, judge_prompts

from demur.guard.intent.pieces import FIRST, words_of
from demur.guard.views.folding import fold

__all__ = ["LANGUAGES", "choose_pieces", "vectors_of"]

LANGUAGES = ("ar", "de", "es", "fr", "hi", "it", "ja", "pt", "ru", "tr", "zh")
"""Those the classifier reads besides English."""

_JUDGE = HERE.parent / "judge"
_SCRIPTS = {
    "latin": ("a", "\u024f", 9_000), "cyrillic": ("\u0400", "\u04ff", 4_000), "arabic": ("\u0600", "\u06ff", 3_500),
    "devanagari": ("\u0900", "\u097f", 2_500), "kana": ("\u3040", "\u30ff", 2_000), "han": ("\u4e00", "\u9fff", 5_000),
}  # fmt: skip
"""First and last character, and how many of the commonest multilingual pieces are taken."""
_UNSPACED = ("kana", "han")
_LONGEST, _LONGEST_NUMBER = 22, 4
_IN_REQUESTS, _IN_PROMPTS, _IN_REPLIES = 2, 2, 4
"""How often a word is written to become a piece; once is enough of a word in Latin letters in a request."""
_WORD_PIECE = re.compile("[a-z]{2,}")


def choose_pieces(requests: Sequence[Request], encoder: WordPiece, multilingual: Multilingual) -> list[str]:
    """Choose the pieces: words of the requests, the commonest first, of prompts and replies, of both encoders, and characters."""
    written = Counter(word for request in requests for word in words_of(request.text))
    chosen = dict.fromkeys(
        word
        for word in _candidates(written, encoder, multilingual)
        if 0 < len(word) <= _LONGEST and len(words_of(word)) == 1 and _is_kept(word, multilingual)
    )
    characters = {char for word in (*chosen, *written) for char in word}
    return list(chosen | dict.fromkeys(sorted(characters)))


def _candidates(written: Counter[str], encoder: WordPiece, multilingual: Multilingual) -> Iterator[str]:
    yield from (word for word, n in written.most_common() if n >= _IN_REQUESTS or _script(word) == "latin")
    prompts = Counter(
        word for language in ("en", *LANGUAGES) for text in judge_prompts(language) for word in set(words_of(text))
    )
    yield from (word for word, n in prompts.most_common() if n >= _IN_PROMPTS)
    replies = Counter(word for text in _replies() for word in set(words_of(text)))
    yield from (word for word, n in replies.most_common() if n >= _IN_REPLIES)
    yield from (piece for piece in encoder.rows if _WORD_PIECE.fullmatch(piece))
    taken: Counter[str | None] = Counter()
    for piece in sorted(multilingual.rows, key=lambda piece: -multilingual.scores[piece]):
        word = fold(piece.replace("\u2581", ""))
        script = _script(word)
        if script and taken[script] < _SCRIPTS[script][2]:
            taken[script] += 1
            yield word


def _replies() -> Iterator[str]:
    for path in sorted(_JUDGE.glob("*.jsonl")):
        if not path.name.startswith(("test", "final", "coconot")):
            for row in map(json.loads, path.read_text("utf-8").splitlines()):
                if row.get("lang", "en") in ("en", *LANGUAGES):
                    yield fold(row.get("r") or "")


def _script(word: str) -> str | None:
    return next((name for name, (low, high, _) in _SCRIPTS.items() if word and low <= word[0] <= high), None)


def _is_kept(word: str, multilingual: Multilingual) -> bool:
    """Leave out runs of unspaced writing that are no words, and long numbers."""
    if _script(word) in _UNSPACED and len(word) > 1:
        return word in multilingual.rows or f"\u2581{word}" in multilingual.rows
    return not (word[0].isdigit() and len(word) > _LONGEST_NUMBER)


def vectors_of(
    pieces: Sequence[str], encoder: Encoder, word_piece: WordPiece, multilingual: Multilingual, *, width: int = 256
) -> NDArray[np.float32]:
    """Give a vector of each row of the table, from the tables of both encoders, turned to their principal directions.

    Args:
        pieces: From the row `FIRST` on.
        encoder: Whose words are English.
        word_piece: Its pieces.
        multilingual: The other.
        width: Numbers of a vector.

    Returns:
        Shape (rows, width); the first rows, of no piece, are 0.
    """
    table = encoder.word.weight.detach().numpy()
    english, other = (np.zeros((len(pieces), found.shape[1]), np.float32) for found in (table, multilingual.vectors))
    for row, piece in enumerate(pieces):
        if _script(piece) in ("latin", None) and word_piece.rows["[UNK]"] not in (cut := word_piece.cut(piece)):
            english[row] = table[cut].mean(0)
        if rows := multilingual.cut(piece):
            other[row] = multilingual.vectors[rows].mean(0)
    joined = np.concatenate([_levelled(english), _levelled(other)], 1)
    turned = joined @ np.linalg.svd(joined.T @ joined)[0][:, :width]
    return np.concatenate([np.zeros((FIRST, width), np.float32), turned / turned.std()]).astype(np.float32)


def _levelled(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take the mean from those that are there, and divide by the deviation."""
    is_there = np.abs(vectors).sum(1) > 0
    levelled = np.where(is_there[:, None], vectors - vectors[is_there].mean(0), 0)
    return (levelled / levelled[is_there].std()).astype(np.float32)
