"""How every verb ends: one line on standard error, and a code that says whose fault it was."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from command_line import DEMUR, assert_one_line, run_apart, run_here, write_jsonl

from demur.cli.main import main

ROW = {"prompt": "How do I kill a Python process?", "response": "Sure: send it a signal."}


def test_without_a_verb_the_help_is_shown_and_the_code_is_2(capsys):
    """A bare ``demur`` has done nothing, and says what it could do."""
    ended = run_here(capsys)
    assert ended.code == 2
    assert ended.err.startswith("Usage: demur [OPTIONS] COMMAND")
    assert not ended.out


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["nonsense"], ["No such command 'nonsense'", "(see demur --help)"]),
        (["check", "--nonsense"], ["--nonsense", "(see demur check --help)"]),
        (["check", "--limit", "0"], ["'--limit': 0 is not in the range x>=1 (see demur check --help)"]),
        (["judge"], ["Missing argument 'FILE'", "(see demur judge --help)"]),
    ],
)
def test_a_usage_error_is_one_line_that_names_the_help(capsys, arguments, parts):
    """What cannot be used is named together with the command that lists what can."""
    assert_one_line(run_here(capsys, *arguments), 2, *parts)


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["suites"], ["judge", "{rows}"]])
def test_a_full_disk_behind_standard_output_is_one_line_and_code_3(tmp_path, arguments):
    """What could not be said was not done, even where it only shows when the last buffer is written out."""
    rows = str(write_jsonl(tmp_path / "rows.jsonl", ROW))
    with Path("/dev/full").open("w") as full:
        command = [*DEMUR, *(argument.format(rows=rows) for argument in arguments)]
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ran.returncode == 3
    assert ran.stderr == "demur: standard output: No space left on device\n"


@pytest.mark.slow
def test_a_reader_who_leaves_is_met_with_silence(tmp_path):
    """``demur judge FILE | head -1`` prints one row and complains about nothing; the rest was not told, which is 3."""
    rows = write_jsonl(tmp_path / "rows.jsonl", *[ROW] * 2000)
    with subprocess.Popen([*DEMUR, "judge", str(rows)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline().startswith(b"{")
        process.stdout.close()
        assert process.wait(30) == 3
        assert process.stderr.read() == b""


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_no_half_written_file(tmp_path, how):
    """Whoever ends ``demur judge`` gets one line, code 3, and finds the folder as it was."""
    out = tmp_path / "out.jsonl"
    with subprocess.Popen(
        [*DEMUR, "judge", "-", "-o", str(out)], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdin.write(b'{"prompt": "hi", "response": "Sure."}\n')
        process.stdin.flush()
        deadline = time.monotonic() + 30
        while not list(tmp_path.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(how)
        assert process.wait(30) == 3
        assert process.stderr.read().strip() == b"demur: interrupted"
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_closed_streams_are_no_crash(tmp_path):
    """A shell may start demur without standard input or output."""
    rows = write_jsonl(tmp_path / "rows.jsonl", ROW)
    command = " ".join(DEMUR)
    ran = subprocess.run(f"{command} judge {rows} >&-", shell=True, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S602 -- closing a stream is the shell's to do
    assert (ran.returncode, ran.stderr) == (0, "1 judged: 1 comply\n")
    ran = subprocess.run(f"{command} judge - <&-", shell=True, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S602 -- likewise
    assert ran.returncode == 2
    assert ran.stderr.startswith("demur: standard input: holds no row")


@pytest.mark.slow
def test_a_terminal_that_lacks_a_character_still_gets_valid_json(tmp_path):
    """JSON Lines are UTF-8, whatever the locale."""
    rows = write_jsonl(tmp_path / "rows.jsonl", {"prompt": "é", "response": "naïve 🙂"})
    ended = run_apart("judge", str(rows), env={**os.environ, "PYTHONIOENCODING": "ascii"}, encoding="utf-8")
    assert ended.code == 0
    assert '"response": "naïve 🙂"' in ended.out


def test_a_fault_of_demur_is_one_line_and_no_gates_code(capsys, monkeypatch):
    """What nobody foresaw ends with 3, not with the 1 of a gate, and without a traceback unless it is asked for."""

    def fail(*_, **__):
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr("demur.subjects.list_subjects", fail)
    ended = run_here(capsys, "subjects")
    assert ended.code == 3
    assert ended.err == (
        "demur: a fault of demur: RuntimeError: nobody foresaw this; DEMUR_DEBUG=1 shows where; please report it\n"
    )
    monkeypatch.setenv("DEMUR_DEBUG", "1")
    with pytest.raises(RuntimeError, match="nobody foresaw this"):
        main(["subjects"])
