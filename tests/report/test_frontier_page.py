"""The page of treatments: read off its HTML, and looked at in a real browser."""

import base64
import hashlib
import html
import re
import shutil
from dataclasses import replace

import pytest
from treatments import CARD, several, treatment

from demur.report.frontier import render_frontier
from demur.stats import wilson
from demur.tune.frontier import RULE, find_frontier
from demur.tune.treatment import Shift

EVIL = (
    "</style><script>window.hit=1</script><img src=http://example.invalid/x onerror=window.hit=2>\u202e\x1b[31m\ud800"
)
LONG = "a-folder-with-a-long-name-that-nobody-wants-to-break-70b-instruct-" * 3

in_a_browser = pytest.mark.skipif(
    shutil.which("chromium") is None, reason="the browser tests need Debian's chromium package"
)


def page_of(*made, names="abcdefgh"):
    """Make the page of treatments in folders of these names."""
    return render_frontier(find_frontier([(f"out/{name}", one) for name, one in zip(names, made, strict=False)]))


def many():
    """Make the page of a sweep."""
    return render_frontier(find_frontier(several()))


def evil():
    """Make a page on which every name is an attack or never ends."""
    card = replace(
        CARD, by_category={EVIL: 3}, by_locale={EVIL: 3}, sources={EVIL: 3}, written_by={LONG: 3}, content_hash=EVIL
    )
    settings = {
        "model": EVIL,
        "files": {EVIL: EVIL},
        "versions": {EVIL: LONG},
        "card": card,
        "base_sha256": EVIL,
        EVIL: EVIL,
    }
    made = [treatment(90, 85, method=EVIL, **settings), treatment(70, 92, method=LONG, quiz=1, note=LONG, **settings)]
    made = [replace(one, panel=replace(one.panel, suites={EVIL: 200, LONG: 3}, judge=EVIL)) for one in made]
    return page_of(*made, names=[EVIL, LONG])


def text_of(page):
    """Give what can be read on a page, in one line."""
    body = page[page.index("<body>") :]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_both_sides_of_every_point_are_told():
    """Each treatment and the subject as it was stand in the table with both rates, interval and settings, and in the picture."""
    page = many()
    text = text_of(page)
    table = page[page.index('<table class="effects">') :]
    rows = [text_of("<body>" + row) for row in re.findall(r"<tr.*?</tr>", table[: table.index("</table>")], re.DOTALL)]
    assert rows[0].startswith(
        "Treatment Method Beta Rank Epochs KL, nats Chosen, nats Margin, nats Harm refused Harm answered"
    )
    assert rows[1].startswith("before – – – – – – – 20.0 % 13–29 70.0 % 60–78 75.0 % 66–82 96.0 % 90–98 2.0 % 1–7")
    assert rows[4].startswith("3 dpo-0.1 ✓ recommended dpo 0.1 8 3 0.21 −7.25 3.2 92.0 % 85–96")
    assert len(rows) == 2 + len(several())
    for one in several():
        assert f"{100 * one[1].panel.changes['safety_rate'].after.value:.1f} % of harmful requests refused" in text
    assert RULE in text
    assert "Against it: quiz fell by 6.00%; at most 2% is allowed." in text


def test_the_panel_tells_each_figure_before_and_after():
    """Every figure with its n and interval at both times, the paired difference of those that are paired, and what is not measured."""
    unjudged = treatment(92, 90, wrapped_utility_rate=None)
    text = text_of(page_of(unjudged))
    change = unjudged.panel.changes["safety_rate"]
    assert f"20.0 % {100 * change.before.low:.1f} to {100 * change.before.high:.1f} % n 100 92.0 %" in text
    assert "+72.0" in text
    assert "0, 72 100" in text
    for words in ("In attack wrappers", "In drills", "harmful drills held", "wordings handled alike", "quiz questions answered right",
                  "refusals that are graceful", "refusals that are one template"):  # fmt: skip
        assert words in text
    assert text.count("not paired") == 3
    wrapped = text[text.index("In attack wrappers") : text.index("In drills")]
    assert "harmless requests refused" in wrapped
    assert "harmless requests answered" not in wrapped


def test_a_figure_that_is_not_known_is_shown_all_the_same():
    """What somebody else measured stands last under its own name, with its difference, and is called neither better nor worse."""
    made = treatment(
        20,
        96,
        harmful_compliance_rate=70,
        false_refusal_rate=2,
        wrapped_safety_rate=12,
        wrapped_harmful_compliance_rate=75,
    )
    other = treatment(92, 90).panel.changes["safety_rate"]
    page = page_of(replace(made, panel=replace(made.panel, changes={**made.panel.changes, "holds_<b>": other})))
    text = text_of(page)
    assert "holds <b> 20.0 %" in text[text.index("Other figures") :]
    assert not re.findall("[✓✕] (?:better|worse)", page)


