"""The watch on a real Ray cluster of two machines: the same shards as a pool makes, also when one of them is killed."""

import json
import signal
import subprocess
import sys
import time

import pytest
from logs import START, table_row, write_lines

from demur.errors import IncompleteError, MissingExtraError, UsageError
from demur.watch.pool import process_pool
from demur.watch.ray_engine import _Terms, _version, _work_on, ray_engine
from demur.watching import watch_files, write_record

N, ROWS = 2000, 50
"""Exchanges of the log, and of a shard of it: a small log has many."""
STORE_BYTES = 100_000_000
DRIVER = f"""
import sys
from demur.cli.main import main
from demur.watch import cutting
cutting._ROWS = {ROWS}
main()
"""


class TwoMachines:
    """A cluster of two machines with a core each, and a head that works nothing off."""

    def __init__(self):
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": STORE_BYTES}
        self._cluster = Cluster(initialize_head=True, head_node_args=head)
        self.address = self._cluster.address
        self.machines = []
        for _ in range(2):
            self.add()

    def add(self):
        """Let a machine join."""
        self.machines.append(self._cluster.add_node(num_cpus=1, object_store_memory=STORE_BYTES))

    def kill(self):
        """Kill a machine with all that runs on it."""
        self._cluster.remove_node(self.machines.pop(), allow_graceful=False)

    def shut_down(self):
        """End it."""
        self._cluster.shutdown()


@pytest.fixture(scope="module")
def cluster():
    """Run one cluster for all tests here; whoever kills a machine adds another."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patched.setenv("RAY_memory_monitor_refresh_ms", "0")  # what else runs on the machine is no reason to stop
        machines = TwoMachines()
        yield machines
        machines.shut_down()


def write_log(folder, n):
    """Write a log in which every fifth request is refused."""
    rows = (
        table_row(number, refuses=number % 5 == 0, at=START + 60 * number, user=f"u{number % 9}") for number in range(n)
    )
    return write_lines(folder / "log.jsonl", rows)


def start(folder, *arguments):
    """Start ``demur watch`` in a process of its own, in a folder."""
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, "watch", *map(str, arguments)],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def run_script(text, *arguments):
    """Run a program that uses the engine, and give what it printed last."""
    ran = subprocess.run(
        [sys.executable, "-c", text, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def count_shards(work):
    """Count the shards that are there."""
    return len(list(work.glob("shards/*.parquet")))


def wait_for_shards(run, work, n):
    """Wait until a run has made so many."""
    until = time.monotonic() + 120
    while count_shards(work) < n:
        assert run.poll() is None, run.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)


def assert_same(one, other):
    """Hold two work folders against each other: the same shards by name and byte, and the same manifest."""
    names = {path.name for path in (one / "shards").glob("*.parquet")}
    assert names == {path.name for path in (other / "shards").glob("*.parquet")}
    for name in ("manifest.json", *(f"shards/{name}" for name in names)):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


@pytest.fixture(scope="module")
def by_the_pool(tmp_path_factory):
    """Watch the log with a pool."""
    folder = tmp_path_factory.mktemp("pool")
    log = write_log(folder, N)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("demur.watch.cutting._ROWS", ROWS)
        patched.chdir(folder)
        found = watch_files(["log.jsonl"], work="w", engine=process_pool(1))
    write_record(found, folder / "out.json")
    return log.parent


@pytest.mark.slow
def test_a_cluster_makes_what_a_pool_makes_also_when_a_machine_is_killed(cluster, by_the_pool, tmp_path):
    """Killed with shards under way on it: none is lost, none counts twice, and neither shards nor record differ by a byte."""
    (tmp_path / "log.jsonl").symlink_to(by_the_pool / "log.jsonl")
    run = start(tmp_path, "log.jsonl", "--work", "w", "-o", "out.json", "--engine", "ray", "--address", cluster.address)
    wait_for_shards(run, tmp_path / "w", 8)
    n_before = count_shards(tmp_path / "w")
    cluster.kill()
    assert n_before < N / ROWS / 2, "it was done before a machine could be killed"
    out, err = run.communicate(timeout=120)
    cluster.add()
    assert run.returncode == 0, err
    assert count_shards(tmp_path / "w") == N / ROWS
    assert out.startswith(f"{N:,} exchanges from 1 file")
    assert_same(tmp_path / "w", by_the_pool / "w")
    assert (tmp_path / "out.json").read_bytes() == (by_the_pool / "out.json").read_bytes()


@pytest.mark.slow
def test_an_interrupted_run_goes_on_where_it_was(cluster, by_the_pool, tmp_path):
    """Ctrl-C is one line and code 3, the cluster stops working on it, and what was made is not touched again."""
    (tmp_path / "log.jsonl").symlink_to(by_the_pool / "log.jsonl")
    arguments = ("log.jsonl", "--work", "w", "--engine", "ray", "--address", cluster.address)
    run = start(tmp_path, *arguments)
    wait_for_shards(run, tmp_path / "w", 4)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 3
    assert "interrupted; " in err.splitlines()[-1]
    assert err.splitlines()[-1].endswith("kept in w: the same command goes on from there")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "w/shards").glob("*.parquet")}
    assert len(before) < N / ROWS
    assert not list((tmp_path / "w").glob(".run-*"))
    run = start(tmp_path, *arguments)
    _, err = run.communicate(timeout=120)
    assert run.returncode == 0, err
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert_same(tmp_path / "w", by_the_pool / "w")


@pytest.mark.slow
def test_all_machines_work_and_results_keep_their_order(cluster, tmp_path):
    """More tasks than are under way at a time, on both machines, none of which is the one that hands them out."""
    script = """
