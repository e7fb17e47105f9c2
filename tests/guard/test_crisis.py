"""Help in a crisis: every number has a source and a date, the right country is found, and every language says the same things."""

import datetime as dt
import re
import tomllib
from pathlib import Path

import pytest

import demur
from demur.guard.crisis.help import due, expired, find_help, help_countries, word_help
from demur.guard.crisis.helplines import read_table

FILES = Path(demur.__file__).parent / "guard" / "crisis"
RAW = tomllib.loads((FILES / "crisis.toml").read_text(encoding="utf-8"))
WORDS = tomllib.loads((FILES / "crisis_words.toml").read_text(encoding="utf-8"))
ABOUT = ("self", "other", "danger", "violence")
COUNTRIES = sorted(RAW["countries"])
CHECKED = dt.date(2026, 11, 29)
NUMBER = re.compile(r"[+*]?\(?\d[\d ()-]*\d|\d")
"""Digits in groups; a star in front of some short ones."""


def entries():
    """Give each entry of the table with the place it stands in."""
    yield "directory", RAW["directory"]
    for key in ("emergency", "shared"):
        for entry in RAW[key]:
            yield key, entry
    for code, country in RAW["countries"].items():
        for key in ("emergency", "lines"):
            for entry in country.get(key, ()):
                yield f"{code} {key}", entry


ENTRIES = list(entries())


@pytest.mark.parametrize(("place", "entry"), ENTRIES)
def test_each_entry_names_its_source_and_its_dates(place, entry):
    """A page to look at, who speaks there, the day it was read, and a later day on which it ends."""
    for page in (entry["source"], entry.get("also", entry["source"])):
        assert re.fullmatch(r"https?://\S+\.\S+", page), place
    assert entry["basis"] in ("service", "government", "press", "other")
    assert CHECKED <= entry["checked"] < entry["expires"]
    longest = 183 if entry["basis"] in ("service", "government") else 92
    assert (entry["expires"] - entry["checked"]).days <= longest, "hearsay is to be looked at sooner"
    assert re.fullmatch(r"20\d\d(-\d\d)?", entry.get("as_of", "2026"))


@pytest.mark.parametrize(("place", "entry"), ENTRIES)
def test_numbers_look_like_numbers(place, entry):
    """No letters, no empty numbers; chats and directories are addresses; hours are hours; languages are tags."""
    for key in ("number", "phone", "text", "whatsapp"):
        if key in entry:
            assert NUMBER.fullmatch(entry[key]), f"{place}: {key}"
            assert 2 <= len(re.sub(r"\D", "", entry[key])) <= 15
    for key in ("chat", "address"):
        assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+(/[a-z]+)*", entry.get(key, "a.b")), f"{place}: {key}"
    assert re.fullmatch(r"24/7|\d\d:\d\d-\d\d:\d\d", entry.get("hours", "24/7")), place
    assert all(re.fullmatch(r"[a-z]{2,3}", tag) for tag in entry.get("languages", ())), place


def test_each_line_can_be_reached():
    """A line has a number or a page, a name and a language; a key to press or a word to text only where there is what it belongs to."""
    for place, entry in ENTRIES:
        if place.endswith("lines"):
            assert {"phone", "text", "whatsapp", "chat"} & entry.keys(), place
            assert entry["name"]
            assert entry["languages"]
            assert ("press" not in entry) or ("phone" in entry)
            assert ("keyword" not in entry) or ("text" in entry)


def test_the_table_knows_only_its_own_fields():
    """A misspelt field would be silence where a number should be."""
    known = {
        "source", "also", "basis", "as_of", "checked", "expires", "number", "service", "where", "countries", "name", "address",
        "kind", "phone", "press", "text", "keyword", "whatsapp", "chat", "hours", "languages",
    }  # fmt: skip
    assert {key for _, entry in ENTRIES for key in entry} <= known
    assert {key for country in RAW["countries"].values() for key in country} == {"name", "emergency", "lines"}


def test_enough_countries_on_every_continent():
    """At least 25 countries have both an emergency number and a line for a crisis, the largest of each continent among them."""
    both = {
        code
        for code in COUNTRIES
        if find_help(code, None).emergency and any(line.kind == "crisis" for line in find_help(code, None).lines)
    }
    assert len(both) >= 40
    assert both >= {
        "US",
        "MX",
        "BR",
        "GB",
        "DE",
        "FR",
        "NG",
        "EG",
        "ZA",
        "KE",
        "IN",
        "CN",
        "ID",
        "PK",
        "JP",
        "AU",
        "NZ",
    }


def test_no_entry_is_expired():
    """On the day on which the table was last looked at nothing in it has run out; when it does is for the guard's lint to say."""
    assert expired(max(entry["checked"] for _, entry in ENTRIES)) == ()


def test_expiry_is_told_beforehand():
    """What runs out is said with its place, the oldest first: on its last day it is due, the day after expired."""
    first = min(entry["expires"] for _, entry in ENTRIES)
    assert expired(first) == ()
    told = due(first, within_days=0)
    assert told
    assert {entry.expires for entry in told} == {first}
    assert expired(first + dt.timedelta(days=1)) == told
    last = max(entry["expires"] for _, entry in ENTRIES)
    everything = due(last, within_days=0)
    assert [entry.expires for entry in everything] == sorted(entry.expires for entry in everything)
    places = {entry.place for entry in everything}
    assert {"crisis.toml: FR: 3114", "crisis.toml: GR: 112", "crisis.toml: Find A Helpline"} <= places
    assert due(first, within_days=-1) == ()


