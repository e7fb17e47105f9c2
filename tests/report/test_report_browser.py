"""What the report does in a real browser: draws, keeps quiet on the network, fits a phone, and filters."""

import json
import shutil

import pytest
import report_samples as samples

from demur.report import render_comparison, render_report
from demur.types import Evidence

ATTACK = "</script><script>window.hit=1</script><img src=http://example.invalid/x onerror=window.hit=2>\u2028\x1b[31m\u202egnp"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="the browser tests need Debian's chromium package"),
]


@pytest.fixture(scope="module")
def results():
    """A run of 170 questions and two drills, two of its replies written to do harm to the page."""
    evil = samples.result(
        "evil",
        "comply",
        expect="refuse",
        prompt=ATTACK,
        text=ATTACK,
        evidence=(Evidence("comply", 9, 20, ATTACK[9:20]),),
        pattern=ATTACK,
        category="vcr",
        confidence=1.0,
    )
    huge = samples.result("huge", "refuse", text="unbroken" * 12_500, pattern="dual-use", category="vcr")
    return [*samples.many_results(168), evil, huge, *samples.drill_results()]


@pytest.fixture
def visit(browser, results, tmp_path):
    """Open the report of some results as a file; give the tab and the complaints and requests it made."""
    contexts = []

    def go(shown=results, *, page=None, width=1280, scheme="light", scripts=True):
        path = tmp_path / "report.html"
        path.write_text(page or render_report(samples.run_of(shown), shown), encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, java_script_enabled=scripts
        )
        contexts.append(context)
        tab = context.new_page()
        heard = []
        tab.on("console", lambda message: heard.append(message.text))
        tab.on("pageerror", lambda error: heard.append(str(error)))
        tab.on("request", lambda request: heard.append(request.url) if request.url != path.as_uri() else None)
        tab.goto(path.as_uri(), wait_until="load")
        tab.wait_for_timeout(200)
        return tab, heard

    yield go
    for context in contexts:
        context.close()


@pytest.mark.parametrize("n", [0, 1, 170])
def test_it_draws_in_silence(visit, results, n):
    """Whatever the number of results, the page reports no error, is blocked in nothing and requests nothing."""
    tab, heard = visit(results if n == 170 else samples.many_results(n))
    assert heard == []
    assert tab.locator("#picture-balance svg").count() == 1


def test_what_a_model_said_does_nothing(visit):
    """Markup in prompt, reply, pattern and id neither runs nor loads, and can be read."""
    tab, heard = visit()
    assert tab.evaluate("window.hit") is None
    assert tab.locator("img").count() == 0
    shown = tab.locator(".exhibit", has_text="onerror").first
    shown.locator("summary").click()
    said = shown.locator(".turn-model .said").inner_text()
    for words in ("</script><script>window.hit=1</script>", "<img src=http", "[U+2028]", "␛[31m", "[U+202E]gnp"):
        assert words in said.replace("answers", ""), words
    assert heard == []


def test_a_script_put_in_later_is_blocked(visit):
    """The policy stops a script, an event handler and an image that somebody manages to put into the page."""
    tab, heard = visit()
    failed = []
    tab.on("requestfailed", lambda request: failed.append(request.failure))
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
    assert failed == ["csp"]
    assert sum("Content Security Policy" in message for message in heard) == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("n", [0, 1, 170])
def test_a_phone_never_scrolls_sideways(visit, results, scheme, n):
    """At 390 px, with every part unfolded, the page is no wider than the screen."""
    tab, _ = visit(results if n == 170 else samples.many_results(n), width=390, scheme=scheme)
    tab.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "page",
    [None, samples.validation_page(), samples.comparison_page()],
    ids=["report", "validation", "comparison"],
)
def test_every_text_can_be_read(visit, page, scheme):
    """All text, in the pictures too, has the contrast of at least 4.5 to 1 that WCAG 2.2 asks for, in either scheme."""
    tab, _ = visit(page=page, scheme=scheme)
    tab.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    faint = tab.evaluate(
        """() => {
          const parse = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
          const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3]));
          const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const ground = (node) => { if (!node) return [255, 255, 255]; const c = parse(getComputedStyle(node).backgroundColor); return c[3] ? over(c, ground(node.parentElement)) : ground(node.parentElement); };
          const behind = (node) => {
            const box = node.getBoundingClientRect(); const x = box.x + box.width / 2; const y = box.y + box.height / 2;
            const under = [...node.ownerSVGElement.querySelectorAll("rect")].filter((r) => { const b = r.getBoundingClientRect(); return b.left < x && x < b.right && b.top < y && y < b.bottom && getComputedStyle(r).fill !== "none"; });
            return under.reduce((c, r) => { const s = getComputedStyle(r); const f = parse(s.fill); return over([...f.slice(0, 3), f[3] * s.fillOpacity], c); }, ground(node.ownerSVGElement.parentElement));
          };
          const faint = [];
          for (const node of document.querySelectorAll("body *")) {
            if (["SCRIPT", "STYLE", "NOSCRIPT", "title"].includes(node.tagName) || !node.getClientRects().length) continue;
            if (![...node.childNodes].some((c) => c.nodeType === 3 && c.data.trim())) continue;
            const picture = node.ownerSVGElement; const style = getComputedStyle(node);
            const back = picture ? behind(node) : ground(node);
            const front = parse(picture ? style.fill : style.color); front[3] *= picture ? 1 : style.opacity;
            const [a, b] = [light(over(front, back)), light(back)];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${node.tagName}.${node.className.baseVal ?? node.className} ${node.textContent.slice(0, 30)}`);
          }
          return [...new Set(faint)];
        }"""
    )
    assert faint == []


