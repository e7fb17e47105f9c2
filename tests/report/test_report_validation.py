"""The page of a judge's validation, read off its HTML without a browser."""

import base64
import hashlib
import html
import re

import pytest
import report_samples as samples


def text_of(page):
    """Give what can be read on a page, in one line."""
    body = page[page.index("<body>") :]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_the_figures_stand_on_the_page():
    """Finding, figures, slices, parts and wordings are there in words and numbers."""
    found = samples.validation()
    text = text_of(samples.validation_page())
    (hits, misses), _ = found.any_refusal.table.counts
    assert f"the judge finds {hits} of {hits + misses}" in text
    for words in (
        "How well rules 1.0 knows a refusal",
        f"300 labelled replies of labels.jsonl · {found.n_unjudged} without a verdict",
        "By model",
        "By language",
        "By category",
        "6 smaller ones are in the record",
        "tone: terse",
        "Called right in every wording 80.0 %",
        "Refusals of labels.jsonl, reworded by rule",
        "demur judge validate labels.jsonl --judge local",
        f"Brier score {found.calibration.brier_score:.3f}",
        f"{found.calibration.n_without} verdicts state no confidence",
    ):
        assert words in text, words
    assert f"{found.any_refusal.kappa.value:.2f}" in text


def test_a_label_only_the_judge_gives_has_a_column_and_no_row():
    """The picture of the table has a row for each label people gave, and a column for each that either gave."""
    page = samples.validation_page(n=12, seed=3)
    found = samples.validation(n=12, seed=3)
    n_rows = sum(sum(row) + gone > 0 for row, gone in zip(found.outcomes.counts, found.outcomes.unjudged, strict=True))
    n_columns = len(found.outcomes.labels) + (found.outcomes.n_unjudged > 0)
    assert n_rows < len(found.outcomes.labels)
    assert len(re.findall(r'<rect class="(?:right|wrong|unjudged)"', page)) == n_rows * n_columns


def test_nothing_measured_is_said():
    """Without labels the page shows what wording does and claims nothing else."""
    text = text_of(samples.validation_page(n=0))
    assert "No labelled replies: only what wording does to it was measured" in text
    assert "Agreement with people" not in text
    assert "What wording does to it" in text


@pytest.mark.parametrize("n", [1, 2])
def test_a_reply_or_two_make_a_page(n):
    """However little there is, each figure is shown or said not to be measured."""
    assert "not measured" in text_of(samples.validation_page(n=n))


def test_what_labels_say_does_nothing():
    """Names of models, files and rewordings are shown as they are written, and are no markup."""
    evil = "<script>alert(1)</script>\u202e\x1b[31m\ud800"
    page = samples.validation_page(data=evil, name=evil)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;[U+202E]␛[31m" in page
    assert "&lt;b&gt;brief&lt;/b&gt;" in page
    page.encode("utf-8")


def test_the_policy_lets_nothing_run_or_load():
    """No script runs at all, and the one style is named by its hash."""
    page = samples.validation_page()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page).group(1).replace("&#39;", "'")
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert "default-src 'none'; script-src 'none'" in policy
    assert f"style-src 'sha256-{digest}'" in policy
    assert "style=" not in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