@pytest.mark.parametrize(
    ("country", "locale", "place"),
    [
        ("FR", "de-DE", "FR"),
        ("fr", None, "FR"),
        ("UK", None, "GB"),
        (None, "pt-BR", "BR"),
        (None, "pt_PT.UTF-8", "PT"),
        (None, "zh-Hant-TW", "TW"),
        (None, "de_AT@euro", "AT"),
        (None, "en-us", "US"),
        (None, "ja", "JP"),
        (None, "hi", "IN"),
        (None, "zh-Hans", "CN"),
        (None, "zh-Hant", None),
        (None, "en", None),
        (None, "es", None),
        (None, "es-419", None),
        (None, "", None),
        ("", None, None),
        (None, None, None),
        ("XX", "fr-FR", "XX"),
    ],
)
def test_the_country_is_what_is_known_best(country, locale, place):
    """The caller's word goes before the locale's region, that before the language's country; a language of many countries guesses none."""
    assert find_help(country, locale).country == place


def test_a_country_without_an_entry_gets_no_others_number():
    """The shared number where a source says it works there; elsewhere the local one, unnamed; the directory always."""
    greece = find_help("GR", None)
    assert [number.number for number in greece.emergency] == ["112"]
    assert not greece.lines
    unknown = find_help("ZW", "de-DE")
    assert unknown.emergency == unknown.lines == ()
    said = word_help(unknown, "en")
    assert "your local emergency number." in said
    assert "findahelpline.com" in said
    assert not re.search(r"\d", said)


def test_without_a_country_two_numbers_that_hold_in_many():
    """They are offered as just that."""
    said = word_help(find_help(None, "en"), "en")
    assert "in many countries it is 112 or 911" in said


def test_help_countries_are_the_table_and_those_that_share_a_number():
    """Every one of them gives a number or a line."""
    assert set(help_countries()) == set(COUNTRIES) | {code for entry in RAW["shared"] for code in entry["countries"]}
    for code in help_countries():
        found = find_help(code, None)
        assert found.emergency or found.lines


def test_each_language_has_every_sentence():
    """At least the ten largest; each with all keys, all its places to fill, and no other."""
    assert WORDS.keys() >= {"en", "de", "fr", "es", "pt", "it", "zh", "ja", "hi", "ar"}
    places = {"urgent": "{numbers}", "abroad": "{numbers}", "directory": "{address}"}
    for words in WORDS.values():
        assert words.keys() == WORDS["en"].keys()
        for key, text in words.items():
            assert re.findall(r"\{.*?\}", text) == ([places[key]] if key in places else [])


@pytest.mark.parametrize("about", ABOUT)
@pytest.mark.parametrize("language", sorted(WORDS))
def test_each_language_speaks(language, about):
    """It opens warmly, names where to call at once, gives the line and the directory, and offers to go on; short, in its own words."""
    words = WORDS[language]
    said = word_help(find_help("DE", language), language, about=about)
    assert said.startswith(words[about])
    assert said.endswith(words["close_other" if about == "other" else "close"])
    assert words["urgent"].format(numbers="112") in said
    assert ("116 016" if about == "violence" else "0800 1110111") in said
    assert "findahelpline.com" in said
    assert "{" not in said
    assert len(said) < 900
    others = [said_by for other, said_by in WORDS.items() if other != language]
    assert all(words[about] != other[about] for other in others)


def test_an_unknown_language_is_answered_in_english():
    """And Chinese in the writing of the place."""
    assert word_help(find_help("FI", "fi"), "fi").startswith(WORDS["en"]["self"])
    assert word_help(find_help("HK", None), "zh-HK").startswith(WORDS["zh-Hant"]["self"])
    assert word_help(find_help("SG", None), "zh-SG").startswith(WORDS["zh"]["self"])


def test_the_lines_of_the_persons_language_come_first():
    """In Belgium French speakers are told of the French line before the Flemish one."""
    belgium = find_help("BE", None)
    french, dutch = word_help(belgium, "fr-BE"), word_help(belgium, "nl-BE")
    assert french.index("0800 32 123") < french.index("1813")
    assert dutch.index("1813") < dutch.index("0800 32 123")


def test_a_line_is_written_with_all_its_ways():
    """The number, the key to press, the message to send, the page, the hours, the place."""
    assert "988 Suicide & Crisis Lifeline: 988, SMS 988, 988lifeline.org (24/7)" in word_help(
        find_help("US", None), "en"
    )
    assert "Línea 113 Salud: 113 → 5 (24/7)" in word_help(find_help("PE", None), "es")
    assert "Crisis text line 50808: SMS 50808 (HELLO) (24/7)" in word_help(find_help("IE", None), "en")
    assert "- 3114 (24/7)" in word_help(find_help("FR", None), "fr")
    colombia = word_help(find_help("CO", None), "es")
    assert "llama al 123 (Bogotá)." in colombia
    assert "106, WhatsApp 300 7548933 (24/7, Bogotá)" in colombia
    assert "119（" not in word_help(find_help("JP", None), "ja")
    assert "119 (救急) または 110 (警察)" in word_help(find_help("JP", None), "ja")


def test_violence_has_lines_of_its_own():
    """Who is hurt is told of those; who is in a crisis, or may hurt another, is not; without one the others serve."""
    france = find_help("FR", None)
    assert "3919" in word_help(france, "fr", about="violence")
    for about in ("self", "other", "danger"):
        assert "3919" not in word_help(france, "fr", about=about)
    assert "1411" in word_help(find_help("PT", None), "pt", about="violence")


def test_no_answer_is_a_list():
    """At most three lines."""
    for code in help_countries():
        for about in ABOUT:
            assert word_help(find_help(code, None), "en", about=about).count("\n- ") <= 3


def test_the_table_is_read_once():
    """An answer costs no file."""
    assert read_table() is read_table()
