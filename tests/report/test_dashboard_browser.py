"""The dashboard in a real browser: it shows what is known, goes on by itself, fits a phone, and what somebody wrote does nothing."""

import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from demur.following import open_follower
from demur.following.pages import make_alone
from demur.reviewing import gather_events
from demur.serving.running import listen, running
from demur.watch import DriftSettings
from demur.watch.review import Label, ReviewStore, new_label_id

sys.path.insert(0, str(Path(__file__).parents[1] / "watch"))
sys.path.insert(0, str(Path(__file__).parents[1]))

from live_traffic import fill, make_traffic
from test_following import Phrases

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="the browser tests need Debian's chromium package"),
]

ATTACK = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
N, N_LATER = 2_000, 400


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Serve the watch of a day, in which people write markup; give the address, and what lets the rest of the day come."""
    folder = tmp_path_factory.mktemp("live")
    store = str(folder / "a.db")
    traffic = [
        replace(one, request=f"{one.request} {ATTACK}", model=f"{one.model}{ATTACK}", tenant=f"{one.tenant}<b>")
        for one in make_traffic(N + N_LATER)
    ]
    fill(store, traffic[:20])
    label_two(store)
    fill(store, traffic[20:N])
    settings = DriftSettings(run_length=100_000, least=100)
    with (
        open_follower(store, folder / "w", judge=Phrases(), settings=settings) as follower,
        listen(("127.0.0.1", 0)) as listener,
        running(make_alone(follower, None), listener) as address,
    ):
        list(follower.step())

        def go_on():
            fill(store, traffic[N:])
            list(follower.step())

        yield address, go_on


def label_two(store):
    """Let somebody say that a harmless request was refused, and a harmful one too."""
    queue = ReviewStore(store)
    gather_events(store, queue, judge=Phrases(), sample=1.0)
    for expect in ("comply", "refuse"):
        item = queue.take("kim")
        said = Label(
            id=new_label_id(), item=item.id, reviewer="kim", at=time.time(), expect=expect, outcome="refuse"
        )  # fmt: skip
        queue.say(said)
    queue.close()


@pytest.fixture
def visit(browser, served):
    """Open a page; give the tab and everything it complained of or asked others."""
    contexts = []

    def go(path="/", *, width=1280, scheme="light", scripts=True):
        context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, java_script_enabled=scripts
        )
        contexts.append(context)
        tab, heard = context.new_page(), []
        tab.on("console", lambda message: heard.append(message.text))
        tab.on("pageerror", lambda error: heard.append(str(error)))
        tab.on("request", lambda sent: None if sent.url.startswith(served[0]) else heard.append(sent.url))
        tab.goto(f"{served[0]}{path}", wait_until="load")
        return tab, heard

    yield go
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 860, 1280])
def test_the_dashboard_fits_and_speaks_to_nobody(visit, width, scheme):
    """Phone, tablet or desk: no wider than the screen, no error, nothing asked of anybody else."""
    tab, heard = visit(width=width, scheme=scheme)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert heard == []


def test_it_shows_at_a_glance_what_changed(visit):
    """The planted change in words and as a flag at the rate that changed; the map, the words, the rails."""
    tab, _ = visit()
    assert "1 change in the last day" in tab.inner_text("h1")
    assert "Language de: more" in tab.inner_text(".latest")
    assert tab.locator("#course-refused .flag").count() == 1
    assert tab.locator("#course-blocked .flag").count() == 0
    assert "let it pass" in tab.inner_text("#who")
    assert "new since" in tab.inner_text("#templates")
    assert "Whole answer" in tab.inner_text("#latency")
    balance = tab.inner_text("#balance").replace("\u00a0", " ")
    assert "0.0 % answered" in balance
    assert "100.0 % refused" in balance
    assert "neither over-refusal nor harmful compliance" in tab.inner_text("#rates")
    tab.get_by_role("link", name="Week").click()
    assert "in the last week" in tab.inner_text("h1")


def test_examples_are_read_behind_a_click_and_stay_open(visit, served):
    """Ten exchanges as they were said, also when something new has come and the page has changed around them."""
    tab, heard = visit()
    tab.locator("details summary").first.click()
    tab.wait_for_selector(".example")
    assert 1 <= tab.locator("details[open] .example").count() <= 10
    assert "<script>" in tab.inner_text("details[open]")
    before = tab.inner_text(".dateline")
    served[1]()
    tab.wait_for_function(
        "before => document.querySelector('.dateline').innerText !== before", arg=before, timeout=20_000
    )
    assert f"{N + N_LATER:,} exchanges" in tab.inner_text(".dateline")
    assert tab.locator("details[open]").count() == 1
    assert tab.title() == "demur: the watch"
    assert heard == []


def test_what_somebody_wrote_is_text(visit):
    """No markup of theirs is on any page; the names of models and tenants are theirs too."""
    for path in ("/", "/?span=week", "/alarms/1", "/parts"):
        tab, heard = visit(path)
        assert tab.locator("img, #where b, #where script").count() == 0
        assert tab.title() != "taken"
        assert [line for line in heard if "onerror" in line or "script" in line.lower()] == []
    assert "<b>" in visit()[0].inner_text("#where")


def test_without_scripts_it_is_all_there(visit):
    """The pictures are drawn on the server, and the examples are a page of their own."""
    tab, _ = visit(scripts=False)
    assert tab.locator("path.line").count() >= 6
    tab.locator("details summary").first.click()
    tab.get_by_role("link", name="Read them").first.click()
    assert tab.locator(".example").count() >= 1


def test_the_rate_under_the_pointer_is_told(visit):
    """With its interval and the number it rests on."""
    tab, _ = visit()
    tab.hover("#course-refused svg", position={"x": 150, "y": 60})
    said = tab.inner_text("#course-refused .reading")
    assert "n " in said
    assert "%" in said


def test_every_text_can_be_read(visit):
    """What is written has the contrast that WCAG 2.2 asks of it (4.5 to 1), in light and in dark."""
    for scheme in ("light", "dark"):
        tab, _ = visit(scheme=scheme)
        assert tab.evaluate(_CONTRASTS) == []


_CONTRASTS = """() => {
  const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return c.startsWith('color(') ? [m[0]*255, m[1]*255, m[2]*255, m[3] ?? 1] : [...m.slice(0, 3), m[3] ?? 1]; };
  const lum = ([r, g, b]) => { const f = (v) => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }; return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
  const bad = [];
  for (const el of document.querySelectorAll('p, th, td, td span, td b, summary, figcaption, a, h1, h2, h3')) {
    if (!el.innerText?.trim() || el.closest('.skip, .map .empty, svg')) continue;
    let at = el, back = null;
    while (at && !back) { const c = parse(getComputedStyle(at).backgroundColor); if (c[3] > 0) back = c; at = at.parentElement; }
    const a = lum(parse(getComputedStyle(el).color)), b = lum(back);
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) bad.push(`${el.className} ${el.innerText.slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return bad;
}"""


def test_other_names_of_this_machine_are_not_answered_to(served):
    """A page elsewhere whose name leads here reads nothing; and the figures are those of the watch."""
    address, _ = served
    assert httpx.get(address, headers={"host": "evil.example"}).status_code == 400
    answer = httpx.get(address)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert 'demur_alarms_total{direction="more",metric="refused"} 1.0' in httpx.get(f"{address}/metrics").text
    parts = httpx.get(f"{address}/parts")
    assert httpx.get(f"{address}/parts", headers={"if-none-match": parts.headers["etag"]}).status_code == 304
    assert httpx.get(f"{address}/alarms/99").status_code == 404
