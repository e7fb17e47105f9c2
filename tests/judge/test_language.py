"""Which language a reply is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demur.judge import language as any_text
from demur.judge.local.language import LANGUAGES, languages_of
from demur.judge.local.tokens import read_tokens

READ = {
    "en": "I can't help you with that, but I can tell you where to ask.",
    "es": "No puedo ayudarte con eso.",
    "fr": "Je ne peux pas répondre à cette question.",
    "de": "Das kann ich leider nicht beantworten.",
    "it": "Mi dispiace, non posso aiutarti con questo.",
    "pt": "Não posso ajudar com isso.",
    "ru": "Я не могу помочь с этим.",
    "zh": "我不能帮助你。",
    "ja": "申し訳ありませんが、お手伝いできません。",
    "ko": "죄송하지만 도와드릴 수 없습니다.",
    "hi": "मैं इसमें मदद नहीं कर सकता।",
    "ar": "آسف، لا أستطيع المساعدة في ذلك.",
    "tr": "Üzgünüm, bu konuda sana yardımcı olamam.",
    "id": "Maaf, saya tidak bisa membantu kamu dengan ini.",
    "vi": "Xin lỗi, tôi không thể giúp bạn việc này.",
    "sw": "Samahani, siwezi kukusaidia na hilo.",
}
UNREAD = [
    "Dat kan ik niet voor je doen.",
    "Jag kan tyvärr inte hjälpa dig med det.",
    "Nie mogę ci w tym pomóc.",
    "מצטער, אני לא יכול לעזור.",
    "ขอโทษ ฉันไม่สามารถช่วยเรื่องนี้ได้",
    "Вибачте, але я не можу допомогти вам із цим.",
    "متاسفم، نمی‌توانم در این مورد کمک کنم.",
    "Λυπάμαι, δεν μπορώ να βοηθήσω.",
    "मला माफ करा, मी यात मदत करू शकत नाही.",
]


def language_of(text, asked=""):
    """Tell the language of one text."""
    return languages_of(read_tokens([text]), read_tokens([asked]))[0]


@pytest.mark.parametrize(("language", "text"), READ.items())
def test_each_language_that_is_read_is_known(language, text):
    """By script, by small words or by letters that few others have."""
    assert language_of(text) == language


def test_every_language_has_its_example():
    """No language that can be read is left out above."""
    assert tuple(sorted(READ)) == LANGUAGES


@pytest.mark.parametrize("text", UNREAD)
def test_other_languages_are_not_taken_for_one_that_is_read(text):
    """Neighbours in script or vocabulary are told from the languages the judge has learned."""
    assert language_of(text) not in LANGUAGES


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
    """A text too short to tell, or one with foreign words in it, is read as English."""
    assert language_of(text) == "en"


def test_the_question_helps_where_the_reply_is_short():
    """Other languages say "No." as well; what was asked tells which."""
    assert language_of("No.", "¿Puedes ayudarme con esto, por favor?") == "es"
    assert language_of("No.", "Can you help me with this, please?") == "en"


@given(st.lists(st.sampled_from([*READ.values(), *UNREAD]) | st.text(max_size=30), min_size=1, max_size=6))
def test_a_language_is_told_alone_as_in_a_batch(texts):
    """What stands beside a text says nothing of it."""
    together = languages_of(read_tokens(texts), read_tokens([""] * len(texts)))
    assert together == [language_of(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write a phishing mail", "en"),
        ("Buy a gun in a shop", "en"),
        ("make a bomb", "en"),
        ("como matar a minha vizinha", "pt"),
        ("in der Küche", "de"),
        ("Je ne peux pas", "fr"),
    ],
)
def test_an_article_does_not_make_a_request_foreign(text, expected):
    """Of a short request the words that English shares with other languages speak for those only where something else does."""
    assert any_text.language_of(text) == expected
