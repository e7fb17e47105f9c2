"""The pace that is shown is the pace there is; people see a bar, logs a line now and then."""

import os
import pty
import subprocess
from io import StringIO

import pytest
from command_line import DEMUR, write_jsonl

from demur.checkup import CheckProgress
from demur.cli.progress import Pace, RowPace, show_explaining, show_judging, show_progress
from demur.judging import JudgeProgress


def run_at(turns_per_s, *, n_turns=300, seconds=60, loading_s=20, before=0):
    """Give what is shown at the end of a run that loads, and then goes at a steady pace of ten tokens a turn."""
    clock = [0.0]
    pace = Pace(lambda: clock[0])
    pace.note(CheckProgress(n_turns, before, before, 0, 0))
    clock[0] += loading_s
    for step in range(1, int(turns_per_s * seconds) + 1):
        clock[0] += 1 / turns_per_s
        pace.note(CheckProgress(n_turns, before + step, before, 0, 10 * step))
    return pace.describe()


def test_the_time_left_is_what_the_pace_needs():
    """At two replies a second, with 120 of 300 done, a minute and a half is left, however long loading took."""
    for loading_s in (0, 20, 600):
        assert run_at(2, loading_s=loading_s) == "20 tokens/s, 1:30 left"


def test_replies_of_an_earlier_sitting_do_not_quicken_the_pace():
    """What was done before a resume is not counted as done now."""
    assert run_at(2, before=100, seconds=50) == "20 tokens/s, 0:50 left"


def test_nothing_is_promised_before_there_is_a_pace():
    """Before the first replies no rate and no time is shown."""
    assert run_at(1, seconds=0) == "waiting for the first reply"
    assert run_at(1, seconds=5) == "measuring the pace"


def test_a_slow_run_has_a_pace_too():
    """With a reply every ten seconds the window grows until it holds enough of them."""
    assert run_at(0.1, n_turns=100, seconds=400) == "1 tokens/s, 10:00 left"


def test_failures_are_shown():
    """Samples that failed are counted beside the pace."""
    pace = Pace(lambda: 1.0)
    pace.note(CheckProgress(10, 3, 0, 2, 0))
    assert pace.describe() == "measuring the pace, 2 failed"


def at(n_done, n_before=0, n_errors=0):
    """Say how far a check-up of ten replies is."""
    return CheckProgress(n_turns=10, n_done=n_done, n_before=n_before, n_errors=n_errors, n_output_tokens=5 * n_done)


def test_a_log_gets_a_line_at_the_start_and_one_at_the_end(capsys):
    """Where nobody watches, progress is a line now and then, the first and the last among them."""
    with show_progress() as tell:
        for n in range(11):
            tell(at(n))
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["0/10 replies; waiting for the first reply", "10/10 replies; done"]


def test_a_run_that_is_resumed_complete_waits_for_nothing(capsys):
    """With everything answered before, there is no reply to wait for."""
    with show_progress() as tell:
        tell(at(10, n_before=10))
    assert capsys.readouterr().err == "10/10 replies; done\n"


def test_prompts_that_are_read_are_counted_beside_replies(capsys):
    """A log gets the first and the last of either count, and nothing of what is not done."""
    with show_explaining() as (on_reply, on_read):
        for n in range(1, 4):
            on_read(n, 3)
        on_reply(at(10))
    assert capsys.readouterr().err.splitlines() == ["1/3 prompts read", "3/3 prompts read", "10/10 replies; done"]


def test_whoever_watches_sees_both_counts(monkeypatch):
    """On a terminal there is a bar for the prompts that are read, and then one for the replies."""
    drawn = StringIO()
    drawn.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", drawn)
    monkeypatch.setenv("TERM", "xterm")
    with show_explaining() as (on_reply, on_read):
        on_read(64, 200)
        on_reply(at(4))
    assert "prompts read" in drawn.getvalue()
    assert "64/200" in drawn.getvalue()
    assert " 4/10 " in drawn.getvalue()


