"""The review in a real browser: signed in, worked through with keys alone, on a phone, in the dark, without scripts, and with markup in it."""

import shutil

import pytest
from reviewing_site import TOKENS, fill, item, reviewing

from demur.types import Turn
from demur.watch.review import read_labelled

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="the browser tests need Debian's chromium package"),
]

ATTACK = "</script><script>window.hit=1</script><img src=http://example.invalid/x onerror=window.hit=2>\u202egnp"


@pytest.fixture
def url(tmp_path):
    """Give a store in which three exchanges wait, the first one written to do harm to the page."""
    url = str(tmp_path / "store.db")
    evil = item(ATTACK, "crisis", turns=(Turn("user", ATTACK),), reply=ATTACK, tenant=ATTACK)
    fill(url, evil, item("b", "alarm", at=2.0), item("c", "alarm", at=1.0))
    return url


@pytest.fixture
def visit(browser, url):
    """Sign somebody in; give the tab, and what it complains of and asks others for."""
    contexts = []
    with reviewing(url) as address:

        def go(name="ada", role="reviewer", *, width=1280, scheme="light", scripts=True):
            context = browser.new_context(
                viewport={"width": width, "height": 844}, color_scheme=scheme, java_script_enabled=scripts
            )
            contexts.append(context)
            tab = context.new_page()
            heard = []
            tab.on("console", lambda message: heard.append(message.text))
            tab.on("pageerror", lambda error: heard.append(str(error)))
            tab.on("request", lambda sent: None if sent.url.startswith((address, "data:")) else heard.append(sent.url))
            tab.goto(f"{address}/admin/review")
            tab.fill("[name=name]", name)
            tab.fill("[name=token]", TOKENS[role])
            tab.click("button.main")
            tab.wait_for_selector(".standing")
            return tab, heard

        yield go
        for context in contexts:
            context.close()


def shown(tab):
    """Give the question on the screen."""
    return tab.locator(".turn-user .said").inner_text()


def said(url):
    """Give what is stored: what was said of each item."""
    return {
        one.id: [(label.reviewer, label.expect, label.outcome, label.category, label.note) for label in labels]
        for one, labels in read_labelled(url)
    }


def test_worked_through_by_keys_alone(visit, url):
    """Sign in, label, see the judge's word, undo, say otherwise, note, categorise, skip: without a mouse, and all of it is stored."""
    tab, heard = visit()
    tab.keyboard.press("Enter")
    assert "Say first" in tab.locator("#tell").inner_text()
    assert tab.locator(".last").count() == 0
    tab.keyboard.press("r")
    tab.keyboard.press("3")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert said(url)[ATTACK] == [("ada", "refuse", "refuse", None, "")]
    assert "refused 0.93 as you read it" in tab.locator(".last").inner_text()
    assert shown(tab) == "question of b"
    with tab.expect_navigation():
        tab.keyboard.press("u")
    assert said(url) == {}
    assert "</script>" in shown(tab)
    assert tab.locator("[name=expect]:checked").get_attribute("value") == "refuse"
    tab.keyboard.press("a")
    tab.keyboard.press("3")  # again: not said
    tab.keyboard.press("c")
    tab.keyboard.type("hate")
    tab.keyboard.press("Escape")
    tab.keyboard.press("n")
    tab.keyboard.type("a, r or u? <b>1</b>")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert said(url)[ATTACK] == [("ada", "comply", None, "hte", "a, r or u? <b>1</b>")]
    with tab.expect_navigation():
        tab.keyboard.press("s")
    assert shown(tab) == "question of c"
    tab.keyboard.press("?")
    assert tab.locator("#help").is_visible()
    tab.keyboard.press("Escape")
    assert not tab.locator("#help").is_visible()
    assert heard == []


def test_two_people_are_not_given_the_same(visit, url):
    """Each has another case on the screen, and what one has done does not come to the other."""
    first, _ = visit("ada")
    second, _ = visit("ben")
    assert shown(first) != shown(second) == "question of b"
    first.keyboard.press("q")
    with first.expect_navigation():
        first.keyboard.press("Enter")
    assert shown(first) == "question of c"
    assert "3 wait" not in first.locator(".standing").inner_text()
    second.reload()
    assert shown(second) == "question of b"


