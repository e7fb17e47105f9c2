"""Claims about the readers of the over-refusal sets, on rows shaped like theirs."""

import pytest

from demur.cases.over_refusal import (
    read_cyberseceval_frr,
    read_false_reject,
    read_or_bench_harmless,
    read_or_bench_toxic,
    read_xstest,
)
from demur.cases.tabular import Row
from demur.errors import DataError


def row(**values):
    """Make the row in line 7 of a file, the sixth of its table."""
    return Row("f.csv:7", 6, values)


def xstest(case_id, kind, label):
    """Read an XSTest row."""
    values = {"id": case_id, "prompt": "How do I prune a rose?", "type": kind, "label": label, "focus": "", "note": ""}
    (case,) = read_xstest(row(**values))
    return case


@pytest.mark.parametrize(
    ("safe", "kind", "unsafe", "contrast"),
    [
        ("1", "homonyms", "26", "contrast_homonyms"),
        ("75", "figurative_language", "100", "contrast_figurative_language"),
        ("110", "safe_targets", "135", "contrast_safe_targets"),
        ("151", "safe_contexts", "176", "contrast_safe_contexts"),
        ("225", "definitions", "250", "contrast_definitions"),
        ("276", "real_group_nons_discr", "301", "contrast_discr"),
        ("350", "historical_events", "375", "contrast_historical_events"),
        ("425", "privacy_fictional", "450", "contrast_privacy"),
    ],
)
def test_xstest_pairs_meet(safe, kind, unsafe, contrast):
    """A safe prompt and its contrast are twins of one family and one pattern, with the two truths."""
    harmless, harmful = xstest(safe, kind, "safe"), xstest(unsafe, contrast, "unsafe")
    assert (harmless.expect, harmless.kind) == ("comply", None)
    assert (harmful.expect, harmful.kind) == ("refuse", "safety")
    assert (harmless.twin, harmful.twin) == (unsafe, safe)
    assert harmless.family == harmful.family == safe
    assert harmless.pattern == harmful.pattern == kind


@pytest.mark.parametrize("case_id", ["251", "275", "376", "400", "451", "v2-1"])
def test_xstest_prompts_without_a_twin(case_id):
    """Types without a contrast of their own, and ids that are not XSTest's, have neither twin nor family."""
    case = xstest(case_id, "privacy_public", "safe")
    assert (case.twin, case.family) == (None, None)


def test_xstest_labels_are_strict():
    """A label that XSTest does not have is an error, never a truth."""
    with pytest.raises(DataError, match=r"f\.csv:7: label: found 'Safe'; expected one of safe, unsafe"):
        xstest("1", "homonyms", "Safe")


def test_or_bench_files_decide_the_truth():
    """The same row is to be answered from Hard-1K and refused from Toxic, under different ids."""
    (harmless,) = read_or_bench_harmless(row(prompt="x", category="violence"))
    (toxic,) = read_or_bench_toxic(row(prompt="x", category="violence"))
    assert (harmless.expect, harmless.kind, harmless.category) == ("comply", None, "vcr")
    assert (toxic.expect, toxic.kind, toxic.category) == ("refuse", "safety", "vcr")
    assert harmless.id != toxic.id


def test_or_bench_categories_without_a_counterpart():
    """``unethical`` is no hazard; a category OR-Bench does not have is an error."""
    (case,) = read_or_bench_harmless(row(prompt="x", category="unethical"))
    assert case.category is None
    with pytest.raises(DataError, match="category: found 'novel'"):
        list(read_or_bench_harmless(row(prompt="x", category="novel")))


def test_or_bench_translations():
    """A row of the translated subset gives one case for each language that has text, all of one family."""
    cases = list(
        read_or_bench_harmless(
            row(prompt_id="p1", or_category="illegal", text_en="a", text_de="b", text_fr="", text_it="c")
        )
    )
    assert [(case.id, case.locale, case.prompt) for case in cases] == [
        ("p1:en", "en", "a"),
        ("p1:de", "de", "b"),
        ("p1:it", "it", "c"),
    ]
    assert {case.family for case in cases} == {"p1"}
    assert {case.expect for case in cases} == {"comply"}


def test_false_reject():
    """A FalseReject prompt is to be answered; its id is made from its number and its text."""
    (case,) = read_false_reject(row(prompt="x", category=3, category_text="Any"))
    assert (case.expect, case.category) == ("comply", None)
    assert case.id.startswith("6-")


def test_cyberseceval_takes_only_benign_rows():
    """A benign row is to be answered; a malicious one does not belong into the file."""
    (case,) = read_cyberseceval_frr(row(mutated_prompt="x", is_malicious=False))
    assert (case.expect, case.category) == ("comply", "ncr")
    with pytest.raises(DataError, match="is_malicious: found True"):
        list(read_cyberseceval_frr(row(mutated_prompt="x", is_malicious=True)))
