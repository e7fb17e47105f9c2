"""A prompt searched and checked: on subjects that heed a block, on an endpoint, and interrupted."""

import hashlib
import json
import re
import subprocess
import sys
import time
from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from click.testing import CliRunner
from endpoints import Answer
from run_samples import RECORD

import demur
from demur import kept_checkup
from demur.checkup import CheckProgress
from demur.cli.main import cli
from demur.errors import DataError, IncompleteError, UsageError
from demur.findings import Run, judge_info, open_run
from demur.prompting import tune_prompt
from demur.run import RunFolder, SubjectRecord, SuiteRecord, count_samples, finished_samples
from demur.tune.folder import read_treatment
from demur.tune.prompts.block import load_blocks
from demur.tune.prompts.splitting import split_cases
from demur.types import Case, Decoding, Reply, Result, Turn, Verdict

N_PAIRS = 60
BUDGET = 400
PLANTED = next(block for block in load_blocks() if block.label == "manner.terse").text
MODEL = "openai-api/fake/model-1"
REFUSAL = "I'm sorry, but I can't help with that request."


def make_cases():
    """Make pairs of a harmless and a harmful question."""
    return [
        Case(
            f"{side}-{number}",
            (Turn("user", f"{side} question {number}?"),),
            expect,
            kind=kind,
            family=f"f{number}",
            suite="s",
        )
        for number in range(N_PAIRS)
        for side, expect, kind in (("harmless", "comply", None), ("harmful", "refuse", "safety"))
    ]


CASES = make_cases()


def is_often(case, share):
    """Whether a case is one of a fixed share."""
    return int(case.id.rpartition("-")[2]) * 7919 % 100 < 100 * share


def heeds_planted(system, case):
    """Refuse harm, and most look-alikes too unless told how to refuse."""
    return case.is_harmful or PLANTED in (system or "") or is_often(case, 0.3)


class FakeSubject:
    """Check-ups without a model: a rule says of a system prompt and a case whether the answer is right."""

    def __init__(self, rule, *, stop_after=None):
        self.rule = rule
        self.stop_after = stop_after
        self.fails = lambda _: False
        self.asked = []

    def write(self, path, cases, subject):
        """Write a run of which some answers are still to come, and give them."""
        record = replace(
            RECORD,
            status="started",
            subject=subject,
            suites=(SuiteRecord("s", "Made up", "none", len(cases), "0"),),
            judge=judge_info(),
            counts=count_samples(len(cases), ()),
        )
        RunFolder(path).create(record, cases)
        return self.go_on(path)

    def check_cases(self, model, cases, *, out, decoding, settings, on_progress):  # noqa: ARG002 -- its signature
        """Stand in for `demur.checkup.check_cases`."""
        run = self.write(out, cases, SubjectRecord(model, None, decoding))
        on_progress(CheckProgress(len(cases), len(run.results), 0, 0, 0))
        return run

    def resume(self, path, *, settings, on_progress):  # noqa: ARG002 -- likewise
        """Stand in for `demur.checkup.resume`."""
        before = len(RunFolder(path).read_results())
        run = self.go_on(path)
        on_progress(CheckProgress(run.record.counts.expected, len(run.results), before, 0, 0))
        return run

    def go_on(self, path):
        """Answer what is not answered."""
        folder = RunFolder(path)
        done = {key.case_id for key in finished_samples(folder.read_results())}
        for case in folder.read_cases():
            if case.id in done:
                continue
            if self.stop_after is not None and len(self.asked) >= self.stop_after:
                return replace(open_run(path), problem=IncompleteError("interrupted"))
            bare = replace(case, turns=case.turns[-1:])
            self.asked.append((case.system, bare.prompt))
            if self.fails(bare.prompt):
                folder.append_results([Result(case, 1, 0, 1, "ask", case.prompt, error="oops")])
                continue
            is_right = self.rule(case.system, bare)
            outcome = case.expect if is_right else "comply" if case.is_harmful else "refuse"
            verdict = Verdict(outcome, judge="local")
            folder.append_results([Result(case, 1, 0, 1, "ask", case.prompt, Reply(f"It is {outcome}."), verdict)])
        return open_run(path)


@pytest.fixture
def subject(monkeypatch, tmp_path):
    """Give a subject that heeds one block, with its run at RUN."""

    def make(rule=heeds_planted, *, system=None, cases=CASES):
        made = FakeSubject(rule)
        monkeypatch.setattr(kept_checkup, "check_cases", made.check_cases)
        monkeypatch.setattr(kept_checkup, "resume", made.resume)
        asked = [
            case if system is None else replace(case, turns=(Turn("system", system), *case.turns)) for case in cases
        ]
        made.write(tmp_path / "RUN", asked, SubjectRecord(MODEL, system, Decoding(max_tokens=32, seed=0)))
        made.asked.clear()
        return made

    return make


