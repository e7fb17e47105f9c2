"""A corpus that holds the suite is found, one that holds edited copies is found, and another is not."""

import json
import random

import pytest

from demur.cases import load_library
from demur.contaminating import compare_with_corpora, write_contamination
from demur.errors import DataError, UsageError

LIBRARY = load_library()
STRANGE = (
    "The committee met on a grey morning to settle the budget of the observatory for the coming season.",
    "Lisbon's trams were painted yellow long before anybody thought of photographing them from every hill.",
    "To prune a pear, begin with the branches that cross, and stop before the tree looks bare from afar.",
    "In the second movement the oboe takes up the theme, and the strings answer it a third below.",
    "Glaciers carve valleys with flat floors, whereas rivers leave them narrow and steep on both banks.",
)


def write(path, texts):
    """Write a corpus of one text a row."""
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    return path


def edited(text, rng):
    """Give a copy with one word in eight another one."""
    return " ".join("indeed" if rng.random() < 1 / 8 else word for word in text.split())


def test_a_corpus_that_holds_the_suite_is_found_by_every_kind(tmp_path):
    """All cases are found, with the place of each, whatever case and punctuation the copies have."""
    corpus = write(tmp_path / "pool.jsonl", [*STRANGE, *(case.prompt.upper() + " !!" for case in LIBRARY)])
    found = compare_with_corpora("library", [corpus])
    assert [found.exact.value, found.ngram.value, found.minhash.value, found.embedding.value] == [1, 1, 1, 1]
    assert found.exact.n == found.n_cases == len(LIBRARY)
    assert found.ngram.n + found.ngram.n_unjudged == len(LIBRARY)
    assert found.against[0].n_documents == len(LIBRARY) + len(STRANGE)
    first = found.nearest[0]
    assert (first.kind, first.similarity) == ("exact", 1)
    assert first.where.startswith(f"{corpus}:")
    assert all(shares.exact.value == 1 for shares in found.by_category.values())


def test_a_corpus_that_does_not_is_not_found(tmp_path):
    """Of texts on other things none is found, and the nearest pairs are shown all the same."""
    found = compare_with_corpora("library", [write(tmp_path / "pool.jsonl", STRANGE)])
    assert [found.exact.value, found.ngram.value, found.minhash.value, found.embedding.value] == [0, 0, 0, 0]
    assert {pair.kind for pair in found.nearest} == {"embedding"}
    assert 0 < found.nearest[0].similarity < 0.5


def test_edited_copies_are_found_by_what_is_not_exact(tmp_path):
    """With a word in eight exchanged hardly a case is the same; most are near duplicates or alike by cosine."""
    rng = random.Random(1)
    found = compare_with_corpora(
        "library", [write(tmp_path / "pool.jsonl", [edited(case.prompt, rng) for case in LIBRARY])]
    )
    assert found.exact.value < 0.25
    assert 0.5 < found.minhash.value < 0.9
    assert found.embedding.value > 0.95


def test_a_suite_is_wholly_in_itself_and_not_in_another():
    """A bundled suite is a corpus by its name."""
    assert compare_with_corpora("library", ["library"]).exact.value == 1
    other = compare_with_corpora("drills", ["Library"])
    assert (other.exact.value, other.against[0].path, other.against[0].n_documents) == (0, "Library", len(LIBRARY))


def test_corpora_are_read_as_one(tmp_path):
    """A case counts once, though it is in two corpora; each is counted by itself."""
    one = write(tmp_path / "one.jsonl", [case.prompt for case in LIBRARY[:100]])
    two = write(tmp_path / "two.jsonl", [case.prompt for case in LIBRARY[50:131]])
    found = compare_with_corpora("library", [one, two])
    assert [corpus.n_documents for corpus in found.against] == [100, 81]
    assert found.exact.value == pytest.approx(0.5)


def test_the_file_says_what_was_found(tmp_path):
    """The JSON has the four shares as estimates, the pairs, and every category."""
    corpus = write(tmp_path / "pool.jsonl", [LIBRARY[0].prompt])
    out = tmp_path / "found.json"
    write_contamination(compare_with_corpora("library", [corpus]), out)
    plain = json.loads(out.read_text(encoding="utf-8"))
    assert {
        "schema_version",
        "suite",
        "against",
        "exact",
        "ngram",
        "minhash",
        "embedding",
        "nearest",
        "by_category",
    } <= (plain.keys())
    assert set(plain["exact"]) == {"value", "low", "high", "n", "n_unjudged", "method"}
    assert set(plain["nearest"][0]) == {"case", "prompt", "document", "where", "kind", "similarity"}


def test_short_cases_are_unjudged_by_runs_and_wordless_ones_by_all(tmp_path):
    """What cannot be looked at is counted beside the share, never as clean."""
    rows = [
        {"prompt": prompt, "expect": "comply"} for prompt in ("How do I?", "?!", "How do I paint an old wooden door?")
    ]
    data = tmp_path / "mine.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = compare_with_corpora("custom", ["library"], data=data)
    assert (found.exact.n, found.exact.n_unjudged) == (2, 1)
    assert (found.ngram.n, found.ngram.n_unjudged) == (1, 2)
    assert (found.embedding.n, found.embedding.n_unjudged) == (2, 1)


def test_progress_is_told_of_both_readings(tmp_path):
    """The last number is that of the documents, twice."""
    told = []
    compare_with_corpora("drills", [write(tmp_path / "pool.jsonl", STRANGE * 300)], on_progress=told.append)
    assert told[-1] == 3000
    assert told == sorted(told)


def test_wrong_corpora_are_refused(tmp_path):
    """None, one named twice, one that is missing, and one without a text are each named."""
    with pytest.raises(UsageError, match="expected one or more corpora"):
        compare_with_corpora("library", [])
    with pytest.raises(UsageError, match="each named once"):
        compare_with_corpora("library", ["library", "library"])
    with pytest.raises(DataError, match="no such file or folder"):
        compare_with_corpora("library", [tmp_path / "none"])
    (tmp_path / "empty.txt").write_text("\n", encoding="utf-8")
    with pytest.raises(DataError, match="no text in it"):
        compare_with_corpora("library", [tmp_path / "empty.txt"])
