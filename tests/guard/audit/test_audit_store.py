"""What is acknowledged is stored; what waits is bounded; nobody is held up."""

import asyncio
import re
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import fields, replace

import pytest
import sqlalchemy as sa
from audit_events import arbitrary_events, make_event, opened
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demur.errors import DataError, IncompleteError, UsageError
from demur.guard.audit import Event, RailRun, RowRefusedError, StoreDownError, new_event_id, open_store, read_events
from demur.guard.audit.row import COLUMNS, from_row, to_row
from demur.guard.audit.schema import tables


async def store_all(url, events, **options):
    """Store events, and wait for each."""
    async with opened(url, **options) as store:
        await asyncio.gather(*(store.submit(event) for event in events))
        return store.state()


def connect(url):
    """Reach the database without the store."""
    parsed = sa.make_url(url)
    return sa.create_engine(parsed if parsed.drivername == "sqlite" else parsed.set(drivername="postgresql+psycopg"))


def storable(value):
    """Replace what no database can store, character by character."""
    if isinstance(value, str):
        return "".join("\ufffd" if c == "\0" or 0xD800 <= ord(c) <= 0xDFFF else c for c in value)
    if isinstance(value, tuple):
        return tuple(storable(item) for item in value)
    if isinstance(value, RailRun):
        return RailRun(*(storable(getattr(value, field.name)) for field in fields(value)))
    return value


def kinds_of(event):
    """Name the type of every value."""
    return [type(getattr(event, field.name)) for field in fields(event)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(arbitrary_events(), min_size=1, max_size=5))
def test_events_come_back_as_they_went(database, events):
    """Every event is read back as it was, in the order in which it was stored; NUL and lone surrogates become U+FFFD."""
    events = [replace(event, id=new_event_id()) for event in events]
    asyncio.run(store_all(database, events))
    read = list(read_events(database))[-len(events) :]
    expected = [
        replace(event, **{field.name: storable(getattr(event, field.name)) for field in fields(event)})
        for event in events
    ]
    assert read == expected
    assert [kinds_of(event) for event in read] == [kinds_of(event) for event in expected]  # 1 is not True


def test_the_columns_are_the_fields():
    """The table has a column for every field, in its order, and one for the order of the rows."""
    names = [field.name for field in fields(Event)]
    assert [column.name for column in COLUMNS] == names
    assert [column.name for column in tables().events.columns] == ["seq", *names]
    event = make_event()
    assert from_row(to_row(event)) == event


def test_lists_are_json_that_sql_can_read(database):
    """What ran and who refused can be asked about in SQL, with either database's functions for JSON."""
    asyncio.run(store_all(database, [make_event(ran=(RailRun("input", "skipped", 0.5, "a \0 and a \ud800"),))]))
    sql = {
        "sqlite": "SELECT json_extract(ran, '$[0].skipped'), refused_by FROM events",
        "postgresql": "SELECT ran::jsonb -> 0 ->> 'skipped', refused_by FROM events",
    }
    engine = connect(database)
    with engine.connect() as connection:
        found = connection.exec_driver_sql(sql[engine.dialect.name]).one()
    engine.dispose()
    assert tuple(found) == ("a \ufffd and a \ufffd", '["input"]')


def test_long_texts_are_cut_and_wrong_counts_unknown(database):
    """A name of megabytes, or a count beyond 64 bits, is the client's or the upstream's doing and no reason to lose the row."""
    event = make_event(
        model="m" * 3_000_000,
        conversation="ü" * 10_000,
        request="r" * 20_000,
        n_input_tokens=10**30,
        n_output_tokens=-1,
    )
    asyncio.run(store_all(database, [event]))
    (read,) = read_events(database)
    assert (read.model, read.conversation, read.request) == ("m" * 512, "ü" * 512, "r" * 16_384)
    assert (read.n_input_tokens, read.n_output_tokens) == (None, None)


def test_an_event_is_stored_once(database):
    """An id that is stored already is acknowledged and not stored again, within a batch and across batches."""
    event = make_event()
    asyncio.run(store_all(database, [event, event, make_event()]))
    asyncio.run(store_all(database, [replace(event, request="something else")]))
    assert [read.request for read in read_events(database) if read.id == event.id] == [event.request]
    assert len(list(read_events(database))) == 2


