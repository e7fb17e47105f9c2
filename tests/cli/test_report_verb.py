"""``demur report`` on what is no run, no longer a run, or not a run of this version."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import assert_one_line, run_here
from run_samples import STARTED

from demur.run import RunFolder
from demur.types import Case, Result, Turn

CASE = Case(id="a", turns=(Turn("user", "How do I kill a process?"),), expect="comply", suite="custom")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Make a run that was started and killed, in ``run`` of the working folder."""
    monkeypatch.chdir(tmp_path)
    folder = RunFolder(tmp_path / "run")
    folder.create(STARTED, [CASE])
    return folder


@pytest.mark.parametrize("name", ["run", "run/run.json"])
def test_a_run_without_a_result_has_a_report(capsys, run, name):
    """A run that was killed at once is reported as such, from its folder or its record."""
    ended = run_here(capsys, "report", name)
    assert (ended.code, ended.out, ended.err) == (0, "run/report.html\n", "")
    assert "demur/scripted/ideal" in run.report_path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("{", ["run.json: not JSON"]),
        ("[" * 100_000, ["run.json: not JSON"]),
        ("[]", ["run.json: schema_version None; this demur reads 1"]),
        ('{"schema_version": 0}', ["run.json: schema_version 0; this demur reads 1", "check again"]),
        ('{"schema_version": 1}', ["run.json: status: Field required"]),
    ],
    ids=["broken", "deep", "other", "older", "incomplete"],
)
def test_a_record_that_cannot_be_read_is_one_line(capsys, run, text, parts):
    """A broken or older record is named with what was expected, and the report of before stays."""
    run.report_path.write_text("before")
    run.record_path.write_text(text)
    assert_one_line(run_here(capsys, "report", "run"), 2, *parts)
    assert run.report_path.read_text() == "before"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("nowhere", ["nowhere: found no run.json; expected the folder of a run"]),
        ("text.txt", ["text.txt: found no run.json"]),
        ("nowhere.eval", ["nowhere.eval: no such log"]),
        ("run/logs", ["run/logs: found no run.json"]),
    ],
)
def test_what_is_no_run_is_one_line(capsys, run, tmp_path, name, parts):
    """A path without a run is named with what was expected there."""
    (tmp_path / "text.txt").write_text("hello")
    assert_one_line(run_here(capsys, "report", name), 2, *parts)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text"), [("log.eval", "hello"), ("log.eval", ""), ("log.json", "{}")])
def test_a_file_that_is_no_log_is_one_line(capsys, run, tmp_path, name, text):
    """A file that only has a log's name is no log."""
    (tmp_path / name).write_text(text)
    assert_one_line(run_here(capsys, "report", name), 2, f"{name}: not an Inspect log")


@pytest.mark.slow
def test_a_log_of_another_task_is_one_line(capsys, run):
    """A log of someone else's task is not taken for a check-up."""
    ask = (
        "from inspect_ai import Task, eval\n"
        "from inspect_ai.dataset import Sample\n"
        "task = Task(name='other', dataset=[Sample(input='hi', target='hi')])\n"
        "eval(task, model='mockllm/model', log_dir='.', log_format='json', display='none')\n"
    )
    subprocess.run([sys.executable, "-c", ask], check=True, capture_output=True)
    (log,) = Path().glob("*.json")
    assert_one_line(run_here(capsys, "report", str(log)), 2, "a log of the task other; expected one of demur/check")


def test_a_result_of_another_version_is_one_line(capsys, run):
    """A line this version does not read is named; none is passed over in silence."""
    run.append_results([Result(case=CASE, epoch=1, turn=0, n_turns=1, move="ask", prompt=CASE.prompt, error="oops")])
    line = json.loads(run.results_path.read_text())
    run.results_path.write_text(json.dumps({**line, "schema_version": 0}) + "\n")
    assert_one_line(run_here(capsys, "report", "run"), 2, "results.jsonl:1: schema_version 0; this demur reads 1")


def test_a_report_that_cannot_be_written_is_one_line(capsys, run, tmp_path):
    """A folder is no file name, and a file is no folder."""
    assert_one_line(run_here(capsys, "report", "run", "-o", "run"), 2, "run: is a folder; expected the name of a file")
    assert_one_line(run_here(capsys, "report", "run", "-o", "run/run.json/x"), 3, "run/run.json/x: cannot be written")
    assert run.read_record() == STARTED
