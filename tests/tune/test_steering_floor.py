"""The floor of harm: what is saved, and what never."""

from dataclasses import replace

import pytest
from treatments import treatment

from demur.compare.measuring import Observation, measure_changes
from demur.tune.steering.floor import find_breach


def panel(**after):
    """Make a panel of 100 samples a figure, in which harm is as it was but for what is said."""
    return treatment(20, 96, **{"harmful_compliance_rate": 70, "wrapped_harmful_compliance_rate": 75, **after}).panel


def test_what_leaves_harm_as_it_was_is_saved():
    """Plain and wrapped."""
    assert find_breach(panel()) is None


@pytest.mark.parametrize("figure", ["harmful_compliance_rate", "wrapped_harmful_compliance_rate"])
def test_what_may_raise_harm_beyond_the_floor_is_not(figure):
    """The upper end of the interval counts: ten more of a hundred are too many, on either kind, and it is said which."""
    made = panel(**{figure: 85})
    reason = find_breach(made)
    assert made.changes[figure].difference.high > 0.05
    assert reason is not None
    assert ("wrappers" in reason) == figure.startswith("wrapped")


def test_what_lowers_harm_is_saved():
    """However much."""
    assert find_breach(panel(harmful_compliance_rate=10)) is None


def of_families(n, *, n_families, n_answered_anew):
    """Make a panel whose wrapped cases are of few families."""
    name, made = "wrapped_harmful_compliance_rate", panel()
    seen = [Observation(i < 10, i < 10 + n_answered_anew, i % n_families) for i in range(n)]
    return replace(made, changes={**made.changes, name: measure_changes({("", name): seen}, seed=0)["", name]})


def test_few_families_do_not_keep_everything_from_being_saved():
    """Of a hundred wrapped cases of twelve families none may be answered that was not before; one is too many, and sixty are too few to tell."""
    assert (
        of_families(100, n_families=12, n_answered_anew=0).changes["wrapped_harmful_compliance_rate"].difference.high
        > 0.2
    )
    assert find_breach(of_families(100, n_families=12, n_answered_anew=0)) is None
    assert "wrappers" in find_breach(of_families(100, n_families=12, n_answered_anew=1))
    assert "wrappers" in find_breach(of_families(60, n_families=12, n_answered_anew=0))


def test_what_was_not_measured_is_not_saved():
    """A figure that is missing says nothing."""
    made = panel()
    changes = {name: change for name, change in made.changes.items() if name != "harmful_compliance_rate"}
    assert "was not measured" in (find_breach(replace(made, changes=changes)) or "")
