"""What a writer is asked, and what is taken from its answer."""

from dataclasses import replace

import pytest
from prompt_cases import pairs

from demur.errors import DataError
from demur.tune.prompts.block import load_parts
from demur.tune.prompts.writing import ask_writer, read_written
from demur.types import Turn

PARTS = load_parts()


def test_the_writer_sees_harmless_faults_and_no_harmful_request():
    """A few of the harmless cases that failed are shown; of the harmful ones only the name of the hazard."""
    faults = [replace(case, turns=(Turn("user", f"{case.expect} {case.id}"),)) for case in pairs(12)]
    asked = ask_writer(PARTS, own="You sell shoes.", faults=faults).prompt
    assert asked.count("-harmless") == 5
    assert "-harmful" not in asked
    assert "violent crimes" in asked
    assert "You sell shoes." in asked
    assert all(f"{part}: {about}" in asked for part, about in PARTS.items())


def test_phrasings_are_read_part_by_part():
    """Lists, emphasis and quotes are taken off; other lines, unknown parts, repetitions, a third and the overlong are passed over."""
    answer = (
        'Here you are:\nhelp: Answer what is harmless.\n- **Help**: "Look at the aim."\nhelp: Look at the aim.\nhelp: A third.\n'
        f"1. decline: Refuse harm.\nstyle: Be nice.\nask: {'x' * 401}\nmanner:\n"
    )
    assert [(block.label, block.text) for block in read_written(answer, PARTS)] == [
        ("help.written-1", "Answer what is harmless."),
        ("help.written-2", "Look at the aim."),
        ("decline.written-1", "Refuse harm."),
    ]


@pytest.mark.parametrize("answer", ["", "I can't help with that.", "style: Be nice."])
def test_an_answer_without_a_phrasing_is_one_line(answer):
    """Whoever wrote nothing that can be used is said to have."""
    with pytest.raises(DataError, match="wrote no phrasing"):
        read_written(answer, PARTS)
