"""A judging that was broken off is taken up: nothing is judged twice, nothing lost, and nothing taken that is not the same."""

import json
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demur.errors import DataError, IncompleteError, UsageError
from demur.judging import judge_file
from demur.types import Verdict

N = 1000
DEMUR = str(Path(sys.executable).with_name("demur"))


class DummyJudge:
    """Says ``comply`` and remembers what it was asked; breaks off when it is told to."""

    name = "dummy"

    def __init__(self, *, version="1", breaks_at=None, error=KeyboardInterrupt):
        self.version, self.breaks_at, self.error, self.asked = version, breaks_at, error, []

    def judge(self, reply, _turns, /):
        """Answer, or break off."""
        if len(self.asked) == self.breaks_at:
            raise self.error
        self.asked.append(reply.text)
        return Verdict("comply", judge=self.name, judge_version=self.version)

    def judge_many(self, pairs):
        """Judge one after another."""
        return [self.judge(reply, turns) for reply, turns in pairs]


def rows(n=N, name="reply"):
    """Give rows that can be told apart."""
    return [{"prompt": "hi", "response": f"{name} {i}\u2028é", "expect": "comply", "x": [i, None]} for i in range(n)]


def write(path, records):
    """Write a row a line."""
    path.write_text("".join(json.dumps(row) + "\n" for row in records), encoding="utf-8")
    return path


def count_lines(path):
    """Count the lines of a file."""
    return path.read_bytes().count(b"\n")


def break_off(source, out, breaks_at=600):
    """Judge until the judge is interrupted; give what is left, some three hundred rows or more."""
    with pytest.raises(IncompleteError, match=r"^interrupted; \d+ rows are kept in .*\.part: the same command goes on"):
        judge_file(source, out, judge=DummyJudge(breaks_at=breaks_at))
    part = out.with_name(f"{out.name}.part")
    assert 240 <= count_lines(part) < N
    return part


def judge_again(source, out, **more):
    """Judge to the end; give what was judged now, the notes, and what is found."""
    judge, seen = DummyJudge(**more), []
    found = judge_file(source, out, judge=judge, on_progress=seen.append)
    return judge.asked, [progress.note for progress in seen if progress.note], found


@pytest.fixture
def whole(tmp_path):
    """Give what an unbroken run writes."""
    source = write(tmp_path / "whole.rows.jsonl", rows())
    judge_file(source, tmp_path / "whole.jsonl", judge=DummyJudge())
    data = (tmp_path / "whole.jsonl").read_bytes()
    for path in tmp_path.iterdir():
        path.unlink()
    return data


def test_an_interrupted_run_is_taken_up(tmp_path, whole):
    """The same call judges only what is left, finds the same, and ends with the same file and no part."""
    source, out = write(tmp_path / "rows.jsonl", rows()), tmp_path / "out.jsonl"
    part = break_off(source, out)
    n = count_lines(part)
    assert part.read_bytes() == b"".join(whole.splitlines(keepends=True)[:n])
    asked, notes, found = judge_again(source, out)
    assert asked == [row["response"] for row in rows()[n:]]
    assert notes == [f"took up the {n} rows in {part}"]
    assert (found.n, found.utility_rate.n, found.outcomes) == (N, N, {"comply": N})
    assert out.read_bytes() == whole
    assert {path.name for path in tmp_path.iterdir()} == {"rows.jsonl", "out.jsonl"}


@pytest.mark.parametrize("cut", [0, 1, 7, 100, -1, -2, -40, -300])
def test_a_part_that_is_cut_anywhere_is_taken_up_to_its_last_whole_line(tmp_path, whole, cut):
    """Half a line, half a character or a missing end cost the broken line only, without a word."""
    source, out = write(tmp_path / "rows.jsonl", rows()), tmp_path / "out.jsonl"
    part = break_off(source, out)
    data = part.read_bytes()[:cut]
    part.write_bytes(data)
    n = data.count(b"\n")
    asked, notes, found = judge_again(source, out)
    assert (len(asked), notes) == (N - n, [f"took up the {n} rows in {part}"] if n else [])
    assert found.n == N
    assert out.read_bytes() == whole


