"""The gate: bounds are read off intervals, both sides are bounded, and what is missing never passes."""

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from run_samples import RECORD, case, drills, run

from demur.compare import compare
from demur.errors import DataError, IncompleteError, UsageError
from demur.findings import summarise
from demur.gate import apply_policy, default_policy, parse_policy
from demur.gating import gate_run, write_gate
from demur.run import Counts, RunFolder
from demur.scorecard import score

BOTH = "[figures.safety_rate]\n{}\n[figures.harmful_compliance_rate]\nat_most = 0.9\n[figures.false_refusal_rate]\nat_most = 0.9"
CASES = [case(number, expect="refuse" if number % 2 else "comply") for number in range(100)]
RIGHT = ["refuse" if number % 2 else "comply" for number in range(100)]


def record_of(outcomes, **more):
    """Make the record of a run in which the cases had these outcomes."""
    _, results = run(outcomes, CASES)
    return replace(RECORD, scorecard=score(results), counts=Counts(len(outcomes), len(outcomes), 0, 0), **more)


def test_a_subject_that_is_right_passes_and_one_that_refuses_everything_does_not():
    """The default policy knows both sides."""
    assert apply_policy(default_policy(), record_of(RIGHT)).exit_code == 0
    for always in ("refuse", "comply"):
        assert apply_policy(default_policy(), record_of([always] * 100)).exit_code == 1


def test_a_bound_is_read_off_the_interval():
    """47 of 50 is .94 with an interval from .84 to .98: shown to be .84 at least, and not shown to miss .98."""
    outcomes = list(RIGHT)
    outcomes[1] = outcomes[3] = outcomes[5] = "comply"
    record = record_of(outcomes)
    safety = record.scorecard.safety_rate
    assert (safety.value, round(safety.low, 2), round(safety.high, 2)) == (0.94, 0.84, 0.98)
    for bound, state in (
        ("at_least = 0.83", "passed"), ("at_least = 0.85", "failed"), ("aim_at_least = 0.97", "passed"), ("aim_at_least = 0.99", "failed"),
        ("at_most = 0.97", "failed"), ("at_most = 0.99", "passed"), ("aim_at_most = 0.85", "passed"), ("aim_at_most = 0.83", "failed"),
    ):  # fmt: skip
        gate = apply_policy(parse_policy(BOTH.format(bound), "p.toml"), record)
        assert gate.checks[0].state == state, bound
    near = apply_policy(parse_policy(BOTH.format("at_least = 0.9"), "p.toml"), record).checks[0]
    assert "ask more cases" in near.reason


def test_what_is_missing_never_passes():
    """A run that is not complete, and a figure without a value, end with 3."""
    assert apply_policy(default_policy(), record_of(RIGHT, status="incomplete")).exit_code == 3
    assert apply_policy(default_policy(), RECORD).exit_code == 3
    policy = parse_policy(BOTH.format("at_least = 0.1") + "\n[figures.steadfastness]\nat_least = 0.5", "p.toml")
    gate = apply_policy(policy, record_of(RIGHT))
    assert [check.state for check in gate.checks] == ["passed", "passed", "passed", "not measured"]
    assert gate.exit_code == 3


def test_a_change_for_the_worse_fails():
    """What a baseline had and the run has not is found on either side."""
    worse = ["refuse"] * 20 + RIGHT[20:]
    comparison = compare(run(RIGHT, CASES), run(worse, CASES))
    gate = apply_policy(default_policy(), record_of(worse), comparison)
    states = {check.bound.figure: check.state for check in gate.checks if check.bound.of_change}
    assert states == {"safety_rate": "passed", "utility_rate": "failed"}


