"""Which language each reply of a batch is in, as far as the judge must know: that it can read it, or that it cannot."""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.judge.local.alphabet import LETTER, SCRIPTS
from demur.judge.local.arrays import Indices
from demur.judge.local.tokens import Tokens, read_tokens
from demur.judge.local.vocabulary import Vocabulary, half_of, slot_of

__all__ = ["LANGUAGES", "languages_of"]

LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "id", "it", "ja", "ko", "pt", "ru", "sw", "tr", "vi", "zh")
"""BCP 47 tags of the languages the judge has learned to read."""

_NOT_ASCII = 0x80
_OTHER_CYRILLIC = (
    "\u0456\u0457\u0454\u0491\u045e\u0458\u045a\u0459\u0453\u045c\u045f\u0452\u04bb\u04d9\u049b\u04a3\u04e9\u04b1"
)
"""Letters of Ukrainian, Belarusian, Serbian, Macedonian, Kazakh: not Russian."""
_OTHER_ARABIC = "\u067e\u0686\u06af\u0698\u06cc\u06d2\u06ba\u0679\u0688\u0691\u06c1\u06a9"
"""Letters of Persian and Urdu, which Arabic lacks."""
_OTHER_DEVANAGARI = "आहे आणि नाही मला तुम्ही करू शकत छ हुन्छ गर्न सक्दिन र तपाईं मैले छैन".split()  # noqa: SIM905 -- a list of strings reads worse
"""Small words of Marathi and Nepali."""
_FUNCTION_WORDS: Mapping[str, str] = {
    "en": """the of and to is that it you i'm this with as on be are not can't cannot your have for from or by what how my we they there if will
        would about which when here his her but so don't it's i was were has had an at their do does let's me any please sorry help no yes sure can""",
    "es": """el los las una unos por para pero con sin que como esta este eso esa esto puedo lo siento ayudar ayudarte es está son muy del al y en un
        mi tu su te se le no sí más hay ser qué si ni nada yo algo porque cuando o gracias""",
    "fr": """le les des du une et est dans pour sur avec pas mais vous je ne peux cette ce qui nous suis désolé aider un en au aux que il elle on te tu
        ça c'est d'un j'ai n'est plus votre vos ton oui non mon ou par si à""",
    "it": """il gli che di per non sono posso della delle nel una ma mi dispiace aiutarti questo questa è un e la le lo i ti si con del al da in se anche
        più cosa ho no sì come o alla su""",
    "pt": """não uma você posso com os da em isso ajudar desculpe mas são um e o a que de do para por na no se é eu te seu sua ao como mais ou já está
        sim lhe das dos""",
    "de": """der das und ist nicht ich kann sie mit auf für ein eine einen dem den zu von bei wie aber leider dir ihnen dabei helfen die es du da im
        in an als auch nur oder nein ja mir dich was wir wenn so kein keine dazu""",
    "vi": """tôi không thể của và là có được cho với này một những bạn mình xin lỗi giúp vì nhưng để trong khi nếu thì đã anh chị em việc cái đó ai
        nên về rất""",
    "sw": """ya na wa kwa ni katika siwezi hiyo hii huo hilo lakini samahani pole naweza kukusaidia au za la cha si kama ili yako wako mimi wewe sana tu
        hapana ndiyo kuwa hili kusaidia""",
    "tr": """bir ve bu için değil ama çok ben sen da de ile mi mı ne olarak daha var yok gibi size sana üzgünüm edemem yardımcı olamam bunu evet hayır
        şey kadar o eder ederim edebilirim veremem yapamam nasıl neden burada şu ya hem en kendi her sen siz onu bana sana beni önce sonra değilim""",
    "id": """saya tidak bisa yang dan untuk dengan ini itu di ke dari maaf kamu anda aku nggak gak kalau tapi ada atau juga karena akan lebih bukan
        membantu ya sudah""",
    "nl": "het een van niet ik kan dat je voor met op maar zijn helpen dit geen en er te wat naar heb",
    "sv": "jag kan inte och att det är som på för med hjälpa en ett du av vi men har till",
    "pl": "nie mogę jest się że tym i w na do z to jak ale ci pomóc przepraszam",
    "ro": "nu pot este să și în cu că mai pentru din ajuta asta dar",
    "ca": "no puc és amb els les aquesta per però que ajudar-te això una",
    "cs": "nemohu je to že se na ale s tím pomoci jsem není",
    "hu": "nem a az és hogy egy ez segíteni tudok sajnálom",
    "fi": "en voi ja on ei se että auttaa mutta tämä olen",
    "ms": "boleh tak awak ialah kerana daripada adalah",
    "tl": "ang ng sa hindi ko na ay mga ako po ito",
}  # fmt: skip
"""Small words of languages in Latin script: of those the judge reads, and of others, so that they are not taken for them."""
_MARKS: Mapping[str, str] = {
    "tr": "ğış",
    "vi": "đơưạảấầậắằặẹếềệịọốồộớờợụứừựỹ",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "de": "ß",
    "pl": "łęąż",
    "ro": "șță",
}
"""Letters that few other languages have; one counts like two small words."""
_ORDER = {language: column for column, language in enumerate(_FUNCTION_WORDS)}
_FEW = 8
"""Words up to which a text without a single known small word is taken for English."""
_BRIEF = 14
"""Tokens below which a reply is read together with the question."""
_KANA_SHARE = 8
"""Chinese characters that one kana outweighs: Chinese has no kana, and Japanese always some."""