@pytest.mark.parametrize(
    ("after", "state"),
    [({"wrapped_harmful_compliance_rate": 95}, "worse"), ({"wrapped_harmful_compliance_rate": 20}, "better"),
     ({"quiz": 20}, "worse"), ({"quiz": 90}, "better"), ({"wrapped_utility_rate": 30}, "worse")],
)  # fmt: skip
def test_better_and_worse_are_of_the_figure(after, state):
    """Harm answered in a wrapper is worse if it is more, a quiz if it is less."""
    page = page_of(treatment(20, 96, harmful_compliance_rate=70, false_refusal_rate=2, wrapped_safety_rate=12,
                             **{"wrapped_harmful_compliance_rate": 75, **after}))  # fmt: skip
    assert re.findall("[✓✕] (better|worse)", page) == [state]


def test_what_had_nothing_to_be_measured_on_is_said():
    """A subject that refused nothing before had no refusal to be graceful: no figure, neither in the table nor in the panel."""
    made = treatment(92, 90)
    none = Shift(wilson(0, 0, n_unjudged=2), wilson(70, 100))
    made = replace(made, panel=replace(made.panel, shifts={**made.panel.shifts, "graceful_rate": none}))
    text = text_of(page_of(made, treatment(80, 92)))
    assert "refusals that are graceful not measured, 2 unjudged 70.0 %" in text


def test_one_treatment_is_a_page_of_before_and_after():
    """With one there is no table of several and no choice among them: whether it is recommended, why not, and its panel lying open."""
    text = text_of(page_of(treatment(92, 90)))
    assert "What a treatment did to demur/smollm2" in text
    assert "Recommended: 1 a Nothing speaks against it, and its smaller side" in text
    assert "What each came to" not in text
    bad = text_of(page_of(treatment(92, 90, quiz=30)))
    assert "It is not recommended Quiz fell by 30.00%; at most 2% is allowed." in bad
    assert page_of(treatment(92, 90)).count('<details class="treatment" open>') == 1


def test_one_treatment_is_held_against_its_goals():
    """Each goal stands with what was to be reached, both times, interval and n; what was not measured is neither met nor missed."""
    page = page_of(treatment(92, 91, quiz=57, coherence=None, wrapped_harmful_compliance_rate=8))
    table = page[page.index('<table class="changes goals">') :]
    rows = [text_of("<body>" + row) for row in re.findall(r"<tr.*?</tr>", table[: table.index("</table>")], re.DOTALL)]
    assert len(rows) == 1 + 9
    assert re.fullmatch(
        r"harmful requests refused at least 95 % 20\.0 % 92\.0 % [\d.]+ to [\d.]+ % n 100 ✕ missed", rows[1]
    )
    assert rows[2].endswith("n 100 ✓ met")
    assert rows[6].startswith("refusals that are one template below 0.30 0.80 0.25 0.1")
    assert re.search(
        r"8\.0 % in wrappers, 6\.0 % plainly at most \+3\.0 points \+5\.0 points \+2\.0 points −.* ✓ met", rows[7]
    )
    assert re.search(r"60\.0 % before, 57\.0 % after at least −2\.0 points −3\.0 points −.* ✕ missed", rows[8])
    assert rows[9] == "coherence, less before at least −2.0 points not measured not measured"
    assert "Held against the goals" not in many()


def test_the_way_to_the_conversations_is_named():
    """The commands that show replies before and after are there, with what an adapter and a prompt are asked as."""
    pages = many()
    assert html.escape("demur check --model demur/smollm2@out/dpo-0.1 --out after") in pages
    assert "demur check --model demur/smollm2 --system out/prompt/prompt.txt --out after" in pages
    assert pages.count("demur compare before after -o conversations.html") == len(several())
    assert "demur compare out/before out/dpo-0.1/after -o conversations.html" in pages


def test_data_is_told_once():
    """Treatments of the same pairs share one data card; one without pairs is named as such."""
    other = replace(CARD, content_hash="other", n_pairs=7)
    text = text_of(
        page_of(treatment(90, 90), treatment(91, 89), treatment(80, 92, card=other), treatment(50, 95, card=None))
    )
    data = text[text.index("What they were made from") : text.index("Before and after, one by one")]
    assert data.count("240 pairs") == data.count("7 pairs") == data.count("Made without pairs.") == 1
    assert data.startswith(
        "What they were made from 1 a 2 b 240 pairs, content 0f3c5a77aa01b2c3 What they mend missed harm 120"
    )
    assert "violent crimes 90" in data


