"""What tests of several rooms share: see also browsing.py, databases.py and endpoints.py."""

import fcntl
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["browsing", "databases", "endpoints"]

# How long an example takes says something of the machine and nothing of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def interrupts_arrive():
    """Let Ctrl-C reach the processes that tests start: one started in the background by a shell ignores it for all."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def one_model() -> Iterator[None]:
    """Let no other process of the tests run the bundled model meanwhile: two at a time are ten times as slow on two cores."""
    with (Path(tempfile.gettempdir()) / "demur-tests-model.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