def test_a_check_up_outlives_the_reader_of_its_progress(monkeypatch):
    """That nobody reads standard error any more is no reason to stop asking."""

    class Gone(StringIO):
        def write(self, text):
            raise BrokenPipeError(text)

    monkeypatch.setattr("sys.stderr", Gone())
    with show_progress() as tell:
        tell(at(0))
        tell(at(10))


def rows_at(rows_per_s, *, n=10_000, seconds=60, before=0, passing_s=0, known=True):
    """Give what is shown while a file of rows is judged at a steady pace, after some were passed over at another."""
    clock = [0.0]
    pace = RowPace(lambda: clock[0])
    for step in range(11):
        clock[0] += passing_s / 10
        done = before * step // 10
        pace.note(JudgeProgress(done, done, done / n if known else None))
    for step in range(1, seconds * 2 + 1):
        clock[0] += 0.5
        done = before + int(step * rows_per_s / 2)
        pace.note(JudgeProgress(done, before, done / n if known else None))
    return pace.describe()


def test_the_time_left_of_a_file_is_what_its_rest_needs():
    """At a hundred rows a second, with 6,000 of 10,000 read, forty seconds are left; of a pipe only the rate is known."""
    assert rows_at(100) == "100 rows/s, 0:40 left"
    assert rows_at(100, known=False) == "100 rows/s"
    assert rows_at(100, seconds=0) == "measuring the pace"


def test_rows_of_an_earlier_run_do_not_quicken_the_pace():
    """What is only passed over is not judged, however fast it goes."""
    for passing_s in (0, 0.1, 20):
        assert rows_at(100, before=3000, passing_s=passing_s) == "100 rows/s, 0:10 left"


def test_a_log_of_a_judging_has_its_notes_and_a_line_now_and_then(capsys, monkeypatch):
    """Where nobody watches, a short judging says only what it must, and a long one a line every ten seconds."""
    clock = [0.0]
    monkeypatch.setattr("demur.cli.progress.monotonic", lambda: clock[0])
    monkeypatch.setattr("demur.cli.progress.RowPace.__init__.__defaults__", (lambda: clock[0],))
    with show_judging() as tell:
        tell(JudgeProgress(500, 500, 0.05, "took up the 500 rows in out.jsonl.part"))
        for n in range(25):
            clock[0] += 1
            tell(JudgeProgress(600 + 100 * n, 500, 0.06 + 0.01 * n))
    assert capsys.readouterr().err.splitlines() == [
        "took up the 500 rows in out.jsonl.part",
        "1,500 judged (15% of the file); 100 rows/s, 1:25 left",
        "2,500 judged (25% of the file); 100 rows/s, 1:15 left",
    ]


@pytest.mark.slow
def test_whoever_watches_judge_sees_it_count(tmp_path):
    """On a terminal ``demur judge`` counts rows on standard error, and standard output holds rows only."""
    rows = write_jsonl(tmp_path / "rows.jsonl", *[{"prompt": "hi", "response": "Sure."}] * 500)
    ours, theirs = pty.openpty()
    with (tmp_path / "out.jsonl").open("wb") as out:
        process = subprocess.Popen(
            [*DEMUR, "judge", str(rows)], stdout=out, stderr=theirs, env={**os.environ, "TERM": "xterm"}
        )
    os.close(theirs)
    said = b""
    try:
        while chunk := os.read(ours, 4096):
            said += chunk
    except OSError:
        pass  # how a terminal says that the other end is gone
    os.close(ours)
    assert process.wait(30) == 0
    assert b" judged" in said
    assert said.rstrip().endswith(b"500 judged: 500 comply")
    lines = (tmp_path / "out.jsonl").read_bytes().splitlines()
    assert len(lines) == 500
    assert all(line.startswith(b"{") for line in lines)