@pytest.mark.parametrize(
    "change", [{"latency_s": float("nan")}, {"path": None}, {"status": 2**80}, {"at": object()}, {"request": 7}]
)
def test_a_bad_event_costs_only_itself(database, change):
    """An event that the database refuses fails with one line that quotes none of it; all others of its batch are stored."""
    events = [make_event(request="a secret thing") for _ in range(120)]
    events[77] = replace(events[77], **change)

    async def run():
        async with opened(database) as store:
            done = await asyncio.gather(*(store.submit(event) for event in events), return_exceptions=True)
            return done, store.state()

    done, state = asyncio.run(run())
    assert [n for n, result in enumerate(done) if result is not None] == [77]
    assert isinstance(done[77], RowRefusedError)
    assert events[77].id in str(done[77])
    assert "secret" not in str(done[77])
    assert "\n" not in str(done[77])
    assert (state.n_stored, state.n_lost, state.is_down) == (119, 1, False)
    assert [read.id for read in read_events(database)] == [event.id for event in events if event is not events[77]]


def test_reading_goes_on_where_it_stopped(database):
    """A reader can begin at a time or after an event, and stop after a number; pages do not show."""
    events = [make_event(at=float(1_000 + n % 7)) for n in range(2_500)]
    asyncio.run(store_all(database, events))
    assert list(read_events(database)) == events
    assert list(read_events(database, limit=1_001)) == events[:1_001]
    assert list(read_events(database, limit=0)) == []
    assert list(read_events(database, after=events[999].id)) == events[1_000:]
    assert list(read_events(database, since=1_005.0)) == [event for event in events if event.at >= 1_005]
    assert (
        list(read_events(database, since=1_005.0, after=events[1_999].id, limit=10))
        == [event for event in events[2_000:] if event.at >= 1_005][:10]
    )
    assert list(read_events(database, since=2_000.0)) == []
    assert list(read_events(database, after=events[-1].id)) == []
    with pytest.raises(DataError, match="no event 'nowhere'; expected the id of one that is stored"):
        list(read_events(database, after="nowhere"))


def test_several_writers_and_a_reader_that_follows(database):
    """With several gateways writing at once, a reader that goes on from the last event it saw sees each exactly once."""
    n_writers, n = 4, 300
    asyncio.run(store_all(database, []))
    threads = [
        threading.Thread(
            target=lambda: asyncio.run(store_all(database, [make_event() for _ in range(n)], batch=7, gather_s=0.0))
        )
        for _ in range(n_writers)
    ]
    for thread in threads:
        thread.start()
    seen = []
    while True:
        is_over = not any(thread.is_alive() for thread in threads)
        page = [event.id for event in read_events(database, after=seen[-1] if seen else None, limit=50)]
        seen += page
        if is_over and not page:
            break
    for thread in threads:
        thread.join()
    assert len(seen) == n_writers * n
    assert len(set(seen)) == len(seen)
    assert seen == [event.id for event in read_events(database)]