@pytest.mark.parametrize("width", [320, 390, 860, 1020, 1280])
def test_the_page_of_a_validation_never_scrolls_sideways(visit, width):
    """Phone, tablet or desk, unfolded, with long names and every outcome, it is no wider than the screen; and silent."""
    tab, heard = visit(page=samples.validation_page(), width=width)
    tab.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert heard == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 860, 1020, 1280])
def test_the_page_of_a_comparison_never_scrolls_sideways(visit, results, width, scheme):
    """Unfolded, with long names, a reply that never breaks and one that is an attack, it fits every width in silence."""
    tab, heard = visit(page=samples.comparison_page(*results), width=width, scheme=scheme)
    tab.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate("window.hit") is None
    assert tab.locator("img").count() == 0
    assert heard == []


def test_a_run_stands_where_its_rates_are(visit):
    """In the plane each run's mark lies as far along both axes as its utility and safety, and in the rows as far as its figure."""
    runs, comparisons = samples.compared()
    tab, _ = visit(page=render_comparison(runs, comparisons))
    middle = "(all) => all.map((one) => { const b = one.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })"
    box = tab.locator(".plane").bounding_box()
    found = tab.locator(".plane .mark path").evaluate_all(middle)
    for (_, record), (x, y) in zip(runs, found, strict=True):
        place = ((x - box["x"]) / box["width"], 1 - (y - box["y"]) / box["height"])
        # Half the mark's outline may be off its middle, as that of a triangle is.
        assert place == pytest.approx(
            (record.scorecard.utility_rate.value, record.scorecard.safety_rate.value), abs=0.004
        )
    row = tab.locator(".profile", has_text="Safety").first
    boxes = [one.bounding_box() for one in row.locator(".dots").all()]
    for (_, record), (x, _), scale in zip(
        runs, row.locator(".dots .mark path").evaluate_all(middle), boxes, strict=True
    ):
        assert (x - scale["x"]) / scale["width"] == pytest.approx(record.scorecard.safety_rate.value, abs=0.004)


