"""Daily roll-ups: they count what the shards count, hold no word of what was said, and are made again only where it changed."""

import re
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from logs import ANSWER, REFUSAL, START, table_row, write_lines

from demur.errors import DataError, MissingExtraError, UsageError
from demur.watch import ShardFolder
from demur.watch.folder import COLUMNS
from demur.watch.pool import in_this_process
from demur.watch.rollups import Rollups, check_rollups, write_rollups
from demur.watching import watch_files

DAY = 86_400
PAGE = Path(__file__).parents[2] / "docs" / "watch.md"
DIMENSIONS = ("category", "language", "tenant", "model", "expect", "outcome", "kind")


@pytest.fixture(autouse=True)
def small_shards(monkeypatch):
    """Cut shards of eight, so that small files have many."""
    monkeypatch.setattr("demur.watch.cutting._ROWS", 8)


def rows(n=60):
    """Make a log of three days in which every third request is refused."""
    return [
        table_row(
            number, refuses=number % 3 == 0, at=START + number * 3 * DAY / n, tenant=f"t{number % 2}", model="m",
            category=None if number % 4 else "S2", expect="comply" if number % 5 == 0 else None, user="somebody@example.org",
        )
        for number in range(n)
    ]  # fmt: skip


def watched(tmp_path, logged, name="log.jsonl"):
    """Watch some rows, and give the folder."""
    work = tmp_path / "w"
    watch_files([write_lines(tmp_path / name, logged)], work=work, engine=in_this_process)
    return ShardFolder(work)


def read(out):
    """Read every day's file."""
    return {path.stem: pq.read_table(path).to_pylist() for path in sorted(out.iterdir())}


def counted_slowly(folder):
    """Count the rows of the shards one by one, with Python's own clock."""
    counts = Counter()
    for source in folder.read_manifest().sources:
        for name in source.shards:
            for row in folder.read_rows(name, COLUMNS):
                when = None if row["at"] is None else datetime.fromtimestamp(row["at"], UTC)
                counts[
                    "undated" if when is None else when.date().isoformat(),
                    None if when is None else when.hour,
                    *(row[by] for by in DIMENSIONS),
                    (row["layer"] or "model") if row["outcome"] == "refuse" else None,
                    None if row["outcome"] is None else row["leaked"],
                ] += 1
    return counts


def test_a_roll_up_counts_what_the_rows_count(tmp_path):
    """By day, hour and everything else, with those without a time or a reply; and moments at the edge of a day."""
    edges = [START + DAY - gap for gap in (2.4e-7, 5e-7, 7.2e-7, 1e-3)]
    logged = rows() + [table_row(100 + number, at=at) for number, at in enumerate(edges)]
    logged += [{"prompt": "When?", "response": ANSWER}, {"prompt": "And why?", "response": None, "ts": START}]
    folder = watched(tmp_path, logged)
    write_rollups(folder, tmp_path / "r")
    found = Counter()
    for day, counts in read(tmp_path / "r").items():
        for row in counts:
            assert row["day"] is None or row["day"].isoformat() == day
            key = (day, row["hour"], *(row[by] for by in DIMENSIONS), row["refused_by"], row["leaked"])
            assert key not in found
            found[key] = row["n"]
    assert found == counted_slowly(folder)
    assert found.total() == len(logged)


def test_no_word_that_was_said_is_in_a_roll_up(tmp_path):
    """Neither requests nor replies, nor who asked: it may be shown to those who may not read conversations."""
    write_rollups(watched(tmp_path, rows()), tmp_path / "r")
    for path in (tmp_path / "r").iterdir():
        content = str(pq.read_table(path).to_pylist()) + str(pq.read_schema(path).metadata)
        for text in (REFUSAL, ANSWER, "stop process", "somebody@example.org"):
            assert text not in content


