"""The site: one door, sessions, forms of one's own, roles, and nothing that a stranger can do."""

import time

import httpx
import pytest
from reviewing_site import KEY, fill, item, reviewing, token_in

from demur.pages.people import Person
from demur.pages.session import Session, Sessions
from demur.types import Turn
from demur.watch.review import read_labelled

LABEL = {"expect": "comply", "outcome": "refuse", "id": "0" * 32}


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """Give a store with exchanges that wait."""
    url = str(tmp_path_factory.mktemp("site") / "store.db")
    fill(url, *(item(f"i{n:03}", "unsure", at=float(n)) for n in range(60)))
    return url


@pytest.fixture(scope="module")
def site(url):
    """Serve its review."""
    with reviewing(url) as address:
        yield address


@pytest.fixture
def client(site):
    """Give the client of somebody who has not signed in."""
    with httpx.Client(base_url=site, timeout=20) as opened:
        yield opened


def shown(page):
    """Give the id of the item on a page."""
    return page.split('name="item" value="')[1].partition('"')[0]


def labelled(url):
    """Give the ids of what has been labelled."""
    return {one.id for one, _ in read_labelled(url)}


def test_a_label_goes_in_and_the_next_case_comes(site, url, enter):
    """What is sent is stored when the answer comes, the judge's reading is shown then and not before, and undo takes it back."""
    client = enter(site, "first")
    page = client.get("/admin/review").text
    name = shown(page)
    assert "0.93" not in page
    assert "not as you read it" not in page
    sent = client.post(
        "/admin/review/label", data=LABEL | {"item": name, "form_token": token_in(page), "outcome": "comply"}
    )
    assert name in labelled(url)
    assert shown(sent.text) != name
    assert "0.93" in sent.text
    assert "not as you read it" in sent.text
    undone = client.post("/admin/review/undo", data={"form_token": token_in(page)}).text
    assert name not in labelled(url)
    assert shown(undone) == name
    assert 'value="comply" data-key="a" checked' in undone
    skipped = client.post("/admin/review/skip", data={"item": name, "form_token": token_in(page)}).text
    assert shown(skipped) != name


def test_without_a_word_on_what_is_right_nothing_is_stored(site, url, enter):
    """The case stays, with what was said of it."""
    client = enter(site, "silent")
    page = client.get("/admin/review").text
    sent = client.post("/admin/review/label", data={"item": shown(page), "form_token": token_in(page), "note": "hm"})
    assert sent.status_code == 422
    assert shown(sent.text) == shown(page)
    assert 'value="hm"' in sent.text
    assert shown(page) not in labelled(url)


@pytest.mark.parametrize("path", ["label", "skip", "undo", "figures", ""])
def test_nobody_sees_or_does_anything_without_a_session(site, url, path):
    """A stranger is sent to the door, and a form without a session does nothing."""
    before = labelled(url)
    read = httpx.get(f"{site}/admin/review/{path}")
    sent = httpx.post(f"{site}/admin/review/{path}", data=LABEL | {"item": "i000"})
    assert (read.status_code, read.headers["location"].partition("?")[0]) == (303, "/admin/sign-in")
    assert sent.status_code == 401
    assert "question" not in read.text + sent.text
    assert labelled(url) == before


@pytest.mark.parametrize("token", [None, "", "0" * 64, "of another session"])
def test_a_form_of_another_site_does_nothing(site, url, token, enter):
    """A post with the right cookie and a wrong form token, or none, is refused."""
    client, other = enter(site, "careful"), enter(site, "other")
    page = client.get("/admin/review").text
    sent = {"of another session": token_in(other.get("/admin/review").text)}.get(token, token)
    data = LABEL | {"item": shown(page)} | ({} if sent is None else {"form_token": sent})
    for path in ("label", "skip", "undo"):
        assert client.post(f"/admin/review/{path}", data=data).status_code == 403
    as_json = client.post("/admin/review/label", json=data | {"form_token": token_in(page)})
    assert as_json.status_code == 403
    assert shown(page) not in labelled(url)


@pytest.mark.parametrize("fault", ["over", "another key", "changed", "no longer known", "of the door"])
def test_a_wrong_session_opens_nothing(site, fault):
    """A session that is over, was signed by somebody else, was changed, or is of nobody, is none."""
    sessions = Sessions(b"x" * 32 if fault == "another key" else KEY)
    person = Person("eve", "lead") if fault == "no longer known" else Person("ada", "lead")
    session = sessions.begin(None if fault == "of the door" else person)
    if fault == "over":
        session = Session(session.id, session.person, time.time() - 1)
    cookie = sessions.seal(session)
    if fault == "changed":
        cookie = cookie[:-1] + ("0" if cookie[-1] != "0" else "1")
    answer = httpx.get(f"{site}/admin/review", cookies={"demur_session": cookie})
    assert answer.status_code == 303