def test_many_stores_open_at_once(database):
    """Gateways that start together on an empty database all come up."""
    script = (
        "import asyncio, sys; from demur.guard.audit import open_store; asyncio.run(open_store(sys.argv[1]).close())"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", script, database], stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert [process.communicate()[1] for process in started] == [""] * 4
    assert list(read_events(database)) == []


def lock(path):
    """Hold SQLite's only right to write."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    return closing(connection)


def test_the_loop_is_never_held_up(tmp_path):
    """While another process keeps the database locked, the loop goes on, the events wait, and are stored afterwards."""
    path = tmp_path / "audit.db"
    changes = []

    async def run():
        gaps, submits = [], []

        async def tick():
            last = time.perf_counter()
            while True:
                await asyncio.sleep(0.001)
                now = time.perf_counter()
                gaps.append(now - last)
                last = now

        async with opened(f"sqlite:///{path}", on_change=changes.append) as store:
            ticking = asyncio.ensure_future(tick())
            with lock(path):
                waiting = []
                end = time.monotonic() + 3.0
                while time.monotonic() < end:
                    before = time.perf_counter()
                    waiting.append(store.submit(make_event()))
                    submits.append(time.perf_counter() - before)
                    await asyncio.sleep(0.001)
                assert store.is_down
                assert store.state().n_waiting == len(waiting)
                assert "locked" in store.state().reason
                assert not any(future.done() for future in waiting)
            await asyncio.gather(*waiting)
            ticking.cancel()
            assert not store.is_down
            assert store.state().n_waiting == store.state().n_bytes == 0
        return gaps, submits, len(waiting)

    gaps, submits, n = asyncio.run(run())
    assert len(list(read_events(str(path)))) == n
    # The lock was held for three seconds: a loop that waited for it even once would show a gap of that order.
    assert max(gaps) < 0.5
    assert sorted(submits)[n // 2] < 0.001
    assert len(changes) == 2
    assert "locked" in changes[0]
    assert changes[1] is None


@pytest.mark.parametrize(
    ("bounds", "n_kept", "message"),
    [
        ({"most_waiting": 10}, 10, "10 events wait, as many as may"),
        ({"most_bytes": 100_000}, None, "bytes of events wait, and no more than 100000 may"),
    ],
)
def test_what_waits_is_bounded(tmp_path, bounds, n_kept, message):
    """Beyond either bound an event fails at once, with what is wrong; those within are stored when the database is back."""
    path = tmp_path / "audit.db"

    async def run():
        async with opened(str(path), **bounds) as store:
            with lock(path):
                waiting = [store.submit(make_event(request="r" * 1_000)) for _ in range(100)]
                failed = [future for future in waiting if future.done()]
                assert len(failed) == store.state().n_lost
                assert store.state().n_bytes <= bounds.get("most_bytes", 10**9)
                for future in failed:
                    with pytest.raises(StoreDownError, match=re.escape(message)):
                        await future
            kept = [future for future in waiting if future not in failed]
            await asyncio.gather(*kept)
            await store.submit(make_event())
            return len(kept), store.state()

    n, state = asyncio.run(run())
    assert n == (n_kept or n)
    assert 0 < n < 100
    assert (state.n_stored, state.n_lost) == (n + 1, 100 - n)
    assert len(list(read_events(str(path)))) == n + 1
    assert issubclass(StoreDownError, IncompleteError)


def test_an_event_as_large_as_it_says_is_counted(tmp_path):
    """The bound in bytes counts what the texts take in memory, whichever field they are in."""

    async def run():
        async with opened(str(tmp_path / "a.db"), most_bytes=50_000) as store:
            with pytest.raises(StoreDownError, match="bytes of events wait"):
                await store.submit(make_event(model="\U0001f600" * 13_000))
            await store.submit(make_event(model="m" * 13_000))

    asyncio.run(run())


def test_closing_stores_what_waits(database):
    """Whatever was handed over before is stored when the store has closed, also where nobody waited; later events fail."""
    events = [make_event() for _ in range(3_000)]

    async def run():
        store = open_store(database)
        waiting = [store.submit(event) for event in events]
        await store.close()
        assert all(future.done() and future.exception() is None for future in waiting)
        with pytest.raises(StoreDownError, match="it is closed"):
            await store.submit(make_event())
        await store.close()

    asyncio.run(run())
    assert list(read_events(database)) == events


def test_closing_gives_up_after_its_time(tmp_path):
    """A store that cannot write says how many events are lost, and tells everybody who waits for one."""
    path = tmp_path / "audit.db"

    async def run():
        store = open_store(str(path))
        with lock(path):
            waiting = [store.submit(make_event()) for _ in range(700)]
            before = time.monotonic()
            with pytest.raises(
                StoreDownError, match=r"700 events could not be stored in 0.2 s and are lost \(.*locked"
            ):
                await store.close(timeout_s=0.2)
            assert time.monotonic() - before < 5
            for result in await asyncio.gather(*waiting, return_exceptions=True):
                assert isinstance(result, StoreDownError)
            assert store.state().n_lost == 700

    asyncio.run(run())
    assert list(read_events(str(path))) == []


def test_a_waiter_that_goes_away_loses_nothing(database):
    """An event is stored though its future was cancelled, or its loop has ended; one alarm that fails changes nothing."""
    first, second = make_event(), make_event()

    def fail(reason):
        raise ValueError(reason)

    async def run():
        async with opened(database, on_change=fail) as store:
            store.submit(first).cancel()
            await store.submit(second)

    asyncio.run(run())
    store = open_store(database)

    async def leave():
        store.submit(third)

    third = make_event()
    asyncio.run(leave())
    asyncio.run(store.close())
    assert [event.id for event in read_events(database)] == [first.id, second.id, third.id]


def test_a_store_that_is_newer_is_refused(database):
    """Tables of another version, or a table of the same name that is not demur's, end in one line and stay as they are."""
    asyncio.run(store_all(database, [make_event()]))
    engine = connect(database)
    with engine.begin() as connection:
        connection.execute(tables().versions.update().values(version=2))
    for act in (lambda: open_store(database), lambda: list(read_events(database))):
        with pytest.raises(
            DataError, match="an audit store of version 2; this demur knows 1: use the demur that wrote it"
        ):
            act()
    with engine.begin() as connection:
        connection.execute(tables().versions.update().values(version=1))
    assert len(list(read_events(database))) == 1
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE demur_schema")
    with pytest.raises(DataError, match="has a table events that is not demur's; expected a database of demur's own"):
        open_store(database)
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("audit", "found a path that does not end in .db, .sqlite, .sqlite3; expected sqlite:///FILE"),
        ("sqlite://", "sqlite:// without a file of its own"),
        ("sqlite:///:memory:", "sqlite:// without a file of its own"),
        ("sqlite:///x.db?mode=hunter2", "sqlite:// without a file of its own"),
        ("mysql://u:hunter2@h/d", "mysql:// is not supported"),
        ("postgresql://u:hunter2@h", "names no database"),
        ("postgresql://u:hunter2@h:port/d", "not a URL"),
        ("postgresql://u:hunter2@x@h/d", "in passwords write / as %2F, @ as %40"),
        ("postgresql://u/x:hunter2@h/d", "in passwords write / as %2F, @ as %40"),
        ("://hunter2", "not a URL"),
    ],
)
def test_a_wrong_url_is_one_line_without_its_password(url, message):
    """What is no URL of a store says which forms there are, and never the password."""
    with pytest.raises(UsageError, match=re.escape(message)) as caught:
        open_store(url)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_is_an_error_at_once(tmp_path):
    """A folder in the place of the file, or a file that is no database, is told in one line; reading makes no file."""
    (tmp_path / "folder.db").mkdir()
    (tmp_path / "text.db").write_text("This is not a database, and it is long enough to be looked at." * 10)
    for name, message in (("folder.db", "Is a directory"), ("text.db", "file is not a database")):
        with pytest.raises(StoreDownError, match=message):
            open_store(str(tmp_path / name))
    with pytest.raises(DataError, match="no such file"):
        next(read_events(str(tmp_path / "none.db")))
    (tmp_path / "empty.db").touch()
    with pytest.raises(DataError, match="no audit store"):
        next(read_events(str(tmp_path / "empty.db")))
    assert not (tmp_path / "none.db").exists()


