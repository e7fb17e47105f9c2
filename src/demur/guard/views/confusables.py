"""Confusables: letters of other writing systems, and of none, that are read as Latin ones.

The table holds the single letters that the file confusables.txt of Unicode Technical Standard 39 (Unicode Security Mechanisms)
gives a Latin letter, bare or with a mark, as their prototype, where NFKC leaves them alone and where no Latin alphabet in
common use has them; taken as package confusable_homoglyphs 3.3.1 carries that file (January 2024, when Unicode 15.1 was current;
copyright Unicode, Inc., Unicode License V3).
Deviations: digits and Latin letters are never touched, the capitals \u0406 and \u0399 are read as i and not as l, letters are read
in small. The standard's own skeleton is for comparing two names and makes of m "rn"; this one is for reading.
"""

import re
import unicodedata

__all__ = ["bare", "skeleton"]

_LISTED = {
    "a": "ɑΑαАаᎪᗅꓮ𐊠𖽀",
    "b": "ɓΒБВЬвѢѣҌҍᏏᏴᑲᑳᖯᗷꓐꞴ𐊂𐊡𐌁",
    "c": "СсҪҫᏟᴄⲤⲥꓚꮯ𐊢𐌂𐐕𐐽𐔜",
    "d": "ɖɗԁᎠᏧᑯᗞᗪꓒꓓ",
    "e": "ΕЕеҽҿᎬⴹꓰꬲ𐊆𑢦𑢮",
    "f": "ϜքᖴᵮẝꓝꞘꞙꬵ𐊇𐊥𐔥𑢢𑣂",
    "g": "ɠɡԌցᏀᏳᶃꓖ",
    "h": "ɦΗНћҢһӇӉհᎻᏂᏲᕼⱧⲎꓧꚕ𐋏",
    "i": "ɨɩɪΙιІіӏᎥᵻᵼꙇꭵ𑣃",
    "j": "ͿϳЈјᎫᒍꓙꞲ",
    "k": "ΚКҚҞᏦᛕⱩⲔꓗꝀ𐔘",
    "l": "ɫɭӀᏞᒪᛁⲒⳐⵏꓡꓲ𐊊𐌉𐐛𐔦𑢣𑢲𖼖𖼨",
    "m": "ΜϺМӍᎷᗰᛖⲘꓟ𐊰𐌑",
    "n": "ɳΝηոռᵰⲚꓠ𐔓",
    "o": "ɵΘΟθοσОоѲѳӨөՕօᎾᏫᴏᴑⲞⲟⴱⵁⵔꓳꝊꝋꬽꬾꭴꮎꮻ𐊒𐊫𐐄𐐬𐓂𐓪𐔖𑢵𑣈𑣗",
    "p": "ΡρРрᏢᑭᵽⲢⲣꓑ𐊕",
    "q": "ʠԛգզⵕ",
    "r": "ɼɽгғᎡᏒᖇᴦᵲⲅꓣꭇꭈꮁ𐒴𖼵",
    "s": "ʂЅѕՏᏕᏚᵴꓢꜱꮪ𐊖𐐠𐑈𑣁𖼺",
    "t": "ΤТҬᎢᵵⲦꓔ𐊗𐊱𐌕𑢼𖼊",
    "u": "ʋυՍսሀᏌᑌᴜᵾꓴꞟꭎꭒꮜ𐓎𐓶𑢸𑣘𖽂",
    "v": "νѴѵᏙᐯᴠⴸꓦꛟꮩ𐔝𑜆𑢠𑣀𖼈",
    "w": "ɯѡԜԝաᎳᏔᴡꓪꝡꮃ𑓅𑜊𑜎𑜏",
    "x": "ΧХхҲᕁᕽᚷⲬⵝꓫꞳ𐊐𐊴𐌗𐔧",
    "y": "ɣʏΥγУуҮүҰұყᎩᎽᶌỿⲨꓬꭚ𐊲𑢤𑣜𖽃",
    "z": "ʐΖᏃᴢᵶꓜꮓ𑢩𑣄",
}
"""As the standard has them."""

_OWN = {
    "a": "ᴀ",
    "b": "ʙβ",
    "d": "ᴅ",
    "e": "εёєᴇ",
    "f": "ꜰ",
    "g": "ɢ",
    "h": "ʜн",
    "j": "ᴊ",
    "k": "κкҡᴋ",
    "l": "ʟ",
    "m": "мᴍ",
    "n": "ɴ",
    "p": "ᴘ",
    "q": "ꞯ",
    "r": "ʀ",
    "t": "τтᴛ",
    "w": "ω",
    "x": "χ",
    "z": "з",
}
"""Small capitals, and small letters that look like Latin capitals, which the standard leaves apart."""

_FLAGS = "\U0001f1e6-\U0001f1ff"
"""Regional indicators: two make a flag."""
_ENCLOSED = (0x1F150, 0x1F170, 0x1F1E6)
"""Where white letters on black discs, on black squares, and regional indicators begin."""


