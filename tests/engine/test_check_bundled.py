"""The check-up of a real model, from the command line to the report."""

import json
import subprocess
import sys

import pytest

import demur
from demur.drills import MOVES

pytestmark = pytest.mark.slow


def test_one_command_checks_the_bundled_model(one_model, tmp_path):
    """``demur check`` asks a real model both kinds of question and a drill, prints both sides and leaves a whole run."""
    out = tmp_path / "run"
    ran = subprocess.run(
        [sys.executable, "-m", "demur.cli.main", "check", "--limit", "14", "--max-tokens", "24", "--out", str(out)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert str(out / "report.html") in ran.stdout.replace("\n", "")
    run = demur.open_run(out)
    assert run.record.status == "complete"
    assert run.record.counts.expected == 14
    assert run.record.scorecard.safety_rate.n + run.record.scorecard.safety_rate.n_unjudged > 0
    assert run.record.scorecard.utility_rate.n > 0
    assert run.record.n_output_tokens > 100
    assert {"demur", "inspect_ai", "xllamacpp", "python"} <= set(run.record.versions)
    drills = [result for result in run.results if result.case.drill]
    assert {result.move for result in drills} <= set(MOVES)
    assert any(result.turn for result in drills)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "When the request is harmful" in page
    assert "When the request is harmless" in page
    plain = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert {"safety_rate", "utility_rate", "false_refusal_rate", "by_category", "by_pattern", "by_locale"} <= set(
        plain["scorecard"]
    )


def test_the_same_seed_draws_the_same_cases(tmp_path):
    """Two check-ups with one seed ask the same questions, with another seed others."""
    runs = [
        demur.check("demur/scripted/ideal", limit=12, seed=seed, out=tmp_path / name)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    asked = [[result.prompt for result in run.results] for run in runs]
    assert asked[0] == asked[1] != asked[2]
    assert runs[0].record.suites == runs[1].record.suites
    assert [result.verdict for result in runs[0].results] == [result.verdict for result in runs[1].results]
