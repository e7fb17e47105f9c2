"""The pieces that have a row of the table, and a vector of each to begin with."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from encoder import Encoder, read_pieces
from numpy.typing import NDArray
from written import HERE, Request, judge_prompts

from demur.guard.intent.pieces import FIRST, words_of
from demur.guard.intent.word_pieces import UNKNOWN, WordPieces
from demur.guard.views.folding import fold

__all__ = ["LANGUAGES", "choose_pieces", "vectors_of"]

LANGUAGES = ("ar", "de", "es", "fr", "hi", "it", "ja", "pt", "ru", "tr", "zh")
"""Those the classifier reads besides English."""

_JUDGE = HERE.parent / "judge"
_SCRIPTS = {
    "latin": ("a", "\u024f", 5_000), "cyrillic": ("\u0400", "\u04ff", 2_000), "arabic": ("\u0600", "\u06ff", 2_000),
    "devanagari": ("\u0900", "\u097f", 2_000), "kana": ("\u3040", "\u30ff", 2_000), "han": ("\u4e00", "\u9fff", 4_000),
}  # fmt: skip
"""First and last character, and how many of the commonest parts of words are taken."""
_UNSPACED = ("kana", "han")
_LONGEST, _LONGEST_NUMBER = 22, 4
_PART = range(2, 7)
"""Letters of a part of a word; in unspaced writing two to four."""
_UNSPACED_PART = range(2, 5)
_IN_REQUESTS, _IN_PROMPTS, _IN_REPLIES = 2, 2, 4
"""How often a word is written to become a piece; once is enough of a word in Latin letters in a request."""
_WORD_PIECE = re.compile("[a-z]{2,}")


def choose_pieces(requests: Sequence[Request]) -> list[str]:
    """Choose the pieces: words of the requests, the commonest first, of prompts and replies, the encoder's, parts of words, characters."""
    written = Counter(word for request in requests for word in words_of(request.text))
    chosen = dict.fromkeys(
        word
        for word in _candidates(written)
        if 0 < len(word) <= _LONGEST and len(words_of(word)) == 1 and _is_kept(word)
    )
    parts = _parts_of(word for request in requests if request.language != "en" for word in words_of(request.text))
    characters = {char for word in (*chosen, *written) for char in word}
    return list(chosen | dict.fromkeys(parts) | dict.fromkeys(sorted(characters)))


def _candidates(written: Counter[str]) -> Iterator[str]:
    yield from (word for word, n in written.most_common() if n >= _IN_REQUESTS or _script(word) == "latin")
    prompts = Counter(
        word for language in ("en", *LANGUAGES) for text in judge_prompts(language) for word in set(words_of(text))
    )
    yield from (word for word, n in prompts.most_common() if n >= _IN_PROMPTS)
    replies = Counter(word for text in _replies() for word in set(words_of(text)))
    yield from (word for word, n in replies.most_common() if n >= _IN_REPLIES)
    yield from (piece for piece in read_pieces() if _WORD_PIECE.fullmatch(piece))


def _parts_of(words: Iterable[str]) -> Iterator[str]:
    """Find the parts of words that save most pieces: a part counts once for each letter but the first, wherever it is written."""
    saved: dict[str, Counter[str]] = {name: Counter() for name in _SCRIPTS}
    for word, n in Counter(words).items():
        script = _script(word)
        if script:
            for size in _UNSPACED_PART if script in _UNSPACED else _PART:
                for start in range(len(word) - size + 1):
                    saved[script][word[start : start + size]] += n * (size - 1)
    for name, (_, _, most) in _SCRIPTS.items():
        yield from (part for part, _ in saved[name].most_common(most) if len(words_of(part)) == 1)


def _replies() -> Iterator[str]:
    for path in sorted(_JUDGE.glob("*.jsonl")):
        if not path.name.startswith(("test", "final", "coconot")):
            for row in map(json.loads, path.read_text("utf-8").splitlines()):
                if row.get("lang", "en") in ("en", *LANGUAGES):
                    yield fold(row.get("r") or "")


def _script(word: str) -> str | None:
    return next((name for name, (low, high, _) in _SCRIPTS.items() if word and low <= word[0] <= high), None)


def _is_kept(word: str) -> bool:
    """Leave out runs of unspaced writing, which are seldom one word, and long numbers."""
    if _script(word) in _UNSPACED:
        return len(word) == 1
    return not (word[0].isdigit() and len(word) > _LONGEST_NUMBER)


def vectors_of(pieces: Sequence[str], encoder: Encoder, *, width: int = 256) -> NDArray[np.float32]:
    """Give a vector of each row of the table: of the encoder's for pieces in Latin letters, turned to their principal directions.

    Args:
        pieces: From the row `FIRST` on.
        encoder: Whose words are English.
        width: Numbers of a vector.

    Returns:
        Shape (rows, width); 0 for the first rows, of no piece, and for pieces that the encoder does not know: those are learned.
    """
    table, word_pieces = encoder.word.weight.detach().numpy(), WordPieces(read_pieces())
    found = np.zeros((len(pieces), table.shape[1]), np.float32)
    for row, piece in enumerate(pieces):
        if _script(piece) in ("latin", None) and UNKNOWN not in (cut := word_pieces.cut(piece)):
            found[row] = table[cut].mean(0)
    is_there = np.abs(found).sum(1) > 0
    levelled = np.where(is_there[:, None], found - found[is_there].mean(0), 0)
    turned = levelled @ np.linalg.svd(levelled.T @ levelled)[0][:, :width]
    return np.concatenate([np.zeros((FIRST, width), np.float32), turned / turned[is_there].std()]).astype(np.float32)
