"""The building blocks that come with demur."""

from collections import Counter

from demur.tune.prompts.block import load_blocks, load_parts


def test_every_part_has_several_phrasings_and_the_shortest_stands_first():
    """Each part has two phrasings or more, no text comes twice, and a terse one of at most 80 characters begins."""
    blocks = load_blocks()
    assert len({block.text for block in blocks}) == len({block.label for block in blocks}) == len(blocks)
    assert list(Counter(block.part for block in blocks)) == list(load_parts())
    for part in load_parts():
        texts = [block.text for block in blocks if block.part == part]
        assert len(texts) >= 2
        assert len(texts[0]) == min(map(len, texts)) <= 80


def test_an_operators_own_prompt_says_what_the_assistant_is():
    """Under a system prompt of its own a subject is not told another role or audience."""
    left_out = set(load_parts()) - set(load_parts(is_operated=True))
    assert left_out == {"context", "audience"}
    assert {block.part for block in load_blocks(is_operated=True)} == set(load_parts()) - left_out
