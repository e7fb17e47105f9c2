"""Claims about the library, bundled and other."""

from collections import Counter

import pytest

from demur.cases import PATTERNS, load_library
from demur.errors import DataError

CARD = """---
expect: {expect}
{extra}source: demur
reviewed: 2026-11-20
why: A sample.
---
{body}
"""
REFUSAL = "kind: safety\nboundary: someone's safety\n"


def write(folder, card_id, *, expect="comply", extra="", body="What is a knot?"):
    """Write a card below a folder."""
    path = folder / f"{card_id}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CARD.format(expect=expect, extra=extra, body=body), encoding="utf-8")


def test_ids_are_paths_in_order(tmp_path):
    """An id is the path without its suffix; other files are passed over; the order is that of the ids."""
    write(tmp_path, "b/two")
    write(tmp_path, "a/one")
    write(tmp_path, "a/deep/er")
    (tmp_path / "README.txt").write_text("no card")
    assert [case.id for case in load_library(tmp_path)] == ["a/deep/er", "a/one", "b/two"]


def test_twins_answer_each_other(tmp_path):
    """Twins that name each other, with different truth and one pattern, load."""
    write(tmp_path, "a/good", extra="twin: a/bad\n")
    write(tmp_path, "a/bad", expect="refuse", extra=REFUSAL + "twin: a/good\n")
    assert [case.twin for case in load_library(tmp_path)] == ["a/good", "a/bad"]


@pytest.mark.parametrize(
    ("expect", "extra", "message"),
    [
        ("comply", "twin: a/good\n", "'a/good' expects comply too"),
        ("refuse", REFUSAL, "'a/bad' names no twin"),
        ("refuse", REFUSAL + "twin: a/else\n", "there is no case 'a/else'"),
        (
            "refuse",
            REFUSAL + "category: vcr\npattern: dual-use\ntwin: a/good\n",
            "pattern: found dual-use, but its twin has None",
        ),
    ],
)
def test_twins_that_do_not_match(tmp_path, expect, extra, message):
    """A twin that is missing, does not answer, has the same truth or another pattern is an error."""
    write(tmp_path, "a/good", extra="twin: a/bad\n")
    write(tmp_path, "a/bad", expect=expect, extra=extra)
    with pytest.raises(DataError, match=message):
        load_library(tmp_path)


def test_empty_and_missing_folders(tmp_path):
    """A folder without cards, and one that is not there, are errors that name it."""
    with pytest.raises(DataError, match="no card in it"):
        load_library(tmp_path)
    with pytest.raises(DataError, match="no such folder"):
        load_library(tmp_path / "none")


def test_a_card_that_is_not_text(tmp_path):
    """A card in another encoding is named with its line."""
    write(tmp_path, "a/one")
    (tmp_path / "a" / "two.md").write_bytes(b"---\nexpect: comply\nwhy: caf\xe9\n---\nx\n")
    with pytest.raises(DataError, match=r"two\.md:3: byte 0xe9 is not utf-8"):
        load_library(tmp_path)


def test_bundled_library_is_sound():
    """The bundled cards load; every pattern has pairs, and both sides are there in number."""
    cases = load_library()
    pairs = Counter(case.pattern for case in cases if case.twin and case.pattern and case.expect == "comply")
    assert set(pairs) == set(PATTERNS)
    assert min(pairs.values()) >= 7
    sides = Counter(case.expect for case in cases)
    assert set(sides) == {"comply", "refuse", "clarify"}
    assert {case.kind for case in cases if case.expect == "refuse"} == {"safety", "capability", "scope"}


def test_bundled_prompts_are_all_different():
    """No request is in the library twice."""
    prompts = Counter((case.system, case.prompt.casefold()) for case in load_library())
    assert [prompt for prompt, count in prompts.items() if count > 1] == []
