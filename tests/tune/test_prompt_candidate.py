"""Candidates: what they say, and that every block gets its turn."""

import numpy as np
import pytest

from demur.tune.prompts.block import Block, load_blocks, load_order
from demur.tune.prompts.candidate import Candidate, draw_candidates

ONE, OTHER = Block("help", "terse", "Help."), Block("decline", "terse", "Refuse.")


def test_the_subjects_own_prompt_stands_first_and_stays():
    """The blocks follow the own prompt; without either there is no prompt at all."""
    assert Candidate("You sell shoes.", (ONE, OTHER)).text == "You sell shoes.\n\nHelp. Refuse."
    assert Candidate("You sell shoes.").text == "You sell shoes."
    assert Candidate(None, (ONE,)).text == "Help."
    assert Candidate(None).text is None


def test_shorter_candidates_lack_one_block_each():
    """Each block is left out once."""
    assert Candidate("x", (ONE, OTHER)).shorter() == (Candidate("x", (OTHER,)), Candidate("x", (ONE,)))
    assert Candidate("x", (ONE,)).shorter() == (Candidate("x"),)


@pytest.mark.parametrize("seed", range(20))
def test_few_candidates_try_every_block(seed):
    """Twelve candidates try all blocks and eight all but a few; all differ, hold a part once, and keep the order of the parts."""
    blocks = load_blocks()
    parts = list(dict.fromkeys(block.part for block in blocks))
    for n, most_missing in ((8, 4), (12, 0)):
        drawn = draw_candidates(blocks, n, rng=np.random.default_rng(seed))
        assert len(drawn) == len({candidate.text for candidate in drawn}) == n
        assert len(blocks) - len({block for candidate in drawn for block in candidate.blocks}) <= most_missing
        for candidate in drawn:
            places = [parts.index(block.part) for block in candidate.blocks]
            assert places == sorted(set(places))
            assert 1 <= len(places) <= 3


def test_the_draw_is_the_same_for_the_same_seed():
    """What was asked before an interruption is asked again by nobody, because it is drawn again."""
    one, other = (draw_candidates(load_blocks(), 16, rng=np.random.default_rng(3)) for _ in range(2))
    assert one == other


def test_no_more_are_drawn_than_there_are():
    """Two blocks of two parts make three prompts."""
    assert {candidate.text for candidate in draw_candidates([ONE, OTHER], 32, rng=np.random.default_rng(0))} == {
        "Help.", "Refuse.", "Help. Refuse.",
    }  # fmt: skip


def test_the_parts_that_promise_most_are_tried_first():
    """Three candidates try all six parts once, in the order that is given; then chance decides between them."""
    first = load_order()
    drawn = draw_candidates(load_blocks(), 3, first=first, rng=np.random.default_rng(0))
    assert [{block.part for block in candidate.blocks} for candidate in drawn] == [
        {*first[:1]},
        {*first[1:3]},
        {*first[3:]},
    ]
    assert set(first) == {block.part for block in load_blocks()}
