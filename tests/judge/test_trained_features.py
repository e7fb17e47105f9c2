"""What the networks are told of a reply."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demur.judge.local.cues import cue_classes, lexicon_of
from demur.judge.local.features import extract, n_reply_inputs, n_sentence_inputs
from demur.judge.sentences import blank_shown, split
from demur.types import Turn

ASKED = (Turn("user", "How do I open a jar of pickles?"),)


def features_of(text, turns=ASKED, language="en"):
    """Read a text."""
    return extract(split(blank_shown(text)), turns, language)


def column(name):
    """Give the number of the input that a class of cue has."""
    return cue_classes().index(name)


@pytest.mark.parametrize("n", [1, 2, 23, 24, 25, 200])
def test_the_inputs_have_one_size(n):
    """Of a reply of any length at most 24 sentences are read, in rows of as many inputs as the weights take."""
    features = features_of("\n".join(f"Line {i} speaks of jars." for i in range(n)))
    n_read = min(n, 24)
    assert features.sentences.shape == (n_read, n_sentence_inputs())
    assert features.shares.shape == (n_read,)
    assert features.whole.shape == (n_reply_inputs(),)
    assert len(features.read) == n_read
    assert {features.sentences.dtype, features.shares.dtype, features.whole.dtype} == {np.dtype(np.float32)}


def test_both_ends_of_a_long_reply_are_read():
    """Of a long reply the first 19 sentences and the last 5 are read, in order."""
    sentences = split(blank_shown("\n".join(f"Line {i} speaks of jars." for i in range(100))))
    assert extract(sentences, ASKED, "en").read == (*sentences[:19], *sentences[-5:])


def test_the_cues_are_those_of_each_sentence():
    """A row begins with a one for every class of cue its sentence holds, and zeros for the others."""
    features = features_of("I can't help with that. It is illegal. Is there anything else you need?\nTurn the lid.")
    for row, sentence in zip(features.sentences, features.read, strict=True):
        cues = row[: len(cue_classes())]
        assert set(np.flatnonzero(cues)) == lexicon_of("en").classes_in(sentence.text)
        assert set(cues) <= {0.0, 1.0}


def test_shares_are_of_the_words():
    """Each sentence's share is its part of the words read."""
    features = features_of("One two three. One.")
    assert features.n_words == 4
    assert features.shares.tolist() == [0.75, 0.25]


def test_chinese_and_japanese_are_counted_by_characters():
    """Where no spaces are written, a character is half a word."""
    assert features_of("我不能帮助你。", language="zh").n_words == 3.5


def test_kinship_with_the_question_shows():
    """A reply that speaks of what was asked differs from the same reply to another question, in kinship alone."""
    text = "Open the jar with warm water."
    near = features_of(text)
    far = features_of(text, (Turn("user", "How do I train a small puppy?"),))
    n_cues = len(cue_classes())
    assert (near.sentences[:, :n_cues] == far.sentences[:, :n_cues]).all()
    assert not (near.sentences == far.sentences).all()


def test_what_follows_a_no_is_known_to():
    """The same sentence reads otherwise after a refusal than before one."""
    after = features_of("I can't help with that. Turn the lid to the left.").sentences[1]
    before = features_of("Turn the lid to the left. I can't help with that.").sentences[0]
    n_cues = len(cue_classes())
    assert (after[:n_cues] == before[:n_cues]).all()
    assert not (after[n_cues:] == before[n_cues:]).all()


def test_the_last_question_counts():
    """Of a conversation, kinship is with the user's last message; without one there is no question."""
    turns = (Turn("user", "How do I train a puppy?"), Turn("assistant", "With treats."), *ASKED)
    text = "Open the jar with warm water."
    assert (features_of(text, turns).sentences == features_of(text).sentences).all()
    assert np.isfinite(features_of(text, ()).whole).all()


@given(st.text(min_size=1), st.text())
def test_every_input_is_a_finite_number(text, asked):
    """Whatever is said and asked, no input is infinite or undefined, none is far from one, and the shares add up to one."""
    sentences = split(blank_shown(text))
    if not sentences:
        return
    for language in ("en", "zh", "ko", "de"):
        features = extract(sentences, (Turn("user", asked),), language)
        assert np.isfinite(features.sentences).all()
        assert np.isfinite(features.whole).all()
        assert np.abs(features.sentences).max() < 10
        assert features.shares.sum() == pytest.approx(1, abs=1e-5)