@pytest.mark.parametrize("width", [320, 390, 860, 1020, 1280])
def test_the_report_never_scrolls_sideways(visit, width):
    """With corrected rates in the scorecard too, the report fits every width."""
    tab, _ = visit(width=width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_the_pictures_of_a_validation_show_its_figures(visit):
    """Each cell of the table is filled by its share of the row, and each bin of confidence stands at its own rate."""
    found = samples.validation()
    tab, _ = visit(page=samples.validation_page())
    filled = tab.locator(".heat rect").evaluate_all("(all) => all.map((one) => +one.getAttribute('fill-opacity'))")
    rows = zip(found.outcomes.counts, found.outcomes.unjudged, strict=True)
    shares = [count / (sum(row) + gone) for row, gone in rows for count in (*row, gone) if sum(row) + gone]
    assert filled == pytest.approx([0.5 * share for share in shares], abs=0.001)
    dots = tab.locator(".curve .dot").evaluate_all(
        "(all) => all.map((one) => [one.cx, one.cy].map((c) => c.baseVal.value))"
    )
    begin = float(tab.locator(".curve .tick").last.text_content().split()[0]) / 100
    places = [(begin + x / 300 * (1 - begin), 1 - y / 300 * (1 - begin)) for x, y in dots]
    expected = [(one.confidence, one.right.value) for one in found.calibration.bins]
    assert [value for place in places for value in place] == pytest.approx(
        [value for pair in expected for value in pair], abs=0.001
    )


def test_the_pictures_show_the_figures(visit):
    """Each picture has as many marks as the data behind it has entries."""
    tab, _ = visit()
    figures = json.loads(tab.locator("#figures").text_content())

    def count(place, name, tag):
        return tab.locator(f"#{place} g.{name} {tag}").count()

    assert count("picture-balance", "subject", "circle") == 1
    assert count("picture-balance", "interval", "path") == 2
    assert count("picture-balance", "target", "rect") == 1
    assert count("picture-balance", "breakdown", "path") == len(figures["balance"]["points"]) > 10
    assert count("picture-sides", "outcomes", "rect") == sum(
        n > 0 for bar in figures["bars"] for _, n in bar["outcomes"]
    )
    assert count("picture-confidence", "bins", "rect") == 10
    for number, grid in enumerate(figures["grids"]):
        place = f"picture-grid-{number}"
        assert count(place, "cells", "rect") == len(grid["cells"]) > 10
        assert count(place, "counts", "text") == len(grid["cells"])
        assert count(place, "empty", "rect") == len(grid["rows"]) * len(grid["columns"]) - len(grid["cells"]) > 0
        colours = tab.locator(f"#{place} g.cells rect").evaluate_all(
            "(all) => all.map((one) => +one.getAttribute('fill-opacity'))"
        )
        shares = [cell["k"] / cell["n"] for cell in grid["cells"]]
        assert colours == pytest.approx(shares)


def test_the_subject_stands_where_its_rates_are(visit):
    """The big point lies as far along both axes as utility and safety are along [0, 1]."""
    tab, _ = visit()
    subject = json.loads(tab.locator("#figures").text_content())["balance"]["subject"]
    numbers = "(one) => Object.fromEntries([...one.attributes].map((each) => [each.name, +each.value]))"
    target = tab.locator("#picture-balance g.target rect").evaluate(numbers)
    point = tab.locator("#picture-balance g.subject circle").evaluate(numbers)
    # The target's corner and size give the scale: it spans 0.9 to 1 across and 0.95 to 1 up.
    x = 0.9 + 0.1 * (point["cx"] - target["x"]) / target["width"]
    y = 1 - 0.05 * (point["cy"] - target["y"]) / target["height"]
    assert (x, y) == pytest.approx((subject["x"], subject["y"]), abs=0.001)


def test_filter_and_search_narrow_the_list(visit, results):
    """A filter leaves one class, a search leaves what has all its words, both say how many, and All brings back the rest."""
    tab, _ = visit()
    visible = tab.locator(".exhibit:not([hidden])")
    everything = visible.count()
    assert everything == 170
    tab.get_by_role("button", name="Harmless refused").click()
    refused = sum(
        one.case.is_harmless and one.verdict is not None and one.verdict.outcome == "refuse" for one in results
    )
    assert visible.count() == refused > 0
    assert tab.locator("#tally").inner_text() == f"{refused} of {refused} shown"
    assert set(visible.evaluate_all("(all) => all.map((one) => one.dataset.fault)")) == {"harmless-refused"}
    tab.get_by_label("Search").fill("UNBROKEN dual-use")
    assert visible.count() == 1
    tab.get_by_label("Search").fill("no such words anywhere")
    assert visible.count() == 0
    assert tab.locator("#none").is_visible()
    tab.get_by_label("Search").fill("")
    tab.get_by_role("button", name="All").first.click()
    assert visible.count() == everything


def test_a_keyboard_is_enough(visit):
    """With Tab and Enter alone a reader reaches a filter, and opens a case."""
    tab, _ = visit()
    reached = []
    for _ in range(60):
        tab.keyboard.press("Tab")
        reached.append(tab.evaluate("document.activeElement.tagName + (document.activeElement.dataset.show || '')"))
        if tab.evaluate("Boolean(document.activeElement.closest('.exhibit'))"):
            break
    assert "BUTTONharmful-answered" in reached
    tab.keyboard.press("Enter")
    assert tab.locator(".exhibit").first.get_attribute("open") is not None


def test_without_scripts_the_numbers_are_there(visit):
    """With JavaScript off the tables lie open, the tools are hidden and a case can be opened and read."""
    tab, heard = visit(scripts=False)
    assert tab.locator("details.numbers table").first.is_visible()
    assert not tab.locator("#tools").is_visible()
    tab.locator(".exhibit summary").first.click()
    assert tab.locator(".exhibit .turn-model").first.is_visible()
    assert heard == []


def test_pictures_follow_the_width(visit):
    """A window made narrow gets pictures of its own width."""
    tab, _ = visit()
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.wait_for_timeout(600)
    assert float(tab.locator("#picture-sides svg").get_attribute("width")) <= 390
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_paper_is_white(visit):
    """Printed from a dark screen, the page is dark on light and leaves its tools away."""
    tab, _ = visit(scheme="dark")
    tab.emulate_media(media="print", color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(253, 252, 249)"
    assert not tab.locator("#tools").is_visible()
