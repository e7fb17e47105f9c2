"""The gateway's audit store as a log: what each event is, and that a store is watched as a file is, in either database."""

import asyncio
import sys
from pathlib import Path

import pytest

from demur.auditing import exchange_of, name_store
from demur.database import is_location
from demur.errors import DataError
from demur.stats import wilson
from demur.watch.pool import in_this_process
from demur.watching import watch_files

sys.path.insert(0, str(Path(__file__).parent / "guard" / "audit"))

from audit_events import make_event, opened

START = 1_764_547_200.0
ANSWERED = {
    "verdict": "allow", "rail": None, "category": None, "rule": None, "refused_by": (), "finish": "stop", "language": "en",
    "request": "How do I stop a process of the server?", "reply": "Sure: stop it with the signal TERM, and look at the log.",
}  # fmt: skip
REFUSED = {**ANSWERED, "reply": "I'm sorry, but I can't help with that.", "refused_by": ("model",)}
BLOCKED = {"language": "en", "request": "How do I stop a process of the server?"}


def store(url, *events):
    """Put events into a store."""

    async def submit():
        async with opened(url) as kept:
            await asyncio.gather(*(kept.submit(event) for event in events))

    asyncio.run(submit())


def watch(url, work, **more):
    """Watch a store in this process."""
    return watch_files([url], work=work, engine=in_this_process, **more)


def test_an_event_is_an_exchange_with_the_guards_word():
    """Whose it was, what was decided, and the previews; what the guard's input rail refused is a filter's."""
    event = make_event()
    exchange = exchange_of(event)
    assert (exchange.id, exchange.at, exchange.tenant, exchange.conversation) == (event.id, event.at, "shop", "c-1")
    assert (exchange.model, exchange.language, exchange.category) == ("smollm2", "en", "privacy")
    assert (exchange.decision, exchange.prompt, exchange.reply.text) == ("block", event.request, event.reply)
    assert exchange.reply.stop_reason == "content_filter"


def test_who_was_not_asked_does_not_disagree():
    """Guard and model differ only where both could say no."""
    assert exchange_of(make_event(disagrees=False)).disagrees is None
    assert exchange_of(make_event(**ANSWERED, disagrees=True)).disagrees is True
    shadow = make_event(enforced=False, refused_by=(), disagrees=True, reply="Sure: here it is.")
    assert (exchange_of(shadow).disagrees, exchange_of(shadow).reply.stop_reason) == (True, "stop")


def test_a_limit_is_no_word_about_what_was_asked():
    """Who asked too often was neither refused nor answered."""
    assert exchange_of(make_event(rail="limit", refused_by=("limit",))) is None


@pytest.mark.parametrize(
    "changes",
    [{"reply": "", "refused_by": (), "error": "timeout"}, {"verdict": "escalate", "refused_by": (), "finish": "stop"}],
)
def test_what_the_model_did_not_say_is_not_judged(changes):
    """An error, and the guard's help for a person in crisis, are no reply of the model's."""
    assert exchange_of(make_event(**changes)).reply is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [("audit.db", True), ("sqlite:///a", True), ("postgresql://u:p@h/d", True), ("a.jsonl", False), ("-", False)],
)
def test_a_store_is_known_by_how_it_is_written(source, expected):
    """As the gateway's `--audit` is."""
    assert is_location(source) is expected


def test_a_store_is_watched_and_gone_on_with(database, tmp_path, monkeypatch):
    """Rates by who refused; a store that has grown keeps its shards, and read again under another name counts once."""
    monkeypatch.setattr("demur.watch.cutting._ROWS", 4)
    events = [
        make_event(**(BLOCKED if n % 4 == 0 else REFUSED if n % 4 == 1 else ANSWERED), at=START + n, tenant="a")
        for n in range(8)
    ]
    limited = make_event(rail="limit", refused_by=("limit",), at=START)
    store(database, *events, limited)
    found = watch(database, tmp_path / "w")
    overall = found.rates[0]
    assert (overall.refused, overall.refused_by_filter, overall.refused_by_model) == (
        wilson(4, 8), wilson(2, 8), wilson(2, 8),
    )  # fmt: skip
    (source,) = found.sources
    assert (source.name, source.n_passed_over) == (name_store(database), 1)
    assert "s3cret" not in (tmp_path / "w/manifest.json").read_text("utf-8")
    before = {path.name for path in (tmp_path / "w/shards").iterdir()}
    store(database, *(make_event(**ANSWERED, at=START + 100 + n) for n in range(4)), events[0])
    told = []
    assert watch(database, tmp_path / "w", on_progress=told.append).n == 12
    assert (told[-1].n, told[-1].n_before) == (12, 8)
    assert before < {path.name for path in (tmp_path / "w/shards").iterdir()}
    twice = watch_files([database, database], work=tmp_path / "w", engine=in_this_process)
    assert (twice.n, twice.sources[1].n_repeated) == (12, 12)


def test_a_guard_that_begins_to_block_is_an_alarm(tmp_path):
    """Though what it finds is a category of its own, and all of that category is blocked."""
    url = f"sqlite:///{tmp_path}/audit.db"
    events = [
        make_event(**(BLOCKED if n % (3 if n >= 500 else 50) == 0 else ANSWERED), at=START + 60 * n) for n in range(800)
    ]
    store(url, *events)
    found = watch(url, tmp_path / "w")
    assert {"blocked"} <= {alarm.metric for alarm in found.alarms} <= {"blocked", "refused"}
    assert {alarm.change for alarm in found.alarms} == {1}
    blocked = next(alarm for alarm in found.alarms if alarm.metric == "blocked")
    assert blocked.direction == "more"
    assert {one.id for one in blocked.examples} <= {event.id for event in events if event.verdict == "block"}


def test_a_store_that_is_not_there_is_named(tmp_path):
    """With what was expected."""
    with pytest.raises(DataError, match="no such file; expected a store"):
        watch(str(tmp_path / "none.db"), tmp_path / "w")
