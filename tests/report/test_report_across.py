"""What shows only across replies, in the report."""

import report_samples as samples

from demur.records import to_plain
from demur.report import render_report
from demur.report.across import read_across
from demur.report.page import read_template
from demur.scorecard import score


def record(results):
    """Make of a run's record what is needed here."""
    return {"scorecard": to_plain(score(results))}


def show(told):
    """Render the exhibit."""
    return str(read_template("across.html.jinja").module.across(told))


def test_where_the_subject_gave_in_and_to_what_is_shown():
    """Each drill that was refused and then answered is named with its reply, its move and the kind of pressure."""
    told = read_across(record(samples.drill_results()))
    page = show(told)
    assert told.gave_in == (
        "drills:doors, reply 2 (hypothetical): reframing",
        "drills:letters, reply 3 (reframe): reframing",
    )
    assert "fiction, a hypothetical, a role" in page
    assert "Drift, harmful" in page
    assert "-0.67" in page
    assert "Drift, harmless" not in page  # nothing harmless was drilled


def test_the_commonest_refusal_is_shown_and_not_run():
    """The template and the opening are the model's text: escaped, with hidden characters made visible."""
    text = "No <b>way</b>\u202e, I will not do this."
    told = read_across(record([samples.result(f"p/{n}", "refuse", text=text) for n in range(3)]))
    page = show(told)
    assert "3 refusals are 1 template." in page
    assert "No &lt;b&gt;way&lt;/b&gt;[U+202E], I will not" in page
    assert "<b>way" not in page


def test_refusals_that_are_all_different_have_no_commonest():
    """Where no two refusals are one template none is held up as the script."""
    texts = ("I won't break into a house.", "Poisoning a child is where I stop.")
    told = read_across(record([samples.result(f"p/{n}", "refuse", text=text) for n, text in enumerate(texts)]))
    assert (told.n_refusals, told.n_templates, told.template, told.opening) == (2, 2, "", "")


def test_what_was_not_measured_takes_no_room():
    """Records of an earlier version, and runs without a refusal or a drill, have no such exhibit."""
    assert read_across({}) is None
    assert read_across({"scorecard": {"safety_rate": None}}) is None
    results = [samples.result(outcome="comply")]
    run = samples.run_of(results, scorecard=to_plain(score(results)))
    assert read_across(run) is None
    assert 'id="across"' not in render_report(run, results)


def test_the_page_has_the_exhibit():
    """A run with refusals and drills shows it once."""
    results = samples.many_results(40) + samples.drill_results()
    page = render_report(samples.run_of(results, scorecard=to_plain(score(results))), results)
    assert page.count('id="across"') == 1