def _letters() -> dict[str, str]:
    """Give what each character of the table is read as."""
    letters = {char: latin for table in (_LISTED, _OWN) for latin, chars in table.items() for char in chars}
    letters |= {chr(first + place): chr(ord("a") + place) for first in _ENCLOSED for place in range(26)}
    return letters


def _accented() -> dict[str, str]:
    """Give the Latin letters with accents, and what they are without, below the block that Vietnamese needs."""
    bare = {
        chr(code): unicodedata.normalize("NFD", chr(code))[0] for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1E9C))
    }
    return {char: latin for char, latin in bare.items() if latin.isascii()} | dict(
        zip("\u0131\u0142\xf8\u0111", "ilod", strict=True)
    )


_LETTERS = _letters()
_ACCENTED = _accented()
_BARE = str.maketrans(_ACCENTED)
_TABLE = str.maketrans(_ACCENTED | _LETTERS)
_BASIC = "\uffff"
_ENCLOSED_LETTERS = "\U0001f150-\U0001f169\U0001f170-\U0001f189"
_PHONETIC = frozenset(char for char in _LETTERS if unicodedata.name(char, "").startswith("LATIN ")) - frozenset(
    "ɓɖɗɣɩʋ"
)
"""Letters of phonetic alphabets, small capitals and the like; those that African alphabets use are left out."""
_ODD = _PHONETIC.union(
    (char for char in _LETTERS if char > _BASIC and char not in map(chr, range(0x1F1E6, 0x1F200))),
    map(chr, range(0x1E00, 0x1E9C)),
)
"""What no alphabet in common use has; one is enough to look closer."""
_ASCII_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LONE = frozenset(char for char in _LETTERS if char.isalpha() and not unicodedata.name(char, "").startswith("GREEK "))
"""A Greek letter alone is a formula's."""
_FOREIGN = "".join(char for char in _LETTERS if char.isalpha() and char <= _BASIC)

_MIXED = re.compile(f"[A-Za-z][{_FOREIGN}]|[{_FOREIGN}][A-Za-z]")
_LOOSE_FLAGS = re.compile(f"(?<![{_FLAGS}])[{_FLAGS}](?![{_FLAGS}])|[{_FLAGS}]{{3}}")
_WORD = re.compile(f"(?:[^\\W_]|[{_FLAGS}{_ENCLOSED_LETTERS}])+")


def skeleton(text: str) -> str:
    """Read lookalikes as the Latin letters they look like, in words that mix writing systems or hold nothing else.

    Only where something is amiss: a word that mixes Latin letters with lookalikes, a letter that no alphabet in common use has, or
    a lookalike among text that is mostly ASCII. A text in one writing system is given back as it is, so is each word of it
    that is no disguise.

    Returns:
        A text of the same length, character for character.
    """
    if text.isascii() or not _is_odd(text, set(text)):
        return text
    return _WORD.sub(lambda match: _disguised(match[0]), text)


_ENGLISH = frozenset(
    """
    with this what make have from your without someone should could would about which their there where when want need give
    tell write explain people steps step how and for you are into they will know create develop describe
    """.split()  # noqa: SIM905
)
"""Words that English has, and no other language in letters with accents."""
_SHARE = 2


_WITH_ACCENT = re.compile("[\u00c0-\u024f\u1e00-\u1e9b]")


def bare(text: str, words: list[str]) -> str:
    """Take the accents off a text in which they hide English ("Hów tö mäke").

    Args:
        text: cleaned.
        words: of the text, folded.

    Returns:
        A text of the same length, character for character; the text itself, unless two different common words appear that were
        not there, or one where half of the words have accents.
    """
    if text.isascii() or not _WITH_ACCENT.search(text):
        return text
    veiled = [word for word in words if not word.isascii()]
    found = _ENGLISH.intersection(word.translate(_BARE) for word in set(veiled)).difference(words)
    is_all = len(words) <= _SHARE * len(veiled)
    return text.translate(_BARE) if len(found) > 1 or (found and is_all) else text


def _is_odd(text: str, present: set[str]) -> bool:
    """Whether a text, whose characters are `present`, holds letters where they do not belong."""
    if not _ODD.isdisjoint(present):
        return True
    if _LETTERS.keys().isdisjoint(present):
        return False
    if not _ASCII_LETTERS.isdisjoint(present) and _MIXED.search(text):
        return True
    return bool(_LOOSE_FLAGS.search(text)) or (_mostly_ascii(text) and not _LONE.isdisjoint(present))


def _mostly_ascii(text: str) -> bool:
    """Whether three characters in four are ASCII, taking each other one as two bytes of UTF-8: one of three bytes weighs double."""
    return 4 * (len(text.encode("utf-8", "surrogatepass")) - len(text)) < len(text)


def _disguised(word: str) -> str:
    """Read a word, unless letters remain that look like nothing Latin and nothing Latin stands beside them."""
    if word.isascii():
        return word
    read = word.translate(_TABLE)
    return read if read.isascii() or any(char.isascii() and char.isalpha() for char in word) else word
