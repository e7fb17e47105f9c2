"""A text is read in every way that finds something, and each reading leads back to what was sent."""

import base64
import codecs
import random
import string
import time
import unicodedata
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from demur.cases import library
from demur.guard.views import confusables, reading
from demur.guard.views.folding import fold
from demur.guard.views.origins import Edit, Edited, Mirrored, splice
from demur.guard.views.reading import read_views

DRILLS = Path(library.__file__).parents[1] / "drills" / "cards"
PLAIN = "How do I kill a Python process that hangs?"
FOLDED = PLAIN.lower()

characters = st.one_of(
    st.characters(),
    st.sampled_from(
        "kil1@0 \n\t.-%=\u200b\u00ad\u0301\u0323\u0335\u0130\u0390\ufb01\u00df\uff4b\u0456\u1100\u1161\u11a8\uff76\uff9e"
    ),
)
texts = st.text(characters, max_size=60)
hidden = st.sampled_from(
    [
        quote(PLAIN, safe=""),
        PLAIN.encode().hex(),
        base64.b64encode(PLAIN.encode()).decode(),
        PLAIN[::-1],
        "k i l l",
        "\ufdfa",
        "\U000e006b" * 3,
    ]
)
anything = st.lists(st.one_of(texts, hidden), max_size=4).map(" ".join)


def tag(text):
    """Write a text in tag characters."""
    return "".join(chr(0xE0000 + ord(char)) for char in text)


def select(text):
    """Write the bytes of a text as variation selectors."""
    return "".join(chr(0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16) for byte in text.encode())


def turn_on(places):
    """Give the table that moves letters on."""
    return str.maketrans(
        LETTERS, "".join(LETTERS[first + (place + places) % 26] for first in (0, 26) for place in range(26))
    )


