"""A check-up of a model behind an endpoint: what it is sent, and what becomes of every way it can answer."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from endpoints import Answer

import demur
from demur.engine.settings import EngineSettings
from demur.run import RunFolder

pytestmark = pytest.mark.slow

MODEL = "openai-api/fake/model-1"
REFUSAL = "I'm sorry, but I can't help with that request."
IMPATIENT = EngineSettings(connections=4, timeout_s=2, retries=0, give_up_after=4)


def write_cases(folder: Path, n: int) -> Path:
    """Write a table of n cases, harmful and harmless by turns."""
    path = folder / "cases.jsonl"
    rows = [{"prompt": f"Question {i}, please?", "expect": "refuse" if i % 2 else "comply"} for i in range(n)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def check(tmp_path: Path, n: int = 12, settings: EngineSettings = IMPATIENT, **more):
    """Check the endpoint on n cases."""
    return demur.check(
        MODEL, ["custom"], data=write_cases(tmp_path, n), out=tmp_path / "run", settings=settings, **more
    )


def demur_command(*arguments: str, **more) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    command = [sys.executable, "-m", "demur.cli.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


def test_every_case_is_asked_once_with_the_system_prompt(endpoint, tmp_path):
    """Each case is sent once, after the system prompt, and neither truth nor bookkeeping goes with it."""
    run = check(tmp_path, system="Be brief.")
    assert run.record.counts.scored == 12
    assert set(endpoint.asked.values()) == {1}
    assert len(endpoint.asked) == 12
    sent = endpoint.requests[0]
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    assert sent["messages"][0]["content"] == "Be brief."
    assert "demur" not in json.dumps(sent)


def test_epochs_ask_each_case_again_with_another_seed(endpoint, tmp_path):
    """With three epochs each case is sent three times, each time with its own seed."""
    run = check(tmp_path, n=3, epochs=3)
    assert run.record.counts.expected == run.record.counts.scored == 9
    assert set(endpoint.asked.values()) == {3}
    question = [request for request in endpoint.requests if "Question 0" in request["messages"][-1]["content"]]
    assert sorted(request["seed"] for request in question) == [0, 1, 2]


def test_reasoning_is_kept_apart_and_judged_apart(endpoint, tmp_path):
    """What the model thought is no part of what it said, and has an outcome of its own."""
    endpoint.answer = lambda *_: Answer(reasoning="I cannot help with this, it would be wrong. I must refuse.")
    result = check(tmp_path, n=1).results[0]
    assert "cannot" not in result.reply.text
    assert result.reply.reasoning.startswith("I cannot help")
    assert result.verdict.outcome == "comply"
    assert result.verdict.reasoning_outcome == "refuse"


def test_a_content_filter_stop_is_a_refusal_by_the_filter(endpoint, tmp_path):
    """An empty reply with a content-filter stop is a refusal, and not the model's."""
    endpoint.answer = lambda *_: Answer(text="", finish_reason="content_filter")
    verdict = check(tmp_path, n=1).results[0].verdict
    assert (verdict.outcome, verdict.layer) == ("refuse", "filter")


def test_a_blocked_request_is_a_refusal_by_the_filter_and_its_message_is_not_the_models(endpoint, tmp_path):
    """A provider that answers 400 with a filter's error has refused; its words are not the model's."""
    error = {"message": "The response was filtered.", "code": "content_filter", "type": None, "param": "prompt"}
    endpoint.answer = lambda *_: Answer(status=400, error=error)
    result = check(tmp_path, n=1).results[0]
    assert result.reply.text == ""
    assert result.reply.filter_message == "The response was filtered."
    assert (result.verdict.outcome, result.verdict.layer) == ("refuse", "filter")


def test_an_empty_reply_is_empty(endpoint, tmp_path):
    """A model that says nothing has neither answered nor refused."""
    endpoint.answer = lambda *_: Answer(text="")
    run = check(tmp_path, n=4)
    assert {result.verdict.outcome for result in run.results} == {"empty"}
    assert run.record.scorecard.utility_rate.value == run.record.scorecard.safety_rate.value == 0
    assert run.record.scorecard.empty_rate.value == 1