def test_every_cut_of_a_small_part_leads_to_the_same_file(tmp_path):
    """Wherever a process dies, the next one writes what an unbroken one would."""
    source, out = write(tmp_path / "rows.jsonl", rows(3)), tmp_path / "out.jsonl"
    judge_file(source, out, judge=DummyJudge())
    whole = out.read_bytes()
    part = tmp_path / "out.jsonl.part"
    for cut in range(len(whole) + 1):
        part.write_bytes(whole[:cut])
        asked, _, _ = judge_again(source, out)
        assert len(asked) == 3 - whole[:cut].count(b"\n")
        assert out.read_bytes() == whole
        assert not part.exists()


@pytest.mark.parametrize(
    ("change", "n_kept"),
    [
        (lambda part: part.replace(b"reply 99", b"reply 00"), 99),
        (lambda part: part.replace(b'"comply", "kind"', b'"nonsense", "kind"'), 0),
        (lambda part: part.replace(b'"dummy"', b'"other"'), 0),
        (lambda part: b"\0" * 5000 + b"\n" + part, None),
        (lambda part: part.replace(b"\n", b"\r\n"), 0),
        (lambda part: part[:2000] + b"\0" * 5000, 5),
    ],
    ids=["row", "outcome", "judge", "foreign", "ends", "zeros"],
)
def test_nothing_is_taken_up_that_would_not_be_written_again(tmp_path, whole, change, n_kept):
    """From the first line on that differs everything is judged anew, and a file that is not demur's is not touched."""
    source, out = write(tmp_path / "rows.jsonl", rows()), tmp_path / "out.jsonl"
    part = break_off(source, out)
    data = change(part.read_bytes())
    part.write_bytes(data)
    if n_kept is None:
        with pytest.raises(UsageError, match=r"out\.jsonl\.part: found a file that is no part of an output of demur's"):
            judge_again(source, out)
        assert part.read_bytes() == data
        return
    asked, notes, _ = judge_again(source, out)
    n_lines = data[:2000].count(b"\n")
    assert len(asked) == N - (n_lines if n_kept == 5 else n_kept)
    assert len(notes) == 1
    assert out.read_bytes() == whole


def test_a_part_of_another_source_is_not_taken_up(tmp_path):
    """One line says so, and all is judged."""
    source, out = write(tmp_path / "rows.jsonl", rows()), tmp_path / "out.jsonl"
    part = break_off(source, out)
    write(source, rows(name="other"))
    asked, notes, _ = judge_again(source, out)
    assert len(asked) == N
    assert notes == [f"line 1 of {part} is of another source or another judge: judging anew"]
    assert all("other" in line for line in out.read_text("utf-8").split("\n")[:-1])


def test_verdicts_of_another_version_are_not_taken_up(tmp_path):
    """A file never mixes two versions of a judge."""
    source, out = write(tmp_path / "rows.jsonl", rows()), tmp_path / "out.jsonl"
    break_off(source, out)
    asked, notes, _ = judge_again(source, out, version="2")
    assert len(asked) == N
    assert "another judge: judging anew" in notes[0]
    assert '"judge_version": "1"' not in out.read_text("utf-8")


def test_a_source_that_changed_further_down_is_taken_up_to_there(tmp_path):
    """Rows before the first change are not judged again, and rows after it are."""
    source, out = write(tmp_path / "rows.jsonl", rows()), tmp_path / "out.jsonl"
    part = break_off(source, out)
    changed = rows()
    changed[200]["x"] = "changed"
    write(source, changed)
    asked, notes, found = judge_again(source, out)
    assert (len(asked), found.n) == (800, N)
    assert notes == [
        f"took up the 200 rows in {part}; line 201 of {part} is of another source or another judge: judging anew from there"
    ]