def test_a_change_of_drills_is_bounded_by_drills():
    """Drills that held before and give in now fail a bound on their change; where most have no partner it is not measured."""
    policy = parse_policy(BOTH.format("at_least = 0") + "\n[change.drill_safety_rate]\naim_at_least = 0", "p.toml")
    held, gave_in = drills([["refuse"] * 3] * 12), drills([["comply"] * 3] * 12)
    for before, after, state in (
        (held, gave_in, "failed"),
        (gave_in, held, "passed"),
        (held[:9], held, "not measured"),
    ):
        gate = apply_policy(policy, record_of(RIGHT), compare((RECORD, before), (RECORD, after)))
        assert gate.checks[-1].state == state
    assert "of the drills of both runs 9 have no partner, and there are 3 pairs" in gate.checks[-1].reason


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[figures", "not TOML"),
        ("[other]", "other: unknown"),
        ("[figures.safety]\nat_least = 1", "figures.safety: no such figure; expected one of safety_rate"),
        ("[change.script_index]\nat_least = 0", "change.script_index: no such figure"),
        ("[figures.safety_rate]\nabove = 1", "safety_rate.above: unknown; expected one of at_least"),
        ("[figures.safety_rate]\nat_least = 95", "found 95; expected a number in [0, 1]"),
        ("[figures.safety_rate]\nat_least = true", "found True"),
        ("[figures.safety_rate]\nat_least = nan", "found nan"),
        ("[figures]\nsafety_rate = 0.9", "found 0.9; expected one of at_least"),
        ("figures = 1", "found 1; expected a table"),
        ("", "no bound on harmful requests"),
        ("[figures.safety_rate]\nat_least = 0.9", "no bound on harmless requests"),
        (
            "[figures.safety_rate]\nat_least = 0.9\n[figures.false_refusal_rate]\nat_least = 0.1",
            "no bound on harmless requests",
        ),
        (
            "[figures.safety_rate]\nat_least = 0.9\n[figures.utility_rate]\nat_least = 0",
            "no bound on harmless requests",
        ),
    ],
)
def test_a_policy_that_cannot_be_meant_is_one_line(text, part):
    """What is wrong is named, and so is what was expected."""
    with pytest.raises(DataError) as caught:
        parse_policy(text, "p.toml")
    assert str(caught.value).startswith("p.toml: ")
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture
def folders(tmp_path):
    """Write a run that is right and one that refuses everything."""
    made = {}
    for name, outcomes in (("right", RIGHT), ("all", ["refuse"] * 100)):
        record, results = run(outcomes, CASES, counts=Counts(100, 0, 0, 0, 100))
        folder = RunFolder(tmp_path / name)
        folder.create(record, CASES)
        folder.write_results(results)
        folder.write_record(summarise(record, results))
        made[name] = folder.path
    return made


def test_it_is_written_for_machines_and_people(folders, tmp_path):
    """JSON, JUnit and Markdown say the same."""
    gate = gate_run(folders["all"], baseline=folders["right"])
    for suffix in ("json", "xml", "md"):
        write_gate(gate, tmp_path / f"gate.{suffix}")
    plain = json.loads((tmp_path / "gate.json").read_text("utf-8"))
    assert (plain["state"], plain["exit_code"]) == ("failed", 1)
    suite = ET.parse(tmp_path / "gate.xml").getroot()  # noqa: S314 -- written a line above
    failed = sum(check.state == "failed" for check in gate.checks)
    assert int(suite.get("failures")) == len(suite.findall(".//failure")) == failed > 0
    assert "demur gate: failed" in (tmp_path / "gate.md").read_text("utf-8")


def test_a_baseline_of_another_judge_is_refused(folders):
    """A change may be the judge's: that is no ground to pass, nor to fail."""
    path = folders["right"] / "run.json"
    path.write_text(path.read_text("utf-8").replace('"version": "2"', '"version": "1"'), "utf-8")
    with pytest.raises(UsageError, match="judged by local 1"):
        gate_run(folders["all"], baseline=folders["right"])


def test_a_baseline_that_is_not_whole_is_no_ground(folders):
    """An incomplete baseline, and one that shares little with the run, pass nothing."""
    comparison = compare(run(RIGHT[:20], CASES[:20]), run(RIGHT, CASES))
    gate = apply_policy(default_policy(), record_of(RIGHT), comparison)
    assert {check.state for check in gate.checks if check.bound.of_change} == {"not measured"}
    assert gate.exit_code == 3
    results = folders["right"] / "results.jsonl"
    results.write_text("".join(results.read_text("utf-8").splitlines(keepends=True)[:60]), "utf-8")
    with pytest.raises(IncompleteError, match="the baseline is not complete"):
        gate_run(folders["all"], baseline=folders["right"])


def test_the_files_of_a_run_are_not_replaced(folders):
    """Replies were paid for."""
    gate = gate_run(folders["right"])
    with pytest.raises(UsageError, match="is a file of a run"):
        write_gate(gate, folders["right"] / "run.json")


def test_a_policy_on_changes_needs_a_baseline(folders, tmp_path):
    """Bounds that cannot be applied are not passed over in silence."""
    policy = tmp_path / "p.toml"
    policy.write_text(BOTH.format("at_least = 0") + "\n[change.safety_rate]\nat_least = 0", "utf-8")
    with pytest.raises(UsageError, match="--baseline"):
        gate_run(folders["right"], policy=policy)
