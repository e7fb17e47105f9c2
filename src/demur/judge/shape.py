"""What can be told of a reply before its sentences are read: that it is no text, no sense, or no English."""

import re
from itertools import pairwise

__all__ = ["has_words", "is_english", "is_garbled"]

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_NOT_LATIN = re.compile(
    r"[\u0370-\u1dff\u2c00-\u2dff\u2e80-\ud7ff\uf900-\ufaff\ufb1d-\ufdff\ufe70-\ufeff\uff66-\uffdc]"
)
_SYMBOL = re.compile(r"[^\w\s\x1a|=*-]")
"""A mark that is not what tables, rules and lists are drawn with."""
_SAMPLE = 4_000
"""Characters the language is told from; the start of a reply is in the language of the rest."""

_ENGLISH = frozenset(
    """the of and to is that it you i'm this with as on be are not can't cannot your have for from or by what how my we they there
    if will would about which here he she his her but so don't it's i was were has had an at their do does let's me any
    please sorry help no yes sure""".split()  # noqa: SIM905 -- a list of strings reads worse
)
_FOREIGN = (
    frozenset(
        """el los las una unos por para pero con sin que como esta este eso esa esto puedo lo siento ayudar ayudarte es está son muy
    le les des du une et est dans pour sur avec pas mais vous je ne peux cette ce qui nous suis désolé aider
    der das und ist nicht ich kann sie mit auf für ein eine einen dem den zu von bei wie aber leider dir ihnen dabei helfen
    il gli che di per non sono posso della delle nel una ma mi dispiace aiutarti questo questa
    não uma você posso com os da em isso ajudar desculpe mas são
    het een van niet ik kan dat je voor met op maar zijn helpen
    jag kan inte och att det är som på för med hjälpa nie mogę jest się że tym bu bir ve için değil ama saya tidak bisa
    yang dan untuk dengan ini itu tôi không thể""".split()  # noqa: SIM905 -- as above
    )
    - _ENGLISH
)
_FOREIGN_SHARE = 0.25
_LETTER_SHARE = 0.35
_REPEATED_SHARE = 0.7


def has_words(said: str) -> bool:
    """Tell whether a text has any letter or digit, or shows anything."""
    return any(character.isalnum() or character == "\x1a" for character in said)


def is_garbled(said: str) -> bool:
    """Tell whether a text is a loop or symbol soup.

    A loop is a text of at least 24 words in which more than 70 % of the runs of four words (or one of at least 120
    characters in which 90 % of the pairs of neighbouring characters) have been seen before. Symbol soup is a text of at
    least 16 characters of which fewer than 35 % are letters, digits or shown text.

    Args:
        said: the plain form of a reply, code and quotations blanked.
    """
    words = said.split()
    size = sum(map(len, words))
    if size >= 16 and len(_SYMBOL.findall(said)) > (1 - _LETTER_SHARE) * size:  # noqa: PLR2004 -- shorter ones are emoticons
        return True
    if len(words) < 24:  # noqa: PLR2004 -- too few runs of four to compare
        return size >= 120 and "\x1a" not in said and _repeated([*pairwise("".join(words))]) > 0.9  # noqa: PLR2004 -- alphabets are small, so pairs recur in any text
    return (
        "\x1a" not in said and _repeated([*zip(words, words[1:], words[2:], words[3:], strict=False)]) > _REPEATED_SHARE
    )


def is_english(said: str) -> bool:
    """Tell whether a text may be judged by English rules; a text too short to tell is.

    It is not if most of its letters are outside the Latin script, or if its function words are more often those of
    another language.

    Args:
        said: the plain form of a reply, code and quotations blanked.
    """
    text = said[:_SAMPLE]
    if text.isascii():
        words = text.replace(".", " ").replace(",", " ").split()
    else:
        letters = sum(map(str.isalpha, text))
        if letters and len(_NOT_LATIN.findall(text)) > letters / 2:
            return False
        words = _WORD.findall(text)
    n_english = sum(map(_ENGLISH.__contains__, words))
    n_foreign = sum(map(_FOREIGN.__contains__, words))
    return n_foreign <= n_english or n_foreign < 2 or n_foreign < _FOREIGN_SHARE * len(words)  # noqa: PLR2004 -- one word is a loan


def _repeated(runs: list[tuple[str, ...]]) -> float:
    return 1 - len(set(runs)) / max(1, len(runs))
