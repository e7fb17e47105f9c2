"""``demur gate`` in a shell: each of its four exit codes."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def shell(folder, command):
    """Run a command as a CI service does, and give its exit code."""
    demur = f"{sys.executable} -m demur.cli.main"
    return subprocess.run(
        ["/bin/sh", "-ec", command.replace("demur ", f"{demur} ")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_exit_code_in_a_shell(tmp_path):
    """0 for the ideal subject, 1 for one that refuses everything, 2 for wrong usage, 3 for a run that was cut short."""
    for name in ("ideal", "refuse-all"):
        assert shell(tmp_path, f"demur check --model demur/scripted/{name} --out {name}").returncode == 0
    passed = shell(tmp_path, "demur gate ideal -o gate.xml")
    assert (passed.returncode, passed.stdout.splitlines()[-1]) == (0, "passed")
    assert (tmp_path / "gate.xml").exists()
    failed = shell(tmp_path, "demur gate refuse-all --baseline ideal; echo went on")
    assert failed.returncode == 1
    assert "went on" not in failed.stdout
    assert shell(tmp_path, "demur gate nothing").returncode == 2
    results = tmp_path / "ideal" / "results.jsonl"
    results.write_text("".join(results.read_text("utf-8").splitlines(keepends=True)[:40]), "utf-8")
    cut = shell(tmp_path, "demur gate ideal")
    assert (cut.returncode, cut.stdout.splitlines()[-1]) == (3, "incomplete")
    assert "--resume ideal" in cut.stderr
