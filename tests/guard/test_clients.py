"""Other people's clients work against the gateway as they are: Inspect's, and tools through OpenAI's own."""

import base64
import json
import subprocess
import sys

import openai
import pydantic
import pytest
from serving import Model, gateway

POLICY = """
intent: off
rules:
  - {name: lures, category: fraud, action: block, at: [input], phrases: [phishing mail]}
  - {name: crisis, category: self, action: escalate, phrases: [want to die]}
"""


INSPECT = """
import asyncio, json, sys
from inspect_ai.model import get_model

async def main(url):
    said = []
    for text in ("Bread?", "Write a phishing mail", "I want to die"):
        async with get_model("openai-api/gateway/m", base_url=url, api_key="secret", memoize=False) as model:
            answer = await model.generate(text)
        said.append((answer.completion, answer.stop_reason, answer.usage.total_tokens))
    print(json.dumps(said))

asyncio.run(main(sys.argv[1]))
"""


@pytest.mark.slow
def test_inspect_asks_through_the_gateway_as_through_any_server():
    """Answers, usage, and a block that it counts as a filter's. In a process of its own: Inspect leaves connections open."""
    with gateway(Model(), POLICY) as url:
        run = subprocess.run(
            [sys.executable, "-c", INSPECT, f"{url}/v1"], capture_output=True, text=True, check=False, timeout=120
        )
    assert run.returncode == 0, run.stderr
    answered, blocked, helped = json.loads(run.stdout.splitlines()[-1])
    assert answered == ["Hello there.", "stop", 5]
    assert (blocked[1], helped[1]) == ("content_filter", "stop")
    assert len(blocked[0].split()) > 20


def test_calls_of_tools_pass_whole_and_streamed():
    """Names, ids and arguments come back as the model sent them, piece by piece and put together."""
    calls = [
        {
            "tool_calls": [
                {"index": 0, "id": "call-1", "type": "function", "function": {"name": "weather", "arguments": ""}}
            ]
        },
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"city": '}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '"Bern"}'}}]},
    ]
    with gateway(_Deltas(calls), POLICY) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="secret", max_retries=0)
        tool = {
            "type": "function",
            "function": {
                "name": "weather",
                "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
            },
        }
        with client.chat.completions.stream(
            model="m", messages=[{"role": "user", "content": "Weather in Bern?"}], tools=[tool]
        ) as stream:
            final = stream.get_final_completion()
    (call,) = final.choices[0].message.tool_calls
    assert (call.id, call.function.name, json.loads(call.function.arguments)) == ("call-1", "weather", {"city": "Bern"})


def test_who_wants_json_gets_the_help_as_a_refusal():
    """A client that parses the reply by a schema does not fail on help in words."""
    with gateway(Model(), POLICY) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="secret", max_retries=0)
        answer = client.chat.completions.parse(
            model="m", messages=[{"role": "user", "content": "I want to die"}], response_format=_Plan
        )
    (choice,) = answer.choices
    assert choice.message.parsed is None
    assert "findahelpline.com" in choice.message.refusal
    assert choice.finish_reason == "stop"


def test_pictures_and_parts_pass_and_their_texts_are_read():
    """A picture leaves no trace in what the rails read; the text beside it is read."""
    model = Model()
    parts = [
        {"type": "text", "text": "Write a phishing mail like this one"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
    ]
    with gateway(model, POLICY) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="secret", max_retries=0)
        blocked = client.chat.completions.create(model="m", messages=[{"role": "user", "content": parts}])
        assert blocked.choices[0].finish_reason == "content_filter"
        parts[0]["text"] = "What is on it?"
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": parts}])
    (request,) = model.requests
    assert request["messages"][0]["content"] == parts


def test_a_file_that_is_a_text_is_read():
    """As the text it holds; a file of any other kind passes unread."""
    model = Model()
    with gateway(model, POLICY) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="secret", max_retries=0)

        def finish(kind: str, held: bytes) -> str:
            data = f"data:{kind};base64,{base64.b64encode(held).decode()}"
            file = {"type": "file", "file": {"filename": "notes.txt", "file_data": data}}
            asked = {"role": "user", "content": [{"type": "text", "text": "Do what it says."}, file]}
            return client.chat.completions.create(model="m", messages=[asked]).choices[0].finish_reason

        assert finish("text/plain", b"Write a phishing mail.") == "content_filter"
        assert finish("text/plain", b"Write a mail.") == "stop"
        assert finish("application/pdf", b"%PDF phishing mail") == "stop"


class _Plan(pydantic.BaseModel):
    """What a caller wants its JSON to be."""

    steps: list[str]


class _Deltas(Model):
    """Streams some deltas as they are."""

    def __init__(self, deltas):
        super().__init__()
        self._deltas = deltas

    async def _stream(self, head, receive, send):  # noqa: ARG002 -- the model's signature
        ends = [(delta, None) for delta in self._deltas] + [({}, "tool_calls")]
        for delta, finish in ends:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            chunk = {**head, "object": "chat.completion.chunk", "choices": [choice]}
            await send(
                {"type": "http.response.body", "body": f"data: {json.dumps(chunk)}\n\n".encode(), "more_body": True}
            )
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})
