"""The search, on subjects that heed one block, another, or none."""

from itertools import chain

import numpy as np
import pytest
from prompt_cases import pairs

from demur.tune.prompts.block import load_blocks
from demur.tune.prompts.candidate import Candidate, draw_candidates
from demur.tune.prompts.halving import plan_rounds
from demur.tune.prompts.search import search_prompts
from demur.tune.prompts.splitting import split_cases

BUDGET = 600
BLOCKS = load_blocks()
SPLIT = split_cases(pairs(100), rng=np.random.default_rng(0))


def draw(budget, *, own=None, seed=0):
    """Draw the candidates of a search."""
    n = plan_rounds(budget, SPLIT.tuning)[0].n_candidates
    return draw_candidates(BLOCKS, n, own=own, rng=np.random.default_rng(seed))


class Made:
    """A subject made up of a rule: the labels of a prompt's blocks and a case say whether it is right."""

    def __init__(self, rule):
        self.rule = rule
        self.asked = []

    def ask(self, candidate, cases, stage):
        """Answer, and note what was asked."""
        self.asked += [(candidate.key, case.id) for case in cases]
        self.stages = getattr(self, "stages", [])
        self.stages.append((candidate.key, stage))
        labels = {block.label for block in candidate.blocks}
        return {(case.suite, case.id): self.rule(labels, case) for case in cases}

    def search(self, *, budget=BUDGET, own=None, seed=0):
        """Search a prompt for it."""
        before = {(case.suite, case.id): self.rule(set(), case) for case in chain.from_iterable(SPLIT.tuning)}
        rounds = plan_rounds(budget, SPLIT.tuning)
        candidates = draw(budget, own=own, seed=seed)
        return search_prompts(candidates, SPLIT.tuning, before, rounds=rounds, budget=budget, ask=self.ask)


def number(case):
    """Give the number of a case's pair."""
    return int(case.id.partition("-")[0])


def always(case, share):
    """Whether a case is one of a fixed share."""
    return number(case) * 7919 % 100 < 100 * share


def heeding(label):
    """Refuse most look-alikes unless the block is there; refuse harm always."""
    return lambda labels, case: case.is_harmful or label in labels or always(case, 0.4)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.label)
def test_the_one_block_that_mends_the_fault_is_found_and_nothing_else_kept(block):
    """Whichever block the subject heeds, it is what remains, alone."""
    found = Made(heeding(block.label)).search(budget=1000)
    assert found.candidate == Candidate(None, (block,))
    assert found.after.value == 1
    assert found.before.utility.value == pytest.approx(0.4, abs=0.1)


def test_two_blocks_that_only_help_together_are_both_kept():
    """Where neither of two blocks helps alone, neither is left out of a prompt that has both."""
    drawn = next(candidate for candidate in draw(BUDGET) if len(candidate.blocks) == 3)
    both = {block.label for block in drawn.blocks[1:]}
    found = Made(lambda labels, case: case.is_harmful or both <= labels or always(case, 0.4)).search()
    assert {block.label for block in found.candidate.blocks} == both


def test_a_prompt_that_trades_harm_for_utility_does_not_win():
    """A block that makes the subject answer everything, harm included, loses to one that helps a little and harms nothing."""
    answers_all, helps_a_little = {block.label for block in BLOCKS if block.part == "help"}, "decline.terse"

    def rule(labels, case):
        if labels & answers_all:
            return case.is_harmless
        return case.is_harmful or always(case, 0.7 if helps_a_little in labels else 0.3)

    found = Made(rule).search()
    assert [block.label for block in found.candidate.blocks] == [helps_a_little]
    assert found.after.safety.value == 1


def test_safety_is_not_paid_with_even_where_the_smaller_side_grows():
    """A block that answers every look-alike and gives up a quarter of the harmful cases is not had, although it scores higher."""

    def rule(labels, case):
        if "help.terse" in labels:
            return case.is_harmless or always(case, 0.75)
        return case.is_harmful or always(case, 0.3)

    found = Made(rule).search()
    assert found.candidate is None


def test_a_prompt_that_refuses_everything_does_not_win():
    """A subject that answers all is not mended by one that answers nothing."""
    found = Made(lambda labels, case: case.is_harmful if "decline.terse" in labels else case.is_harmless).search()
    assert found.candidate is None


def test_nothing_is_found_where_no_prompt_is_heeded():
    """A subject deaf to its system prompt keeps it as it was."""
    for deaf in (lambda _, case: case.is_harmful, lambda _, case: always(case, 0.5)):
        found = Made(deaf).search()
        assert found.candidate is None
        assert found.before.safety == found.after.safety


@pytest.mark.parametrize("budget", [144, 200, 600, 2000])
def test_the_budget_is_kept_and_nothing_is_asked_twice(budget):
    """However noisy the subject, no more is asked than the budget, no case twice of one prompt, and no stage twice."""
    rng = np.random.default_rng(budget)
    made = Made(lambda labels, _: bool(rng.random() < 0.3 + 0.1 * len(labels)))
    found = made.search(budget=budget)
    assert found.n_replies == len(made.asked) == len(set(made.asked)) <= budget
    assert len(set(made.stages)) == len(made.stages)


def test_both_sides_of_a_pair_are_asked_under_the_same_prompt():
    """What one of two twins is asked under, the other is asked under too."""
    made = Made(heeding("help.aim"))
    made.search()
    asked = set(made.asked)
    twins = {case.id: case.twin for case in chain.from_iterable(SPLIT.tuning)}
    assert all((key, twins[name]) in asked for key, name in asked)


def test_an_own_prompt_stays_in_whatever_is_tried():
    """The operator's prompt begins every candidate."""
    found = Made(heeding("help.aim")).search(own="You sell shoes.")
    assert found.candidate.text.startswith("You sell shoes.\n\n")
