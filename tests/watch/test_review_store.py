"""The queue: what comes first, who is given what, and that nothing that was acknowledged is lost."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from demur.errors import DataError, UsageError
from demur.types import Turn
from demur.watch.review import Item, Label, ReviewStore, new_label_id, read_labelled


def item(name, *reasons, at=0.0, **more):
    """Make an item."""
    asked = (Turn("user", f"question of {name}"),)
    more.setdefault("chance", 0.1 if "sample" in reasons else None)
    return Item(id=name, at=at, reasons=reasons or ("sample",), why="because", turns=asked, reply="reply", **more)


def label(of, by="ada", expect="comply", **more):
    """Make a label."""
    more.setdefault("id", new_label_id())
    more.setdefault("outcome", "refuse")
    return Label(item=of, reviewer=by, at=time.time(), expect=expect, **more)


@pytest.fixture
def store(database):
    """Open an empty queue in which each item is for one reviewer, in a database of each kind."""
    opened = ReviewStore(database, double=0.0)
    yield opened
    opened.close()


def names(database):
    """Give who said what of which item."""
    return {one.id: [(said.reviewer, said.expect) for said in labels] for one, labels in read_labelled(database)}


def work(store, by="ada"):
    """Label whatever comes, to the end, and give it in order."""
    order = []
    while (found := store.take(by)) is not None:
        order.append(found.id)
        store.say(label(found.id, by))
    return order


def test_the_most_urgent_comes_first(store):
    """Crises, then alarms, disagreements, what the judge is unsure of, and the sample; the newest first, the least sure first."""
    store.add(
        [
            item("sample", "sample"),
            item("sure", "unsure", confidence=0.6),
            item("unsure", "unsure", confidence=0.4),
            item("differ", "disagreement"),
            item("alarm", "alarm"),
            item("old", "crisis", at=1.0),
            item("new", "crisis", at=2.0),
        ]
    )
    assert work(store) == ["new", "old", "alarm", "differ", "sample", "unsure", "sure"]


def test_the_sample_need_not_wait_for_the_rest(store):
    """Every fifth label is on the random sample, and no crisis waits for that."""
    store.add(item(f"u{n}", "unsure", confidence=n / 100) for n in range(8))
    store.add(item(f"s{n}", "sample") for n in range(2))
    order = work(store)
    assert [place for place, name in enumerate(order) if name.startswith("s")] == [4, 9]


def test_the_sample_comes_in_an_order_that_has_nothing_to_do_with_time(store):
    """What is labelled first of the sample is a random part of it."""
    store.add(item(f"s{n}", at=float(n)) for n in range(20))
    order = [int(name[1:]) for name in work(store)]
    assert sorted(order) == list(range(20))
    assert order not in (sorted(order), sorted(order, reverse=True))


def test_a_label_is_read_back_and_counts_once(store, database):
    """A label that is sent twice is stored once; a later one of the same reviewer takes its place."""
    store.add([item("a")])
    first = label("a", expect="refuse")
    assert store.say(first)
    assert not store.say(first)
    assert list(read_labelled(database)) == [(item("a"), [first])]
    second = label("a", category="vcr", note="a game")
    store.say(second)
    assert list(read_labelled(database)) == [(item("a"), [second])]
    assert store.waiting() == ({}, 1, 0)


def test_undo_gives_the_item_again(store, database):
    """What was said last is taken back, and the item is the next; undo goes back one further each time, over skips too."""
    store.add([item("a", "crisis", at=2.0), item("b", "crisis", at=1.0)])
    store.say(label(store.take("ada").id))
    store.skip(store.take("ada").id, "ada")
    assert store.take("ada") is None
    assert store.undo("ada") == "b"
    assert store.take("ada").id == "b"
    assert store.undo("ada") == "a"
    assert store.undo("ada") is None
    assert names(database) == {}
    assert store.take("ada").id == "a"
    assert store.waiting() == ({"crisis": 2}, 0, 0)


def test_undo_that_is_sent_twice_takes_back_once(store, database):
    """A second press of one button changes nothing."""
    store.add([item("a"), item("b")])
    for _ in range(2):
        store.say(label(store.take("ada").id))
    same = new_label_id()
    assert store.undo("ada", id=same) is not None
    assert store.undo("ada", id=same) is None
    assert len(names(database)) == 1


def test_two_reviewers_are_given_different_items(store):
    """What somebody looks at is given to nobody else, until the lease is over."""
    store.add([item("a", "crisis", at=2.0), item("b", "crisis", at=1.0)])
    assert store.take("ada", now=0.0).id == "a"
    assert store.take("ben", now=1.0).id == "b"
    assert store.take("cem", now=2.0) is None
    assert store.take("ada", now=3.0).id == "a"
    assert store.take("cem", now=2000.0).id == "a"


def test_a_skipped_item_goes_to_somebody_else(store):
    """Who passes an item over is not shown it again; it still waits."""
    store.add([item("a")])
    store.skip(store.take("ada").id, "ada")
    assert store.take("ada") is None
    assert store.take("ben").id == "a"
    assert store.waiting() == ({"sample": 1}, 0, 0)


def test_a_share_is_for_two(database):
    """About one item in ten is labelled by two reviewers, at the same time if it comes to that, and never twice by one."""
    store = ReviewStore(database)
    store.add(item(f"i{n}") for n in range(100))
    first = work(store)
    second = work(store, "ben")
    assert len(first) == 100
    assert 3 <= len(second) <= 20
    assert work(store, "cem") == []
    store.close()
    both = ReviewStore(database, double=1.0)
    both.add([item("x", "crisis")])
    assert both.take("ada").id == both.take("ben").id == "x"
    assert both.take("cem") is None
    both.close()


def test_where_people_differ_a_lead_speaks(store):
    """An item on which two say different things comes to a lead, after the crises, and is settled by what the lead says."""
    store.add([item("a", "alarm"), item("b", "crisis")])
    store.say(label("a", "ada", "comply"))
    assert store.take("lea", role="lead").id == "b"
    store.say(label("b", "lea", role="lead"))
    assert store.take("lea", role="lead") is None
    store.say(label("a", "ben", "refuse"))
    assert store.waiting().n_unsettled == 1
    assert store.take("cem") is None
    assert store.take("lea", role="lead").id == "a"
    store.say(label("a", "lea", "refuse", role="lead"))
    assert store.waiting() == ({}, 2, 0)


def test_reasons_are_put_together(store):
    """An item that comes a second time keeps its labels, has all its reasons, and its most urgent words."""
    store.add([item("a", "sample")])
    store.say(label("a"))
    assert store.add([replace(item("a", "alarm", confidence=0.5), why="more refused")]) == 0
    found = store.find("a")
    assert (found.reasons, found.why, found.chance) == (("alarm", "sample"), "more refused", 0.1)
    assert found.confidence == 0.5
    assert store.waiting() == ({}, 1, 0)


def test_what_people_write_comes_back_as_it_was(store, database):
    """NUL, half a surrogate pair, other scripts and markup survive both databases."""
    text = "\0 <script> \u05d0 \u202e 'quoted' -- ;"
    store.add([replace(item("a"), reply=text)])
    store.say(label("a", note=text))
    ((found, (said,)),) = read_labelled(database)
    assert (found.reply, said.note) == (text, text)


def test_a_label_for_nothing_is_refused(store):
    """There must be such an item."""
    with pytest.raises(UsageError, match="no item 'x'"):
        store.say(label("x"))


def test_no_store_and_no_review(tmp_path):
    """Where there is no file, that is said; a file without a queue has no labels."""
    with pytest.raises(DataError, match="no such file"):
        list(read_labelled(str(tmp_path / "none.db")))
    (tmp_path / "empty.db").touch()
    assert list(read_labelled(str(tmp_path / "empty.db"))) == []


def test_how_far_a_source_has_been_read_is_kept_with_its_items(store):
    """The items and the position are stored together."""
    assert store.position("events") is None
    store.add([item("a")], source="events", after="1")
    store.add([item("b")], source="events", after="2")
    assert store.position("events") == "2"


_LABELLER = """
import sys, time
from demur.watch.review import Label, ReviewStore, new_label_id
store = ReviewStore(sys.argv[1])
while (found := store.take(sys.argv[2])) is not None:
    said = Label(id=new_label_id(), item=found.id, reviewer=sys.argv[2], at=time.time(), expect="refuse", outcome="refuse")
    store.say(said)
    print(said.id, flush=True)
    time.sleep(0.01)
"""


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(database):
    """Two reviewers are killed (-9) in the middle: every acknowledged label is there, once, and the queue goes on."""
    store = ReviewStore(database, double=0.0)
    store.add(item(f"i{n:04}") for n in range(2000))
    said = []
    for _ in range(2):
        running = [
            subprocess.Popen(
                [sys.executable, "-c", _LABELLER, database, name], stdout=subprocess.PIPE, text=True, env=os.environ
            )
            for name in ("ada", "ben")
        ]
        for one in running:
            said += [one.stdout.readline().strip() for _ in range(15)]
        for one in running:
            one.send_signal(signal.SIGKILL)
            said += [line.strip() for line in one.stdout if line.endswith("\n")]
            one.wait()
            one.stdout.close()
    stored = [one.id for _, labels in read_labelled(database) for one in labels]
    assert len(said) >= 60
    assert set(said) <= set(stored)
    assert len(stored) == len(set(stored)) <= len(said) + 4
    assert all(len(labels) == 1 for _, labels in read_labelled(database))
    assert store.take("cem") is not None
    store.close()
