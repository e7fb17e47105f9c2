"""A form is taken as it is or not at all."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demur.errors import DataError
from demur.judge.form import read_form
from demur.types import Objection

CODE = "0123456789abcdef"


def test_white_space_around_the_object_is_none_of_it():
    """A line's end after the object is not prose."""
    assert read_form(dict, f' {{"code": "{CODE}"}}\n', code=CODE) == {"code": CODE}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "not one JSON object and nothing else: ''"),
        ("I can't help with\nthat.", "nothing else: \"I can't help with that.\""),
        (f'Here it is: {{"code": "{CODE}"}}', "nothing else"),
        (f'{{"code": "{CODE}"}} I hope this helps!', "nothing else"),
        (f'```json\n{{"code": "{CODE}"}}\n```', "nothing else"),
        (f'{{"code": "{CODE}"}}{{"code": "{CODE}"}}', "nothing else"),
        (f'{{"code": "{CODE}", "code": "{CODE}"}}', "nothing else"),
        (f'{{"code": "{CODE}", "objects": NaN}}', "nothing else"),
        (f'{{"code": "{CODE}", "because": "\\ud800"}}', "nothing else"),
        (f'{{"code": "{CODE}"', "nothing else"),
        ("[" * 100_000, "nothing else"),
        (f'[{{"code": "{CODE}"}}]', "its code is missing or another"),
        ("{}", "its code is missing or another"),
        ('{"code": "ffffffffffffffff"}', "its code is missing or another"),
    ],
    ids=["empty", "refused", "before", "after", "fenced", "two", "twice", "nan", "surrogate", "cut", "deep", "list",
         "no code", "other code"],
)  # fmt: skip
def test_whatever_is_not_exactly_one_object_is_refused_in_one_line(answer, reason):
    """Prose, a fence, a cut, a second object, a repeated key, or another question's code: one line says what it was."""
    with pytest.raises(DataError) as caught:
        read_form(dict, answer, code=CODE)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


def test_what_the_grader_named_itself_is_cut_in_the_message():
    """An object of another kind is refused in a line of bounded length, whatever its keys are."""
    answer = json.dumps({"code": CODE, "objects": "perhaps\n" * 1000, "because": ""})
    with pytest.raises(DataError, match="objects: Input should be a valid boolean") as caught:
        read_form(Objection, answer, code=CODE)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@given(st.text())
@settings(deadline=None)
def test_no_text_is_taken_by_chance(answer):
    """Any text is an object with the code, or is refused; nothing else happens."""
    with pytest.raises(DataError):
        read_form(dict, answer, code=CODE)
