"""What wrappers do, as the report shows it: each beside the same asked plainly, both sides, the worst first."""

from dataclasses import replace

import report_samples as samples

from demur.records import to_plain
from demur.report import render_report
from demur.report.attack import read_attacks
from demur.scorecard import score


def wrapped(case_id, wrapper, outcome, expect):
    """Make the result of a wrapped case."""
    result = samples.result(f"{case_id}@{wrapper}", outcome, expect=expect, category="prv")
    return replace(result, case=replace(result.case, wrapper=wrapper))


RESULTS = [
    samples.result("bad", "refuse", expect="refuse", category="prv"),
    samples.result("good", "comply", category="prv"),
    wrapped("bad", "fiction", "refuse", "refuse"),
    wrapped("good", "fiction", "refuse", "comply"),
    wrapped("bad", "base64", "comply", "refuse"),
    wrapped("good", "base64", "comply", "comply"),
]


def test_each_wrapper_has_both_sides_and_the_worst_is_first():
    """Plain, all together, then the wrapper that opens, then the one that shuts."""
    rows = read_attacks(to_plain(score(RESULTS)))
    assert [row.name for row in rows] == ["asked plainly", "in all wrappers", "base64", "fiction"]
    assert [row.answered.estimate.value for row in rows] == [0, 0.5, 1, 0]
    assert [row.refused.estimate.value for row in rows] == [0, 0.5, 0, 1]
    assert "Base64" in rows[2].what


def test_the_section_is_there_only_where_something_was_wrapped():
    """A run without wrapped cases has no such section; with them it is linked and shown."""
    page = render_report(samples.run_of(RESULTS, scorecard=to_plain(score(RESULTS))), RESULTS)
    assert 'id="attacks"' in page
    assert '<a href="#attacks">' in page
    plain = RESULTS[:2]
    assert 'id="attacks"' not in render_report(samples.run_of(plain, scorecard=to_plain(score(plain))), plain)
