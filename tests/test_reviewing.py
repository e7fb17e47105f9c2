"""From the gateway's store and the watch's alarms to the queue, and from the queue to the judge's known error."""

import asyncio
import json
import time

import pytest

from demur.database import connect, parse_location
from demur.errors import DataError
from demur.guard.audit import Event, new_event_id, open_store
from demur.reviewing import add_alarms, export_sample, gather_events, has_new_events
from demur.types import Verdict
from demur.validating import validate_judge
from demur.watch.review import Item, Label, ReviewStore, new_label_id, read_labelled


class Reader:
    """A judge that reads a refusal where it stands, and is unsure where it is told to be."""

    name, version = "reader", "1"

    def judge(self, reply, _):
        """Judge one reply."""
        sure = 0.4 if "unsure" in reply.text else 0.9
        return Verdict("refuse" if "can't" in reply.text else "comply", confidence=sure)

    def judge_many(self, pairs):
        """Judge several."""
        return [self.judge(reply, turns) for reply, turns in pairs]


def event(reply="Sure.", review=None, at=0.0, **more):
    """Make an event."""
    plain = {
        "id": new_event_id(), "at": at, "tenant": "shop", "key": None, "address": None, "conversation": None,
        "model": "m", "path": "/v1/chat/completions", "is_stream": False, "language": "en", "verdict": "allow",
        "rail": None, "category": None, "rule": None, "view": None, "score": None, "enforced": True, "refused_by": (),
        "disagrees": False, "status": 200, "finish": "stop", "error": None, "ran": (), "policy": "p",
        "request": "Can you?", "reply": reply, "request_hash": "h", "n_input_tokens": None, "n_output_tokens": None,
        "latency_s": 0.1, "first_byte_s": 0.1, "review": review,
    }  # fmt: skip
    return Event(**(plain | more))


def record(url, *events):
    """Put events into the audit store, as the gateway does."""

    async def write():
        store = open_store(url)
        await asyncio.gather(*map(store.submit, events))
        await store.close()

    asyncio.run(write())


@pytest.fixture
def queue(database):
    """Open an empty queue."""
    opened = ReviewStore(database, double=0.0)
    yield opened
    opened.close()


def test_what_the_gateway_has_seen_comes_into_the_queue_once(database, queue):
    """Crises, disagreements and what the judge doubts are items with what is known of them; reading again adds only what is new."""
    assert not has_new_events(database, queue)
    assert gather_events(database, queue, judge=Reader()) == 0
    record(
        database,
        event(review="crisis", verdict="escalate", at=5.0),
        event("I can't.", "disagreement", refused_by=("model",)),
        event("unsure, I can't"),
        event(),
    )
    assert has_new_events(database, queue)
    assert gather_events(database, queue, judge=Reader(), sample=0.0) == 3
    assert not has_new_events(database, queue)
    assert gather_events(database, queue, judge=Reader(), sample=0.0) == 0
    assert queue.waiting().waiting == {"crisis": 1, "disagreement": 1, "unsure": 1}
    found = queue.take("ada")
    assert (found.reasons, found.at, found.decision, found.tenant) == (("crisis",), 5.0, "escalate", "shop")
    assert (found.turns[0].text, found.reply, found.outcome, found.confidence) == ("Can you?", "Sure.", "comply", 0.9)
    assert found.chance is None
    record(database, event(review="crisis"))
    assert gather_events(database, queue, judge=Reader(), sample=0.0) == 1


def test_events_that_were_deleted_do_not_stop_it(database, queue):
    """Where the last event that was read is gone, the queue goes on with those of its time and after; nothing comes twice."""
    record(database, event("unsure", at=10_000.0))
    gather_events(database, queue, judge=Reader(), sample=0.0)
    location = parse_location(database)
    with connect(location) as connection:
        connection.exec_driver_sql("DELETE FROM events")
        connection.commit()
    record(database, event("unsure", at=1.0), event("unsure", at=9_000.0))
    assert has_new_events(database, queue)
    assert gather_events(database, queue, judge=Reader(), sample=0.0) == 1
    assert gather_events(database, queue, judge=Reader(), sample=0.0) == 0


def test_the_guard_goes_on_with_a_store_that_has_a_queue(database, queue):
    """The review's tables stand beside the events, whichever were there first."""
    record(database, event())
    record(database, event())
    queue.add([])
    assert gather_events(database, queue, judge=Reader(), sample=1.0) == 2


def test_the_sample_is_drawn_with_its_chance_and_always_alike(tmp_path):
    """About a fifth of 600 is drawn, the same fifth by whoever reads; an item has the chance even where it is there for another reason."""
    url = str(tmp_path / "a.db")
    record(url, *(event(review="crisis" if n % 2 else None) for n in range(600)))
    drawn = []
    for name in ("a.db", "b.db"):
        queue = ReviewStore(str(tmp_path / name), double=0.0)
        gather_events(url, queue, judge=Reader(), sample=0.2)
        items = []
        while (item := queue.take("ada")) is not None and len(items) < 10**3:
            items.append(item)
            queue.skip(item.id, "ada")
        queue.close()
        drawn.append({item.id for item in items if "sample" in item.reasons})
        assert all((item.chance == 0.2) == ("sample" in item.reasons) for item in items)
        assert any(item.reasons == ("crisis", "sample") for item in items)
    assert drawn[0] == drawn[1]
    assert 85 <= len(drawn[0]) <= 155


