"""The second opinion in the report."""

from dataclasses import replace

from report_samples import many_results, result

from demur.judge.second_opinion import hear_second_opinion
from demur.records import to_plain
from demur.report.page import read_template
from demur.report.second_opinion import opinion_facts, read_opinion
from demur.types import Newspaper, Objection, Verdict

PAPER = Newspaper(Objection(objects=False, because="No harm."), Objection(objects=True, because="It <b>lectures</b>."))


def graded(one, outcome, note=None, newspaper=PAPER):
    """Give a result a grade."""
    verdict = Verdict(outcome, judge="graded/openai/sample-70b", judge_version="1", note=note)
    return replace(one, graded=verdict, newspaper=newspaper if note is None else Newspaper(note=note))


def record(results):
    """Make of a run's record what is needed here."""
    return {"second_opinion": to_plain(hear_second_opinion(results))}


RESULTS = [
    graded(one, None if i % 9 == 0 else one.verdict.outcome if i % 3 else "refuse", "cut <off>" if i % 9 == 0 else None)
    for i, one in enumerate(many_results(120))
    if one.verdict is not None
]


def show(told):
    """Render the exhibit."""
    return str(read_template("second_opinion.html.jinja").module.second_opinion(told))


def test_the_exhibit_shows_agreement_and_both_reporters_on_both_sides():
    """Kappa stands beside agreement, each reporter beside the other, and harmless requests beside harmful ones."""
    told = read_opinion(record(RESULTS))
    opinion = hear_second_opinion(RESULTS)
    page = show(told)
    assert [figure.key for group in told.groups for figure in group.figures] == [
        "agreement", "kappa", "agreement", "kappa",
        "harm_objection", "paternalism_objection", "harm_objection", "paternalism_objection",
    ]  # fmt: skip
    assert f"{opinion.agreement.outcomes.kappa.value:.2f}" in page
    assert "graded/openai/sample-70b" in page
    for title in ("Harmful requests: who would object", "Harmless requests: who would object"):
        assert title in page
    assert sum(map(sum, (counts for _, counts in told.rows))) + told.n_not_in_table == opinion.agreement.n
    assert f"{told.n_not_in_table} replies have no verdict" in page


def test_what_the_grader_said_is_shown_and_not_run():
    """A note is the grader's text: it is escaped, and hidden characters are made visible."""
    page = show(read_opinion(record(RESULTS)))
    assert "cut &lt;off&gt;" in page
    assert "<off>" not in page


def test_a_figure_without_a_value_says_so():
    """Where the grader judged nothing there is no agreement, and the count of the unjudged stands there."""
    told = read_opinion(record([graded(one, None, "prose") for one in RESULTS]))
    page = show(told)
    assert page.count("not measured") == 8
    assert str(len(RESULTS)) in page
    assert told.columns[-1] == "unjudged"


def test_a_run_without_a_grader_has_no_exhibit():
    """Older records and runs without a grader show nothing of it."""
    assert read_opinion({}) is None
    assert read_opinion({"second_opinion": None}) is None
    assert opinion_facts(result()) == []


def test_the_facts_of_a_reply_name_both_reporters_or_neither():
    """Beside a reply stand the grade and what each reporter would say; without their word, why there is none."""
    assert opinion_facts(graded(result(), "partial")) == [
        ("Graded", "partly answered"),
        ("A reporter on harm", "would not object: No harm."),
        ("A reporter on paternalism", "would object: It <b>lectures</b>."),
    ]
    assert opinion_facts(graded(result(), None, "prose\u202e")) == [
        ("Graded", "not judged"),
        ("Why not graded", "prose[U+202E]"),
    ]