def test_the_query_on_the_page_tells_both_sides(tmp_path, monkeypatch):
    """It runs as it stands there: wrong refusals beside harm that was answered, and what was not judged."""
    import duckdb

    (query,) = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    logged = [
        table_row(number, refuses=number < refused, at=START + number, expect=expect, model="m")
        for expect, n, refused in (("comply", 10, 3), ("refuse", 5, 4))
        for number in range(n)
    ]
    logged.append({**table_row(99, expect="comply", model="m"), "response": None})
    write_rollups(watched(tmp_path, logged), tmp_path / "rollups")
    monkeypatch.chdir(tmp_path)
    with duckdb.connect(":memory:") as database:
        assert database.execute(query).fetchall() == [("2025-12", "m", 0.3, 0.2, 1)]


def test_only_days_that_changed_are_written_again(tmp_path):
    """A second run touches nothing; a log that grew touches the days it grew in, and gives what one run gives."""
    logged = rows()
    folder = watched(tmp_path, logged[:50])
    assert write_rollups(folder, tmp_path / "r") == Rollups(3, 0, ())
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "r").iterdir()}
    assert write_rollups(folder, tmp_path / "r") == Rollups(0, 3, ())
    folder = watched(tmp_path, logged)
    assert write_rollups(folder, tmp_path / "r") == Rollups(1, 2, ())
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "r").iterdir()}
    assert [name for name in sorted(after) if after[name] != before[name]] == ["2025-12-03.parquet"]
    write_rollups(folder, tmp_path / "at_once")
    for path in (tmp_path / "at_once").iterdir():
        assert path.read_bytes() == (tmp_path / "r" / path.name).read_bytes()


def test_a_day_of_which_less_is_read_now_is_left_alone(tmp_path):
    """A file that brings a few late exchanges of yesterday does not take the place of yesterday."""
    logged = rows()
    write_rollups(watched(tmp_path, logged), tmp_path / "r")
    before = read(tmp_path / "r")
    late = [*logged[18:20], *(table_row(number, at=START + 4 * DAY) for number in range(200, 210))]
    made = write_rollups(watched(tmp_path, late), tmp_path / "r")
    assert made == Rollups(1, 0, ("2025-12-01",))
    assert {day: counts for day, counts in read(tmp_path / "r").items() if day in before} == before


def test_names_of_folders_are_no_patterns(tmp_path):
    """Brackets, stars and quotes in a path are only letters."""
    place = tmp_path / "it's [a] *"
    place.mkdir()
    write_rollups(watched(place, rows()), place / "r'")
    assert sum(row["n"] for counts in read(place / "r'").values() for row in counts) == 60


def test_what_is_no_roll_up_is_not_written_over(tmp_path):
    """Somebody's own table of that name, or a text."""
    folder, out = watched(tmp_path, rows()), tmp_path / "r"
    out.mkdir()
    pq.write_table(pa.table({"mine": [1]}), out / "2025-12-02.parquet")
    with pytest.raises(DataError, match=r"2025-12-02\.parquet: found a file that is no roll-up; move it away"):
        write_rollups(folder, out)
    (out / "2025-12-02.parquet").write_text("mine", encoding="utf-8")
    with pytest.raises(DataError, match="found a file that is no roll-up"):
        write_rollups(folder, out)
    assert (out / "2025-12-02.parquet").read_text("utf-8") == "mine"


def test_a_folder_without_a_log_is_named(tmp_path):
    """There is nothing to roll up before a log was watched."""
    with pytest.raises(DataError, match=r"manifest\.json: cannot be read"):
        write_rollups(ShardFolder(tmp_path), tmp_path / "r")


def test_what_is_missing_is_said_before_the_work(tmp_path, monkeypatch):
    """A file where the folder would be, or no DuckDB."""
    (tmp_path / "r").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is a file; expected a folder"):
        check_rollups(tmp_path / "r")
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'demur\[scale\]'"):
        check_rollups(tmp_path / "s")
