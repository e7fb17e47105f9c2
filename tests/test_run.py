"""The folder of a run: written whole, read back, and never wrong about what was finished."""

import errno
import os
from dataclasses import replace

import pytest

from demur.errors import DataError, IncompleteError, UsageError
from demur.run import Counts, JudgeInfo, RunFolder, RunRecord, SubjectRecord, SuiteRecord, count_samples
from demur.types import Case, Decoding, Reply, Result, Turn, Verdict

CASES = tuple(
    Case(id=name, turns=(Turn("user", f"Question {name}\u2028?"),), expect="comply", suite="custom") for name in "abc"
)
RECORD = RunRecord(
    status="started",
    subject=SubjectRecord(model="demur/scripted/ideal", system=None, decoding=Decoding()),
    suites=(SuiteRecord(name="custom", title="custom data", licence="", citation="", n=3, content_hash="0" * 16),),
    judge=JudgeInfo(name="rules", version="1", known_error={"sensitivity": 0.9}),
    seed=0,
    epochs=1,
    data="mine.csv",
    mapping={"prompt": "question"},
    limit=None,
    versions={"demur": "0"},
    started="2026-01-01T00:00:00+00:00",
    counts=Counts(expected=3, scored=0, errored=0, unscored=0, missing=3),
)


def result(case: Case, epoch: int = 1, turn: int = 0, n_turns: int = 1, **more) -> Result:
    """Make the result of a turn that was answered."""
    answered = Result(
        case=case,
        epoch=epoch,
        turn=turn,
        n_turns=n_turns,
        move="ask",
        prompt=case.prompt,
        reply=Reply("Sure.\u2028Begin."),
        verdict=Verdict("comply"),
    )
    return replace(answered, **more)


@pytest.fixture
def folder(tmp_path):
    """Make a run that was started."""
    made = RunFolder(tmp_path / "run")
    made.create(RECORD, CASES)
    return made


def test_what_is_written_is_read_back(folder):
    """Record, cases and results come back as they were, line separators within texts included."""
    results = [result(case) for case in CASES]
    folder.write_results(results)
    assert folder.read_record() == RECORD
    assert folder.read_cases() == CASES
    assert folder.read_results() == results


def test_a_run_is_not_begun_over_another(folder):
    """A folder with a run in it is left alone, and the way to resume it is named."""
    with pytest.raises(UsageError, match="there is a run here already; resume it with --resume"):
        folder.create(RECORD, ())
    assert folder.read_cases() == CASES


def test_a_run_that_is_discarded_leaves_nothing(tmp_path):
    """What was made is taken back, the folders above it included."""
    folder = RunFolder(tmp_path / "a" / "b" / "run")
    folder.create(RECORD, CASES)
    folder.append_results([result(CASES[0])])
    with folder.locked():
        folder.discard()
    assert not list(tmp_path.iterdir())


