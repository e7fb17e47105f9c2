"""A served model: OpenAI's client talks to it, and nobody turns it into another one."""

import asyncio
import time

import httpx
import openai
import pytest
from endpoints import Answer

from demur.errors import IncompleteError, UsageError
from demur.guard.wire.upstream import Upstream
from demur.serving import served
from demur.serving.door import Door
from demur.serving.passing_on import PassingOn

HI = {"messages": [{"role": "user", "content": "Hi"}]}


def knock(endpoint, *requests):
    """Send requests (method, path, body) to a door in front of an endpoint, and give the answers."""

    async def send():
        upstream = Upstream(endpoint.url, key="secret")
        await upstream.open()
        transport = httpx.ASGITransport(Door("demur/m", PassingOn("demur/m", upstream)))
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
            answers = [await client.request(method, path, json=body) for method, path, body in requests]
        await upstream.close()
        return answers

    return asyncio.run(send())


def message_of(answer):
    """Give the words of an error."""
    return answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions", "/v1/responses", "/chat/completions"])
def test_what_openai_has_is_passed_on_as_it_came(endpoint, path):
    """The model's server gets the request, and the caller its status and its bytes, under the base with or without /v1."""
    endpoint.answer = lambda _request, _n: Answer(body=b'{"said": true}', status=201)
    (answer,) = knock(endpoint, ("POST", path, {**HI, "model": "demur/m", "top_p": 0.5}))
    assert (answer.status_code, answer.json()) == (201, {"said": True})
    assert endpoint.requests == [{**HI, "model": "demur/m", "top_p": 0.5}]


def test_a_stream_stays_a_stream(endpoint):
    """Its events come as the model's server wrote them, and say that they are events."""
    said = b'data: {"choices": []}\n\ndata: [DONE]\n\n'
    endpoint.answer = lambda _request, _n: Answer(body=said, content_type="text/event-stream")
    (answer,) = knock(endpoint, ("POST", "/v1/chat/completions", {**HI, "stream": True}))
    assert (answer.headers["content-type"], answer.content) == ("text/event-stream", said)


def test_the_list_of_models_has_the_one_that_is_served(endpoint):
    """By the name that it is served under."""
    (answer,) = knock(endpoint, ("GET", "/v1/models", None))
    assert [model["id"] for model in answer.json()["data"]] == ["demur/m"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/lora-adapters"),
        ("POST", "/v1/lora-adapters"),
        ("POST", "/props"),
        ("GET", "/slots"),
        ("POST", "/v1/chat/completions/../../lora-adapters"),
        ("POST", "/v1/v1/chat/completions"),
        ("GET", "/v1/chat/completions"),
    ],
)
def test_what_would_change_the_model_is_not_there(endpoint, method, path):
    """Of llama.cpp's own paths, which set an adapter's strength for everybody or show what others asked, none is passed on."""
    (answer,) = knock(endpoint, (method, path, HI))
    assert answer.status_code == 404
    assert "/v1/chat/completions" in message_of(answer)
    assert endpoint.requests == []


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions", "/v1/responses"])
def test_no_request_sets_the_strength_of_an_adapter(endpoint, path):
    """A treated model answers as it was measured, or says that it does not."""
    (answer,) = knock(endpoint, ("POST", path, {**HI, "lora": [{"id": 0, "scale": 0}]}))
    assert (answer.status_code, message_of(answer)) == (400, "lora: demur/m answers as it was measured; leave it out")
    assert endpoint.requests == []


def test_another_model_is_not_answered_for(endpoint):
    """Who asks for a model that is not served is told which one is, and gets no reply of this one's."""
    (answer,) = knock(endpoint, ("POST", "/v1/chat/completions", {**HI, "model": "gpt-4o"}))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
    assert message_of(answer) == "model: found 'gpt-4o'; expected 'demur/m', which is served here"
    assert endpoint.requests == []


def test_a_request_that_is_none_and_a_server_that_is_gone_are_said(endpoint):
    """With the status of each: the caller's fault, and the model's."""
    (answer,) = knock(endpoint, ("POST", "/v1/chat/completions", [HI]))
    assert (answer.status_code, message_of(answer)) == (400, "found a JSON list; expected an object")
    endpoint.close()
    (answer,) = knock(endpoint, ("POST", "/v1/chat/completions", HI))
    assert answer.status_code == 502
    assert "cannot be reached" in message_of(answer)


