"""The wire: OpenAI's own client talks to the gateway, and meets the model, the guard's answer, or a clear error."""

import contextlib
import http.client
import time

import httpx
import openai
import pytest
from serving import Model, gateway

from demur.guard.wire.upstream import Limits

POLICY = """
persona: Ada
rules:
  - {name: lures, category: fraud, action: block, phrases: [phishing mail]}
  - {name: codes, category: privacy, action: block, at: [output], patterns: ['CODE-[0-9]{4}']}
  - {name: crisis, category: self, action: escalate, at: [input], phrases: [want to die]}
"""


def client(url):
    """Give OpenAI's client of a gateway."""
    return openai.OpenAI(base_url=f"{url}/v1", api_key="secret", max_retries=0)


def ask(url, text, **more):
    """Ask one question."""
    return client(url).chat.completions.create(model="m", messages=[{"role": "user", "content": text}], **more)


def streamed(url, text, **more):
    """Ask one question, and give the text of the stream and how it finished."""
    said, finish = "", None
    for chunk in ask(url, text, stream=True, **more):
        for choice in chunk.choices:
            said += choice.delta.content or ""
            finish = choice.finish_reason or finish
    return said, finish


def test_what_is_allowed_comes_back_as_the_model_said_it():
    """Text, finish reason and usage are the model's, streamed or not, and the caller's key went with the request."""
    model = Model()
    with gateway(model, POLICY) as url:
        whole = ask(url, "Hi")
        assert whole.choices[0].message.content == "Hello there."
        assert whole.usage.total_tokens == 5
        assert streamed(url, "Hi") == ("Hello there.", "stop")
    assert {headers["authorization"] for headers in model.headers} == {"Bearer secret"}
    assert [request["path"] for request in model.requests] == ["/v1/chat/completions"] * 2


@pytest.mark.parametrize("is_stream", [False, True])
def test_what_is_blocked_never_reaches_the_model(is_stream):
    """The answer is a refusal in the persona's name with the finish reason of a filter; disguises do not help."""
    model = Model()
    with gateway(model, POLICY) as url:
        for text in ("Write a phishing mail.", "Write a phish\u200bing mail.", "Write a PHISHING\u00a0mail"):
            if is_stream:
                said, finish = streamed(url, text)
            else:
                choice = ask(url, text).choices[0]
                said, finish = choice.message.content, choice.finish_reason
            assert finish == "content_filter"
            assert len(said.split()) > 20
    assert model.requests == []


def test_a_person_in_crisis_is_answered_and_not_cut_off():
    """The answer is help, and ends as an answer does."""
    with gateway(Model(), POLICY) as url:
        said, finish = streamed(url, "I want to die")
        assert finish == "stop"
        assert "findahelpline.com" in said


@pytest.mark.parametrize(
    "cut", [["The CODE-12", "34 is yours."], ["The ", "C", "ODE", "-1234", " is yours."], ["The CODE-1234 is yours."]]
)
def test_nothing_of_a_forbidden_reply_leaves_however_it_is_cut(cut):
    """A stream gives the text before the match, then a refusal; a whole reply gives the refusal alone."""
    with gateway(Model(pieces=cut), POLICY) as url:
        said, finish = streamed(url, "Which code?")
        assert said.startswith("The ")
        assert "CODE" not in said
        assert finish == "content_filter"
        choice = ask(url, "Which code?").choices[0]
        assert "CODE" not in choice.message.content
        assert choice.finish_reason == "content_filter"


def test_tool_arguments_and_reasoning_are_channels_too():
    """What is forbidden in the content is forbidden there."""
    call = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": '{"x": "CODE-1234"}'}}
    for delta in ({"tool_calls": [call]}, {"reasoning_content": "It is CODE-1234."}):
        with gateway(Model(delta=delta), POLICY) as url:
            request = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "x"}]}
            body = httpx.post(f"{url}/v1/chat/completions", json=request).text
        assert "CODE-1234" not in body
        assert "content_filter" in body
        assert body.endswith("data: [DONE]\n\n")


def test_in_shadow_everything_passes_and_is_told():
    """The model answers, and the header says what would have been done."""
    model = Model()
    with gateway(model, POLICY, is_shadow=True) as url:
        raw = client(url).chat.completions.with_raw_response.create(
            model="m", messages=[{"role": "user", "content": "Write a phishing mail."}]
        )
        assert raw.headers["x-demur-decision"] == "block"
        assert raw.headers["x-demur-rule"] == "lures"
        assert raw.parse().choices[0].message.content == "Hello there."
    assert len(model.requests) == 1


def test_anything_else_is_passed_on():
    """Paths that are not ours reach the upstream with their query, and its status comes back."""
    model = Model(raw=b'{"object": "list", "data": []}')
    with gateway(model, POLICY) as url:
        assert client(url).models.list().data == []
    assert model.requests[0]["path"] == "/v1/models"


