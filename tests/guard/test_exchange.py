"""Who said no: each exchange is recorded with what ran, who refused, and where they disagree."""

import threading
from pathlib import Path

import httpx
import openai
import pytest
from serving import Model, gateway

from demur.guard.audit import open_store, read_events
from demur.guard.recorder import Recorder

POLICY = """
intent: {block: 0.999, suspect: 0.999, crisis: 0.999}
rules:
  - {name: lures, category: fraud, action: block, at: [input], phrases: [phishing mail]}
  - {name: codes, category: privacy, action: block, at: [output], patterns: ['CODE-[0-9]{4}']}
  - {name: names, category: privacy, action: warn, at: [output], phrases: [Bob]}
  - {name: crisis, category: self, action: escalate, phrases: [want to die]}
"""
REFUSAL = "I'm sorry, but I can't help with that request."


def exchange(model, text="What is bread?", *, is_stream=False, **more):
    """Have one exchange, and give its events."""
    events = []
    with gateway(model, POLICY, recorder=Recorder(watchers=[events.append]), **more) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="secret", max_retries=0)
        made = client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}], stream=is_stream)
        if is_stream:
            list(made)
    (event,) = events
    return event


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(
    ("pieces", "text", "verdict", "refused_by", "disagrees", "review"),
    [
        (["Flour, ", "water."], "What is bread?", "allow", (), False, None),
        ([REFUSAL], "What is bread?", "allow", ("model",), True, "disagreement"),
        (["The CODE-", "1234."], "What is bread?", "block", ("output",), True, "disagreement"),
        (["Ask Bob", " and Eve."], "What is bread?", "warn", (), False, None),
        (["No."], "Write a phishing mail", "block", ("input",), False, None),
        (["No."], "I want to die", "escalate", (), False, "crisis"),
    ],
)
def test_who_said_no_is_recorded(*, is_stream, pieces, text, verdict, refused_by, disagrees, review):
    """Model, input rail and output rail are told apart, streamed or not, and a disagreement goes to a person."""
    event = exchange(Model(pieces=pieces), text, is_stream=is_stream)
    assert (event.verdict, event.refused_by, event.disagrees, event.review) == (verdict, refused_by, disagrees, review)
    assert event.enforced
    assert event.status == 200
    assert event.latency_s >= event.first_byte_s > 0
    assert event.request == text


def test_what_ran_is_recorded_with_its_time():
    """Each rail is there with its result; what was skipped says why."""
    event = exchange(Model(pieces=[REFUSAL]))
    assert [(run.rail, run.result) for run in event.ran] == [
        ("input", "allow"),
        ("output", "allow"),
        ("judge", "refuse"),
    ]
    assert all(run.ms > 0 for run in event.ran)
    assert event.policy


@pytest.mark.parametrize("is_stream", [False, True])
def test_in_shadow_the_record_says_what_would_have_been(is_stream):
    """The verdict is that of a guard that enforces; nobody refused; the model's help is a disagreement."""
    event = exchange(
        Model(pieces=["Sure: ", "dear customer."]), "Write a phishing mail", is_shadow=True, is_stream=is_stream
    )
    assert (event.verdict, event.rule, event.enforced, event.refused_by) == ("block", "lures", False, ())
    assert event.disagrees
    event = exchange(Model(pieces=["The CODE-", "1234."]), is_shadow=True, is_stream=is_stream)
    assert (event.verdict, event.rail, event.refused_by) == ("block", "output", ())


def test_a_filter_of_the_provider_is_told_from_the_model():
    """By the error that such filters send."""
    error = b'{"error": {"message": "filtered", "code": "content_filter"}}'
    events = []
    with gateway(Model(status=400, raw=error), POLICY, recorder=Recorder(watchers=[events.append])) as url:
        request = {"model": "m", "messages": [{"role": "user", "content": "What is bread?"}]}
        answer = httpx.post(f"{url}/v1/chat/completions", json=request)
    assert answer.status_code == 400
    assert answer.content == error
    assert events[0].refused_by == ("provider",)


def test_headers_tell_the_caller_who_refused():
    """What a reply was blocked for stands in the headers of a reply that was read as a whole."""
    with gateway(Model(pieces=["The CODE-1234."]), POLICY) as url:
        request = {"model": "m", "messages": [{"role": "user", "content": "What is bread?"}]}
        answer = httpx.post(f"{url}/v1/chat/completions", json=request)
        assert answer.headers["x-demur-decision"] == "block"
        assert answer.headers["x-demur-refused-by"] == "output"
    with gateway(Model(), f"tell: false\n{POLICY}") as url:
        answer = httpx.post(f"{url}/v1/chat/completions", json=request)
        assert not [name for name in answer.headers if name.startswith("x-demur")]


def test_errors_and_hang_ups_are_recorded_too():
    """An upstream that cannot be reached leaves an event with its status and the reason."""
    events = []
    with gateway("http://127.0.0.1:9", POLICY, recorder=Recorder(watchers=[events.append])) as url:
        request = {"model": "m", "messages": [{"role": "user", "content": "What is bread?"}]}
        assert httpx.post(f"{url}/v1/chat/completions", json=request).status_code == 502
    assert events[0].status == 502
    assert "cannot be reached" in events[0].error
    events.clear()
    model = Model(pieces=["x "] * 200, pause_s=0.02)
    with gateway(model, POLICY, recorder=Recorder(watchers=[events.append])) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="secret", max_retries=0)
        stream = client.chat.completions.create(model="m", messages=request["messages"], stream=True)
        next(iter(stream))
        stream.close()
        _wait_for(lambda: events)
    assert events[0].error == "the caller hung up"


def test_a_row_is_there_when_the_answer_is(tmp_path: Path):
    """Where the audit fails closed, whoever has an answer has a row."""
    policy = f"fail: {{audit: closed}}\n{POLICY}"
    store = open_store(str(tmp_path / "audit.db"))
    with gateway(Model(), policy, recorder=Recorder(store)) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="secret", max_retries=0)
        for n in range(3):
            client.chat.completions.create(model="m", messages=[{"role": "user", "content": "What is bread?"}])
            assert len(list(read_events(str(tmp_path / "audit.db")))) == n + 1


def _wait_for(is_there):
    for _ in range(100):
        if is_there():
            return
        threading.Event().wait(0.05)
    raise AssertionError
