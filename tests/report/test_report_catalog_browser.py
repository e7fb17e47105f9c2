"""What the catalogue does in a real browser: searches, keeps quiet, fits a phone, and can be read."""

import shutil
from datetime import date

import pytest

from demur.cataloguing import build_catalogue, write_catalogue

PAGES = [
    "index.html",
    "records/drill.pushback-bicycle.html",
    "records/drill.languages-yard.html",
    "records/drill.wrapper-weapon.html",
    "records/benchmark.coconot.html",
    "records/hazard.ncr.html",
]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="the browser tests need Debian's chromium package"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Write the catalogue two years on, when everything is overdue."""
    out = tmp_path_factory.mktemp("catalog")
    write_catalogue(build_catalogue(today=date(2028, 12, 1)), out)
    return out


@pytest.fixture
def visit(browser, folder):
    """Open a page; give the tab, and the complaints and requests it made."""
    contexts = []

    def go(page="index.html", *, width=1280, scheme="light", scripts=True):
        context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, java_script_enabled=scripts
        )
        contexts.append(context)
        tab, heard, address = context.new_page(), [], (folder / page).as_uri()
        tab.on("console", lambda message: heard.append(message.text))
        tab.on("pageerror", lambda error: heard.append(str(error)))
        tab.on("request", lambda request: heard.append(request.url) if request.url != address else None)
        tab.goto(address, wait_until="load")
        return tab, heard

    yield go
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 860, 1280])
@pytest.mark.parametrize("page", PAGES)
def test_no_page_scrolls_sideways_or_speaks(visit, page, width, scheme):
    """Phone, tablet or desk, a page is no wider than the screen, reports no error and requests nothing."""
    tab, heard = visit(page, width=width, scheme=scheme)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert heard == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_every_text_can_be_read(visit, page, scheme):
    """All text has the contrast of at least 4.5 to 1 that WCAG 2.2 asks for, in either scheme."""
    tab, _ = visit(page, scheme=scheme)
    faint = tab.evaluate(
        """() => {
          const parse = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
          const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3]));
          const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const ground = (node) => { if (!node) return [255, 255, 255]; const c = parse(getComputedStyle(node).backgroundColor); return c[3] ? over(c, ground(node.parentElement)) : ground(node.parentElement); };
          const faint = [];
          for (const node of document.querySelectorAll("body *")) {
            if (["SCRIPT", "STYLE"].includes(node.tagName) || !node.getClientRects().length) continue;
            if (![...node.childNodes].some((c) => c.nodeType === 3 && c.data.trim())) continue;
            const style = getComputedStyle(node); const back = ground(node); const front = parse(style.color); front[3] *= style.opacity;
            const [a, b] = [light(over(front, back)), light(back)];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${node.tagName}.${node.className} ${node.textContent.slice(0, 30)}`);
          }
          return [...new Set(faint)];
        }"""
    )
    assert faint == []


def test_the_list_is_searched_and_filtered(visit):
    """Words and a kind narrow the list together; what no record has says so; and the way back is there."""
    tab, _ = visit()
    total = tab.locator(".entry").count()
    assert tab.locator("#tally").inner_text() == f"{total} of {total} shown"
    tab.locator("[data-kind=drill]").first.click()
    shown = tab.locator(".entry:visible")
    assert set(shown.evaluate_all("(all) => all.map((one) => one.dataset.kind)")) == {"drill"}
    tab.locator("#search").fill("BIKE insurance")
    assert 0 < shown.count() < 5
    tab.locator("#search").fill("no such words at all")
    assert shown.count() == 0
    assert tab.locator("#none").is_visible()
    tab.locator("#search").fill("")
    tab.locator("[data-kind=all]").click()
    assert shown.count() == total


def test_links_can_be_followed_both_ways(visit):
    """From the index to a drill, to what it leans on, and back to the drill."""
    tab, _ = visit()
    tab.locator(".entry a", has_text="escalate-leaflet").click()
    tab.locator("a", has_text="technique/crescendo").click()
    assert "Crescendo" in tab.locator("h1").inner_text()
    tab.locator("a", has_text="drill/escalate-leaflet").click()
    assert tab.locator("h1").inner_text() == "escalate-leaflet"
    tab.locator(".crumbs a").click()
    assert tab.locator(".entry").count() > 100


def test_without_scripts_the_whole_list_is_there(visit):
    """No script, no search, and nothing hidden."""
    tab, _ = visit(scripts=False)
    assert not tab.locator("#tools").is_visible()
    assert tab.locator(".entry:visible").count() == tab.locator(".entry").count()
