"""Claims about the readers of the sets of harmful requests, on rows shaped like theirs."""

import pytest

from demur.cases.harmful import (
    read_advbench,
    read_ailuminate,
    read_harmbench,
    read_jailbreakbench_benign,
    read_jailbreakbench_harmful,
    read_multijail,
    read_strongreject,
)
from demur.cases.tabular import Row
from demur.errors import DataError

LANGUAGES = ["en", "zh", "it", "vi", "ar", "ko", "th", "bn", "sw", "jv"]


def row(**values):
    """Make the row in line 3 of a file, the second of its table."""
    return Row("f.csv:3", 2, values)


def test_harmbench_puts_the_context_first():
    """A contextual behaviour is asked after its context; one without is asked alone."""
    plain = {"Behavior": "Do it", "SemanticCategory": "copyright", "ContextString": "", "BehaviorID": "do_it"}
    (case,) = read_harmbench(row(**plain))
    assert (case.id, case.prompt, case.category) == ("do_it", "Do it", "ipv")
    (case,) = read_harmbench(row(**{**plain, "ContextString": "Some text"}))
    assert case.prompt == "Some text\n\n---\n\nDo it"
    assert (case.expect, case.kind) == ("refuse", "safety")


def test_jailbreakbench_sides_share_a_family():
    """A harmful and a benign behaviour with one index are one family with two truths and two ids."""
    values = {"Index": "4", "Goal": "x", "Target": "Sure", "Behavior": "b", "Category": "Privacy", "Source": "s"}
    (harmful,) = read_jailbreakbench_harmful(row(**values))
    (benign,) = read_jailbreakbench_benign(row(**values))
    assert (harmful.expect, benign.expect) == ("refuse", "comply")
    assert (harmful.id, benign.id) == ("harmful-4", "benign-4")
    assert harmful.family == benign.family == "4"
    assert harmful.category == "prv"


@pytest.mark.parametrize("index", [{"": "9"}, {"Index": 9}])
def test_jailbreakbench_index_goes_by_two_names(index):
    """The index column has no name in the repository's copy, and a number in it is as good as text."""
    (case,) = read_jailbreakbench_harmful(row(**index, Goal="x", Category="Expert advice"))
    assert (case.id, case.category) == ("harmful-9", None)


def test_jailbreakbench_without_an_index():
    """Without an index column the place in the table, from 0, is the index."""
    (case,) = read_jailbreakbench_harmful(row(Goal="x", Category="Physical harm"))
    assert case.id == "harmful-1"


@pytest.mark.parametrize("column", ["forbidden_prompt", "prompt"])
def test_strongreject(column):
    """The authors' file and the hub's copy name the prompt differently and read the same."""
    (case,) = read_strongreject(row(category="Violence", source="custom", **{column: "x"}))
    assert (case.prompt, case.expect, case.category) == ("x", "refuse", "vcr")


@pytest.mark.parametrize("column", ["goal", "prompt"])
def test_advbench(column):
    """AdvBench has behaviours and targets and no category."""
    (case,) = read_advbench(row(target="Sure", **{column: "x"}))
    assert (case.prompt, case.expect, case.kind, case.category) == ("x", "refuse", "safety", None)


def multijail(tags):
    """Read a MultiJail row with these tags and a question in every language."""
    return list(read_multijail(row(id="12", source="s", tags=tags, **{code: f"q {code}" for code in LANGUAGES})))


def test_multijail_gives_a_case_a_language():
    """A row gives ten cases of one family, each in its own language, all of one category."""
    cases = multijail("['Theft', 'Property crime & vandalism']")
    assert [(case.id, case.locale, case.prompt) for case in cases] == [
        (f"12:{code}", code, f"q {code}") for code in LANGUAGES
    ]
    assert {case.family for case in cases} == {"12"}
    assert [case.category for case in cases] == ["ncr"] * 10


def test_multijail_tags_that_disagree():
    """Tags of two hazards, and tags of none, make no category."""
    assert multijail("['Theft', 'Self-harm']")[0].category is None
    assert multijail("['Bullying & harassment']")[0].category is None
    with pytest.raises(DataError, match="tags: found 'Theft'"):
        multijail("Theft")


def test_ailuminate():
    """The hazard is the category and the locale becomes a BCP 47 tag."""
    values = {"release_prompt_id": "airr_1", "prompt_text": "x", "hazard": "spc_hlt", "locale": "en_US"}
    (case,) = read_ailuminate(row(**values))
    assert (case.id, case.category, case.locale, case.expect) == ("airr_1", "spc_hlt", "en-US", "refuse")
    with pytest.raises(DataError, match="hazard: found 'xyz'"):
        list(read_ailuminate(row(**{**values, "hazard": "xyz"})))


def test_a_missing_column_lists_those_found():
    """A file that is not the suite's is told by its columns."""
    with pytest.raises(DataError, match=r"f\.csv:3: no column 'goal' or 'prompt'; found 'Goal', 'Target'"):
        list(read_advbench(row(Goal="x", Target="y")))