def test_a_database_may_come_later(tmp_path):
    """Where it need not answer at once, the store begins down, keeps what it is given, and stores it once there is a database."""
    folder = tmp_path / "later"
    folder.write_text("in the way")

    async def run():
        changes = []
        async with opened(str(folder / "audit.db"), must_answer=False, on_change=changes.append) as store:
            assert store.is_down
            waiting = store.submit(make_event())
            await asyncio.sleep(0.2)
            assert not waiting.done()
            folder.unlink()
            await waiting
            assert not store.is_down
        return changes

    changes = asyncio.run(run())
    assert "later" in changes[0]
    assert changes[1:] == [None]
    assert len(list(read_events(str(folder / "audit.db")))) == 1


def test_the_file_is_private_and_durable(tmp_path):
    """The file and its log can be read by their owner alone, and are written through to the disk at each commit."""
    path = tmp_path / "deep" / "er" / "audit.sqlite"

    async def run():
        async with opened(str(path)) as store:
            await store.submit(make_event())
            for file in path.parent.iterdir():
                assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
            assert len(list(path.parent.iterdir())) == 3
            connection = store._writer._database._connection
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2

    asyncio.run(run())


def test_importing_loads_no_database(tmp_path):
    """The package loads neither SQLAlchemy nor a driver before a store is opened."""
    script = "import sys, demur.guard.audit; print([name for name in ('sqlalchemy', 'psycopg', 'sqlite3', 're2') if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
    assert not list(tmp_path.iterdir())