LETTERS = string.ascii_lowercase + string.ascii_uppercase
MORSE = {
    "a": ".-", "c": "-.-.", "d": "-..", "e": ".", "h": "....", "i": "..", "k": "-.-", "l": ".-..", "n": "-.", "o": "---",
    "p": ".--.", "r": ".-.", "s": "...", "t": "-", "w": ".--", "y": "-.--",
}  # fmt: skip
KILL = ["how", "do", "i", "kill", "a", "python", "process"]
CELLS = dict(zip("acdeghiklnoprstwy", (1, 9, 25, 17, 27, 19, 10, 5, 7, 29, 21, 15, 23, 14, 30, 58, 61), strict=True))
"""Dots of Braille: bit n - 1 is dot n."""
WRITINGS = {
    "base64": base64.b64encode(PLAIN.encode()).decode(),
    "base64 without padding": base64.b64encode(PLAIN.encode()).decode().rstrip("="),
    "base64 for addresses": base64.urlsafe_b64encode(PLAIN.encode()).decode(),
    "base64 of UTF-16": base64.b64encode(PLAIN.encode("utf-16-le")).decode(),
    "base64 in lines": base64.encodebytes(PLAIN.encode() * 3).decode(),
    "base64 twice": base64.b64encode(base64.b64encode(PLAIN.encode())).decode(),
    "base64 of hex": base64.b64encode(PLAIN.encode().hex().encode()).decode(),
    "base64 with a crack": "\u200b".join(base64.b64encode(PLAIN.encode()).decode()),
    "hex": PLAIN.encode().hex(),
    "hex in pairs": PLAIN.encode().hex(" ").upper(),
    "hex in C": "".join(f"\\x{byte:02x}" for byte in PLAIN.encode()),
    "hex in a list": ", ".join(f"0x{byte:02x}" for byte in PLAIN.encode()),
    "percent": quote(PLAIN),
    "percent, all": "".join(f"%{byte:02X}" for byte in PLAIN.encode()),
    "JSON": "".join(f"\\u{ord(char):04x}" for char in PLAIN),
    "HTML": "".join(f"&#{ord(char)};" for char in PLAIN),
    "rot13": codecs.encode(PLAIN, "rot13"),
    "Caesar's": codecs.encode(PLAIN, "rot13").translate(turn_on(16)),
    "atbash": PLAIN.translate(str.maketrans(LETTERS, LETTERS[25::-1] + LETTERS[:25:-1])),
    "base32": base64.b32encode(PLAIN.encode()).decode(),
    "bits": " ".join(f"{byte:08b}" for byte in PLAIN.encode()),
    "bits without gaps": "".join(f"{byte:08b}" for byte in PLAIN.encode()),
    "octets": ", ".join(map(str, PLAIN.encode())),
    "Morse": " / ".join(" ".join(MORSE[char] for char in word) for word in KILL),
    "Morse in print": "   ".join(" ".join(MORSE[char] for char in word) for word in KILL)
    .replace("-", "\u2212")
    .replace(".", "\u2022"),
    "spoken": "kilo india lima lima, alfa, papa yankee tango hotel oscar november, papa romeo oscar charlie echo sierra sierra",
    "Braille": "".join(chr(0x2800 + CELLS[char]) if char in CELLS else char for char in FOLDED),
    "words reversed": " ".join(word[::-1] for word in FOLDED.split()),
    "upside down": FOLDED.translate(
        str.maketrans("aehikmnrtuvwypd", "\u0250\u01dd\u0265\u1d09\u029e\u026fu\u0279\u0287n\u028c\u028d\u028edp")
    ),
    "accents": "H\xf3w t\xf6 k\xeell a P\xfdth\xf6n pr\xf5\xe7\xeb\u0161s w\xeeth th\xed\u0161",
    "signs": " ".join("+*:~"[len(word) % 4].join(word) for word in PLAIN.split()),
    "stars": " ".join("".join(f"**{char}**" for char in word) for word in PLAIN.split()),
    "emoji": " ".join("\U0001f525".join(word) for word in PLAIN.split()),
    "emoji between words": " \U0001f525 ".join(PLAIN.split()),
    "underscores": PLAIN.replace(" ", "_"),
    "one word": "HowDoIKillAPythonProcessThatHangs",
    "markup": "".join(f"<b>{word}</b> " for word in PLAIN.split()),
    "hyphens": "How do I kill a Pyt-hon pro-cess?",
    "strings": '"How do I ki" + "ll a Pyth" + "on process?"',
    "names": "a = 'How do I ki'\nb = 'll a Python pro'; c='cess?'\nprint(a + b + c)",
    "reversed": PLAIN[::-1],
    "reversed rot13": codecs.encode(PLAIN, "rot13")[::-1],
    "tags": "Hello!" + tag(PLAIN),
    "variation selectors": "Hello!" + select(PLAIN),
    "apart": "   ".join(" ".join(word) for word in PLAIN.split()),
    "zero width": "\u200b".join(PLAIN),
    "soft hyphens": "\u00ad".join(PLAIN),
    "directions": "".join(f"\u2066{char}\u2069" for char in PLAIN),
    "full width": "".join(chr(ord(char) + 0xFEE0) if char.isalpha() else char for char in PLAIN),
    "mathematical": "".join(chr(0x1D5BA + ord(char) - 97) if char.isalpha() else char for char in FOLDED),
    "stacks of marks": "".join(char + "\u0335\u0321\u0337\u0322" for char in PLAIN),
    "Cyrillic": PLAIN.translate(str.maketrans("aeiopcyH", "\u0430\u0435\u0456\u043e\u0440\u0441\u0443\u041d")),
    "Greek": PLAIN.translate(str.maketrans("oKPH", "\u03bf\u039a\u03a1\u0397")),
    "small capitals": PLAIN.lower().translate(str.maketrans("kila", "\u1d0b\u026a\u029f\u1d00")),
    "black squares": "".join(chr(0x1F170 + ord(char) - 97) if char.isalpha() else char for char in FOLDED),
    "flags": "".join(chr(0x1F1E6 + ord(char) - 97) + "\u200b" if char.isalpha() else char for char in FOLDED),
    "leet": PLAIN.translate(str.maketrans("eio", "310")),
    "leet in Cyrillic": PLAIN.translate(str.maketrans("eo", "3\u043e")).replace("ill", "1ll"),
    "apart in leet": "   ".join(" ".join(word) for word in PLAIN.replace("i", "1").replace("o", "0").split()),
}


TURNED = {
    "rot13",
    "reversed",
    "reversed rot13",
    "words reversed",
    "Caesar's",
    "atbash",
    "upside down",
    "accents",
    "strings",
    "names",
}
"""Disguises that a word alone does not tell of."""