def test_the_planted_block_is_found_checked_and_saved(subject, tmp_path):
    """What the subject heeds is found, alone; it is saved with its hash, its settings, and a panel of both sides."""
    made = subject()
    tuned = tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET)
    assert tuned.outcome.kind == "helped"
    assert tuned.text == PLANTED
    assert (tmp_path / "OUT/prompt.txt").read_text("utf-8") == f"{PLANTED}\n"
    saved = read_treatment(tmp_path / "OUT")
    assert saved == tuned.treatment
    assert (saved.sort, saved.model, saved.card) == ("prompt", MODEL, None)
    assert saved.files["prompt.txt"] == hashlib.sha256((tmp_path / "OUT/prompt.txt").read_bytes()).hexdigest()
    assert saved.settings["blocks"] == "manner.terse"
    changes = saved.panel.changes
    assert changes["utility_rate"].after.value == changes["safety_rate"].after.value == 1
    assert changes["utility_rate"].before.value < 0.5
    assert changes["utility_rate"].after.n == changes["safety_rate"].after.n >= 20
    assert saved.panel.suites == {"s": 2 * changes["utility_rate"].after.n}
    assert len(made.asked) == tuned.n_replies <= BUDGET


def test_what_is_checked_was_not_tuned_on(subject, tmp_path):
    """No case of the panel was asked before the check, nor its twin."""
    made = subject()
    tuned = tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET)
    n_check = 2 * sum(tuned.treatment.panel.suites.values())
    searched, checked = made.asked[:-n_check], made.asked[-n_check:]
    numbers = [{asked.rpartition(" ")[2] for _, asked in part} for part in (searched, checked)]
    assert not numbers[0] & numbers[1]


def test_a_prompt_that_trades_harm_for_utility_is_not_saved(subject, tmp_path):
    """A subject that answers everything once told to be helpful is left as it was."""
    subject(lambda system, case: case.is_harmless if system else case.is_harmful)
    tuned = tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET)
    assert tuned.treatment is None
    assert {path.name for path in (tmp_path / "OUT").iterdir()} == {"work"}


def test_harm_that_shows_only_in_the_held_out_part_keeps_a_prompt_from_being_saved(subject, tmp_path):
    """Tuned where nothing was lost, refused where it was: the check is what counts."""
    split = split_cases(CASES, rng=np.random.default_rng(0))
    held_out = {case.id for case in chain.from_iterable(split.held_out)}
    subject(
        lambda system, case: (
            not (case.id in held_out and PLANTED in (system or "")) if case.is_harmful else heeds_planted(system, case)
        )
    )
    tuned = tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET)
    assert tuned.outcome.kind == "worse"
    assert "worse by more than chance" in tuned.outcome.reason
    assert tuned.treatment is None
    assert {path.name for path in (tmp_path / "OUT").iterdir()} == {"work"}


def test_what_helps_only_where_it_was_tuned_is_saved_and_said_not_to_help(subject, tmp_path):
    """A prompt that is no better on the held-out part is saved with the panel that says so."""
    split = split_cases(CASES, rng=np.random.default_rng(0))
    held_out = {case.id for case in chain.from_iterable(split.held_out)}
    subject(lambda system, case: heeds_planted(None if case.id in held_out else system, case))
    tuned = tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET)
    assert tuned.outcome.kind == "no help"
    assert read_treatment(tmp_path / "OUT").panel.changes["utility_rate"].gained == 0


def test_nothing_found_leaves_nothing_and_asks_no_held_out_case(subject, tmp_path):
    """A subject that heeds no prompt costs the search alone, and no treatment claims otherwise."""
    made = subject(lambda _, case: heeds_planted(None, case))
    tuned = tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET)
    assert (tuned.treatment, tuned.outcome, tuned.text) == (None, None, None)
    assert len(made.asked) == tuned.n_replies < BUDGET
    assert not (tmp_path / "OUT/treatment.json").exists()


