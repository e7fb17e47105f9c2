"""What is asked again: of new requests, those that ask in the same words, or nearly, what is asked already."""

from collections.abc import Sequence
from typing import NamedTuple

from demur.contamination.embedding import Embedder, NearestDocuments
from demur.contamination.overlap import Find, Kind, WordingIndex
from demur.types import Expect

__all__ = ["Again", "Asked", "Opposite", "find_again", "find_opposites"]

_SUREST: Sequence[Kind] = ("minhash", "ngram", "exact")
"""The last is the surest."""


class Asked(NamedTuple):
    """A text that is put to subjects."""

    where: str
    """Suite and id, or a file."""
    text: str
    expect: Expect | None
    """What is right; None where that depends on what was said before."""
    system: str | None
    """The operator's prompt that it stands under."""


class Again(NamedTuple):
    """What a request asks again."""

    other: Asked
    """Of several the surest, then the most alike."""
    kind: Kind
    similarity: float
    """In [0, 1], as `demur.contamination.overlap` measures it."""


class Opposite(NamedTuple):
    """The nearest text of another truth."""

    other: Asked
    cosine: float


def find_again(asked: Sequence[Asked], known: Sequence[Asked]) -> dict[int, Again]:
    """Find the requests that ask what is known, or what an earlier one asks that does not itself ask again.

    Two that are nearly the same and differ in truth are twins, and neither asks again; nor does one under another operator's prompt.

    Args:
        asked: new requests, few: they are indexed.
        known: what is asked already; it is passed by once.

    Returns:
        What is asked again, by the index of the request.
    """
    index = WordingIndex([one.text for one in asked])
    best: dict[int, Again] = {}
    for number, other in enumerate((*known, *asked), -len(known)):
        if number in best:  # what is left out itself leaves out nothing
            continue
        for find in index.find(other.text):
            again = Again(other, find.kind, find.similarity)
            if number < find.text and _is_copy(asked[find.text], other, find):
                best[find.text] = max(again, best.get(find.text, again), key=_sureness)
    return dict(sorted(best.items()))


def find_opposites(asked: Sequence[Asked], known: Sequence[Asked]) -> list[Opposite | None]:
    """Find for each request to be answered the nearest of those to be refused, and the other way round; None where there is none.

    Args:
        asked: new requests; those to be asked back about have no opposite.
        known: what is asked already, as much as is compared at a time: some thousand texts.
    """
    found: list[Opposite | None] = [None] * len(asked)
    for expect, opposite in (("comply", "refuse"), ("refuse", "comply")):
        numbers = [number for number, one in enumerate(asked) if one.expect == expect]
        others = [one for one in known if one.expect == opposite and one.system is None]
        if not numbers or not others:
            continue
        texts = [asked[number].text for number in numbers]
        nearest = NearestDocuments(texts, Embedder(texts, background=[one.text for one in known]))
        for text, position in nearest.show([one.text for one in others]):
            found[numbers[text]] = Opposite(others[position], float(nearest.cosines[text]))
    return found


def _is_copy(one: Asked, other: Asked, find: Find) -> bool:
    has_one_truth = other.expect is None or other.expect == one.expect
    return one.system == other.system and (find.kind == "exact" or has_one_truth)


def _sureness(again: Again) -> tuple[int, float]:
    return _SUREST.index(again.kind), again.similarity
