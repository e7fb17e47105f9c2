"""What was acknowledged survives: killed gateways, a database that crashes, connections cut at the worst moment."""

import asyncio
import contextlib
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from audit_events import make_event, opened
from services import postgres_server

from demur.guard.audit import StoreDownError, open_store, read_events, writer

WRITE_UNTIL_KILLED = """
import asyncio, os, sys
sys.path.insert(0, sys.argv[2])
from audit_events import make_event
from demur.guard.audit import open_store

async def write(store):
    while True:
        event = make_event()
        await store.submit(event)
        os.write(1, event.id.encode() + b"\\n")

async def run():
    store = open_store(sys.argv[1], gather_s=0.001)
    await asyncio.gather(*(write(store) for _ in range(40)))

asyncio.run(run())
"""


TAKE_TURN = "SELECT pg_advisory_xact_lock(x'64656D7573'::bigint)"


def connect(url):
    """Reach the database without the store."""
    parsed = sa.make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return sa.create_engine(parsed, poolclass=sa.NullPool)


@contextlib.contextmanager
def contended(url):
    """Keep others from writing for half of the time, so that commits come late after what they commit."""
    is_over = threading.Event()

    def contend():
        with connect(url).connect() as connection:
            while not is_over.wait(0.02):
                # No transaction is open in SQLite before this.
                connection.exec_driver_sql("BEGIN IMMEDIATE" if url.startswith("sqlite") else TAKE_TURN)
                time.sleep(0.02)
                connection.rollback()

    thread = threading.Thread(target=contend)
    thread.start()
    yield
    is_over.set()
    thread.join()


@pytest.mark.slow
def test_what_was_acknowledged_survives_kill_9(database):
    """Over eight rounds in which the gateway is killed at a random moment, each id it called stored is there, and once."""
    draw = random.Random(11)
    acknowledged = []
    asyncio.run(open_store(database).close())
    for _ in range(8):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITE_UNTIL_KILLED, database, str(Path(__file__).parent)], stdout=subprocess.PIPE
        )
        watchdog = threading.Timer(60, child.kill)  # should it never say anything
        watchdog.start()
        with contended(database):
            first = child.stdout.readline()
            time.sleep(draw.uniform(0.02, 0.5))
            child.send_signal(signal.SIGKILL)
            said = (first + child.communicate()[0]).split(b"\n")
        acknowledged += [line.decode() for line in said if len(line) == 32]  # the last may be half a line
        watchdog.cancel()
        stored = [event.id for event in read_events(database)]
        assert len(set(stored)) == len(stored)
        assert set(acknowledged) <= set(stored)
    assert len(acknowledged) > 8 * 40


@pytest.mark.slow
@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_server_that_goes_and_comes_back_costs_nothing(how):
    """PostgreSQL is stopped, or crashes, under load twice: all is stored, once; in between the store says it is down and takes events."""
    changes = []
    with postgres_server() as server:
        url = server.make_database()

        async def submit_for(store, seconds):
            end, futures = time.monotonic() + seconds, []
            while time.monotonic() < end:
                event = make_event()
                futures.append((event.id, store.submit(event)))
                await asyncio.sleep(0.001)
            return futures

        async def run():
            submitted = []
            async with opened(url, on_change=changes.append) as store:
                for _ in range(2):
                    stopping = asyncio.get_running_loop().run_in_executor(
                        None, lambda: (time.sleep(0.3), server.stop(how=how))
                    )
                    submitted += await submit_for(store, 0.6)
                    await stopping
                    submitted += await submit_for(store, 0.4)
                    assert store.is_down
                    assert store.state().n_waiting > 100
                    assert any(future.done() for _, future in submitted)
                    assert not submitted[-1][1].done()
                    await asyncio.to_thread(server.start)
                    submitted += await submit_for(store, 0.2)
                    await asyncio.gather(*(future for _, future in submitted))
                    assert not store.is_down
                return [id_ for id_, _ in submitted], store.state()

        ids, state = asyncio.run(run())
        assert [event.id for event in read_events(url)] == ids
    assert state.n_failures >= 2
    assert state.n_lost == 0
    assert [change is None for change in changes] == [False, True] * 2
    assert all(server.password not in change for change in changes if change)


class Cutter:
    """Stands between a store and its server; takes some inserts to the server and never brings the answer back."""

    def __init__(self, port, cuts):
        self.cuts = cuts
        self.n_inserts = 0
        self.port = 0
        self._server_port = port
        self._tasks = set()

    async def __aenter__(self):
        self._listening = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.port = self._listening.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._listening.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _relay(self, reader, writer):
        self._tasks.add(asyncio.current_task())
        up, down = await asyncio.open_connection("127.0.0.1", self._server_port)
        answering = asyncio.ensure_future(self._carry(up, writer))
        try:
            while data := await reader.read(65_536):
                self.n_inserts += b"INSERT INTO events" in data
                is_cut = b"INSERT INTO events" in data and self.n_inserts in self.cuts
                if is_cut:
                    answering.cancel()
                down.write(data)
                if is_cut:
                    await asyncio.sleep(0.3)  # long enough for the server to commit
                    break
        finally:
            answering.cancel()
            for end in (down, writer):
                end.close()
                with contextlib.suppress(ConnectionError):
                    await end.wait_closed()

    async def _carry(self, reader, writer):
        while data := await reader.read(65_536):
            writer.write(data)


