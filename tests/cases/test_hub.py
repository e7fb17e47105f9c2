"""Claims about reading the hub, with a stand-in for the `datasets` library."""

import sys
import types

import pytest

from demur.cases.hub import read_hub
from demur.errors import DataError, IncompleteError, MissingExtraError


def install(monkeypatch, answer):
    """Put a stand-in in the library's place that answers with what it is given."""

    def load_dataset(name, config, split):
        return answer(name, config, split)

    monkeypatch.setitem(sys.modules, "datasets", types.SimpleNamespace(load_dataset=load_dataset))


def test_address_parts_are_passed_on(monkeypatch):
    """Owner, name, config and split of the address reach the library; rows come back numbered."""
    install(monkeypatch, lambda name, config, split: [{"at": (name, config, split)}])
    (row,) = read_hub("hub:own/set.v2:cfg-1@test")
    assert row.values["at"] == ("own/set.v2", "cfg-1", "test")
    assert (row.number, row.where) == (1, "hub:own/set.v2:cfg-1@test: row 1")


def test_a_single_split_need_not_be_named(monkeypatch):
    """Without a split a data set of one split is read; of several, they are listed."""
    install(monkeypatch, lambda *_: {"train": [{"a": 1}]})
    assert [row.values for row in read_hub("hub:own/set")] == [{"a": 1}]
    install(monkeypatch, lambda *_: {"train": [], "test": []})
    with pytest.raises(DataError, match="has the splits train, test; add one"):
        list(read_hub("hub:own/set"))


@pytest.mark.parametrize("address", ["hub:", "hub:a/b/c", "hub:own/set@", "own/set", "hub:own/set:a:b"])
def test_what_is_no_address(address):
    """What is not an address is said to be none before anything is loaded."""
    with pytest.raises(DataError, match="not an address; expected hub:OWNER/NAME"):
        list(read_hub(address))


def test_missing_library(monkeypatch):
    """Without the library the message is the command that installs it."""
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'demur\[datasets\]'"):
        list(read_hub("hub:own/set"))


def test_failures_are_sorted(monkeypatch):
    """An unreachable hub is an infrastructure failure; any other refusal is about the data, in one line."""

    def raise_(error):
        raise error

    install(monkeypatch, lambda *_: raise_(ConnectionError("offline")))
    with pytest.raises(IncompleteError, match="cannot be reached: offline"):
        list(read_hub("hub:own/set"))
    install(monkeypatch, lambda *_: raise_(ValueError("gated\nask for access")))
    with pytest.raises(DataError, match=r"hub:own/set: cannot be loaded: ValueError: gated$"):
        list(read_hub("hub:own/set"))
