"""A gateway's store followed: what is there and what comes, by SQLite and by PostgreSQL; and killed, it goes on as if it had not been."""

import json
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from demur.errors import DataError, UsageError
from demur.following import following, open_follower
from demur.following.alarm_log import AlarmLog
from demur.following.guarded import ended_exchange, see_event
from demur.following.queueing import AlarmQueue
from demur.guard.audit import RailRun, find_events
from demur.judge import default_judge
from demur.types import Verdict
from demur.watch import DriftSettings, judge_shard
from demur.watch.live.webhook import Webhook, parse_webhook
from demur.watch.review import ReviewStore

sys.path.insert(0, str(Path(__file__).parent / "watch"))

from live_traffic import fill, make_traffic

QUICK = DriftSettings(run_length=100_000, least=100)


class Phrases:
    """A judge that knows a few words: the claims here are not about judging, and the machine has other work."""

    name, version = "phrases", "1"

    def judge(self, reply, _):
        """Say what a reply is."""
        refuses = any(word in reply.text for word in ("can't", "decline", "nicht", "ablehnen", "ne peux", "refuser"))
        outcome = "refuse" if refuses else "comply"
        layer = "filter" if reply.stop_reason == "content_filter" else "model"
        return Verdict(outcome, layer=layer, confidence=0.9, judge=self.name, judge_version=self.version)

    def judge_many(self, pairs):
        """Say what each of some replies is."""
        return [self.judge(reply, turns) for reply, turns in pairs]


def take_all(follower):
    """Take in what there is."""
    return [alarm for alarms in follower.step() for alarm in alarms]


def opened(url, work):
    """Open a follower with a quick judge."""
    return open_follower(url, work, judge=Phrases(), settings=QUICK)


def state_of(follower):
    """Give all that is known."""
    return json.dumps(follower.watch.to_json())


def event(**changes):
    """Make one exchange that was guarded."""
    plain = {"ran": (), "refused_by": (), "disagrees": False, "reply": "Sure: look here."}
    return replace(make_traffic(1, changes=False)[0], **plain | changes)


def seen_of(one, judge=None):
    """Give what the watch sees of an event."""
    exchange = ended_exchange(one)
    judged = None if exchange is None else judge_shard([exchange], judge or Phrases())[0]
    return see_event(one, judged)


def test_a_changing_store_is_followed_to_its_end(database, tmp_path):
    """What is stored later is taken in then, each exchange once; the planted change is found where and when it is."""
    traffic = make_traffic(3_000)
    fill(database, traffic[:1_500])
    with opened(database, tmp_path / "w") as follower:
        assert not take_all(follower)
        assert follower.watch.n == 1_500
        assert not take_all(follower)
        assert follower.watch.n == 1_500
        fill(database, traffic[1_500:])
        raised = take_all(follower)
        assert follower.watch.n == 3_000
    refused = [alarm for alarm in raised if alarm.metric == "refused"]
    assert [(alarm.direction, alarm.slice["language"]) for alarm in refused] == [("more", "de")]
    planted = traffic[1_800].at
    assert abs(follower.watch.drift.alarms[refused[0].number - 1].since - planted) < 1_800
    assert {alarm.metric for alarm in raised} == {"refused", "disagreed"}
    found = find_events(database, refused[0].examples)
    assert [one.id for one in found] == list(refused[0].examples)
    assert all("model" in one.refused_by or one.refused_by for one in found)