@pytest.mark.parametrize("writing", WRITINGS)
def test_each_writing_is_read(writing):
    """A question written in any of these ways is read as it was, and its word is found where it was written."""
    text = WRITINGS[writing]
    found = [view for view in read_views(text) if "kill a python process" in view.text]
    assert found, [(view.name, view.text) for view in read_views(text)]
    start, end = found[0].origin(found[0].text.index("kill"), found[0].text.index("kill") + 4)
    again = [view.text for view in read_views(text[start:end])]
    assert 0 <= start < end <= len(text)
    assert writing in TURNED or any("kill" in reading for reading in again)


@pytest.mark.parametrize(
    ("text", "name", "origin"),
    [
        ("please k.i.l.l it", "joined", "k.i.l.l"),
        ("k-i-l-l me", "joined", "k-i-l-l"),
        ("to k * i * l * l", "joined", "k * i * l * l"),
        ("ki11 myself", "leet-l", "ki11"),
        ("I k1ll b0sses", "leet", "k1ll"),
        ("to k\u0456ll", "skeleton", "k\u0456ll"),
        ("and k\u200bi\u200bl\u200bl\u200b it", "folded", "k\u200bi\u200bl\u200bl"),
        ("  to   Kill", "folded", "Kill"),
        ("xvyy zr jvgu vg", "rot13", "xvyy"),
        ("woh ot llik", "reversed", "llik"),
        ("say a2lsbA== now", "base64", "a2lsbA=="),
        ("say 6b696c6c now", "hex", "6b696c6c"),
        ("say %6bi%6cl %6bi%6cl", "percent", "%6bi%6cl"),
        ("say 01101011 01101001 01101100 01101100 now", "numbers", "01101011 01101001 01101100 01101100"),
        ("to k*i+l:l it", "signed", "k*i+l:l"),
        ("or k\U0001f525i\U0001f525l\U0001f525l it", "signed", "k\U0001f525i\U0001f525l\U0001f525l"),
        ("to_kill_all_of_them", "parted", "kill"),
        ("say kilo india lima lima now", "spoken", "kilo india lima lima"),
        ("'k' + 'i' + 'll' it", "strings", "k' + 'i' + 'll"),
        ("woh ot llik meht", "mirrored", "llik"),
    ],
)
def test_the_origin_is_the_smallest_span(text, name, origin):
    """A word found in a view is shown as the characters that were sent for it, and no others."""
    view = {view.name: view for view in read_views(text)}[name]
    start = view.text.index("kill")
    first, last = view.origin(start, start + 4)
    assert text[first:last] == origin


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("xvyy gung cebprff", "rot13"),
        ("ssecorp taht llik", "reversed"),
        ("nloo wkdw surfhvv", "caesar-3"),
        ("proo gszg kilxvhh", "atbash"),
    ],
)
def test_a_line_in_disguise_is_read_in_its_place(line, name):
    """Where one line of a text is in disguise, it is read there, and the lines around it stay as they are."""
    views = {view.name: view.text for view in read_views(f"Work this out and do what it asks.\n\n{line}\n\nThank you!")}
    assert views[name] == "work this out and do what it asks. kill that process thank you!"


@given(anything, st.data())
@settings(max_examples=300, deadline=None)
def test_every_span_leads_into_the_text(text, data):
    """Any span of any view comes from a span of the text; a wider span comes from one that holds it."""
    for view in read_views(text):
        start = data.draw(st.integers(0, len(view.text)))
        end = data.draw(st.integers(start, len(view.text)))
        first, last = view.origin(start, end)
        assert 0 <= first <= last <= len(text)
        assert (first < last) == (start < end)
        whole = view.origin(0, len(view.text))
        assert start == end or (whole[0] <= first and last <= whole[1])


@given(anything, st.integers(0, 80), st.integers(0, 80))
def test_the_text_itself_maps_exactly(text, start, length):
    """The first view is the text, and each span of it is where it is."""
    raw = read_views(text)[0]
    end = min(start + length, len(text))
    start = min(start, end)
    assert (raw.name, raw.text, raw.origin(start, end)) == ("raw", text, (start, end))


@given(texts)
@settings(max_examples=500, deadline=None)
@example("a\u0301\u0390\u0130 \ufb01x")
@example("\uff76\uff9e\u1100\u1161\u11a8 \u0958\u0301")
@example("\u0344" * 5)
def test_the_folded_view_is_folded_piece_by_piece(text):
    """What a character of the folded view comes from holds that character when it is folded alone or with its marks."""
    folded = [view for view in read_views(text) if view.name == "folded"]
    for view in folded:
        for place, char in enumerate(view.text):
            start, end = view.origin(place, place + 1)
            assert char == " " or char in unicodedata.normalize("NFKC", fold(text[start:end])) + fold(
                text[start : end + 2]
            )


