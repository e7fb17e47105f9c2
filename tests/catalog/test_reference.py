"""References: what is read, what is refused, and what the bundled ones bear out."""

import pytest

from demur.catalog.reference import arxiv_id, read_references

GOOD = """---
kind: technique
title: A way of asking
authors: Somebody
year: "2024"
url: https://arxiv.org/abs/2401.00001
failure_modes: [leakage]
reviewed: 2026-11-29
---
It says that.
"""


def read(tmp_path, text):
    """Read one reference."""
    (tmp_path / "one.md").write_text(text)
    return read_references(tmp_path)


def test_a_reference_is_read(tmp_path):
    """Its name is its file's, its id begins with its kind."""
    (reference,), findings = read(tmp_path, GOOD)
    assert (reference.id, reference.failure_modes, reference.text, findings) == (
        "technique/one",
        ("leakage",),
        "It says that.",
        [],
    )


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("title: A way of asking\n", "", "title: missing"),
        ("kind: technique", "kind: rumour", "kind: found 'rumour'"),
        ("kind: technique", "kind: benchmark", "licence: a benchmark has it"),
        ("year:", "licence: MIT\nyear:", "licence: a benchmark has it"),
        ("[leakage]", "[boredom]", "failure_modes: found 'boredom'"),
        ("[leakage]", "leakage", "failure_modes: found 'leakage'"),
        ("https:", "http:", "url: found 'http://arxiv.org"),
        ("2026-11-29", "lately", "reviewed: found 'lately'"),
        ("It says that.\n", "", "card: the body is empty"),
        ("year:", "colour: blue\nyear:", "colour: unknown key"),
        ('"2024"', "2024", "year: found 2024"),
    ],
)
def test_what_is_wrong_is_a_finding(tmp_path, old, new, line):
    """Each fault is one line with the file and the key."""
    references, (finding,) = read(tmp_path, GOOD.replace(old, new))
    assert references == []
    assert str(finding).startswith(f"{tmp_path / 'one.md'}: {line}")


def test_an_arxiv_number_is_found_in_addresses_and_citations():
    """Either form gives the number; other addresses give none."""
    assert (
        arxiv_id("https://arxiv.org/abs/2401.06373") == arxiv_id("Zeng et al. ACL. arXiv:2401.06373.") == "2401.06373"
    )
    assert arxiv_id("https://example.org/2401.06373") is None