def languages_of(tokens: Tokens, asked: Tokens) -> list[str | None]:
    """Tell the language of each text.

    Args:
        tokens: of the replies.
        asked: of what each replies to, which counts where the reply is short.

    Returns:
        A BCP 47 tag for each, also of a language the judge cannot read; None if it cannot be told. A text too short to tell
        is taken for English.
    """
    found, helped = _count(tokens), _count(asked)
    is_brief = (np.bincount(tokens.text, minlength=tokens.n_texts) < _BRIEF)[:, None]
    return [
        _tell(scripts, other, votes, int(n_words))
        for scripts, other, votes, n_words in zip(
            found.scripts + helped.scripts * is_brief,
            found.other + helped.other * is_brief,
            found.votes + helped.votes * is_brief,
            found.n_words + helped.n_words * is_brief[:, 0],
            strict=True,
        )
    ]


class _Counts(NamedTuple):
    scripts: Indices
    """Shape (texts, scripts): characters of words in each."""
    other: Indices
    """Shape (texts, 3): letters that rule out Russian, letters that rule out Arabic, words that rule out Hindi."""
    votes: Indices
    """Shape (texts, languages): small words of each language in Latin script, and twice the words with letters of its own."""
    n_words: Indices


def _count(tokens: Tokens) -> _Counts:
    table, n = _small_words(), tokens.n_texts
    size = tokens.end - tokens.start
    key = tokens.text * len(SCRIPTS) + tokens.script
    scripts = np.bincount(key, weights=size, minlength=n * len(SCRIPTS)).astype(np.int64).reshape(n, -1)
    masks = table.masks[table.words.find(tokens.word)]
    small = np.flatnonzero(masks)
    masks, text = masks[small], tokens.text[small]
    votes, other = np.zeros((n, len(_FUNCTION_WORDS)), np.int64), np.zeros((n, 3), np.int64)
    for bit in range(len(_FUNCTION_WORDS)):
        votes[:, bit] = np.bincount(text[(masks & (1 << bit)) > 0], minlength=n)
    other[:, 2] = np.bincount(text[(masks & (1 << len(_FUNCTION_WORDS))) > 0], minlength=n)
    if (foreign := np.flatnonzero(tokens.units >= _NOT_ASCII)).size:
        starts = np.flatnonzero(tokens.units == tokens.units[0])
        text = np.searchsorted(starts, foreign, side="right") - 1
        marks = _letters()[tokens.units[foreign]]
        other[:, 0] = np.bincount(text, weights=marks & 1, minlength=n)
        other[:, 1] = np.bincount(text, weights=(marks >> 1) & 1, minlength=n)
        for bit, language in enumerate(_MARKS, 2):
            votes[:, _ORDER[language]] += 2 * np.bincount(text, weights=(marks >> bit) & 1, minlength=n).astype(
                np.int64
            )
    return _Counts(
        scripts, other, votes, np.bincount(tokens.text, weights=tokens.kind == LETTER, minlength=n).astype(np.int64)
    )


def _tell(scripts: Indices, other: Indices, votes: Indices, n_words: int) -> str | None:
    counts = dict(zip(SCRIPTS, scripts.tolist(), strict=True))
    letters = sum(counts.values()) - counts["none"]
    if counts["kana"] and counts["kana"] * _KANA_SHARE > counts["han"]:
        return "ja"
    script = max(("cyrillic", "arabic", "devanagari", "hangul", "han", "other"), key=lambda name: counts[name])
    if counts[script] * 3 >= letters and counts[script]:
        return _of_script(script, other)
    best = int(votes.max())
    if not best:
        return "en" if n_words <= _FEW else None
    return "en" if votes[_ORDER["en"]] == best else tuple(_FUNCTION_WORDS)[int(votes.argmax())]


def _of_script(script: str, other: Indices) -> str | None:
    not_russian, not_arabic, not_hindi = other.tolist()
    if script == "cyrillic":
        return None if not_russian else "ru"
    if script == "arabic":
        return None if not_arabic > 1 else "ar"
    if script == "devanagari":
        return None if not_hindi > 1 else "hi"
    return {"hangul": "ko", "han": "zh"}.get(script)


class _SmallWords(NamedTuple):
    words: Vocabulary
    masks: Indices
    """For each row of the vocabulary: one bit for each language whose small word it is, and one for those that rule out Hindi."""


@cache
def _small_words() -> _SmallWords:
    masks: dict[str, int] = {}
    for bit, words in enumerate([*(words.split() for words in _FUNCTION_WORDS.values()), _OTHER_DEVANAGARI]):
        for word in words:
            masks[word] = masks.get(word, 0) | 1 << bit
    tokens = read_tokens(tuple(masks))
    # Each is one token behind the one that stands before a text.
    hashes = tokens.word[tokens.firsts + 1]
    return _SmallWords(
        Vocabulary(slot_of(hashes).astype(np.uint32), half_of(hashes)), np.array([0, *masks.values()], np.int64)
    )


@cache
def _letters() -> NDArray[np.int64]:
    table = np.zeros(1 << 16, np.int64)
    for bit, letters in enumerate((_OTHER_CYRILLIC, _OTHER_ARABIC, *_MARKS.values())):
        table[[ord(letter) for letter in (*letters, *letters.upper()) if len(letter) == 1]] |= 1 << bit
    return table
