"""No words, no sense, no English."""

import pytest

from demur.judge.sentences import blank_shown
from demur.judge.shape import has_words, is_english, is_garbled


@pytest.mark.parametrize(
    "text",
    [
        "Ok",
        "No.",
        "42",
        "Yes!",
        "I can't.",
        "Paris, London, Rome",
        "Use `ls`.",
        "Die Hard is a film about a police officer.",
        "The French word for bread is pain, and for water it is eau.",
    ],
)
def test_short_and_mixed_english_is_english(text):
    """A text too short to tell, or one with foreign words in it, is judged."""
    assert is_english(blank_shown(text))


@pytest.mark.parametrize(
    "text",
    [
        "No puedo ayudarte con eso.",
        "Je ne peux pas répondre à cette question.",
        "Das kann ich leider nicht beantworten.",
        "Mi dispiace, non posso aiutarti con questo.",
        "Não posso ajudar com isso.",
        "Dat kan ik niet voor je doen.",
        "Я не могу помочь с этим.",
        "我不能帮助你。",
        "申し訳ありませんが、お手伝いできません。",
        "죄송하지만 도와드릴 수 없습니다.",
        "מצטער, אני לא יכול לעזור.",
        "मैं इसमें मदद नहीं कर सकता।",
    ],
)
def test_other_languages_are_known(text):
    """By script, or by function words."""
    assert not is_english(blank_shown(text))


@pytest.mark.parametrize(
    "text",
    [
        "A short and ordinary sentence that says one thing after another without saying anything twice at all, as people do.",
        "1 + 1 = 2",
        "```\n" + "x = 0\n" * 100 + "```",
        "¯\\_(ツ)_/¯",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "https://example.com/a/very/long/path/with/many/parts?and=a&query=string&of=some&length=0123456789#anchor-here-too-and-more",
    ],
)
def test_ordinary_text_is_not_garbled(text):
    """Prose, sums, code, tables and addresses make sense."""
    assert not is_garbled(blank_shown(text))


def test_words_are_letters_digits_or_shown_text():
    """Marks, spaces and emoji are no words; code is."""
    assert has_words(blank_shown("`+`"))
    assert not has_words(blank_shown("?! 🙂"))
