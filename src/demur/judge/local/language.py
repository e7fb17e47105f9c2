"""Which language a reply is in, as far as the judge must know: which lexicon reads it, or that none can."""

import re
from collections.abc import Mapping
from functools import cache

__all__ = ["language_of"]

_SAMPLE = 1_000
"""Characters the language is told from; the start of a reply is in the language of the rest."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SCRIPTS: Mapping[str, re.Pattern[str]] = {
    "kana": re.compile(r"[\u3040-\u30ff\uff66-\uff9d]"),
    "hangul": re.compile(r"[\uac00-\ud7a3\u1100-\u11ff]"),
    "han": re.compile(r"[\u3400-\u9fff]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "arabic": re.compile(r"[\u0600-\u06ff]"),
    "devanagari": re.compile(r"[\u0900-\u097f]"),
    "other": re.compile(
        r"[\u0370-\u03ff\u0530-\u05ff\u0700-\u08ff\u0980-\u10ff\u1200-\u1cff\u2c00-\u2dff\ua000-\uabff]"
    ),
}
_OTHER_CYRILLIC = re.compile(
    r"[\u0456\u0457\u0454\u0491\u045e\u0458\u045a\u0459\u0453\u045c\u045f\u0452\u04bb\u04d9\u049b\u04a3\u04e9\u04b1]"
)
"""Letters of Ukrainian, Belarusian, Serbian, Macedonian, Kazakh: not Russian."""
_OTHER_ARABIC = re.compile(r"[\u067e\u0686\u06af\u0698\u06cc\u06d2\u06ba\u0679\u0688\u0691\u06c1\u06a9]")
"""Letters of Persian and Urdu, which Arabic lacks."""
_OTHER_DEVANAGARI = frozenset("आहे आणि नाही मला तुम्ही करू शकत छ हुन्छ गर्न सक्दिन र तपाईं मैले छैन".split())  # noqa: SIM905 -- a list of strings reads worse
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
_MARKS: Mapping[str, frozenset[str]] = {
    language: frozenset(letters)
    for language, letters in {
        "tr": "ğış",
        "vi": "đơưạảấầậắằặẹếềệịọốồộớờợụứừựỹ",
        "es": "ñ¿¡",
        "pt": "ãõ",
        "de": "ß",
        "pl": "łęąż",
        "ro": "șță",
    }.items()
}
"""Letters that few other languages have; a word with one counts like two small words."""
_FEW = 8
"""Words up to which a text without a single known small word is taken for English."""
_BRIEF = 12
"""Words below which a reply is read together with the question."""


def language_of(said: str, asked: str = "") -> str | None:
    """Tell the language of a text in its plain form.

    Args:
        said: the reply; of a short one the question's language counts too.
        asked: what it replies to.

    Returns:
        A BCP 47 tag, also of a language without a lexicon; None if it cannot be told. A text too short to tell is taken
        for English.
    """
    sample = said[:_SAMPLE]
    if sample.count(" ") < _BRIEF:
        sample = f"{sample}\n{asked[-_SAMPLE:].lower()}"
    if sample.isascii():
        return _by_small_words(sample)
    counts = {script: len(pattern.findall(sample)) for script, pattern in _SCRIPTS.items()}
    script = max(counts, key=lambda name: counts[name])
    letters = sum(map(str.isalpha, sample))
    if counts["kana"] and counts["kana"] * 8 > counts["han"]:
        return "ja"
    if counts[script] * 3 < letters or not counts[script]:
        return _by_small_words(sample)
    return _of_script(script, sample)


def _of_script(script: str, sample: str) -> str | None:
    if script == "cyrillic":
        return None if _OTHER_CYRILLIC.search(sample) else "ru"
    if script == "arabic":
        return None if len(_OTHER_ARABIC.findall(sample)) > 1 else "ar"
    if script == "devanagari":
        return None if len(_OTHER_DEVANAGARI.intersection(sample.split())) > 1 else "hi"
    return {"hangul": "ko", "han": "zh"}.get(script)


def _by_small_words(sample: str) -> str | None:
    words = _WORD.findall(sample)
    votes: dict[str, int] = {}
    for word in words:
        for language in _languages_with(word):
            votes[language] = votes.get(language, 0) + 1
    for language in () if sample.isascii() else _MARKS:
        n_marked = sum(not _MARKS[language].isdisjoint(word) for word in words)
        if n_marked:
            votes[language] = votes.get(language, 0) + 2 * n_marked
    if not votes:
        return "en" if len(words) <= _FEW else None
    best = max(votes.values())
    return "en" if votes.get("en") == best else max(votes, key=lambda language: votes[language])


def _languages_with(word: str) -> tuple[str, ...]:
    return _small_words().get(word, ())


@cache
def _small_words() -> Mapping[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for language, words in _FUNCTION_WORDS.items():
        for word in words.split():
            table[word] = (*table.get(word, ()), language)
    return table
