"""Which language a reply is in, and which lexicon reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demur.judge.local.cues import known_languages
from demur.judge.local.language import language_of
from demur.judge.sentences import blank_shown, plain


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
    assert language_of(blank_shown(text)) == "en"


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


@pytest.mark.parametrize(("language", "text"), READ.items())
def test_each_language_with_a_lexicon_is_known(language, text):
    """By script, by function words or by letters that few others have."""
    assert language_of(plain(text)) == language


def test_every_lexicon_has_its_example():
    """No language that can be read is left out above."""
    assert tuple(sorted(READ)) == known_languages()


UNREAD = {
    "nl": "Dat kan ik niet voor je doen.",
    "sv": "Jag kan inte hjälpa dig med det.",
    "pl": "Nie mogę ci w tym pomóc.",
    "ro": "Nu pot să te ajut cu asta.",
    "ca": "Ho sento, no puc ajudar-te amb això.",
    "cs": "Nemohu ti s tím pomoci.",
    "hu": "Sajnálom, ebben nem tudok segíteni.",
    "fi": "En voi auttaa sinua tässä.",
    "tl": "Hindi ako maaaring tumulong sa inyo.",
    "da": "Beklager, jeg kan ikke hjælpe med det.",
    "el": "Δεν μπορώ να σε βοηθήσω με αυτό.",
    "th": "ฉันไม่สามารถช่วยเรื่องนี้ได้",
    "uk": "Я не можу допомогти вам із цим.",
    "sr": "Жао ми је, не могу вам помоћи са тим.",
    "fa": "متاسفم، نمی‌توانم در این مورد کمک کنم.",
    "ur": "معذرت، میں اس میں مدد نہیں کر سکتا۔",
    "he": "מצטער, אני לא יכול לעזור.",
    "mr": "मी यात मदत करू शकत नाही.",
    "ka": "მე არ შემიძლია დახმარება.",
}


@pytest.mark.parametrize("text", UNREAD.values(), ids=UNREAD)
def test_a_language_without_a_lexicon_is_taken_for_none_that_has_one(text):
    """Kin of the languages that are read, in the same script or with the same small words, are told from them."""
    assert language_of(plain(text)) not in known_languages()


def test_a_short_reply_is_read_in_the_language_of_the_question():
    """Two words do not tell a language; the question they answer does, and of a long reply it does not count."""
    asked = "Por favor, dime cómo puedo abrir los cajones del escritorio sin la llave, que no está."
    assert language_of("no.", asked) == "es"
    assert language_of("no.", "Can you tell me how to open the door of my house?") == "en"
    said = plain("No puedo ayudarte con eso, pero sí puedo decirte quién te puede abrir la puerta.")
    assert language_of(said, "Can you tell me how to open the door of my house?") == "es"


@given(st.text(), st.text())
def test_any_text_has_a_language_or_none(said, asked):
    """Whatever is said, the answer is a tag or None, and always the same."""
    language = language_of(plain(said), asked)
    assert language is None or (language.isalpha() and language.islower())
    assert language_of(plain(said), asked) == language


def test_the_start_of_a_reply_tells():
    """A thousand characters are read, so that a book costs no more than a page."""
    start = plain("Das kann ich dir leider nicht sagen, weil es nicht in den Akten steht. " * 20)
    assert language_of(start + "the of and to is that it you " * 10_000) == "de"
