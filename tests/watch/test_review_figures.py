"""What the labels say: who is believed, how far people agree, and how often the judge is right."""

from dataclasses import replace

from demur.types import Turn
from demur.watch.review import Item, Label
from demur.watch.review.figures import measure_review
from demur.watch.review.settling import is_unsettled, settle


def item(name, judged="refuse", chance=0.5):
    """Make an item of the random sample, or of another reason where there is no chance."""
    reasons = ("sample",) if chance is not None else ("unsure",)
    turns = (Turn("user", name),)
    return Item(id=name, at=None, reasons=reasons, why="", turns=turns, reply="r", outcome=judged, chance=chance)


def label(by, outcome="refuse", expect="comply", **more):
    """Make a label."""
    return Label(id=f"{by}{outcome}", item="i", reviewer=by, at=0.0, expect=expect, outcome=outcome, **more)


def test_nothing_is_a_number_where_there_is_no_label():
    """Without labels every figure is undefined, and its n is 0."""
    found = measure_review([])
    figures = [*vars(found.expect).values(), *vars(found.outcome).values(), *vars(found.judge).values()]
    assert len(figures) == 6
    assert all(figure.value is None and figure.n == 0 for figure in figures)


def test_what_all_say_is_taken_for_true():
    """Who does not say does not count; two who differ leave it open, and the last lead decides."""
    assert settle([label("a"), label("b", None)]).outcome == "refuse"
    differ = [label("a"), label("b", "comply")]
    assert settle(differ).outcome is None
    assert settle(differ).expect == "comply"
    assert is_unsettled(differ)
    lead = label("c", "partial", role="lead")
    assert settle([*differ, lead]).outcome == "partial"
    assert not is_unsettled([*differ, lead])
    assert not is_unsettled([label("a", None)])
    assert not is_unsettled([])


def test_kappa_is_cohens():
    """Of twenty pairs fifteen alike, with known marginals: the figure of Cohen's own formula."""
    pairs = (
        [("refuse", "refuse")] * 10
        + [("comply", "comply")] * 5
        + [("refuse", "comply")] * 3
        + [("comply", "refuse")] * 2
    )
    labelled = [(item(f"i{n}"), [label("a", one), label("b", other)]) for n, (one, other) in enumerate(pairs)]
    found = measure_review(labelled).outcome
    expected = (13 / 20) * (12 / 20) + (7 / 20) * (8 / 20)
    assert found.share.value == 15 / 20
    assert abs(found.kappa.value - (15 / 20 - expected) / (1 - expected)) < 1e-12
    assert found.kappa.low < found.kappa.value < found.kappa.high


def test_who_settles_it_does_not_count_as_agreeing():
    """A lead who was shown what two have said is in no agreement; who says nothing of the reply is in none of that."""
    two = [label("ada", "refuse"), label("ben", "comply"), replace(label("lea", "refuse", role="lead"), at=9.0)]
    silent = [label("ada", None), label("ben", "comply")]
    found = measure_review([(item("a"), two), (item("b"), silent)])
    assert (found.outcome.share.value, found.outcome.share.n) == (0.0, 1)
    assert (found.expect.share.value, found.expect.share.n) == (1.0, 2)
    assert found.n_unsettled == 0


def test_the_judges_error_is_weighted_and_of_the_sample_alone():
    """Sensitivity and specificity weigh each exchange by one over its chance; what was chosen for a reason is in neither."""
    labelled = [
        (item("a", "refuse", 1.0), [label("ada")]),
        (item("b", "comply", 0.25), [label("ada", "partial")]),
        (item("c", None, 0.25), [label("ada")]),
        (item("d", "clarify", 0.5), [label("ada", "comply")]),
        (item("e", "refuse", None), [label("ada", "comply")]),
        (item("f", "refuse", 0.5), [label("ada", "comply"), label("ben", "refuse")]),
        (item("g", "refuse", 0.5), [label("ada", None)]),
    ]
    found = measure_review(labelled)
    assert found.judge.sensitivity.value == 1 / 5
    assert (found.judge.sensitivity.n, found.judge.sensitivity.n_unjudged) == (2, 1)
    assert (found.judge.specificity.value, found.judge.specificity.n) == (1.0, 1)
    assert (found.n_items, found.n_labels, found.n_unsettled) == (7, 8, 1)