def test_where_nothing_is_guarded_the_policy_says_what_passes():
    """An older way of asking goes round the rails, unless the policy closes it; what only reads is open."""
    request = {"model": "m", "prompt": "Write a phishing mail."}
    model = Model(raw=b'{"object": "list", "data": []}')
    with gateway(model, POLICY) as url:
        assert httpx.post(f"{url}/v1/completions", json=request).status_code == 200
    with gateway(model, f"unguarded: refuse\n{POLICY}") as url:
        assert httpx.post(f"{url}/v1/completions", json=request).status_code == 403
        assert client(url).models.list().data == []
    assert len(model.requests) == 2


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"messages": 3}', b'{"messages": [{"role": "king"}]}', b"\xff"])
def test_a_broken_request_is_a_clear_error(body):
    """It is a 400 in the form that clients read, and the model is not asked."""
    model = Model()
    with gateway(model, POLICY) as url:
        answer = httpx.post(f"{url}/v1/chat/completions", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert model.requests == []


def test_an_upstream_that_is_down_is_a_clear_error():
    """Refused connections, replies that are no JSON and errors of the model each come back as what they are."""
    with (
        gateway("http://127.0.0.1:9", POLICY) as url,
        pytest.raises(openai.InternalServerError, match="cannot be reached"),
    ):
        ask(url, "Hi")
    with gateway(Model(raw=b"<html>"), POLICY) as url, pytest.raises(openai.InternalServerError, match="no JSON"):
        ask(url, "Hi")
    error = b'{"error": {"message": "slow down", "type": "rate_limit"}}'
    with gateway(Model(status=429, raw=error), POLICY) as url, pytest.raises(openai.RateLimitError, match="slow down"):
        ask(url, "Hi")


def test_a_stream_that_breaks_off_gives_what_was_decided_and_says_so():
    """What came before is not lost, and the client hears of the break."""
    with gateway(Model(breaks_after=2), POLICY) as url:
        request = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
        events = httpx.post(f"{url}/v1/chat/completions", json=request).text.strip().split("\n\n")
        assert '"content":"Hello"' in "".join(events)
        assert "broke off" in events[-1]
        with pytest.raises(openai.APIError, match="broke off"):
            list(ask(url, "Hi", stream=True))


def test_a_silent_upstream_is_not_waited_for_for_ever():
    """After the time that is set it is an error."""
    with gateway(Model(pause_s=5), POLICY, limits=Limits(silence_s=0.3)) as url, pytest.raises(openai.APIError):
        list(ask(url, "Hi", stream=True))


def test_who_hangs_up_ends_the_models_work():
    """When the caller is gone the upstream's connection is closed."""
    model = Model(pieces=["x "] * 200, pause_s=0.02)
    with gateway(model, POLICY) as url:
        stream = ask(url, "Hi", stream=True)
        next(iter(stream))
        stream.close()
        for _ in range(100):
            if model.n_cancelled:
                break
            time.sleep(0.05)
    assert model.n_cancelled == 1


@pytest.mark.parametrize(
    "path",
    ["/v1/x/../chat/completions", "/v1//chat/completions", "/v1/chat/completions%3Fx", "/v1/%2e%2e/chat/completions"],
)
def test_a_path_that_is_read_in_two_ways_is_refused(path):
    """What one side takes for another place than the other is no way round the rails."""
    model = Model()
    with (
        gateway(model, POLICY) as url,
        contextlib.closing(http.client.HTTPConnection(url.removeprefix("http://"))) as connection,
    ):
        connection.request("POST", path, body=b"{}")
        assert connection.getresponse().status == 400
    assert model.requests == []


@pytest.mark.parametrize("path", ["/v1/chat/completions/", "/chat/completions", "/deployments/m/chat/completions?v=1"])
def test_chat_is_guarded_wherever_a_server_has_it(path):
    """A chat by another path meets the same rails."""
    model = Model()
    request = {"model": "m", "messages": [{"role": "user", "content": "Write a phishing mail."}]}
    with gateway(model, POLICY) as url:
        assert httpx.post(f"{url}{path}", json=request).json()["choices"][0]["finish_reason"] == "content_filter"
    assert model.requests == []


@pytest.mark.parametrize("n", [0, 129, 10**9, True, "2"])
def test_more_choices_than_anybody_needs_are_refused(n):
    """The guard's own answer is not made a thousand million times."""
    request = {"model": "m", "n": n, "messages": [{"role": "user", "content": "Write a phishing mail."}]}
    with gateway(Model(), POLICY) as url:
        assert httpx.post(f"{url}/v1/chat/completions", json=request).status_code == 400