def test_a_commit_whose_answer_was_lost_is_not_repeated(server):
    """Where the connection breaks after the server has committed and before it has said so, the rows are there once."""
    url = server.make_database()

    async def run():
        async with (
            Cutter(server.port, {2, 3, 6}) as cutter,
            opened(url.replace(f":{server.port}/", f":{cutter.port}/"), gather_s=0.0) as store,
        ):
            ids = []
            for _ in range(10):
                events = [make_event() for _ in range(5)]
                ids += [event.id for event in events]
                await asyncio.gather(*(store.submit(event) for event in events))
            return ids, cutter.n_inserts

    ids, n_inserts = asyncio.run(run())
    assert n_inserts >= 13
    assert [event.id for event in read_events(url)] == ids


def test_a_connection_that_went_stale_is_no_outage(server):
    """A connection that the server ended while nothing was written is made anew, without an alarm."""
    url = server.make_database()
    changes = []

    async def run():
        async with opened(url, on_change=changes.append) as store:
            await store.submit(make_event())
            with connect(url).begin() as connection:
                connection.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid()"
                )
            await store.submit(make_event())
            return store.state()

    state = asyncio.run(run())
    assert (state.n_stored, state.n_failures, changes) == (2, 0, [])
    assert len(list(read_events(url))) == 2


def test_gateways_write_one_after_another(server):
    """A gateway waits for its turn, so that no row becomes visible before one with a lower number."""
    url = server.make_database()

    async def run():
        async with opened(url) as store:
            with connect(url).connect() as other:
                other.exec_driver_sql(TAKE_TURN)
                waiting = store.submit(make_event())
                await asyncio.sleep(0.5)
                assert not waiting.done()
            await waiting

    asyncio.run(run())


def test_an_acknowledged_row_is_on_the_servers_disk(server):
    """Where the server is set to acknowledge before it writes, the store's session is not; what is stricter stays."""
    for setting, expected in (("off", "on"), ("local", "local"), ("remote_apply", "remote_apply")):
        url = server.make_database()
        name = url.rsplit("/", 1)[1]
        with connect(url).begin() as connection:
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = {setting}")

        async def run(url=url):
            async with opened(url) as store:
                await store.submit(make_event())
                return store._writer._database._connection.exec_driver_sql("SHOW synchronous_commit").scalar()

        assert asyncio.run(run()) == expected


def test_no_message_holds_the_password(server):
    """A server that is not there, a wrong password and a missing database are one line each, without the password."""
    good = server.url()
    password = good.split(":", 2)[2].split("@")[0]
    for url, message in (
        (good.replace(f":{server.port}/", ":1/"), "Connection refused"),
        (good.replace(password, "hunter2"), 'password authentication failed for user "demur"'),
        (good + "x", 'database "postgresx" does not exist'),
        (good + "?sslmode=nonsense&password=hunter2", "invalid sslmode value"),
    ):
        for act in (lambda url=url: open_store(url), lambda url=url: list(read_events(url))):
            with pytest.raises(StoreDownError, match=re.escape(message)) as caught:
                act()
            said = str(caught.value)
            assert "\n" not in said
            for secret in ("hunter2", password, server.password):
                assert secret not in said
            assert caught.value.__cause__ is None
            assert caught.value.__suppress_context__


def test_a_table_that_is_gone_is_an_outage(server):
    """Rows wait while the database cannot take them for any reason, and are stored when it is put right."""
    url = server.make_database()

    async def run():
        async with opened(url) as store:
            await store.submit(make_event())
            with connect(url).begin() as connection:
                connection.exec_driver_sql("ALTER TABLE events RENAME TO gone")
            waiting = [store.submit(make_event()) for _ in range(20)]
            await asyncio.sleep(0.3)
            assert "gone" not in store.state().reason
            assert "events" in store.state().reason
            with connect(url).begin() as connection:
                connection.exec_driver_sql("ALTER TABLE gone RENAME TO events")
            await asyncio.gather(*waiting)

    asyncio.run(run())
    assert len(list(read_events(url))) == 21


def test_a_server_that_says_nothing_is_called_down(server, monkeypatch):
    """A batch that is not answered for long makes the store down, before any error says so."""
    monkeypatch.setattr(writer, "_STALLED_S", 0.3)
    url = server.make_database()

    async def run():
        async with opened(url) as store:
            with connect(url).connect() as other:
                other.exec_driver_sql("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
                waiting = store.submit(make_event())
                await asyncio.sleep(0.6)
                assert store.is_down
                assert "no answer for" in store.state().reason
            await waiting
            assert not store.is_down

    asyncio.run(run())
