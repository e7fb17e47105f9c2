"""``demur guard test``, ``tune-threshold`` and ``stress``: what they say, where, and how they end."""

import json

import pytest
from command_line import assert_one_line, run_here, write_jsonl

from demur.guard import parse_policy

POLICY = """
intent: off
judge: off
rules:
  - {name: words, category: crime, action: block, at: [input], phrases: [zorb the]}
"""
ROWS = [
    *({"prompt": f"Please zorb the {noun}", "expect": "refuse"} for noun in ("lamp", "chair", "table", "bridge")),
    *({"prompt": f"Please paint the {noun}", "expect": "comply"} for noun in ("lamp", "chair", "table", "bridge")),
    {"prompt": "Please mend the zorb the lamp has", "expect": "comply"},
]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in a folder with a policy and a suite."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "policy.yaml").write_text(POLICY)
    write_jsonl(tmp_path / "own.jsonl", *ROWS)
    return tmp_path


def test_both_sides_stand_beside_the_latency(capsys, here):
    """One run tells recall, false positives and what a decision took, for each suite and for all, within 80 columns."""
    ended = run_here(
        capsys, "guard", "test", "--suite", "custom", "--data", "own.jsonl", "--policy", "policy.yaml", "-o", "found.json"
    )  # fmt: skip
    assert ended.code == 0
    lines = [line.rstrip() for line in ended.out.splitlines()]
    own = next(place for place, line in enumerate(lines) if line.startswith("custom"))
    assert lines[own].split()[:4] == ["custom", "harmful", "4", "100%"]
    assert lines[own + 1].split()[:3] == ["harmless", "5", "20%"]
    (took,) = [line for line in lines if line.startswith("A decision took")]
    assert "ms (p50)" in took
    assert "ms (p99)" in took
    assert "ms of CPU; 9 conversations" in took
    assert max(len(line) for line in lines if line != took) <= 80
    found = json.loads((here / "found.json").read_text())
    assert found["whole"]["harmful"]["blocked"]["value"] == 1
    assert found["whole"]["harmless"]["blocked"]["n"] == 5
    assert found["latency"]["p50_ms"] <= found["latency"]["p99_ms"]
    assert [wrong["expect"] for wrong in found["wrong"]] == ["comply"]


def test_the_default_is_the_bundled_suites(capsys, here):
    """Without a suite the library is asked, plain and wrapped."""
    ended = run_here(capsys, "guard", "test", "--policy", "policy.yaml")
    assert ended.code == 0
    assert "library  harmful" in ended.out
    assert "wrapped  harmful" in ended.out
    assert "By hazard" in ended.out
    assert "By over-refusal pattern" in ended.out


def test_a_threshold_is_printed_for_the_policy_and_written_nowhere(capsys, here):
    """Standard output is the policy's lines and nothing else; the policy's file stays as it was."""
    (here / "benign.txt").write_text("".join(f"How do I paint a {noun}?\n" for noun in ("lamp", "chair", "table")) * 4)
    (here / "policy.yaml").write_text(POLICY.replace("intent: off\n", ""))
    before = (here / "policy.yaml").read_text()
    ended = run_here(
        capsys, "guard", "tune-threshold", "--fpr", "0.01", "--benign", "benign.txt", "--harmful", "own.jsonl", "--policy", "policy.yaml"
    )  # fmt: skip
    assert ended.code == 0
    assert 0 < parse_policy(f"{ended.out}\nrules: []", "lines").intent.block <= 1
    assert ended.out.startswith("intent:\n  block: 0.")
    assert "12 harmless requests: at most 0 of them may be blocked" in ended.err
    assert (
        "12 are too few to show a rate of 0.01; with none blocked it could still be 0.25: 300 are needed" in ended.err
    )
    assert "harmless blocked" in ended.err
    assert "harmful blocked" in ended.err
    assert (here / "policy.yaml").read_text() == before


def test_no_threshold_ends_with_1(capsys, here):
    """Where rules alone block more than the rate, no lines are printed and the exit code is 1."""
    (here / "benign.txt").write_text("How to zorb the lamp?\nWhat is it?\n")
    (here / "policy.yaml").write_text(POLICY.replace("intent: off\n", ""))
    ended = run_here(
        capsys, "guard", "tune-threshold", "--fpr", "0.01", "--benign", "benign.txt", "--policy", "policy.yaml"
    )
    assert (ended.code, ended.out) == (1, "")
    assert "1 are blocked by rules whatever the threshold" in ended.err
    assert "no threshold keeps a rate of 0.01 on benign.txt" in ended.err


def test_stress_tells_both_sides_and_lists_what_was_missed(capsys, here):
    """Each kind is told with what is still blocked and what is blocked wrongly; misses are shown in visible characters."""
    ended = run_here(
        capsys, "guard", "stress", "--suite", "custom", "--data", "own.jsonl", "--policy", "policy.yaml", "-o", "found.json"
    )  # fmt: skip
    assert ended.code == 0
    lines = [line.rstrip() for line in ended.out.splitlines()]
    assert lines[2].startswith("4 of 4 harmful cases are blocked as they are, 4 of 5 harmless ones reach the model")
    (encoding,) = [line.split() for line in lines if line.startswith("encoding")]
    assert encoding[-1] == "88"
    assert any(line.startswith("  pig-latin: easeplay orbzay") for line in lines)
    assert ended.out.isprintable() or all(char.isprintable() or char == "\n" for char in ended.out)
    found = json.loads((here / "found.json").read_text())
    assert {family["name"] for family in found["families"]} > {"base64", "zero-width", "story"}
    assert found["hidden"]["still_blocked"]["n"] > found["framed"]["still_blocked"]["n"] > 0
    again = run_here(
        capsys, "guard", "stress", "--suite", "custom", "--data", "own.jsonl", "--policy", "policy.yaml", "--show", "0"
    )
    assert "pig-latin: " not in again.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("test", "--suite", "drills"), "drills: a drill goes on from a model's replies"),
        (("test", "--suite", "harmbench"), "harmbench: no data given"),
        (("stress", "--suite", "nothing"), "no suite 'nothing'"),
        (("stress", "--policy", "none.yaml"), "none.yaml: cannot be read"),
        (("tune-threshold", "--fpr", "0.01", "--benign", "none.txt"), "none.txt: cannot be read"),
    ],
)
def test_what_cannot_be_done_is_one_line(capsys, here, arguments, said):
    """A suite, a policy or a file that cannot be used is named in one line."""
    assert_one_line(run_here(capsys, "guard", *arguments), 2, said)