def test_who_hangs_up_is_not_waited_for(endpoint):
    """The request ends with its caller, long before the model would have answered, and nothing is sent."""
    endpoint.answer = lambda _request, _n: Answer(delay_s=3)
    came = iter([{"type": "http.request", "body": b"{}"}, {"type": "http.disconnect"}])
    sent = []

    async def receive():
        return next(came)

    async def send(message):
        sent.append(message)

    async def ask():
        upstream = Upstream(endpoint.url)
        await upstream.open()
        scope = {"type": "http", "method": "POST", "path": "/v1/chat/completions", "headers": []}
        await Door("demur/m", PassingOn("demur/m", upstream))(scope, receive, send)
        await upstream.close()

    began = time.monotonic()
    asyncio.run(ask())
    assert time.monotonic() - began < 2
    assert sent == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("openai/gpt-4o", "no model of demur's own"),
        ("smollm2", "no model of demur's own"),
        ("demur/nothing", "no model of demur's own"),
        ("demur/candidate@folder", "no model of demur's own"),
        ("demur/scripted/keyword", "told the truth about each question, which no client sends"),
    ],
)
def test_what_cannot_be_served_is_said_with_what_can(name, why):
    """A model elsewhere, a scripted subject, and an adapter whose panel is still being measured."""
    with pytest.raises(UsageError, match=f"{name} is .*{why}; what can be served: demur/smollm2"), served(name):
        pass


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
def test_a_place_that_cannot_be_had_is_said_before_the_model_is_loaded(host):
    """One line names the place."""
    with (
        pytest.raises(IncompleteError, match=rf"{host}:8080: cannot listen there"),
        served("demur/smollm2", (host, 8080)),
    ):
        pass


@pytest.fixture(scope="module")
def client(one_model):
    """Serve the bundled model, and give OpenAI's client of it."""
    with served("demur/smollm2") as address:
        yield openai.OpenAI(base_url=f"{address}/v1", api_key="anything", max_retries=0)


def ask(client, text, **more):
    """Ask the bundled model one question, greedily."""
    return client.chat.completions.create(
        model="demur/smollm2", messages=[{"role": "user", "content": text}], temperature=0, **more
    )


@pytest.mark.slow
def test_openais_client_has_whole_replies_of_the_bundled_model(client):
    """Text, usage, the limit, a stop word, several choices, and the name of who answered."""
    whole = ask(client, "Count to ten.", max_tokens=6)
    assert whole.model == "demur/smollm2"
    assert whole.choices[0].finish_reason == "length"
    assert (whole.usage.completion_tokens, whole.usage.prompt_tokens > 10) == (6, True)
    text = whole.choices[0].message.content
    cut = ask(client, "Count to ten.", max_tokens=6, stop=[text[3]])
    assert cut.choices[0].message.content == text.partition(text[3])[0]
    assert cut.choices[0].finish_reason == "stop"
    assert len(ask(client, "Hello", max_tokens=2, n=2).choices) == 2


@pytest.mark.slow
def test_openais_client_streams_from_the_bundled_model(client):
    """Token by token, with the usage at the end where it is asked for; put together it is the whole reply."""
    chunks = list(ask(client, "Count to ten.", max_tokens=6, stream=True, stream_options={"include_usage": True}))
    pieces = [choice.delta.content for chunk in chunks for choice in chunk.choices if choice.delta.content]
    assert len(pieces) > 3
    assert chunks[-1].usage.completion_tokens == 6
    assert "".join(pieces) == ask(client, "Count to ten.", max_tokens=6).choices[0].message.content


@pytest.mark.slow
def test_openais_client_has_responses_and_errors_of_the_bundled_model(client):
    """The newer way of asking works too, and a conversation that does not fit is the caller's fault."""
    assert client.responses.create(model="demur/smollm2", input="Hello", max_output_tokens=4).output_text
    with pytest.raises(openai.BadRequestError, match="context"):
        ask(client, "word " * 20_000)
