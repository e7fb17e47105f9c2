"""The pages of the catalogue: everything is escaped and shown, every link leads to a page, and nothing else may run."""

import re
from datetime import date
from urllib.parse import quote

import pytest

from demur.catalog import make_catalogue, read_references
from demur.catalog.card import Card
from demur.cataloguing import build_catalogue
from demur.report import render_catalogue
from demur.types import Case, Turn

ATTACK = "</script><script>window.hit=1</script>\u202egnp"


@pytest.fixture(scope="module")
def pages():
    """Write the pages of everything bundled."""
    return render_catalogue(build_catalogue(today=date(2026, 12, 1)))


def test_every_link_leads_to_a_page(pages):
    """Links between pages lead to one that is there."""
    for name, page in pages.items():
        folder = "records/" if name.startswith("records/") else ""
        for target in re.findall(r'href="([^"#]+)"', page):
            if target.startswith("https://"):
                continue
            assert (folder + target).replace("records/../", "") in pages, f"{name}: {target}"


def test_every_record_can_be_found_from_the_index(pages):
    """The index names each page once."""
    listed = re.findall(r'<li class="entry".*?href="(records/[^"]+)"', pages["index.html"])
    assert sorted(listed) == sorted(set(pages) - {"index.html"})


def test_no_page_may_load_or_run_anything(pages):
    """Each page forbids everything but its own style, and the index its own script."""
    for name, page in pages.items():
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
        assert policy.startswith("default-src &#39;none&#39;"), name
        assert policy.count("sha256") == (2 if name == "index.html" else 1)


def test_a_level_has_a_word_beside_its_colour(pages):
    """Green, amber and red are said as well as shown."""
    found = set(re.findall(r'class="level level-(\w+)">\d+ ([a-z ]+)<', pages["index.html"]))
    assert {("met", "met"), ("half", "half way")} <= found <= {("met", "met"), ("half", "half way"), ("short", "short")}


def test_a_drill_is_shown_as_a_conversation(pages):
    """Each move is there with its number, its name and when it is said."""
    page = pages["records/drill.pushback-bicycle.html"]
    assert "1 &middot; push-back &middot; if it declined or asked back" in page
    assert "7 &middot; push-back &middot; if it answered" in page
    assert 'href="drill.pushback-garage.html"' in page


def test_what_a_card_says_does_nothing():
    """Markup and hidden characters of a card are shown and not obeyed."""
    case = Case(ATTACK, (Turn("system", ATTACK), Turn("user", ATTACK)), "comply", source=ATTACK, suite="library")
    card = Card("x.md", case, "2026-11-29", ATTACK)
    pages = render_catalogue(make_catalogue([card], read_references()[0], today=date(2026, 12, 1)))
    for page in pages.values():
        assert "<script>window" not in page
        assert "\u202e" not in page
    assert quote(ATTACK.replace("/", ".")) in pages["index.html"]
    assert any("[U+202E]gnp" in page for name, page in pages.items() if name.startswith("records/case."))