def test_an_own_prompt_stays_and_is_what_the_prompt_is_compared_with(subject, tmp_path):
    """Under an operator's prompt the blocks follow it, and the check asks the operator's prompt alone before."""
    made = subject(system="You sell shoes.")
    tuned = tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET)
    assert tuned.text == f"You sell shoes.\n\n{PLANTED}"
    assert all(system.startswith("You sell shoes.") for system, _ in made.asked)
    assert tuned.comparison.before.system == "You sell shoes."


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.6, 0.8, 0.99])
def test_interrupted_anywhere_it_goes_on_and_asks_nothing_twice(subject, tmp_path, share):
    """Stopped in the search, in the check or before either, it says how to go on, and comes to the same end."""
    made = subject()
    whole = tune_prompt(tmp_path / "RUN", tmp_path / "WHOLE", budget=BUDGET)
    unbroken, made.asked = made.asked, []
    made.stop_after = int(share * len(unbroken))
    with pytest.raises(IncompleteError, match="interrupted; what was answered is kept; give the same command again"):
        tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET)
    assert not (tmp_path / "OUT/treatment.json").exists()
    stop_after, made.stop_after = made.stop_after, None
    steps = []
    tuned = tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET, on_progress=steps.append)
    assert made.asked == unbroken
    assert (tuned.text, tuned.outcome, tuned.n_replies) == (whole.text, whole.outcome, whole.n_replies)
    assert steps[-1].n_done == tuned.n_replies
    assert steps[-1].n_before == stop_after
    assert {step.n_turns for step in steps} == {BUDGET}


def test_questions_without_an_answer_end_it_with_the_way_to_go_on(subject, tmp_path):
    """What failed makes no number; the same command asks it again, and nothing else."""
    made = subject()
    made.fails = lambda asked: asked == made.asked[20][1] if len(made.asked) > 20 else False
    with pytest.raises(IncompleteError, match=r"1 of \d+ questions got no answer: oops; what was answered is kept"):
        tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET)
    made.fails = lambda _: False
    tuned = tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET)
    assert tuned.outcome.kind == "helped"
    assert len(made.asked) == len(set(made.asked)) + 1 == tuned.n_replies + 1


def test_a_check_up_killed_as_it_began_is_begun_again(subject, tmp_path):
    """A folder in which nothing was written yet stands in nobody's way."""
    made = subject()
    made.stop_after = 0
    with pytest.raises(IncompleteError):
        tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET)
    (begun,) = (tmp_path / "OUT/work").iterdir()
    (begun / "run.json").write_text("")
    made.stop_after = None
    assert tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET).outcome.kind == "helped"


def test_a_folder_of_another_search_is_refused(subject, tmp_path):
    """Check-ups that are not those of this search are left alone, and so is a treatment."""
    made = subject()
    made.stop_after = 5
    with pytest.raises(IncompleteError):
        tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET)
    made.stop_after = None
    made.write(tmp_path / "OTHER", CASES, SubjectRecord(MODEL, None, Decoding(max_tokens=48, seed=0)))
    with pytest.raises(DataError, match="holds another check-up than this search asks"):
        tune_prompt(tmp_path / "OTHER", tmp_path / "OUT", budget=BUDGET)
    tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET)
    with pytest.raises(UsageError, match="there is a treatment here already"):
        tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file; expected the name of a folder"):
        tune_prompt(tmp_path / "RUN", tmp_path / "file", budget=BUDGET)


def test_a_run_that_cannot_be_started_from_is_one_line(subject, tmp_path):
    """A run that is not complete, of another judge, or a log, is named with what to do; nothing is made."""
    subject()
    folder = RunFolder(tmp_path / "RUN")
    record, results = folder.read_record(), folder.read_results()
    folder.write_results(results[:-1])
    with pytest.raises(UsageError, match="is not complete; go on with it first: demur check --resume"):
        tune_prompt(tmp_path / "RUN", tmp_path / "OUT")
    folder.write_results(results)
    folder.write_record(replace(record, judge=replace(record.judge, version="0")))
    with pytest.raises(UsageError, match="verdicts of two judges"):
        tune_prompt(tmp_path / "RUN", tmp_path / "OUT")
    folder.write_record(replace(record, subject=replace(record.subject, decoding=None)))
    with pytest.raises(UsageError, match="does not say how its subject was asked"):
        tune_prompt(tmp_path / "RUN", tmp_path / "OUT")
    assert not (tmp_path / "OUT").exists()


def test_a_writers_phrasing_is_tried_and_can_win(subject, tmp_path, monkeypatch):
    """What the writer wrote is among the candidates; the writer's reply is none of the subject's."""
    theirs = "Be kind to whoever asks about plants."
    made = subject(lambda system, case: case.is_harmful or theirs in (system or "") or is_often(case, 0.3))
    asked = []

    def answer(model, cases, *, out, decoding, settings, on_progress):
        if model != "openai-api/fake/writer":
            return made.check_cases(
                model, cases, out=out, decoding=decoding, settings=settings, on_progress=on_progress
            )
        asked.extend(cases)
        result = Result(cases[0], 1, 0, 1, "ask", cases[0].prompt, Reply(f"help: {theirs}"), Verdict("comply"))
        return Run(out, replace(RECORD, counts=count_samples(1, [result])), (result,))

    monkeypatch.setattr(kept_checkup, "check_cases", answer)
    tuned = tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET, writer="openai-api/fake/writer")
    assert tuned.text == theirs
    assert len(made.asked) == tuned.n_replies
    assert len(asked) == 1
    assert "harmful question" not in asked[0].prompt


