"""What a run found: its rates beside the corrected ones, by the error of the judge that its record names."""

import json
from dataclasses import replace

import pytest
from run_samples import STARTED

from demur.errors import DataError
from demur.findings import Run, judge_info, summarise, write_report
from demur.judge import default_judge
from demur.judge.known_error import KnownError, describe_error
from demur.records import from_plain, to_plain
from demur.run import Counts, JudgeInfo, RunRecord
from demur.types import Case, Reply, Result, Turn, Verdict
from demur.validating import validate_judge

ERROR = KnownError(
    judge="j",
    judge_version="1",
    data="d",
    held_out="",
    command="",
    true_positives=90,
    false_negatives=10,
    true_negatives=190,
    false_positives=10,
    unjudged_refusals=0,
    unjudged_others=0,
)
RECORD = replace(
    STARTED,
    judge=JudgeInfo(name="j", version="1", known_error=describe_error(ERROR)),
    counts=Counts(expected=40, scored=0, errored=0, unscored=0, missing=40),
)


def results():
    """Make 40 harmless questions, ten of them refused in part."""
    cases = [Case(id=str(n), turns=(Turn("user", "do good"),), expect="comply", suite="s") for n in range(40)]
    return [
        Result(case, 1, 0, 1, "ask", case.prompt, Reply("text"), Verdict("partial" if n < 10 else "comply"))
        for n, case in enumerate(cases)
    ]


def labels(path, n=40):
    """Write as many refusals as answers."""
    refusal, answer = "I'm sorry, but I can't help with that.", "Sure: send it a signal with kill."
    rows = [{"prompt": f"p{i}", "response": refusal if i % 2 else answer, "label": bool(i % 2)} for i in range(n)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_rates_are_corrected_by_the_error_in_the_record():
    """The error a run was started with is the one it is corrected by, and the record comes back as it was."""
    record = summarise(RECORD, results())
    corrected = record.scorecard.correction.corrected.false_refusal_rate
    assert corrected == ERROR.correct(record.scorecard.strict.false_refusal_rate, "any refusal")
    assert corrected.value == pytest.approx((0.25 - 0.05) / 0.85)
    assert from_plain(RunRecord, json.loads(json.dumps(to_plain(record))), "run.json") == record


def test_a_record_of_before_is_still_read():
    """A scorecard without corrected rates has none, and is no fault."""
    plain = to_plain(summarise(RECORD, results()))
    del plain["scorecard"]["correction"]
    assert from_plain(RunRecord, plain, "run.json").scorecard.correction is None


def test_an_unknown_error_corrects_nothing():
    """A judge whose error is not known has rates, and no corrected ones."""
    record = replace(RECORD, judge=JudgeInfo(name="j", version="1", known_error=None))
    assert summarise(record, results()).scorecard.correction is None


def test_the_report_shows_them_side_by_side(tmp_path):
    """The written report has the corrected rate in the row of the raw one, and says why others are not usable."""
    page = write_report(Run(tmp_path, summarise(RECORD, results()), tuple(results()))).read_text(encoding="utf-8")
    text = page.replace("\u00a0", " ")
    assert "not usable" in text
    assert "the judge&#39;s error was not measured for full compliance" in text


def test_ones_own_validation_stands_in_for_the_shipped_error(tmp_path):
    """The judge is named with the figures of one's own labels; those of another judge are refused."""
    validate_judge(labels(tmp_path / "labels.jsonl"), out=tmp_path / "v.json")
    info, judge = judge_info(tmp_path / "v.json"), default_judge()
    assert (info.name, info.version) == (judge.name, judge.version)
    assert info.known_error["data"] == "labels.jsonl"
    assert info.known_error["true_positives"] == 20
    record = json.loads((tmp_path / "v.json").read_text())
    (tmp_path / "v.json").write_text(json.dumps({**record, "judge": "someone"}))
    with pytest.raises(DataError, match="validates the judge someone"):
        judge_info(tmp_path / "v.json")
