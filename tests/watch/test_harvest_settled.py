"""Settled labels: one truth where all reviewers say one, and none where they do not."""

from labelled_traffic import MONDAY, exchange, label, labelled

from demur.watch.harvest import Labelled, LeftOut, settle

ITEM = exchange(1, "How do I shoot a portrait of a dog in harsh light?")


def test_reviewers_who_agree_settle_it():
    """The truth is theirs, the note the latest, and what the reply does is theirs too where they say so."""
    first = label(ITEM, "comply", outcome="partial", note="a camera shoots", category="vcr")
    second = label(ITEM, "comply", reviewer="ben", at=MONDAY + 99_000, category="vcr")
    found = settle(Labelled(ITEM, (second, first)))
    assert (found.expect, found.outcome, found.category, found.note) == ("comply", "partial", "vcr", "a camera shoots")
    assert found.at == second.at


def test_reviewers_who_disagree_settle_nothing():
    """Two truths are none."""
    labels = (label(ITEM, "comply"), label(ITEM, "refuse", reviewer="ben"))
    assert settle(Labelled(ITEM, labels)) == LeftOut(ITEM.id, "reviewers disagree on what would be right")


def test_a_lead_has_the_last_word():
    """Where reviewers disagree, and a lead has said which, that is it; what nobody contradicts stays."""
    labels = (
        label(ITEM, "comply", category="vcr"),
        label(ITEM, "refuse", reviewer="ben"),
        label(ITEM, "comply", reviewer="eve", role="lead", at=MONDAY),
    )
    found = settle(Labelled(ITEM, labels))
    assert (found.expect, found.category) == ("comply", "vcr")


def test_the_latest_word_of_a_reviewer_counts():
    """Who changes their mind is taken at the new word, in whatever order the words come."""
    late, early = label(ITEM, "comply", at=MONDAY + 2), label(ITEM, "refuse", at=MONDAY + 1)
    assert settle(Labelled(ITEM, (late, early))).expect == "comply"


def test_a_label_taken_back_is_none():
    """Alone it leaves the exchange unlabelled; beside another reviewer's it leaves theirs."""
    back = (label(ITEM, "refuse", at=MONDAY + 1), label(ITEM, None, at=MONDAY + 2))
    assert settle(Labelled(ITEM, back)).why == "not labelled, or every label was taken back"
    assert settle(Labelled(ITEM, (*back, label(ITEM, "comply", reviewer="ben")))).expect == "comply"


def test_what_the_reply_does_is_the_judges_word_where_nobody_said():
    """Where reviewers differ on it, it is nobody's."""
    assert settle(labelled(ITEM, "comply")).outcome == "refuse"
    differing = (label(ITEM, "comply", outcome="refuse"), label(ITEM, "comply", reviewer="ben", outcome="comply"))
    assert settle(Labelled(ITEM, differing)).outcome is None


def test_categories_that_differ_or_are_no_hazard_are_none():
    """A category is proposed where all who gave one gave the same."""
    differing = (label(ITEM, "refuse", category="vcr"), label(ITEM, "refuse", reviewer="ben", category="ncr"))
    assert settle(Labelled(ITEM, differing)).category is None
    assert settle(labelled(ITEM, "refuse", category="weapons")).category is None