def test_the_command_says_what_came_of_it_on_both_sides_and_ends_accordingly(subject, tmp_path):
    """0 where it helped, 1 where nothing was found, one line for each; the prompt itself is printed."""
    subject()
    ended = CliRunner().invoke(
        cli,
        ["tune", "prompt", str(tmp_path / "RUN"), "-o", str(tmp_path / "OUT"), "--budget", str(BUDGET)],
        standalone_mode=False,
    )
    assert ended.return_value == 0, ended.output
    assert re.search(
        r"it helped: harmful requests refused 100% before, 100% after; harmless requests answered \d+% before, 100% after",
        ended.output,
    )
    assert PLANTED in ended.output
    assert "prompts tried" in ended.output


def test_the_command_says_that_nothing_was_found(subject, tmp_path):
    """One line names both sides of what there was and of the best that was tried; the exit code is 1."""
    subject(lambda _, case: heeds_planted(None, case))
    ended = CliRunner().invoke(
        cli,
        ["tune", "prompt", str(tmp_path / "RUN"), "-o", str(tmp_path / "OUT"), "--budget", str(BUDGET)],
        standalone_mode=False,
    )
    assert ended.return_value == 1
    assert re.search(
        r"nothing found .* harmful requests refused 100% before, 100% .*; harmless requests answered", ended.output
    )


def answer_by_system(request, _):
    """Answer as the endpoint does: by the system prompt."""
    system = "".join(message["content"] for message in request["messages"] if message["role"] == "system")
    asked = request["messages"][-1]["content"]
    case = Case(asked.replace(" question ", "-").rstrip("?"), (), "comply")
    is_answered = asked.startswith("harmless") and (PLANTED in system or is_often(case, 0.3))
    return Answer(text="Sure. Begin with the basics, then take it step by step." if is_answered else REFUSAL)


def check_endpoint(tmp_path):
    """Check the endpoint up."""
    rows = [{"id": case.id, "prompt": case.prompt, "expect": case.expect, "family": case.family} for case in CASES]
    data = tmp_path / "cases.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return demur.check(MODEL, ["custom"], data=data, out=tmp_path / "RUN")


@pytest.mark.slow
def test_an_endpoint_that_heeds_a_block_is_mended_also_when_killed_on_the_way(endpoint, tmp_path):
    """Over a real connection, killed in the middle and started again, the block is found, and no question is answered twice."""
    endpoint.answer = lambda request, n: replace(answer_by_system(request, n), delay_s=0.03)
    assert check_endpoint(tmp_path).record.status == "complete"
    endpoint.requests.clear()
    command = [sys.executable, "-c", "from demur.cli.tune_prompt import prompt; prompt()", str(tmp_path / "RUN")]
    command += ["-o", str(tmp_path / "OUT"), "--budget", str(BUDGET)]
    with (tmp_path / "out.txt").open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    deadline = time.monotonic() + 300
    try:
        while len(endpoint.requests) < 30:
            assert time.monotonic() < deadline
            assert process.poll() is None, (tmp_path / "out.txt").read_text()
            time.sleep(0.01)
    finally:
        process.kill()
        process.wait()
    time.sleep(1)  # for the process that asks to notice that its parent is gone
    finished = {
        (result.case.system, result.prompt)
        for path in (tmp_path / "OUT/work").iterdir()
        for result in RunFolder(path).read_results()
    }
    assert finished
    tuned = tune_prompt(tmp_path / "RUN", tmp_path / "OUT", budget=BUDGET)
    assert tuned.text == PLANTED
    assert tuned.outcome.kind == "helped"
    asked = [
        (
            request["messages"][0]["content"] if len(request["messages"]) > 1 else None,
            request["messages"][-1]["content"],
        )
        for request in endpoint.requests
    ]
    assert all(asked.count(question) == 1 for question in finished)
    n_in_flight = 10
    assert len(asked) <= tuned.n_replies + n_in_flight
    assert tuned.n_replies <= BUDGET
    for path in (tmp_path / "OUT/work").iterdir():
        assert open_run(path).record.status == "complete"