def test_a_prompt_too_long_for_the_model_is_an_error_and_no_reply(endpoint, tmp_path):
    """A provider's word that the context is too small is never judged as the model's."""
    error = {"message": "maximum context length is 10 tokens", "code": "context_length_exceeded", "type": None}
    endpoint.answer = lambda *_: Answer(status=400, error=error)
    run = check(tmp_path, n=2)
    assert run.record.counts.errored == 2
    assert "does not fit" in run.record.failures[0]
    assert run.record.scorecard.safety_rate.value is None


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(status=401, error={"message": "bad key"}), "401: bad key; check the API key"),
        (Answer(status=404, error={"message": "no such model"}), "404: no such model; check the model's name"),
        (Answer(status=429, error={"message": "slow down"}), "429: slow down; ask for fewer"),
        (Answer(status=500, error={"message": "oops"}), "500: oops"),
        (Answer(body=b"<html>welcome</html>", content_type="text/html"), "not the JSON of a chat completion"),
        (Answer(body=b"{broken"), "not the JSON of a chat completion"),
        (Answer(body=b'{"hello": 1}'), "not the JSON of a chat completion"),
        (Answer(delay_s=6), "did not answer in time"),
    ],
    ids=["401", "404", "429", "500", "html", "broken", "other-json", "slow"],
)
def test_an_endpoint_that_never_works_ends_the_run_with_one_line(endpoint, tmp_path, answer, message):
    """Whatever is wrong with the endpoint is said in one line, nothing becomes a rate, and the command ends with 3."""
    endpoint.answer = lambda *_: answer
    run = check(tmp_path, settings=EngineSettings(connections=2, timeout_s=2, retries=0, give_up_after=2))
    assert message in str(run.problem)
    assert "\n" not in str(run.problem)
    assert run.record.status == "incomplete"
    assert run.record.counts.scored == 0
    assert run.record.counts.errored + run.record.counts.missing == 12
    assert run.record.scorecard is None or run.record.scorecard.safety_rate.value is None
    # It was given up long before every case had failed.
    assert len(endpoint.asked) < 12


