"""Every judge by its name."""

import json

import pytest

from demur.errors import UsageError
from demur.judge import default_judge
from demur.judge.recorded import RecordedJudge
from demur.judges import open_judge
from demur.judging import judge_file


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in a folder that holds verdicts."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.jsonl").write_text(json.dumps({"prompt": "hi", "response": "Sure."}) + "\n")
    judge_file("rows.jsonl", "judged.jsonl")


def test_judges_are_opened_by_name(here):
    """The local judge has a name; what has none is the file of a judge's verdicts."""
    assert open_judge("local").name == default_judge().name
    assert isinstance(open_judge("judged.jsonl"), RecordedJudge)
    assert isinstance(open_judge("./judged.jsonl"), RecordedJudge)


@pytest.mark.parametrize(
    ("name", "grader", "message"),
    [
        ("nobody", None, "found no judge and no file 'nobody'; expected local, graded, or a file"),
        ("graded", None, "graded asks a model, and none is named; add --grader MODEL"),
        ("local", "openai/m", "openai/m is given, and the judge local asks no model; add --judge graded"),
    ],
)
def test_what_is_no_judge_is_refused(here, name, grader, message):
    """A name nobody has, a grader without a judge, and a judge without one are named."""
    with pytest.raises(UsageError, match=message):
        open_judge(name, grader=grader)