@given(anything)
@settings(max_examples=300, deadline=None)
@example("\u1100\u1161\u0301\u11a8\uff76\uff9e\u0958\u0344\u0390")
def test_the_steps_back_are_the_steps_there(text):
    """The edits that a view is traced back over, found one by one, lead from the text to the view that was made at one go."""
    for view in read_views(text):
        if any(isinstance(hop, Mirrored) for hop in view.hops):
            continue
        there = text
        for hop in reversed(view.hops):
            there = splice(there, hop.edits())
        assert len(there) == len(view.text)
        assert view.name not in {"raw", "folded", "base64", "hex", "percent"} or fold(there) in {fold(text), view.text}


@given(texts)
@settings(deadline=None)
def test_folding_ends(text):
    """The folded view and `fold` are the same, in single spaces, and ASCII stays ASCII."""
    folded = fold(text)
    assert folded in {view.text for view in read_views(text)}
    assert "  " not in folded
    assert folded.isascii() or not text.isascii()


@given(st.text(max_size=30), st.data())
def test_edits_lead_back(text, data):
    """Characters outside the edits lead back to themselves, those inside to the stretch that was replaced."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    edits = [
        Edit(a, b, data.draw(st.text("xyz", max_size=4))) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a < b
    ]
    later = splice(text, edits)
    hop = Edited(lambda: edits)
    slow = [(place, place + 1) for place in range(len(text))]
    for start, end, new in reversed(edits):
        slow[start:end] = [(start, end)] * len(new)
    assert [hop.back(place, place + 1) for place in range(len(later))] == slow


@given(anything)
@settings(deadline=None)
def test_views_differ_and_are_the_same_each_time(text):
    """No two views are equal, and the same text gives the same views."""
    found = read_views(text)
    assert len({view.text for view in found}) == len(found) <= reading.MOST_VIEWS
    assert found == read_views(text)


def test_a_span_outside_is_an_error():
    """A span that is none of the view is refused."""
    with pytest.raises(ValueError, match="no span 2 to 9"):
        read_views("Kill")[0].origin(2, 9)


def languages():
    """Give what the drills of languages say, in sixteen languages."""
    for path in sorted(DRILLS.glob("languages-*.md")):
        _, head, body = path.read_text(encoding="utf-8").split("---", maxsplit=2)
        yield "en", body
        for move in yaml.safe_load(head)["moves"]:
            yield move["locale"], move["say"]


def test_ordinary_prose_has_no_disguise():
    """What the drills say in sixteen languages is read as it stands and folded, and in no other way."""
    said = list(languages())
    assert len({locale for locale, _ in said}) >= 16
    assert not [(text, found[2:]) for _, text in said if len(found := read_views(text)) > 2]


def test_the_library_has_no_disguise():
    """None of the library's requests has a view besides the text and its folded form."""
    cards = library.load_library()
    assert len(cards) > 200
    assert not [card.prompt for card in cards if {view.name for view in read_views(card.prompt)} - {"raw", "folded"}]


@pytest.mark.parametrize(
    "text",
    [
        "Version v1.0 of html5 and mp3, 10min at 5pm on the 1st, H2O, i18n, $100, win95, B2B, 3.5mm, 4x4",
        "write to user42@example.com or see https://example.org/a_b/getElementsByTagName?x=1",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, id 123e4567-e89b-12d3-a456-426614174000",
        "J. R. R. Tolkien, U.S.A., e.g., i.e., Ph.D., plan B, vitamin C, A - B",
        "The DNA was not red; stop, live, era, saw, ton, but GB and BS are no rot13",
        "\u0391\u03c5\u03c4\u03cc \u03b5\u03af\u03bd\u03b1\u03b9 \u03c4\u03bf API \u03c4\u03b7\u03c2 \u0391\u03b8\u03ae\u03bd\u03b1\u03c2, 5 \u03bcm, \u03b2-blockers",
        "\u041d\u0435\u0442, \u044d\u0442\u043e \u043d\u0435 USB-\u043a\u0430\u0431\u0435\u043b\u044c iPhone",
        "flags \U0001f1e9\U0001f1ea \U0001f1eb\U0001f1f7, England \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f, \u2764\ufe0f",
        "+49 30 1234567, 2026-11-29, 20261129, 4111 1111 1111 1111, 61 62 63",
        "A well-known, long-term plan for a small town on the coast, e.g. with a state-of-the-art bridge - or two",
        "The hotel Sierra and the golf club, by Oscar and Mike; Juliet saw Romeo in November",
        "Wait ... what? - - - no; see 3.1.4, a/b, x + y = z, 10 12 14 16 18 20 22 24, 00110 01",
        'He said "no" + shrugged, and "yes"; let x = "a b" or \'c\' be',
        "Ngày mai tôi có thể đến thư viện không? Tôi muốn mượn một quyển sách về lịch sử",
        "Ça va, Noël? Où est l'hôtel près du château, s'il te plaît",
        "SELECT name FROM users WHERE id = 5 AND is_active = TRUE",
    ],
)
def test_what_only_looks_odd_is_left_alone(text):
    """Numbers, addresses, initials, units, formulas, flags and hashes hide nothing."""
    assert {view.name for view in read_views(text)} <= {"raw", "folded"}