def test_an_endpoint_that_is_down_ends_the_run_with_one_line(monkeypatch, tmp_path):
    """A port where nobody listens is reported as such."""
    monkeypatch.setenv("FAKE_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("FAKE_API_KEY", "test")
    run = check(tmp_path, settings=EngineSettings(connections=2, timeout_s=5, retries=0, give_up_after=2))
    assert "cannot be reached" in str(run.problem)
    assert run.record.counts.scored == 0


def test_a_missing_key_is_a_usage_error_and_leaves_nothing_behind(monkeypatch, tmp_path):
    """Without its API key a model cannot be opened: exit 2, and no run folder."""
    monkeypatch.delenv("FAKE_API_KEY", raising=False)
    monkeypatch.setenv("FAKE_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(demur.DemurError, match="FAKE_API_KEY") as caught:
        check(tmp_path)
    assert caught.value.exit_code == 2
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("model", ["nonsense", "nobody/model", "demur/scripted/nobody"])
def test_a_model_that_does_not_exist_is_one_line_and_exit_2(tmp_path, model):
    """No such model: one line, exit 2, nothing left behind."""
    data = write_cases(tmp_path, 2)
    ran = demur_command(
        "check", "--model", model, "--suite", "custom", "--data", str(data), "--out", str(tmp_path / "run")
    )
    assert ran.returncode == 2
    assert len(ran.stderr.strip().splitlines()[-1:]) == 1
    assert "Traceback" not in ran.stderr
    assert model in ran.stderr
    assert not (tmp_path / "run").exists()


def test_what_fails_is_counted_and_asked_again_on_resume(endpoint, tmp_path):
    """Some failures: the rates rest on the others, the command ends with 3, and a resume asks only what failed."""
    endpoint.answer = lambda request, _: (
        Answer(status=500, error={"message": "oops"})
        if "Question 3," in request["messages"][-1]["content"]
        else Answer()
    )
    run = check(tmp_path)
    counts = run.record.counts
    assert (counts.expected, counts.scored, counts.errored, counts.unscored, counts.missing) == (12, 11, 1, 0, 0)
    assert run.record.status == "incomplete"
    assert run.record.scorecard.safety_rate.n == 5
    assert run.record.scorecard.safety_rate.n_unjudged == 1
    endpoint.requests.clear()
    endpoint.answer = lambda *_: Answer()
    again = demur.resume(tmp_path / "run", settings=IMPATIENT)
    assert again.record.status == "complete"
    assert again.record.counts.scored == 12
    assert list(endpoint.asked) == ["Question 3, please?"]


def test_a_429_that_passes_is_waited_out(endpoint, tmp_path):
    """A rate limit that clears costs nothing but time."""
    endpoint.answer = lambda _, n: (
        Answer(status=429, error={"message": "slow down"}, headers={"Retry-After": "1"}) if n == 1 else Answer()
    )
    run = check(tmp_path, n=4, settings=EngineSettings(connections=2, retries=2))
    assert run.record.status == "complete"


def test_a_run_that_is_killed_and_resumed_asks_nothing_twice_that_was_finished(endpoint, tmp_path):
    """After ``kill -9`` in the middle, a resume ends with the counts of an unbroken run and repeats only what was in flight."""
    n, connections = 60, 4
    endpoint.answer = lambda request, _: Answer(
        text=REFUSAL
        if int(request["messages"][-1]["content"].split()[1].strip(",")) % 2
        else "Sure, step one is to begin.",
        delay_s=0.05,
    )
    data, out = write_cases(tmp_path, n), tmp_path / "run"
    command = [
        sys.executable, "-m", "demur.cli.main", "check", "--model", MODEL, "--suite", "custom", "--data", str(data),
        "--out", str(out), "--connections", str(connections),
    ]  # fmt: skip
    with (tmp_path / "out.txt").open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    results = RunFolder(out).results_path
    deadline = time.monotonic() + 60
    while not (results.exists() and results.read_bytes().count(b"\n") >= n // 2):
        assert time.monotonic() < deadline, (tmp_path / "out.txt").read_text()
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(1)  # for the process that asks to notice that its parent is gone
    finished = {result.prompt for result in RunFolder(out).read_results()}
    calls_before = len(endpoint.requests)
    assert n // 2 <= len(finished) < n

    ran = demur_command("check", "--resume", str(out), "--connections", str(connections))
    assert ran.returncode == 0, ran.stderr
    assert len(endpoint.requests) <= n + connections
    assert len(endpoint.requests) > calls_before
    assert all(endpoint.asked[prompt] == 1 for prompt in finished)
    resumed = demur.open_run(out)

    endpoint.requests.clear()
    unbroken = demur.check(MODEL, ["custom"], data=data, out=tmp_path / "unbroken")
    assert resumed.record.counts == unbroken.record.counts
    assert resumed.record.scorecard == unbroken.record.scorecard
    assert [result.verdict for result in resumed.results] == [result.verdict for result in unbroken.results]


def test_a_run_that_was_killed_shows_what_it_has(endpoint, tmp_path):
    """Opened before it is resumed, a killed run is incomplete, and its figures are those of its results."""
    whole = check(tmp_path, n=8)
    folder = RunFolder(whole.path)
    lines = folder.results_path.read_bytes().splitlines(keepends=True)
    folder.results_path.write_bytes(b"".join(lines[:5]))
    folder.write_record(replace(whole.record, status="started", scorecard=None, finished=None))
    run = demur.open_run(whole.path)
    assert run.record.status == "incomplete"
    assert (run.record.counts.scored, run.record.counts.missing) == (5, 3)
    assert run.record.scorecard.utility_rate.n + run.record.scorecard.safety_rate.n == 5


def test_a_cut_within_a_character_does_not_keep_a_run_from_going_on(endpoint, tmp_path):
    """A last line that ends in the middle of a character is passed over like any other half line."""
    endpoint.answer = lambda *_: Answer(text="Sure – “step one” is to begin.")
    check(tmp_path, n=3)
    results = RunFolder(tmp_path / "run").results_path
    whole = results.read_bytes()
    results.write_bytes(whole[: whole.rindex("“".encode()) + 1])
    endpoint.requests.clear()
    assert demur.resume(tmp_path / "run", settings=IMPATIENT).record.counts.scored == 3
    assert len(endpoint.requests) == 1


def test_failures_are_kept_until_they_are_replaced(endpoint, tmp_path, monkeypatch):
    """A resume that cannot begin leaves the failures of before where they were."""
    endpoint.answer = lambda *_: Answer(status=500, error={"message": "oops"})
    run = check(tmp_path, n=3)
    assert run.record.counts.errored == 3
    monkeypatch.delenv("FAKE_API_KEY")
    with pytest.raises(demur.DemurError):
        demur.resume(run.path, settings=IMPATIENT)
    assert demur.open_run(run.path).record.counts.errored == 3


def test_a_run_of_another_judge_is_not_gone_on_with(endpoint, tmp_path):
    """Verdicts of two judges make no one rate: a resume under another judge is refused."""
    run = check(tmp_path, n=2)
    older = replace(run.record, judge=replace(run.record.judge, version="0"))
    RunFolder(run.path).write_record(older)
    with pytest.raises(demur.DemurError, match="verdicts of two judges"):
        demur.resume(run.path, settings=IMPATIENT)


def test_one_blocked_prompt_does_not_stop_a_run_that_works(endpoint, tmp_path):
    """A 403 for one prompt is that sample's failure once others have been answered."""
    endpoint.answer = lambda request, _: (
        Answer(status=403, error={"message": "flagged"})
        if "Question 11," in request["messages"][-1]["content"]
        else Answer()
    )
    run = check(tmp_path, settings=EngineSettings(connections=1, retries=0))
    assert (run.record.counts.scored, run.record.counts.errored) == (11, 1)


def test_a_line_cut_short_by_a_kill_is_asked_again(endpoint, tmp_path):
    """A result that was half written when the process died counts as not finished."""
    check(tmp_path, n=6)
    results = RunFolder(tmp_path / "run").results_path
    whole = results.read_bytes()
    results.write_bytes(whole[: whole.rstrip(b"\n").rfind(b"\n") + 40])
    endpoint.requests.clear()
    again = demur.resume(tmp_path / "run", settings=IMPATIENT)
    assert len(endpoint.requests) == 1
    assert again.record.counts.scored == 6


def test_an_interrupt_keeps_what_was_finished(endpoint, tmp_path):
    """Ctrl-C ends the run with 3, a report and the way to go on."""
    endpoint.answer = lambda *_: Answer(delay_s=0.1)
    data, out = write_cases(tmp_path, 80), tmp_path / "run"
    command = [
        sys.executable, "-m", "demur.cli.main", "check", "--model", MODEL, "--suite", "custom", "--data", str(data),
        "--out", str(out), "--connections", "2",
    ]  # fmt: skip
    with (tmp_path / "err.txt").open("w") as err:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=err, start_new_session=True)
    results = RunFolder(out).results_path
    deadline = time.monotonic() + 60
    while not (results.exists() and results.read_bytes().count(b"\n") >= 10):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 3
    assert f"--resume {out}" in (tmp_path / "err.txt").read_text()
    run = demur.open_run(out)
    assert run.record.status == "incomplete"
    assert run.record.counts.scored >= 10
    assert run.record.counts.missing > 0
    assert RunFolder(out).report_path.exists()


def test_two_processes_cannot_work_on_one_run(endpoint, tmp_path):
    """A run that another process has open is left alone."""
    run = check(tmp_path, n=2)
    with RunFolder(run.path).locked():
        ran = demur_command("check", "--resume", str(run.path))
    assert ran.returncode == 2
    assert "another demur is working on this run" in ran.stderr


def test_inspect_runs_the_same_check_up_and_demur_reports_on_its_log(endpoint, tmp_path):
    """``inspect eval demur/check`` gives the figures demur gives, and its log makes a report."""
    endpoint.answer = lambda *_: Answer(text=REFUSAL)
    ran = subprocess.run(
        [
            sys.executable, "-m", "inspect_ai", "eval", "demur/check", "--model", MODEL, "--log-dir", str(tmp_path),
            "-T", "limit=8", "-T", "suite=library", "--display", "none",
        ],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    (log,) = tmp_path.glob("*.eval")
    run = demur.open_run(log)
    assert run.record.counts.scored == len(endpoint.requests) == 8
    assert run.record.scorecard.safety_rate.value == run.record.scorecard.false_refusal_rate.value == 1

    from inspect_ai.log import read_eval_log

    header = read_eval_log(str(log), header_only=True)
    metrics = {score.name: score.metrics["demur/share"].value for score in header.results.scores}
    assert metrics["safety_rate"] == metrics["false_refusal_rate"] == 1
    assert metrics["utility_rate"] == 0

    from inspect_ai.log import write_eval_log

    broken_off = read_eval_log(str(log))
    broken_off.samples = broken_off.samples[:5]
    write_eval_log(broken_off, str(tmp_path / "broken-off.eval"))
    part = demur.open_run(tmp_path / "broken-off.eval")
    assert (part.record.status, part.record.counts.scored, part.record.counts.missing) == ("incomplete", 5, 3)

    made = demur_command("report", str(log), "-o", str(tmp_path / "from-log.html"))
    assert made.returncode == 0, made.stderr
    assert "model-1" in (tmp_path / "from-log.html").read_text(encoding="utf-8")


def test_the_logs_are_inspects_own(endpoint, tmp_path):
    """Inspect opens the logs of a run, with every sample and what it was scored."""
    from inspect_ai.log import list_eval_logs, read_eval_log

    run = check(tmp_path, n=5)
    (info,) = list_eval_logs(str(run.path / "logs"))
    log = read_eval_log(info)
    assert log.status == "success"
    assert len(log.samples) == 5
    assert all("refusal_verdict" in sample.scores for sample in log.samples)
