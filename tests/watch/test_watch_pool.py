"""The pool of processes: what its workers are given."""

import os

from demur.watch.pool import process_pool


def read_first_environment(_):
    """Give the environment that a worker was started with, whatever was set since."""
    from pathlib import Path

    pairs = Path("/proc/self/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def test_a_worker_has_one_thread_of_numpys(monkeypatch):
    """It finds that when it starts: numpy is loaded before a worker can be told, and here it stays as it was."""
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    (found,) = process_pool(1)(read_first_environment, [0])
    assert (found["OMP_NUM_THREADS"], found["OPENBLAS_NUM_THREADS"], found["MKL_NUM_THREADS"]) == ("1", "1", "1")
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "OPENBLAS_NUM_THREADS" not in os.environ