def test_a_watch_that_was_not_saved_sees_the_same_again(tmp_path):
    """Taken up at any place, it knows what one that was never interrupted knows, and raises the same alarms."""
    store, traffic = f"sqlite:///{tmp_path}/a.db", make_traffic(2_400)
    fill(store, traffic)
    with opened(store, tmp_path / "whole") as whole:
        raised = take_all(whole)
    assert raised
    with opened(store, tmp_path / "w") as follower:
        step = follower.step()
        for _ in range(10):
            next(step)
        follower.save()
        for _ in range(20):
            next(step)  # lost with the process
        step.close()
    with opened(store, tmp_path / "w") as again:
        assert again.watch.n == 640
        assert take_all(again) == raised
        assert state_of(again) == state_of(whole)


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_as_if_it_had_not_been(tmp_path):
    """Killed three times with SIGKILL, counts and alarms are those of a run that was not, each alarm once and whole on the disk."""
    store, alarms, state = str(tmp_path / "a.db"), tmp_path / "alarms.jsonl", tmp_path / "w" / "live.json"
    fill(store, make_traffic(3_000))
    with opened(store, tmp_path / "whole") as whole:
        raised = take_all(whole)
    child = [sys.executable, "-c", _CHILD, str(Path(__file__).parent), store, str(tmp_path / "w"), str(alarms)]

    def known():
        return json.loads(state.read_text(encoding="utf-8"))["n"] if state.exists() else 0

    for _ in range(3):
        n_before = known()
        with ended(subprocess.Popen(child), signal.SIGKILL):
            wait_for(lambda n=n_before: known() > n)
        assert known() < 3_000
    with ended(subprocess.Popen(child), signal.SIGTERM):
        wait_for(lambda: known() == 3_000)
    rows = [json.loads(line) for line in alarms.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == [alarm.id for alarm in raised]
    assert json.loads(state.read_text(encoding="utf-8")) == json.loads(state_of(whole))


@contextmanager
def ended(process, how):
    """Send a process a signal at the end of the block, whatever happens in it."""
    try:
        yield
    finally:
        process.send_signal(how)
        process.wait()


_CHILD = """
import sys, threading
sys.path.insert(0, sys.argv[1])
import test_following as tests
from demur.following import follower as module
module._SAVE_EVERY_S, module._AT_ONCE = 0.1, 16
with tests.opened(sys.argv[2], tests.Path(sys.argv[3])) as follower:
    log = tests.AlarmLog(tests.Path(sys.argv[4]), follower.watch.raised)
    follower.run(threading.Event(), [log.tell])
"""


def test_two_watches_do_not_share_a_folder(tmp_path):
    """They would write over each other's state."""
    store = f"sqlite:///{tmp_path}/a.db"
    fill(store, make_traffic(1))
    with (
        opened(store, tmp_path / "w"),
        pytest.raises(UsageError, match="another watch follows there"),
        opened(store, tmp_path / "w"),
    ):
        pass


def test_a_store_that_is_none_and_one_that_is_another_are_named(tmp_path):
    """A file that is not there, and a store that has not got the exchange that the state ends with."""
    with pytest.raises(DataError, match="no such"), opened(f"sqlite:///{tmp_path}/none.db", tmp_path / "w"):
        pass
    assert not (tmp_path / "w").exists()
    one, other = f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/b.db"
    fill(one, make_traffic(5))
    fill(other, [replace(each, id=f"other{number}") for number, each in enumerate(make_traffic(5))])
    with opened(one, tmp_path / "w") as follower:
        take_all(follower)
        follower.save()
    with opened(other, tmp_path / "w") as follower, pytest.raises(DataError, match="no event"):
        take_all(follower)


@pytest.mark.slow
def test_a_database_that_is_down_is_said_once_and_waited_for(server, tmp_path, caplog):
    """PostgreSQL goes down and comes back; nothing is lost and the log does not fill."""
    url = server.make_database()
    traffic = make_traffic(300)
    fill(url, traffic[:200])
    with opened(url, tmp_path / "w") as follower:
        take_all(follower)
        server.stop()
        try:
            for _ in range(3):
                take_all(follower)
        finally:
            server.start()
        fill(url, traffic[200:])
        take_all(follower)
        assert follower.watch.n == 300
    assert len([record for record in caplog.records if record.name == "demur.watch"]) <= 2


def test_what_the_guard_did_is_not_what_the_model_did():
    """Who decided, who refused, and what nobody knows."""
    own = event(reply="I can't help with that.", refused_by=("model",), disagrees=True)
    found = seen_of(own)
    assert (found.guarded, found.modelled) == ("passed", "refused")
    assert found.refusal is not None
    assert found.observation.outcomes["disagreed"]
    blocked = event(
        verdict="block", rail="input", refused_by=("input",), finish="content_filter", reply="I can't.", category="prv"
    )
    found = seen_of(blocked)
    assert (found.guarded, found.modelled, found.refusal) == ("input", "not asked", None)
    assert found.observation.outcomes["blocked"]
    shadow = replace(blocked, enforced=False, refused_by=(), finish="stop", reply="Sure, look here.")
    assert (seen_of(shadow).guarded, seen_of(shadow).modelled) == ("input", "answered")
    limited = event(verdict="block", rail="limit", refused_by=("limit",), status=429, reply="")
    found = seen_of(limited)
    assert (found.guarded, found.modelled) == ("limit", "not asked")
    assert "refused" not in found.observation.outcomes
    assert seen_of(event(reply="", status=502)).modelled == "failed"
    assert seen_of(event(reply="", refused_by=("provider",))).modelled == "provider"


def test_an_exchange_has_the_time_at_which_its_answer_ended():
    """In that order events are stored, nearly; that they began long before makes nothing late."""
    one = event(latency_s=30.0)
    assert seen_of(one).observation.at == one.at + 30.0


def test_what_the_gateway_read_of_the_whole_reply_counts():
    """We have only the beginning of it."""
    one = event(reply="Sure: look here.", ran=(RailRun("judge", "partial", 2.0),))
    assert seen_of(one).observation.outcomes["partial"]
    skipped = event(reply="Sure: look here.", ran=(RailRun("judge", "skipped", 0.0, "not suspect"),))
    assert not seen_of(skipped).observation.outcomes["partial"]


def test_the_local_judge_reads_what_nobody_read():
    """A refusal that the gateway did not notice is one."""
    found = seen_of(event(reply="I'm sorry, but I can't help with that request."), default_judge())
    assert (found.modelled, found.observation.outcomes["refused"]) == ("refused", True)


class Receiver(HTTPServer):
    """Takes what is posted, or answers what it is told."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Taker)
        self.statuses, self.taken = [], []
        self.url = f"http://127.0.0.1:{self.server_port}/hook?secret=s"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Taker(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        status = self.server.statuses.pop(0) if self.server.statuses else 204
        if status < 300:
            self.server.taken.append(json.loads(body))
        self.send_response(status)
        self.send_header("location", self.server.url)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    """A webhook on this machine."""
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


def wait_for(condition):
    """Wait until something is so, or fail."""
    deadline = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(scope="module")
def raised(tmp_path_factory):
    """A few alarms."""
    folder = tmp_path_factory.mktemp("alarms")
    store = f"sqlite:///{folder}/a.db"
    fill(store, make_traffic(2_400))
    with opened(store, folder / "w") as follower:
        return take_all(follower)


def posting(url, note, **more):
    """Start a webhook that does not wait long."""
    hook = Webhook(parse_webhook(url), note, first_pause_s=0.01, **more)
    hook.start()
    return hook


def test_alarms_are_posted_once_each_also_after_a_restart(receiver, tmp_path, raised):
    """In order, as JSON with what the record has; those that were taken are not posted again."""
    hook = posting(receiver.url, tmp_path / "note")
    hook.tell(raised[:1])
    wait_for(lambda: len(receiver.taken) == 1)
    hook.close()
    hook = posting(receiver.url, tmp_path / "note")
    hook.tell(raised)
    wait_for(lambda: len(receiver.taken) == len(raised))
    hook.close()
    assert [one["id"] for one in receiver.taken] == [one.id for one in raised]
    assert {"metric", "slice", "direction", "since", "size", "text", "before", "after"} <= receiver.taken[0].keys()
    assert "secret" not in (tmp_path / "note").read_text()


def test_a_webhook_that_fails_is_one_line_and_holds_nobody_up(receiver, tmp_path, raised, caplog):
    """It is asked again until it takes the alarm."""
    receiver.statuses += [503, 429, 500, 503]
    hook = posting(receiver.url, tmp_path / "note")
    began = time.monotonic()
    hook.tell(raised)
    assert time.monotonic() - began < 0.1
    wait_for(lambda: len(receiver.taken) == len(raised))
    hook.close()
    assert hook.n_failures == 4
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1
    assert "secret" not in caplog.text


@pytest.mark.parametrize("status", [302, 400, 404])
def test_an_alarm_that_is_refused_for_good_is_passed_over(receiver, tmp_path, raised, caplog, status):
    """The next one may be taken; nobody is followed elsewhere."""
    receiver.statuses.append(status)
    hook = posting(receiver.url, tmp_path / "note")
    hook.tell(raised)
    wait_for(lambda: hook.n_waiting == 0)
    hook.close()
    assert [one["id"] for one in receiver.taken] == [one.id for one in raised[1:]]
    assert f"does not take alarm 1: answered {status}" in caplog.text


def test_a_webhook_that_is_away_is_waited_for_and_the_end_does_not_wait(tmp_path, raised):
    """What was not posted is posted by the next run."""
    server = Receiver()
    server.shutdown()
    server.server_close()
    hook = posting(server.url, tmp_path / "note")
    hook.tell(raised)
    wait_for(lambda: hook.n_failures > 1)
    began = time.monotonic()
    hook.close()
    assert time.monotonic() - began < 5
    assert hook.n_waiting == len(raised)


@pytest.mark.parametrize("url", ["ftp://x/y", "hooks.example/1", "http:///1", "http://x/a b", "http://x:99999/"])
def test_what_is_no_url_is_said_to_be_none_without_being_told(url):
    """There may be a secret in it."""
    with pytest.raises(UsageError, match="--webhook") as caught:
        parse_webhook(url)
    assert url not in str(caught.value)


def test_the_file_of_alarms_has_each_once(tmp_path, raised):
    """Lines that a killed run wrote beyond its state come again; half a line goes."""
    path = tmp_path / "alarms.jsonl"
    AlarmLog(path, raised)
    whole = path.read_text(encoding="utf-8")
    assert len(whole.splitlines()) == len(raised)
    log = AlarmLog(path, raised[:1])
    assert path.read_text(encoding="utf-8").splitlines() == whole.splitlines()[:1]
    log.tell(raised)
    assert path.read_text(encoding="utf-8") == whole
    path.write_text(whole[:-20], encoding="utf-8")
    AlarmLog(path, raised)
    assert path.read_text(encoding="utf-8") == whole


def test_what_shows_an_alarm_waits_for_a_person(database, tmp_path):
    """Its examples are in the queue with the alarm's words, each once however often they are told."""
    fill(database, make_traffic(2_400))
    with opened(database, tmp_path / "w") as follower:
        raised = take_all(follower)
    for _ in range(2):
        queue = AlarmQueue(database, Phrases())
        queue.tell(raised[:1])
        queue.tell(raised)
        queue.close()
    store = ReviewStore(database)
    shown = {each for alarm in raised for each in alarm.examples}
    items = [store.find(each) for each in shown]
    assert all(item.reasons == ("alarm",) for item in items)
    assert {item.why for item in items} <= {alarm.text for alarm in raised}
    assert store.waiting().waiting["alarm"] == len(shown)
    store.close()


def test_a_file_of_something_else_is_not_written_over(tmp_path, raised):
    """Neither a text nor the alarms of another watch."""
    path = tmp_path / "alarms.jsonl"
    for other in ("a text\n", '{"id": "another"}\n'):
        path.write_text(other, encoding="utf-8")
        with pytest.raises(UsageError, match="no alarm of this watch"):
            AlarmLog(path, raised)
        assert path.read_text(encoding="utf-8") == other


def test_what_ends_the_watch_is_heard_of(tmp_path):
    """An error in the follower's thread is raised where the watch was begun, unless somebody is told of it at once."""
    store, told = tmp_path / "a.db", []
    fill(str(store), make_traffic(1))

    def watch_what_goes(**more):
        with following(str(store), work=tmp_path / "w", **more) as running:
            store.unlink()
            assert running.ended.wait(30)

    with pytest.raises(DataError, match="no such file"):
        watch_what_goes()
    fill(str(store), make_traffic(1))
    watch_what_goes(on_error=told.append)
    assert len(told) == 1