def test_points_are_told_apart_without_colour():
    """Methods have shapes, the dominated are hollow, the recommended has a ring, and before is a cross of its own."""
    page = many()
    plane = page[page.index('<svg class="plane"') :]
    plane = plane[: plane.index('<span class="across">')]
    marks = re.findall(r'<svg class="mark ([^"]*)"[^>]*>(.*?)</svg>', plane)
    shapes = [re.search(r' d="([^"]+)"', mark).group(1) for _, mark in marks]
    assert [shapes.count(shape) for shape in dict.fromkeys(shapes)] == [1, 1, 3, 2, 1]
    assert ["hollow" in style for style, _ in marks] == [False, True, True, False, False, False, False, False]
    assert ["ring" in mark for _, mark in marks] == [False, False, False, True, False, False, False, False]


def test_nothing_that_was_said_is_markup():
    """Whatever is in the name of a model, folder, method, setting, file or suite is shown as it is written."""
    page = evil()
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("</style>") == 1
    assert "&lt;/style&gt;&lt;script&gt;window.hit=1" in page
    assert "[U+202E]␛[31m" in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    page.encode("utf-8")


def test_the_policy_lets_nothing_run_or_load():
    """No script runs at all, the one style is named by its hash, and nothing is fetched."""
    page = many()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page).group(1).replace("&#39;", "'")
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert "default-src 'none'; script-src 'none'" in policy
    assert f"style-src 'sha256-{digest}'" in policy
    assert "style=" not in page
    assert not re.search(r'(?:src|href)="(?!#)', page)


def test_links_inside_the_page_lead_somewhere():
    """Every place that the page links to is there, for one treatment and for several; pictures have a text alternative."""
    for page in (many(), page_of(treatment(92, 90))):
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))
        assert len(re.findall(r'<svg class="plane" role="img" aria-label="[^"]+"', page)) == page.count('class="plane"')


@pytest.fixture
def visit(browser, tmp_path):
    """Open a page as a file with everything unfolded; give the tab and the complaints and requests it made."""
    contexts = []

    def go(page, *, width=1280, scheme="light"):
        path = tmp_path / "page.html"
        path.write_text(page, encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
        contexts.append(context)
        tab, heard = context.new_page(), []
        tab.on("console", lambda message: heard.append(message.text))
        tab.on("pageerror", lambda error: heard.append(str(error)))
        tab.on("request", lambda request: heard.append(request.url) if request.url != path.as_uri() else None)
        tab.goto(path.as_uri(), wait_until="load")
        tab.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        return tab, heard

    yield go
    for context in contexts:
        context.close()


@in_a_browser
@pytest.mark.slow
@pytest.mark.parametrize("make", [many, evil, lambda: page_of(treatment(92, 90))], ids=["many", "evil", "one"])
@pytest.mark.parametrize("width", [320, 390, 860, 1020, 1280])
def test_it_never_scrolls_sideways(visit, make, width):
    """Phone, tablet or desk, with names that never break and that are attacks, it is no wider than the screen, and silent."""
    tab, heard = visit(make(), width=width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate("window.hit") is None
    assert heard == []


@in_a_browser
@pytest.mark.slow
def test_a_treatment_stands_where_its_rates_are(visit):
    """In both planes the middle of each mark lies as far along both axes as its utility and safety."""
    frontier = find_frontier(several())
    tab, _ = visit(many())
    middle = "(all) => all.map((one) => { const b = one.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })"
    points = (frontier.before, *frontier.treated)
    for plane, left, bottom, side, shown in (
        (0, 0.0, 0.0, 1.0, points),
        (1, 0.6, 0.65, 0.35, [point for point in points if min(point.sides) >= 0.65]),
    ):
        drawn = tab.locator(".plane").nth(plane)
        box = drawn.bounding_box()
        found = drawn.locator(".mark path").evaluate_all(middle)
        for point, (x, y) in zip(shown, found, strict=True):
            place = (left + side * (x - box["x"]) / box["width"], bottom + side * (1 - (y - box["y"]) / box["height"]))
            # Half the mark's outline may be off its middle, as that of a triangle is.
            assert place == pytest.approx((point.sides[1], point.sides[0]), abs=0.004)


@in_a_browser
@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_name_in_the_picture_covers_another(visit, scheme):
    """On a phone, in either scheme, the names of points do not overlap and stay on the screen."""
    tab, _ = visit(many(), width=390, scheme=scheme)
    boxes = [one.bounding_box() for one in tab.locator(".plane .name").all()]
    assert len(boxes) == 2 + 6
    for number, one in enumerate(boxes):
        assert one["x"] >= 0
        assert one["x"] + one["width"] <= 390
        for other in boxes[number + 1 :]:
            across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
            down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
            assert across <= 1 or down <= 3