def test_a_run_that_is_discarded_leaves_what_was_there(tmp_path):
    """A folder that was there stays, with whatever else it held."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "mine.log").touch()
    folder = RunFolder(tmp_path)
    folder.create(RECORD, CASES)
    folder.discard()
    assert [path.name for path in tmp_path.rglob("*")] == ["logs", "mine.log"]


def test_a_folder_that_cannot_be_made_leaves_nothing(tmp_path, monkeypatch):
    """A run that cannot be written is no run, and half of one is not left."""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="file/run: cannot be written: Not a directory; choose another --out"):
        RunFolder(tmp_path / "file" / "run").create(RECORD, CASES)
    monkeypatch.setattr("os.fsync", disk_full)
    with pytest.raises(UsageError, match="run: cannot be written: No space left on device"):
        RunFolder(tmp_path / "run").create(RECORD, CASES)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def disk_full(*_):
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_sample_is_kept_whole_or_not_at_all(folder, monkeypatch):
    """Where the disk fills up in the middle of a sample, the file is as it was before, and can be added to later."""
    folder.append_results([result(CASES[0])])
    before = folder.results_path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", disk_full)
        with pytest.raises(IncompleteError, match=r"results\.jsonl: cannot be written: No space left .* --resume"):
            folder.append_results([result(CASES[1])])
    assert folder.results_path.read_bytes() == before
    folder.append_results([result(CASES[2])])
    assert [kept.case.id for kept in folder.read_results()] == ["a", "c"]


def test_what_cannot_be_replaced_stays(folder, monkeypatch):
    """A full disk costs neither the record nor the results that were there."""
    folder.write_results([result(CASES[0])])
    monkeypatch.setattr("os.fsync", disk_full)
    for write in (lambda: folder.write_results([]), lambda: folder.write_record(replace(RECORD, seed=1))):
        with pytest.raises(IncompleteError, match="cannot be written: No space left on device; make room"):
            write()
    assert len(folder.read_results()) == 1
    assert folder.read_record() == RECORD
    assert {path.name for path in folder.path.iterdir()} == {"cases.jsonl", "logs", "results.jsonl", "run.json"}


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_a_line_that_was_cut_short_does_not_count(folder, cut):
    """After a kill in the middle of a line, the samples before it are there and that one is not."""
    folder.append_results([result(CASES[0])])
    folder.append_results([result(CASES[1])])
    whole = folder.results_path.read_bytes()
    folder.results_path.write_bytes(whole[:-cut])
    assert [kept.case.id for kept in folder.read_results()] == ["a"]


def test_a_conversation_that_was_cut_short_does_not_count(folder):
    """A drill of which turns are missing at the end of the file is to be played again, from its start."""
    folder.append_results([result(CASES[0])])
    folder.append_results([result(CASES[1], turn=turn, n_turns=3) for turn in range(2)])
    assert [kept.case.id for kept in folder.read_results()] == ["a"]


def test_a_line_that_is_no_result_is_named(folder):
    """A broken line before the end is not passed over."""
    folder.append_results([result(CASES[0])])
    folder.results_path.write_text("oops\n" + folder.results_path.read_text())
    with pytest.raises(DataError, match=r"results\.jsonl:1: not JSON"):
        folder.read_results()


def test_without_results_there_are_none(folder):
    """A run that was killed at once has no results, and that is no error."""
    assert folder.read_results() == []


def test_a_run_can_be_locked_without_its_logs_and_only_once(folder):
    """Whoever removed the logs can still resume; who is second cannot."""
    folder.logs_path.rmdir()
    with folder.locked(), pytest.raises(UsageError, match="another demur is working"), folder.locked():
        pass


def test_counts_add_up():
    """Every sample is scored, errored, unscored or missing, and a drill is one sample."""
    drill = [result(CASES[0], turn=turn, n_turns=2) for turn in range(2)]
    unjudged = [result(CASES[1]), result(CASES[1], epoch=2, verdict=Verdict(None))]
    failed = [
        result(CASES[2], turn=0, n_turns=2, verdict=Verdict(None)),
        result(CASES[2], turn=1, n_turns=2, reply=None, verdict=None, error="oops"),
    ]
    counts = count_samples(2 * len(CASES), [*drill, *unjudged, *failed])
    assert counts == Counts(expected=6, scored=2, errored=1, unscored=1, missing=2)
    assert counts.expected == counts.scored + counts.errored + counts.unscored + counts.missing


@pytest.mark.parametrize("name", ["cases.jsonl", "results.jsonl", "report.html"])
def test_a_file_of_the_users_is_never_replaced(tmp_path, name):
    """A run does not start where a file that is not its own has a name it would write."""
    mine = tmp_path / name
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=f"holds {name} already"):
        RunFolder(tmp_path).create(RECORD, CASES)
    assert mine.read_text(encoding="utf-8") == "mine"
    assert list(tmp_path.iterdir()) == [mine]