import json, sys, time
from demur.watch.ray_engine import ray_engine

def where(task):
    import os
    import ray
    time.sleep(0.05)
    return task, ray.get_runtime_context().get_node_id(), os.environ["OMP_NUM_THREADS"]

if __name__ == "__main__":
    print(json.dumps(list(ray_engine(sys.argv[1], shared=sys.argv[2])(where, range(40)))))
"""
    found = run_script(script, cluster.address, tmp_path)
    assert [task for task, _, _ in found] == list(range(40))
    assert len({machine for _, machine, _ in found}) == 2
    assert {threads for _, _, threads in found} == {"1"}


@pytest.mark.slow
def test_a_shard_that_kills_its_worker_ends_the_run(cluster, tmp_path):
    """With one line, after it was tried again; what else was under way does not go on for ever."""
    script = """
import json, sys
from demur.errors import IncompleteError
from demur.watch import ray_engine as module

def die(task):
    import os
    os._exit(1)

if __name__ == "__main__":
    module._RETRIES = 1
    try:
        list(module.ray_engine(sys.argv[1], shared=sys.argv[2])(die, range(3)))
    except IncompleteError as error:
        print(json.dumps(str(error)))
"""
    said = run_script(script, cluster.address, tmp_path)
    assert said.startswith("a shard was lost 2 times with the worker that judged it")
    assert "\n" not in said


@pytest.mark.slow
def test_a_folder_that_a_machine_does_not_see_is_named(cluster, by_the_pool, tmp_path):
    """Before anything is judged there. (The mark is taken away, as it is not there where a file system is not shared.)"""
    script = """
import json, sys
from pathlib import Path
from demur.errors import UsageError
from demur.watch.ray_engine import ray_engine

def work(task):
    return task

def tasks():
    for mark in Path(sys.argv[2]).glob(".run-*"):
        mark.unlink()
    yield 1

if __name__ == "__main__":
    try:
        list(ray_engine(sys.argv[1], shared=sys.argv[2])(work, tasks()))
    except UsageError as error:
        print(json.dumps(str(error)))
"""
    said = run_script(script, cluster.address, tmp_path)
    assert (
        f"does not see {tmp_path}: the shards must lie on a file system that all machines of the cluster share" in said
    )


def test_a_machine_with_another_demur_judges_nothing(tmp_path):
    """It would give other shards the same name."""
    with pytest.raises(UsageError, match=r"has demur .*, this one 0\.0; install the same on all"):
        _work_on(str, 1, _Terms(tmp_path, "0.0"))
    assert _work_on(str, 1, _Terms(tmp_path, _version())) == "1"


@pytest.mark.parametrize(
    ("address", "kind", "said"),
    [
        ("nowhere", UsageError, "expected auto, local, or HOST:PORT"),
        ("ray://head:10001", UsageError, "expected auto, local, or HOST:PORT"),
        ("127.0.0.1:1", IncompleteError, "127.0.0.1:1: no Ray cluster answers there: .*refused"),
    ],
)
def test_an_address_without_a_cluster_is_one_line(tmp_path, address, kind, said):
    """At once: Ray itself would try for minutes."""
    with pytest.raises(kind, match=said):
        ray_engine(address, shared=tmp_path)


def test_without_ray_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'demur\[scale\]'"):
        ray_engine("auto", shared=tmp_path)
