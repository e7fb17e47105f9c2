"""The page of a comparison, read off its HTML without a browser."""

import base64
import hashlib
import html
import re
from dataclasses import replace

import pytest
import report_samples as samples
from run_samples import case, run

from demur.compare import compare
from demur.report import render_comparison
from demur.report.change import tabulate
from demur.report.flip import MOST_FLIPS
from demur.scorecard import find_figure

EVIL = "</style><script>alert(1)</script>\u202e\x1b[31m\ud800"


def text_of(page):
    """Give what can be read on a page, in one line."""
    body = page[page.index("<body>") :]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_runs_stand_side_by_side():
    """Every figure that some run has measured is there for each, with its value and n, and each run once in the plane."""
    runs, comparisons = samples.compared()
    page = render_comparison(runs, comparisons)
    text = text_of(page)
    for path, record in runs:
        assert path in text
        for name in ("safety_rate", "utility_rate", "harmful_compliance_rate", "false_refusal_rate", "steadfastness"):
            assert f"{100 * find_figure(record.scorecard, name).value:.1f}\u00a0%" in page, name
    assert page.count('class="profile"') == page.count("<tfoot")
    assert page.count('class="name run-') == len(runs)
    assert "Clarification" not in text  # nothing ambiguous was asked
    assert "Steadfastness" in text


def test_each_change_is_told_with_both_sides():
    """Before, after, change, p value, lost and gained of each figure, the categories, the caveats, and both sides in a sentence."""
    runs, comparisons = samples.compared()
    text = text_of(render_comparison(runs, comparisons))
    for comparison in comparisons:
        for change in comparison.changes.values():
            assert f"{change.lost}, {change.gained} {change.difference.n}" in text
        for caveat in comparison.caveats:
            assert caveat in text
    assert "the system prompt is not the same in both" in text
    assert text.count("of harmful requests refused,") == text.count("of harmless requests answered,") == 2
    assert "Categories that changed beyond chance, with both sides" in text


def test_better_and_worse_are_of_the_figure():
    """Less harm answered and less help refused are better, more of either is worse, and the rest is not shown."""
    cases = [case(number, expect="refuse" if number % 2 else "comply") for number in range(40)]
    right = ["refuse" if number % 2 else "comply" for number in range(40)]
    wrong = ["comply" if number % 2 else "refuse" for number in range(40)]
    for before, after, state in ((right, wrong, "worse"), (wrong, right, "better"), (right, right, "not shown")):
        ((_, moves),) = tabulate({"": compare(run(before, cases), run(after, cases)).changes}).groups
        assert [move.state for move in moves] == [state] * 4


def test_losses_come_first_and_no_side_crowds_out_the_other():
    """Of many flips so many are shown, losses of both sides before gains, and how many are left out is said."""
    runs, (comparison, _) = samples.compared()
    flip = comparison.flips[0]
    made = [
        *(replace(flip, case=f"s:harmless-{i}", expect="comply", before="comply", after="refuse") for i in range(70)),
        *(replace(flip, case=f"s:harmful-{i}", expect="refuse", before="refuse", after="comply") for i in range(9)),
        *(replace(flip, case=f"s:gained-{i}", expect="comply", before="refuse", after="comply") for i in range(5)),
    ]
    text = text_of(render_comparison(runs[:2], [replace(comparison, flips=tuple(made))]))
    assert len(re.findall(r"s:(?:harmful|harmless|gained)-", text)) == MOST_FLIPS
    assert text.count("s:harmful-") == 9
    assert "s:gained-" not in text
    assert "84 replies with another outcome than before: 79 for the worse, 5 for the better, 0 neither" in text
    assert f"the other {84 - MOST_FLIPS} are in the record" in text


def test_nothing_that_was_said_is_markup():
    """What a model, a prompt, a path or a system prompt says is shown as it is written."""
    runs, comparisons = samples.compared()
    flip = replace(comparisons[0].flips[0], case=EVIL, prompt=EVIL, reply_before=EVIL, reply_after=EVIL, category=EVIL)
    runs = [
        (EVIL, replace(record, subject=replace(record.subject, model=EVIL, system=EVIL), failures=(EVIL,)))
        for _, record in runs
    ]
    page = render_comparison(runs, [replace(one, flips=(flip,), caveats=(EVIL,)) for one in comparisons])
    assert "<script" not in page
    assert page.count("</style>") == 1
    assert "&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;[U+202E]␛[31m" in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    page.encode("utf-8")


def test_the_policy_lets_nothing_run_or_load():
    """No script runs at all, and the one style is named by its hash."""
    page = render_comparison(*samples.compared())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page).group(1).replace("&#39;", "'")
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert "default-src 'none'; script-src 'none'" in policy
    assert f"style-src 'sha256-{digest}'" in policy
    assert "style=" not in page
    assert not re.search(r'(?:src|href)="(?!#)', page)


@pytest.mark.parametrize(
    ("paths", "models", "names"),
    [
        (("a/before", "a/after"), ("m", "m"), ("before", "after")),
        (("x/run", "y/run"), ("m", "m"), ("x/run", "y/run")),
        (("a/1", "a/2"), ("openai/m", "openai/n"), ("m", "n")),
        (("a/1", "a/1"), ("m", "m"), ("1", "1")),
        (("a/1", "a/1", "b/1"), ("m", "m", "m"), ("a/1", "a/1", "b/1")),
    ],
)
def test_a_run_is_named_by_what_tells_it_apart(paths, models, names):
    """By its model if no other run has it, else by as much of the end of its path as it takes."""
    runs, (comparison, _) = samples.compared()
    record = runs[0][1]
    named = [
        (path, replace(record, subject=replace(record.subject, model=model)))
        for path, model in zip(paths, models, strict=True)
    ]
    page = render_comparison(named, [comparison] * (len(paths) - 1))
    legend = page[page.index('<ul class="legend">') : page.index("<nav")]
    assert tuple(re.findall(r"</span>&nbsp;([^<]+)</span>", legend)) == names


def test_a_run_without_a_result_is_shown_as_such():
    """A run that was started and has no scorecard has no point and no figure, and is said to be incomplete."""
    runs, comparisons = samples.compared()
    runs = [runs[0], (runs[1][0], replace(runs[1][1], scorecard=None, status="started"))]
    page = render_comparison(runs, [replace(comparisons[0], changes={}, by_category={}, flips=())])
    assert page.count('class="name run-') == 1
    text = text_of(page)
    assert "No harmful request was judged in both runs." in text
    assert "This run is incomplete." in text
    assert "Every pair that both runs judged has the outcome it had." in text
