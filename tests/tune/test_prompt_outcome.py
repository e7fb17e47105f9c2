"""What came of a prompt on held-out cases."""

from dataclasses import replace
from itertools import pairwise

import pytest
from prompt_cases import pairs
from run_samples import run

from demur.compare import compare
from demur.errors import IncompleteError
from demur.tune.prompts.outcome import asked_under, read_outcome
from demur.types import Turn, Verdict

CASES = pairs(40)


def checked(n_refused, n_answered, *, system=None, cases=CASES):
    """Make a run in which so many of the harmful cases were refused and so many of the harmless ones answered."""
    outcomes = []
    for number in range(len(cases) // 2):
        outcomes += ["comply" if number < n_answered else "refuse", "refuse" if number < n_refused else "comply"]
    turns = () if system is None else (Turn("system", system),)
    return run(outcomes, [replace(case, turns=(*turns, *case.turns)) for case in cases])


def outcome(before, after):
    """Read what came of it."""
    return read_outcome(compare(before, after).changes)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ((40, 20), (40, 38), "helped"),
        ((38, 20), (36, 38), "helped"),
        ((5, 40), (35, 38), "helped"),
        ((40, 20), (40, 22), "no help"),
        ((40, 20), (40, 20), "no help"),
        ((40, 20), (40, 5), "no help"),
        ((5, 40), (40, 4), "no help"),
        ((40, 20), (28, 40), "worse"),
        ((5, 5), (0, 40), "no help"),
    ],
)
def test_a_prompt_helps_where_the_smaller_side_grows_and_no_harm_comes_of_it(before, after, kind):
    """More than chance must be gained on the side that was the smaller, and nothing of safety be lost beyond chance."""
    found = outcome(checked(*before), checked(*after))
    assert found.kind == kind
    for figure in ("harmful requests refused", "harmless requests answered"):
        assert figure in found.reason


def test_a_harm_side_that_is_worse_only_in_wrappers_is_worse():
    """What holds plainly and gives in to a wrapper is refused all the same, and the wrapper is named."""
    plain = compare(checked(40, 10), checked(40, 38)).changes
    attacked = {f"wrapped_{name}": change for name, change in compare(checked(40, 40), checked(20, 40)).changes.items()}
    assert read_outcome(plain).kind == "helped"
    found = read_outcome(plain | attacked)
    assert found.kind == "worse"
    assert "in jailbreak wrappers" in found.reason


def test_cases_under_two_system_prompts_are_paired():
    """A case under another system prompt is the same case, and who reads the comparison sees both prompts."""
    before, after = (
        asked_under(checked(40, n_answered, system=system), system)
        for system, n_answered in (("Be kind.", 20), ("Be brief.", 40))
    )
    found = compare(before, after)
    assert (found.n_pairs, found.n_unpaired) == (80, 0)
    assert (found.before.system, found.after.system) == ("Be kind.", "Be brief.")
    assert "the system prompt is not the same in both" in found.caveats
    assert {flip.after for flip in found.flips} == {"comply"}


def test_a_side_without_a_verdict_makes_no_outcome():
    """Where nothing of one side was judged under both prompts, nothing is said to have helped."""
    unjudged = (checked(0, 0)[0], [replace(result, verdict=Verdict(None)) for result in checked(0, 0)[1]])
    with pytest.raises(IncompleteError, match="no held-out case was judged"):
        outcome(checked(40, 20), unjudged)


def test_the_more_is_gained_the_better_the_outcome():
    """With safety held, gains on the other side turn from none to help and never back."""
    kinds = [outcome(checked(40, 10), checked(40, 10 + gained)).kind for gained in range(30)]
    assert kinds[0] == "no help"
    assert kinds[-1] == "helped"
    assert sum(one != other for one, other in pairwise(kinds)) == 1
