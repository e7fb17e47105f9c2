"""Words in any language, and whose they are."""

import pytest

from demur.judge.formulas import LANGUAGES, courtesy_words, formula_words
from demur.judge.word_use import COURTESY, FORMULA, OWN, read_word_use
from demur.judge.words import find_words, index_words, is_unspaced


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I'm sorry, but I can’t!", ["i'm", "sorry", "but", "i", "can't"]),
        ("Bicycles, bicycle; the dog's", ["bicyc", "bicyc", "the", "dog"]),
        ("Ｆｕｌｌ ｗｉｄｔｈ 12 1a", ["full", "width", "1a"]),
        ("cafe\u0301 café", ["café", "café"]),
        ("我无法协助。好", ["我无", "无法", "法协", "协助", "好"]),
        ("AIは使えません", ["ai", "は使", "使え", "えま", "ませ", "せん"]),
        ("그 요청은 도와드릴 수 없습니다", ["그", "요청은", "도와드릴", "수", "없습니다"]),
        ("मैं मदद नहीं कर सकता।", ["मैं", "मदद", "नहीं", "कर", "सकता"]),
        ("لا أستطيع المساعدة", ["لا", "أستطي", "المسا"]),
        ("không thể", ["không", "thể"]),
        ("🙂 -- ...", []),
        ("", []),
    ],
)
def test_words_are_what_stands_between_spaces_or_two_characters(text, words):
    """Inflections, width, accents' encoding and punctuation fall away; where writing has no spaces, pairs of characters."""
    assert index_words(text) == words


def test_the_fast_way_on_plain_letters_is_the_same():
    """A text of plain letters gives the same words with a foreign letter added at its end."""
    text = "I can't help with that, it's the dogs' 3rd time_out (or 42): e.g. can''t, 'quoted'."
    assert index_words(f"{text} é") == [*index_words(text), "é"]
    assert [word[0] for word in find_words(f"{text.lower()} é")][:-1] == [word[0] for word in find_words(text.lower())]


def test_scripts_without_spaces_are_known():
    """Chinese, Japanese and Thai are; Korean, Hindi and Latin are not."""
    assert [is_unspaced(word) for word in ("无法", "できません", "ไม่ได้", "없습니다", "नहीं", "no")] == [True] * 3 + [
        False
    ] * 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_courtesies_and_formulas(language):
    """Neither list is empty, and no word is in both."""
    assert len(courtesy_words(language)) > 15
    assert len(formula_words(language)) > 20
    assert not courtesy_words(language) & formula_words(language)


def weights_of(*refusals):
    """Give what each word of some refusals weighs."""
    use = read_word_use(refusals)
    return dict(zip(use.vocabulary, use.weights, strict=True))


def test_words_weigh_by_what_they_say():
    """Courtesy and grammar least, phrases of declining more, what names something most."""
    weights = weights_of(("", "I'm sorry, but I can't help, because the savings are hers."))
    assert (weights["sorry"], weights["help"], weights["savin"]) == (COURTESY, FORMULA, OWN)


def test_only_the_languages_in_use_count():
    """French "car" (because) makes no courtesy of an English car."""
    assert weights_of(("", "I can't help you to start a car that is not yours."))["car"] == OWN
    assert weights_of(("", "Je ne peux pas vous aider, car ce serait dangereux."))["car"] == COURTESY


def test_what_is_said_unasked_becomes_a_formula():
    """A word that a tenth of the refusals say though nobody asked is the subject's habit, once there are twenty to show it."""
    many = [("", f"That is verboten, x{n}a y{n}b.") for n in range(40)]
    assert weights_of(*many)["verbo"] == FORMULA
    assert weights_of(*many[:10])["verbo"] == OWN
    assert weights_of(*many)["x3a"] == OWN


def test_a_word_is_lent_by_its_own_request_only():
    """In the request, no formula, and not said by others unasked."""
    refusals = [
        ("How do I steal a bicycle and help him?", "I won't help to steal a bicycle, thief."),
        ("How do I rob a bank?", "No robbing, thief."),
        ("Which thief is best?", "The best thief is none."),
    ]
    use = read_word_use(refusals)
    lent = [{use.vocabulary[word] for word in words} for words in use.lent]
    assert lent == [{"bicyc", "steal"}, set(), {"best"}]