@pytest.mark.parametrize("n", [1, 200])
def test_a_source_that_shrank_loses_its_rows(tmp_path, n):
    """Lines of a part beyond the source's end are cut off."""
    source, out = write(tmp_path / "rows.jsonl", rows()), tmp_path / "out.jsonl"
    break_off(source, out)
    write(source, rows(n))
    asked, _, found = judge_again(source, out)
    assert (asked, found.n, out.read_bytes().count(b"\n")) == ([], n, n)


def test_a_source_that_grew_is_taken_up(tmp_path):
    """A log may have gone on meanwhile."""
    source, out = write(tmp_path / "rows.jsonl", rows()), tmp_path / "out.jsonl"
    n = count_lines(break_off(source, out))
    write(source, rows(1200))
    asked, _, found = judge_again(source, out)
    assert (len(asked), found.n) == (1200 - n, 1200)


def test_a_file_judged_in_place_is_its_own_source_until_the_end(tmp_path, whole):
    """Where output and source are one file, an interruption leaves the source, and the next run takes up."""
    path = write(tmp_path / "rows.jsonl", rows())
    before = path.read_bytes()
    n = count_lines(break_off(path, path))
    assert path.read_bytes() == before
    asked, _, _ = judge_again(path, path)
    assert len(asked) == N - n
    assert path.read_bytes() == whole


def test_a_second_interruption_keeps_both_parts(tmp_path, whole):
    """A run can be broken off as often as it takes."""
    source, out = write(tmp_path / "rows.jsonl", rows()), tmp_path / "out.jsonl"
    kept = [count_lines(break_off(source, out, breaks_at=300)) for _ in range(3)]
    assert kept == sorted(set(kept))
    judge_again(source, out)
    assert out.read_bytes() == whole


def test_an_interruption_before_anything_is_done_leaves_nothing(tmp_path):
    """No empty part lies about."""
    source, out = write(tmp_path / "rows.jsonl", rows()), tmp_path / "out.jsonl"
    with pytest.raises(IncompleteError, match=r"^interrupted$"):
        judge_file(source, out, judge=DummyJudge(breaks_at=5))
    assert list(tmp_path.iterdir()) == [source]


def test_a_slow_judge_loses_little(tmp_path, monkeypatch):
    """Of a judge that takes its time, few verdicts are under way when it is interrupted, and it is seen to go on."""
    clock = [0.0]
    monkeypatch.setattr("demur.judging.monotonic", lambda: clock[0])

    class SlowJudge(DummyJudge):
        def judge(self, reply, turns, /):
            clock[0] += 1
            return super().judge(reply, turns)

    source, out, seen = write(tmp_path / "rows.jsonl", rows()), tmp_path / "out.jsonl", []
    with pytest.raises(IncompleteError, match="96 rows are kept"):
        judge_file(source, out, judge=SlowJudge(breaks_at=100), on_progress=seen.append)
    assert [progress.n for progress in seen] == [0, 16, 32, 48, 64, 80, 96]