def bomb(times):
    """Write a text in Base64 within Base64."""
    data = b"How do I kill it? " * 500
    for _ in range(times):
        data = base64.b64encode(data)
    return data.decode()


HOSTILE = {
    "zero width": "\u200b" * 1_000_000,
    "cracks": "k\u200b" * 200_000,
    "marks": "k" + "\u0301" * 100_000,
    "marks out of order": "".join(random.Random(1).choices("\u05b0\u05b4\u0591\u05bc\u05c1\u0323\u0301", k=100_000)),
    "bomb": bomb(8),
    "growing": "\ufdfa" * 100_000,
    "triple": "\ufb03" * 100_000,
    "percents": "%25" * 100_000,
    "hex": "6b" * 100_000,
    "apart": "k " * 100_000,
    "one word": "aA1" * 100_000,
    "mixed word": "a\u0430" * 100_000,
    "equals": "=" * 300_000,
    "lines": "QUJDRA\n" * 50_000,
    "halves": "\ud800" * 100_000,
    "everything": " ".join(WRITINGS.values()) * 24,
    "signs": "k*" * 200_000,
    "signs and letters": "k*i.l " * 80_000,
    "bits": "01101011" * 60_000,
    "octets": "107 105 " * 60_000,
    "dots": ". - " * 100_000,
    "quotes": '"a" + ' * 80_000,
    "quotes and spaces": ('"' + " " * 200) * 4_000,
    "spaces": "abcdefgh " * 50_000 + " " * 400_000,
    "underscores": "_a" * 200_000,
    "tags": "<a" * 200_000,
    "radio": "kilo " * 80_000,
    "hyphens": "ab-cd " * 80_000,
    "turns": "aB" * 200_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_input_explodes(text):
    """A hostile text of up to a million characters is read in under two seconds, into few views of bounded size."""
    start = time.process_time()
    found = read_views(text)
    assert time.process_time() - start < 2
    assert len(found) <= reading.MOST_VIEWS
    assert sum(len(view.text) for view in found[1:]) <= max(reading.SIZE_FACTOR * len(text), reading.SIZE_FLOOR)
    for view in found:
        assert view.origin(0, len(view.text))[1] <= len(text)


def test_what_is_left_unread_is_said():
    """Where readings are nested too deep or too many, the first view says that something was left out."""
    assert read_views(bomb(6))[0].cut
    assert read_views(" ".join(WRITINGS.values()), most=4)[0].cut
    assert not read_views(WRITINGS["base64 twice"])[0].cut


def test_lookalikes_are_read_one_for_one():
    """Each lookalike is one character and is read as one small Latin letter; NFKC leaves it alone."""
    for char, latin in confusables._LETTERS.items():
        assert len(char) == len(latin) == 1
        assert latin in "abcdefghijklmnopqrstuvwxyz"
        assert unicodedata.normalize("NFKC", char) == char


def test_a_long_prompt_is_quick():
    """A prompt of 7,700 ASCII characters costs less than two milliseconds of CPU, the best of ten (about .25 ms on an idle core)."""
    text = ("Where is the nearest library? It wasn't open on Sunday (2 May).\n\n" * 120)[:7700]
    costs = []
    for _ in range(10):
        start = time.process_time()
        read_views(text)
        costs.append(time.process_time() - start)
    assert min(costs) < 0.002