def test_who_signs_out_is_out(site, enter):
    """The cookie of a session that was ended opens nothing, even if somebody has kept it."""
    client = enter(site, "leaving")
    kept = client.cookies["demur_session"]
    assert client.post("/admin/sign-out", data={"form_token": "0" * 64}).status_code == 403
    client.post("/admin/sign-out", data={"form_token": token_in(client.get("/admin/review").text)})
    assert httpx.get(f"{site}/admin/review", cookies={"demur_session": kept}).status_code == 303


def test_a_wrong_token_lets_nobody_in(client):
    """Neither does the right one from a form of nobody's browser; and nobody is sent elsewhere by signing in."""
    token = token_in(client.get("/admin/sign-in").text)
    wrong = client.post("/admin/sign-in", data={"name": "ada", "token": "guessed", "form_token": token})
    assert wrong.status_code == 403
    assert "demur_session" not in wrong.headers.get("set-cookie", "")
    right = {"name": "ada", "token": "the token of leads"}
    assert client.post("/admin/sign-in", data=right | {"form_token": "0" * 64}).status_code == 403
    token = token_in(client.get("/admin/sign-in?to=https://elsewhere.example/").text)
    for to in ("https://elsewhere.example/", "//elsewhere.example", "/admin/\\elsewhere.example", "/admin//x"):
        token = token_in(client.get("/admin/sign-in").text)
        answer = client.post("/admin/sign-in", data=right | {"form_token": token, "to": to})
        assert answer.headers["location"] == "/admin/review"


def test_the_cookie_is_for_the_server_alone(client):
    """Scripts cannot read it, other sites cannot send it, and over https it is never sent in the clear."""
    for scheme, is_secure in (("http", False), ("https", True)):
        headers = {"x-forwarded-proto": scheme}
        token = token_in(client.get("/admin/sign-in").text)
        data = {"name": "ada", "token": "the token of reviewers", "form_token": token}
        answer = client.post("/admin/sign-in", data=data, headers=headers)
        cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("demur_session="))
        assert "httponly" in cookie.lower()
        assert "samesite=strict" in cookie.lower()
        assert "path=/admin" in cookie.lower()
        assert ("secure" in cookie.lower()) == is_secure


def test_figures_are_for_leads(site, enter):
    """A reviewer is refused them; a lead sees them, and what others said."""
    assert enter(site, "plain").get("/admin/review/figures").status_code == 403
    found = enter(site, "boss", "lead").get("/admin/review/figures")
    assert found.status_code == 200
    assert "not measured" in found.text


def test_every_answer_has_the_headers_that_keep_words_inert(site, enter):
    """Pages, faults and scripts: nothing inline runs, nothing is framed, guessed or kept."""
    client = enter(site, "looking")
    for path in ("review", "sign-in", "nowhere", "review/nowhere", "static/review.js", "static/../alone.py"):
        headers = client.get(f"/admin/{path}").headers
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert (headers["x-frame-options"], headers["x-content-type-options"]) == ("DENY", "nosniff")
        assert "private" in headers["cache-control"] or headers["cache-control"] == "no-store"


def test_what_is_written_is_escaped(tmp_path, enter):
    """Markup in prompt, reply, reason, id, names and notes stands on the page as text."""
    evil = "</textarea></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'"
    url = str(tmp_path / "evil.db")
    turns = (Turn("system", evil), Turn("user", evil))
    one = item(evil, "crisis", turns=turns, reply=evil, tenant=evil, language=evil)
    fill(url, one, item("b", "unsure"), double=1.0)
    with reviewing(url) as address:
        client = enter(address)
        page = client.get("/admin/review").text
        data = LABEL | {"item": evil, "note": evil, "form_token": token_in(page)}
        pages = page + client.post("/admin/review/label", data=data).text
        pages += client.post("/admin/review/undo", data={"form_token": token_in(page)}).text
        pages += client.post("/admin/sign-in", data={"name": evil}).text
    assert "<script>" not in pages
    assert "<img" not in pages
    assert pages.count("&lt;script&gt;alert(1)") >= 8


def test_a_form_that_is_too_long_is_refused(site, enter):
    """Nobody fills the memory with a note."""
    client = enter(site, "wordy")
    page = client.get("/admin/review").text
    data = LABEL | {"item": shown(page), "note": "x" * 100_000, "form_token": token_in(page)}
    assert client.post("/admin/review/label", data=data).status_code == 403


def test_a_label_for_nothing_is_said_to_be_one(site, enter):
    """One line, and nothing stored."""
    client = enter(site, "lost")
    page = client.get("/admin/review").text
    sent = client.post("/admin/review/label", data=LABEL | {"item": "none", "form_token": token_in(page)})
    assert sent.status_code == 400
    assert "no item" in sent.text


def test_a_store_that_is_away_is_said_to_be_away(tmp_path):
    """The page says so, and works as soon as the store is back."""
    url = "postgresql://demur:x@127.0.0.1:9/none"
    pytest.importorskip("psycopg")
    with reviewing(url) as address:
        assert httpx.get(f"{address}/admin/review").status_code == 503