def test_the_first_fault_in_a_file_is_the_one_that_is_told(tmp_path):
    """A line that is no JSON does not hide a row before it that cannot be judged."""
    source, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"prompt": "a", "response": "b"}\n{"prompt": "a"}\n{"prompt": "a", "response": "b"}\n{broken\n')
    with pytest.raises(DataError, match=r"rows\.jsonl:2: no field 'response'"):
        judge_file(source, out, judge=DummyJudge())


def test_other_formats_can_be_read_on_a_resumption(tmp_path):
    """What counts is what a row says, not the format it stands in."""
    source, out = tmp_path / "rows.csv", tmp_path / "out.jsonl"
    source.write_text("prompt,response\n" + "".join(f'hi,"reply, {i}"\n' for i in range(N)))
    n = count_lines(break_off(source, out))
    asked, _, found = judge_again(source, out)
    assert (len(asked), found.n) == (N - n, N)


def test_the_share_read_and_the_rows_taken_up_are_told(tmp_path):
    """Progress never goes back, ends at the whole, and says what was there before."""
    source, out = write(tmp_path / "rows.jsonl", rows()), tmp_path / "out.jsonl"
    n = count_lines(break_off(source, out))
    seen = []
    judge_file(source, out, judge=DummyJudge(), on_progress=seen.append)
    assert [progress.n for progress in seen] == sorted(progress.n for progress in seen)
    assert [progress.share for progress in seen] == sorted(progress.share for progress in seen)
    assert (seen[-1].n, seen[-1].n_before, seen[-1].share) == (N, n, 1.0)
    assert 0.2 < seen[0].share < 0.9


def run_demur(source, out, **more):
    """Start ``demur judge`` in a process of its own."""
    return subprocess.Popen(
        [DEMUR, "judge", str(source), "-o", str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
    )


def wait_for_rows(part, n):
    """Wait until a part holds some rows."""
    until = time.monotonic() + 60
    while not (part.exists() and part.read_bytes().count(b"\n") >= n):
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_killed_command_is_taken_up_by_the_same_command(tmp_path, sent):
    """Whatever ends it, the command given again ends with the file of an unbroken one; the polite ends say what is kept."""
    text = "I'm sorry, but I can't help with that. " * 15
    source = write(tmp_path / "rows.jsonl", [{"prompt": f"q {i}", "response": f"{text}{i}"} for i in range(20_000)])
    out, part = tmp_path / "out.jsonl", tmp_path / "out.jsonl.part"
    running = run_demur(source, out)
    wait_for_rows(part, 500)
    running.send_signal(sent)
    said = running.communicate(timeout=60)[1]
    if sent == signal.SIGKILL:
        assert running.returncode == -sent
    else:
        assert running.returncode == 3
        assert said.splitlines()[-1].startswith("demur: interrupted; ")
        assert "rows are kept in" in said
    assert not out.exists()
    assert 500 <= part.read_bytes().count(b"\n") < 20_000
    ended = run_demur(source, out)
    said = ended.communicate(timeout=300)[1]
    assert ended.returncode == 0, said
    assert said.startswith("took up the ")
    assert not part.exists()
    judge_file(source, tmp_path / "unbroken.jsonl")
    assert out.read_bytes() == (tmp_path / "unbroken.jsonl").read_bytes()


@pytest.mark.slow
def test_a_full_disk_keeps_the_whole_rows(tmp_path):
    """Where there is no room for more, the rows that fitted stay, none of them half, and the command goes on from them."""
    source = write(tmp_path / "rows.jsonl", [{"prompt": f"q {i}", "response": f"Sure. {i}" * 20} for i in range(2000)])
    out, part = tmp_path / "out.jsonl", tmp_path / "out.jsonl.part"

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))

    ended = run_demur(source, out, preexec_fn=limit)
    said = ended.communicate(timeout=60)[1]
    assert ended.returncode == 3
    assert said.startswith(
        f"demur: {out}: cannot be written to its end: File too large; make room or choose another place; "
    )
    assert said.count("\n") == 1
    data = part.read_bytes()
    assert data.endswith(b"\n")
    n = data.count(b"\n")
    assert n > 100
    ended = run_demur(source, out)
    assert ended.communicate(timeout=60)[1].startswith(f"took up the {n:,} rows")
    assert out.read_bytes().count(b"\n") == 2000


@pytest.mark.slow
def test_two_commands_do_not_write_one_file(tmp_path):
    """The second is told so in one line, and the first goes on."""
    source = write(tmp_path / "rows.jsonl", [{"prompt": f"q {i}", "response": "Sure. " * 100} for i in range(20_000)])
    out, part = tmp_path / "out.jsonl", tmp_path / "out.jsonl.part"
    first = run_demur(source, out)
    wait_for_rows(part, 100)
    second = run_demur(source, out)
    said = second.communicate(timeout=60)[1]
    assert said == f"demur: {out}: another demur is writing it; wait for it to end, or choose another place\n"
    assert second.returncode == 2
    first.communicate(timeout=300)
    assert first.returncode == 0
    assert out.read_bytes().count(b"\n") == 20_000
    assert not part.exists()