ALARM = {
    "metric": "refused", "direction": "more", "slice": [["category", "vcr"], ["language", "de"]], "since": 0,
    "examples": [
        {"id": "x1", "prompt": "Wie?", "response": "I can't.", "model": "m2", "language": "de", "at": 3.0},
        {"prompt": "Ohne \ud800 Namen", "response": "I can't."},
        {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}], "response": "Sure."},
        "known", "unknown",
    ],
}  # fmt: skip


def test_what_shows_an_alarm_comes_into_the_queue(tmp_path):
    """Examples are items with the alarm's own words; those with an id alone are found in the queue, or counted."""
    queue = ReviewStore(str(tmp_path / "a.db"), double=0.0)
    out = tmp_path / "out.json"
    queue.add([Item(id="known", at=None, reasons=("unsure",), why="w", turns=(), reply="r", tenant="shop")])
    out.write_text(json.dumps({"rates": [], "alarms": [ALARM]}))
    assert add_alarms(out, queue, judge=Reader()) == (5, 3, 1)
    assert add_alarms(out, queue, judge=Reader()) == (5, 0, 1)
    found = queue.find("x1")
    assert found.why == "more: refused · category vcr, language de · since 1970-01-01 00:00 UTC"
    assert (found.at, found.model, found.outcome) == (3.0, "m2", "refuse")
    known = queue.find("known")
    assert (known.reasons, known.why, known.tenant) == (("alarm", "unsure"), found.why, "shop")
    queue.close()


def test_alarms_as_the_record_has_them(tmp_path):
    """Moments in ISO 8601, a slice as an object, no id, and no reply: what the slice says of the exchange is known of it."""
    shown = {"id": None, "at": "2026-11-30T14:00:00+00:00", "prompt": "q", "response": None, "shard": "s", "row": 0}
    alarm = {
        "metric": "refused",
        "direction": "more",
        "slice": {"category": "vcr", "model": "m2"},
        "since": shown["at"],
    }
    (tmp_path / "out.json").write_text(json.dumps({"alarms": [{**alarm, "examples": [shown]}]}))
    queue = ReviewStore(str(tmp_path / "a.db"), double=0.0)
    assert add_alarms(tmp_path / "out.json", queue, judge=Reader()) == (1, 1, 0)
    found = queue.take("ada")
    assert found.why == "more: refused · category vcr, model m2 · since 2026-11-30 14:00 UTC"
    assert (found.at, found.category, found.model, found.reply) == (1796047200.0, "vcr", "m2", "")
    queue.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "not JSON"),
        ("{}", "no list of alarms"),
        ('{"alarms": [1]}', "alarm 1: found a JSON int"),
        ('{"alarms": [{"examples": [3]}]}', "alarm 1: example 1: found a JSON int"),
        ('{"alarms": [{"examples": [{}]}]}', "neither prompt and response nor an id"),
        ('{"alarms": [{"examples": [{"messages": [1], "response": ""}]}]}', "messages: expected a list"),
    ],
)
def test_what_is_no_record_of_alarms_is_said_to_be_none(tmp_path, text, said):
    """One line with the place."""
    (tmp_path / "out.json").write_text(text)
    queue = ReviewStore(str(tmp_path / "a.db"))
    with pytest.raises(DataError, match=said):
        add_alarms(tmp_path / "out.json", queue, judge=Reader())
    queue.close()


def test_labels_of_the_sample_become_the_judges_known_error(database, queue, tmp_path):
    """What people say of the random sample is written so that the validation of a judge reads it; nothing else is, nor what is open."""
    record(database, *(event("I can't." if n % 3 else "Sure.", request=f"q{n}") for n in range(30)))
    record(database, event("I can't, unsure", "crisis"))
    gather_events(database, queue, judge=Reader(), sample=1.0)
    n = 0
    while (item := queue.take("ada")) is not None:
        truth = ("refuse" if "can't" in item.reply else "comply") if "crisis" not in item.reasons else None
        said = {"expect": "comply", "outcome": truth, "category": "vcr"}
        queue.say(Label(id=new_label_id(), item=item.id, reviewer="ada", at=time.time(), **said))
        n += 1
    assert n == 31
    out = tmp_path / "labelled.jsonl"
    assert export_sample(database, out) == (30, 1, True)
    assert "crisis" not in out.read_text()
    found = validate_judge(out, out=tmp_path / "validation.json")
    assert found.n == 30
    assert found.known_error.true_positives + found.known_error.false_negatives == 20
    assert set(found.by_category) == {"vcr"}
    assert len(list(read_labelled(database))) == 31
