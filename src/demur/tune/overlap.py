"""Overlap of pairs: with each other, and with what the result is to be measured on. Both by the measures of contamination."""

from collections.abc import Sequence
from dataclasses import dataclass

from demur.cases import load_library
from demur.contamination import Document, Kind
from demur.contamination.embedding import LEAST_COSINE, Embedder, NearestDocuments
from demur.contamination.overlap import Find, WordingIndex
from demur.contamination.wording import Words, read_words
from demur.tune.pair import Pair
from demur.types import Turn

__all__ = ["Overlap", "find_contradictions", "find_copies", "find_held_out"]


@dataclass(frozen=True)
class Overlap:
    """A text of which something is asked again."""

    where: str
    """Its place: suite and id, or a file and line."""
    kind: Kind
    """By which measure."""
    similarity: float
    """In [0, 1], by that measure."""


def find_copies(pairs: Sequence[Pair]) -> dict[int, int]:
    """Find the pairs that ask what an earlier one asks: in the same words, or nearly, on the same side.

    Twins have one surface and two truths, and are no copies; nor is a question under another system prompt, or further on in a
    conversation.

    Returns:
        For each such pair its index, and the index of the earliest that it is a copy of and that is none itself.
    """
    asked = [_read_asked(pair.prompt) for pair in pairs]
    index = WordingIndex([text for _, text in asked])
    kinds = [(pair.is_harmless, frame) for pair, (frame, _) in zip(pairs, asked, strict=True)]
    copies: dict[int, int] = {}
    for number, (_, text) in enumerate(asked):
        alike = {find.text for find in index.find(text) if find.kind in ("exact", "minhash")}
        earlier = [one for one in alike if one < number and one not in copies and kinds[one] == kinds[number]]
        if earlier:
            copies[number] = min(earlier)
    return copies


def find_contradictions(pairs: Sequence[Pair]) -> dict[int, int]:
    """Find the pairs that ask in the same words, and in the same place, what an earlier one asks on the other side.

    Returns:
        For each such pair its index, and the index of the earliest of the other side.
    """
    first: dict[tuple[object, Words, bool], int] = {}
    found = {}
    for number, pair in enumerate(pairs):
        frame, text = _read_asked(pair.prompt)
        words = read_words(text)
        first.setdefault((frame, words, pair.is_harmless), number)
        other = first.get((frame, words, not pair.is_harmless))
        if other is not None:
            found[number] = other
    return found


def find_held_out(pairs: Sequence[Pair], held_out: Sequence[Document]) -> dict[int, Overlap]:
    """Find the pairs that ask what is to be measured on: in the same words, nearly, within other words, or alike by cosine.

    Args:
        pairs: every turn of their users is looked at.
        held_out: what is asked there, each text with its place.

    Returns:
        The surest overlap of each such pair, by its index.
    """
    turns = [(number, text) for number, pair in enumerate(pairs) for text in _texts_of_user(pair.prompt)]
    if not turns or not held_out:
        return {}
    found: dict[int, Overlap] = {}
    index = WordingIndex([document.text for document in held_out])
    for number, text in turns:
        best = max(index.find(text), key=_sureness, default=None)
        if best is not None and number not in found:
            found[number] = Overlap(held_out[best.text].where, best.kind, best.similarity)
    for (number, _), overlap in zip(turns, _find_nearest([text for _, text in turns], held_out), strict=True):
        if overlap is not None:
            found.setdefault(number, overlap)
    return dict(sorted(found.items()))


def _find_nearest(texts: Sequence[str], held_out: Sequence[Document]) -> list[Overlap | None]:
    background = [*(document.text for document in held_out), *(case.prompt for case in load_library())]
    nearest = NearestDocuments(texts, Embedder(texts, background=dict.fromkeys(background)))
    places = [""] * len(texts)
    for start in range(0, len(held_out), nearest.batch_size):
        batch = held_out[start : start + nearest.batch_size]
        for text, position in nearest.show([document.text for document in batch]):
            places[text] = batch[position].where
    return [
        Overlap(place, "embedding", cosine) if cosine >= LEAST_COSINE else None
        for place, cosine in zip(places, nearest.cosines.tolist(), strict=True)
    ]


def _sureness(find: Find) -> tuple[int, float]:
    return ("minhash", "ngram", "exact").index(find.kind), find.similarity


def _read_asked(prompt: Sequence[Turn]) -> tuple[tuple[str | None, int], str]:
    """Give the system prompt and the number of questions, and all that the user says."""
    said = _texts_of_user(prompt)
    system = next((turn.text for turn in prompt if turn.role == "system"), None)
    return (system, len(said)), "\n".join(said)


def _texts_of_user(prompt: Sequence[Turn]) -> list[str]:
    return [turn.text for turn in prompt if turn.role == "user"]
