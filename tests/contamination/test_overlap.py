"""Overlap of wording is what comparing every text with every document finds."""

import random

import pytest

from demur.contamination.overlap import WordingIndex
from demur.contamination.wording import read_words, shingle

VOCABULARY = [f"w{number}" for number in range(60)]


def find_slowly(texts, document):
    """Compare a document with each text, literally: the oracle."""
    said = read_words(document)
    found = {}
    for number, text in enumerate(texts):
        words = read_words(text)
        if words == said:
            found[number, "exact"] = 1.0
        run = longest_run(words, said)
        if len(words) >= 8 and run >= min(13, len(words)):
            found[number, "ngram"] = run / len(words)
        one, other = shingle(words), shingle(said)
        if len(one & other) / len(one | other) >= 0.5:
            found[number, "minhash"] = len(one & other) / len(one | other)
    return found


def longest_run(one, other):
    """Give the length of the longest run of words that both have."""
    return max(
        (
            size
            for i in range(len(one))
            for j in range(len(other))
            for size in range(1, 1 + min(len(one) - i, len(other) - j))
            if one[i : i + size] == other[j : j + size]
        ),
        default=0,
    )


def find(index, document):
    """Give the best find of each text and kind."""
    best = {}
    for found in index.find(document):
        key = (found.text, found.kind)
        best[key] = max(best.get(key, 0), found.similarity)
    return best


def test_finds_are_those_of_comparing_all():
    """Of 60 texts and 150 documents, copied, cut, edited or strange, every find and similarity is the oracle's."""
    rng = random.Random(3)
    texts = [" ".join(rng.choices(VOCABULARY, k=rng.randrange(2, 30))) for _ in range(60)]
    index = WordingIndex(texts)
    kinds = set()
    for _ in range(150):
        words = rng.choice(texts).split()
        for _ in range(rng.choice([0, 0, 1, 2, 4])):
            words[rng.randrange(len(words))] = rng.choice(VOCABULARY)
        cut = rng.choice([0, 0, 3])
        document = " ".join([*rng.choices(VOCABULARY, k=rng.choice([0, 0, 2, 9])), *words[cut:]]) or "nothing"
        found = find(index, document)
        assert found == pytest.approx(find_slowly(texts, document))
        kinds |= {kind for _, kind in found}
    assert kinds == {"exact", "ngram", "minhash"}


def test_a_short_text_is_found_as_a_whole_or_not_at_all():
    """Of eight words all must be there in a row, of seven not even that is a run; thirteen of twenty are enough."""
    eight, seven = " ".join(VOCABULARY[:8]), " ".join(VOCABULARY[20:27])
    twenty = " ".join(VOCABULARY[30:50])
    strange = [f"x{number}" for number in range(40)]
    index = WordingIndex([eight, seven, twenty])
    assert find(index, f"he said: {eight}, twice")[0, "ngram"] == 1
    assert find(index, " ".join(VOCABULARY[1:8]) + " and so on and so forth and so on") == {}
    assert find(index, f"he said: {seven}, and it was good so") == {}
    assert find(index, " ".join([*VOCABULARY[32:45], *strange])) == {(2, "ngram"): 13 / 20}
    assert find(index, " ".join([*VOCABULARY[32:44], *strange])) == {}


def test_documents_without_words_are_like_nothing():
    """Neither an empty document nor an empty text is equal to another."""
    index = WordingIndex(["", "!?", "a word"])
    assert list(index.find("")) == []
    assert list(index.find("...")) == []