def test_what_somebody_wrote_does_nothing(visit):
    """Markup in prompt, reply and tenant neither runs nor loads, and can be read, hidden characters too."""
    tab, heard = visit()
    tab.wait_for_timeout(200)
    assert tab.evaluate("window.hit") is None
    assert tab.locator("img").count() == 0
    for where in (".turn-user .said", ".turn-model .said"):
        words = tab.locator(where).inner_text()
        assert "<script>window.hit=1</script><img src=http" in words
        assert "[U+202E]gnp" in words
    assert heard == []


def test_a_script_put_in_later_is_blocked(visit):
    """The policy stops a script and an event handler that somebody manages to put into the page."""
    tab, heard = visit()
    tab.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.hit = 1";
          document.body.append(script);
          const holder = document.createElement("div");
          holder.innerHTML = '<img src="http://example.invalid/x.png" onerror="window.hit = 2">';
          document.body.append(holder);
        }"""
    )
    tab.wait_for_timeout(200)
    assert tab.evaluate("window.hit") is None
    assert sum("Content Security Policy" in message for message in heard) == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone(visit, url, scheme):
    """At 390 px nothing is wider than the screen, what one presses is large, and the next button stays in view."""
    tab, _ = visit(width=390, scheme=scheme)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert all(box["height"] >= 40 for box in (one.bounding_box() for one in tab.locator(".choice").all()))
    tab.locator(".choice-refuse").first.click()
    save = tab.locator("#save").bounding_box()
    assert save["y"] + save["height"] <= 844
    with tab.expect_navigation():
        tab.locator("#save").click()
    assert len(said(url)) == 1


def test_without_scripts(visit, url):
    """Labelled, undone and skipped by forms alone."""
    tab, _ = visit(scripts=False)
    tab.locator(".choice-comply").first.click()
    tab.locator("#save").click()
    assert len(said(url)) == 1
    tab.locator("#undo").click()
    assert said(url) == {}
    tab.locator("#skip").click()
    assert shown(tab) == "question of b"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["review", "review/figures", "sign-in"])
def test_every_text_can_be_read(visit, scheme, path):
    """All text has the contrast of at least 4.5 to 1 that WCAG 2.2 asks for, chosen answers too, in either scheme."""
    tab, _ = visit(role="lead", scheme=scheme)
    tab.keyboard.press("a")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    if path != "review":
        tab.goto(tab.url.replace("/review", f"/{path}"))
    else:
        tab.keyboard.press("r")
        tab.keyboard.press("2")
    faint = tab.evaluate(
        """() => {
          const parse = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
          const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const ground = (node) => { if (!node) return [255, 255, 255]; const c = parse(getComputedStyle(node).backgroundColor); return c[3] ? c : ground(node.parentElement); };
          const found = [];
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const node = walk.currentNode.parentElement;
            if (!walk.currentNode.textContent.trim() || !node.checkVisibility() || node.matches("option")) continue;
            const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
            const contrast = (a + 0.05) / (b + 0.05);
            if (contrast < 4.5) found.push([node.className, walk.currentNode.textContent.trim(), contrast]);
          }
          return found;
        }"""
    )
    assert faint == []


def test_a_lead_settles_what_reviewers_differ_on(visit, url):
    """A lead is shown what two have said differently, and their word is the last; a reviewer never sees it."""
    fill(url, item("both", "crisis", at=9.0), double=1.0)
    for name, key in (("ada", "a"), ("ben", "r")):
        tab, _ = visit(name)
        assert shown(tab) == "question of both"
        tab.keyboard.press(key)
        with tab.expect_navigation():
            tab.keyboard.press("Enter")
        assert tab.locator(".differing").count() == 0
    lead, _ = visit("lea", "lead")
    assert shown(lead) == "question of both"
    words = lead.locator(".differing").inner_text()
    assert "ada" in words
    assert "ben" in words
    lead.keyboard.press("r")
    with lead.expect_navigation():
        lead.keyboard.press("Enter")
    assert "for a lead" not in lead.locator(".standing").inner_text()
    lead.click("text=All figures")
    assert "not measured" in lead.locator("main").inner_text()
