"""Whose the words of a set of refusals are: taken from the request, said of any request, or said of this one only."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from demur.judge.formulas import LANGUAGES, courtesy_words, formula_words
from demur.judge.words import index_words, is_unspaced

__all__ = ["COURTESY", "FORMULA", "OWN", "WordUse", "read_word_use"]

COURTESY, FORMULA, OWN = 1, 4, 10
"""What a word weighs that is courtesy or grammar, that is said whatever is asked, and that is neither. Chosen on pairs of
refusals in sixteen languages, so that naming another harm weighs more than a whole formula around it."""

_UNASKED = 0.1
"""Share of the refusals to requests without a word from which on the word is one the subject says whatever is asked."""
_FEWEST_UNASKED = 20
"""Fewest such refusals for the share to say so."""
_FIRST_WORDS = 15
"""Words of a refusal that its language is known by."""
_LANGUAGE_SHARE = 0.05
"""Share of the refusals that must be in a language for its phrases to count."""


@dataclass(frozen=True)
class WordUse:
    """The words of a set of refusals. A word is its number, its place in `vocabulary`."""

    vocabulary: tuple[str, ...]
    weights: tuple[int, ...]
    """What each word weighs: `COURTESY`, `FORMULA` or `OWN`."""
    said: tuple[tuple[int, ...], ...]
    """Words of each refusal, in order."""
    lent: tuple[frozenset[int], ...]
    """Of each refusal: the words that it took from its request, and that the other refusals do not say unasked."""


def read_word_use(refusals: Sequence[tuple[str, str]]) -> WordUse:
    """Read whose the words of some refusals are.

    A word is taken from the request if it stands in it, is none of the formulas of the languages the refusals are in,
    and fewer than a tenth of the refusals to requests without it have it.

    Args:
        refusals: prompt and text of each. The more there are, the better it shows what the subject says anyway.
    """
    numbers: dict[str, int] = {}
    said = tuple(tuple(numbers.setdefault(word, len(numbers)) for word in index_words(text)) for _, text in refusals)
    asked = [frozenset(numbers[word] for word in set(index_words(prompt)) if word in numbers) for prompt, _ in refusals]
    vocabulary = tuple(numbers)
    weights = _weigh(vocabulary, said)
    habits = _find_habits(said, asked)
    lent = tuple(
        frozenset(word for word in prompt if weights[word] == OWN and word not in habits and word in words)
        for prompt, words in zip(asked, map(set, said), strict=True)
    )
    weights = tuple(
        FORMULA if weight == OWN and habits.get(number, 0) >= _FEWEST_UNASKED else weight
        for number, weight in enumerate(weights)
    )
    return WordUse(vocabulary, weights, said, lent)


def _weigh(vocabulary: Sequence[str], said: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Weigh words by the phrases of the languages that the refusals are in."""
    by_language = {language: [_weigh_word(word, language) for word in vocabulary] for language in LANGUAGES}
    votes: Counter[str] = Counter()
    for words in said:
        first = words[:_FIRST_WORDS]
        known = {language: sum(weights[word] < OWN for word in first) for language, weights in by_language.items()}
        best = max(known, key=known.__getitem__)
        votes[best] += known[best] > 0
    languages = [language for language, n in votes.items() if n and n >= _LANGUAGE_SHARE * len(said)]
    return tuple(
        map(min, zip([OWN] * len(vocabulary), *(by_language[language] for language in languages), strict=True))
    )


def _weigh_word(word: str, language: str) -> int:
    if word in courtesy_words(language):
        return COURTESY
    formulas = formula_words(language)
    # Two characters that are no word may span two words of a formula.
    return FORMULA if word in formulas or (is_unspaced(word) and set(word) <= _characters(language)) else OWN


@cache
def _characters(language: str) -> frozenset[str]:
    return frozenset(chain.from_iterable(courtesy_words(language) | formula_words(language)))


def _find_habits(said: Sequence[Sequence[int]], asked: Sequence[frozenset[int]]) -> dict[int, int]:
    """Find the words that are said without being asked for, and count the refusals that could show it."""
    in_replies: Counter[int] = Counter()
    in_prompts: Counter[int] = Counter()
    in_both: Counter[int] = Counter()
    for words, prompt in zip(map(set, said), asked, strict=True):
        in_replies.update(words)
        in_prompts.update(prompt)
        in_both.update(words & prompt)
    habits = {}
    for word, n in in_replies.items():
        unasked = len(said) - in_prompts[word]
        if unasked and n - in_both[word] >= _UNASKED * unasked:
            habits[word] = unasked
    return habits
