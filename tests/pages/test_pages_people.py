"""Who is let in, as whom, and for how long."""

import hashlib

import pytest

from demur.errors import DataError, UsageError
from demur.pages.people import NamedToken, People, Person, hash_token, make_token, read_name, read_people
from demur.pages.session import Session, Sessions, session_key

KEY = b"k" * 32


def test_a_role_token_lets_in_under_any_name_but_those_of_others():
    """With the token of a role people say their own name; a name with a token of its own is only its owner's."""
    people = People([NamedToken("ada", "lead", hash_token("adas own"))], {"reviewer": "shared", "lead": "leads"})
    assert people.admit("  Ben ", "shared") == Person("ben", "reviewer")
    assert people.admit("Ben", "leads") == Person("ben", "lead")
    assert people.admit("ADA", "adas own") == Person("ada", "lead")
    assert people.admit("ada", "leads") is None
    assert people.admit("ben", "adas own") is None
    assert people.admit("ben", "") is None
    assert people.admit("", "shared") is None


def test_without_tokens_nobody_is_let_in():
    """No token, no role, nobody; not even with an empty one."""
    people = read_people(None, {"DEMUR_LEAD_TOKEN": ""})
    assert not people
    assert people.admit("ada", "") is None


def test_who_is_no_longer_known_is_not_let_in():
    """A session of somebody who was taken out of the file, or whose role is another now, is worth nothing."""
    people = People([NamedToken("ada", "reviewer", hash_token("x"))], {"lead": "leads"})
    assert people.knows(Person("ada", "reviewer"))
    assert not people.knows(Person("ada", "lead"))
    assert people.knows(Person("ben", "lead"))
    assert not people.knows(Person("ben", "reviewer"))


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "a\0b", "\u202egnp"])
def test_what_is_no_name(name):
    """Empty, too long, or with what cannot be seen."""
    assert read_name(name) is None


def test_the_file_of_people(tmp_path):
    """A list of names, roles and hashes; what is wrong with it is one line with the place."""
    file = tmp_path / "people.yaml"
    token = make_token()
    file.write_text(f"- {{name: Ada, role: lead, sha256: {hashlib.sha256(token.encode()).hexdigest()}}}\n")
    assert read_people(file, {}).admit("ada", token) == Person("ada", "lead")
    for text, said in (
        ("{}", "found no list"),
        ("- {name: ada, role: boss, sha256: x}", "entry 1: role"),
        ("- {name: ada, role: lead, sha256: x}", "entry 1: sha256"),
        ("- [", "not YAML"),
        (file.read_text() * 2, "entry 2: name"),
    ):
        file.write_text(text)
        with pytest.raises(DataError, match=said) as error:
            read_people(file, {})
        assert str(error.value).startswith(str(file))
        assert "\n" not in str(error.value)


def test_short_secrets_are_refused():
    """A token or a key that could be guessed is a mistake, and said to be one."""
    with pytest.raises(UsageError, match="DEMUR_REVIEW_TOKEN: 5 characters"):
        read_people(None, {"DEMUR_REVIEW_TOKEN": "short"})
    with pytest.raises(UsageError, match="DEMUR_SESSION_KEY: 5 bytes"):
        session_key({"DEMUR_SESSION_KEY": "short"})
    assert session_key({"DEMUR_SESSION_KEY": "k" * 32}) == KEY
    assert len(session_key({})) == 32


def test_a_session_is_what_was_signed():
    """A cookie opens as it was sealed, under the same key and until it is over."""
    sessions = Sessions(KEY)
    session = sessions.begin(Person("ada", "lead"))
    cookie = sessions.seal(session)
    assert Sessions(KEY).open(cookie) == session
    assert Sessions(b"x" * 32).open(cookie) is None
    assert sessions.open(cookie, now=session.until) is None
    sessions.end(session)
    assert sessions.open(cookie) is None


@pytest.mark.parametrize("cookie", [None, "", ".", "a.b", "é.é", "e30=." + "0" * 64, "\udcff.\udcff"])
def test_what_nobody_signed_opens_nothing(cookie):
    """Whatever else a browser sends is no session."""
    assert Sessions(KEY).open(cookie) is None


def test_no_byte_of_a_session_can_be_changed():
    """Each character of the cookie counts."""
    sessions = Sessions(KEY)
    cookie = sessions.seal(sessions.begin(Person("ada", "reviewer")))
    for place, character in enumerate(cookie):
        other = "A" if character != "A" else "B"
        assert sessions.open(cookie[:place] + other + cookie[place + 1 :]) is None


def test_a_form_token_is_of_one_session():
    """The token of another session, or the signature of a cookie, is none of this one's forms."""
    sessions = Sessions(KEY)
    mine, other = (sessions.begin(Person("ada", "lead")) for _ in range(2))
    assert sessions.is_own_form(mine, sessions.form_token(mine))
    assert not sessions.is_own_form(mine, sessions.form_token(other))
    assert not sessions.is_own_form(mine, sessions.seal(mine).partition(".")[2])
    assert not sessions.is_own_form(Session(mine.id + "x", mine.person, mine.until), sessions.form_token(mine))
    assert not sessions.is_own_form(mine, "")
