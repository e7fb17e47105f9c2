"""A local model served: OpenAI's client talks to it, and what it does not do is said."""

import openai
import pytest
from tiny import make_base

from demur.errors import DataError
from demur.serving import served
from demur.serving.chat import AskedChat, read_chat, stream_completion, write_completion
from demur.subjects import open_subject
from demur.subjects.subject import Asked
from demur.types import Decoding, Reply, Turn

HI = {"role": "user", "content": "Hi"}


def read(*messages, **more):
    """Read a request of these messages, or of a greeting."""
    return read_chat({"messages": list(messages) or [HI], **more})


def test_a_request_is_read_as_it_is_asked():
    """Roles, parts of text, decoding, and a seed for each choice."""
    parts = [{"type": "text", "text": "How long"}, {"type": "text", "text": "is a mile?"}]
    turns = [
        {"role": "developer", "content": "Be brief."}, HI, {"role": "assistant", "content": "Hello."}, {"role": "user", "content": parts},
    ]  # fmt: skip
    asked = read(*turns, max_tokens=7, temperature=0.5, seed=3, n=2, stop="\n", stream=True)
    assert asked == AskedChat(
        turns=(Turn("system", "Be brief."), Turn("user", "Hi"), Turn("assistant", "Hello."), Turn("user", "How long\nis a mile?")),
        decodings=(Decoding(7, 0.5, 3), Decoding(7, 0.5, 4)),
        stops=("\n",),
        is_stream=True,
        wants_usage=False,
    )  # fmt: skip


def test_who_says_nothing_of_it_has_each_reply_drawn_anew():
    """As OpenAI has it: at temperature 1, without a seed."""
    decodings = [read().decodings[0] for _ in range(3)]
    assert {one.temperature for one in decodings} == {1.0}
    assert len({one.seed for one in decodings}) > 1


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"tools": [{"type": "function"}]}, r"tools: found \[{'type': 'function'}\]; expected none"),
        ({"response_format": {"type": "json_object"}}, "response_format: found"),
        ({"logprobs": True}, "logprobs: found True"),
        ({"top_p": 0.5}, "top_p: found 0.5"),
        ({"temperature": 3}, "temperature: found 3; expected a number from 0 to 2"),
        ({"temperature": True}, "temperature: found True"),
        ({"seed": "one"}, "seed: found 'one'"),
        ({"stop": [""]}, "stop: found"),
        ({"n": 0}, "n: found 0"),
        ({"messages": []}, "messages: found"),
        ({"messages": [HI, {"role": "assistant", "content": "He"}]}, "messages: found the assistant's at the end"),
        ({"messages": [{"role": "tool", "content": "4"}]}, r"messages\[0\].role: found str 'tool'"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, r"messages\[0\].content: found dict"),
    ],
)
def test_what_it_does_not_do_is_said_and_not_left_out(more, why):
    """Otherwise the reply would look like what was asked for."""
    with pytest.raises(DataError, match=why):
        read_chat({"messages": [HI], **more})


def test_what_asks_for_nothing_else_is_no_obstacle():
    """Clients send such values of their own accord."""
    assert read(top_p=1, tools=[], tool_choice="auto", logprobs=False, presence_penalty=0, user="me").stops == ()


def test_a_reply_ends_before_the_first_stop():
    """And then it was not cut off, however it ended; tokens of all choices are counted, of the question once."""
    asked = read(stop=["b", "a"], n=2, stream_options={"include_usage": True})
    replies = [Reply("xyab", "max_tokens", n_input_tokens=5, n_output_tokens=4), Reply("xy", "max_tokens", n_input_tokens=5, n_output_tokens=2)]  # fmt: skip
    whole = write_completion("m", asked, replies)
    assert [(one["message"]["content"], one["finish_reason"]) for one in whole["choices"]] == [
        ("xy", "stop"),
        ("xy", "length"),
    ]
    assert whole["usage"] == {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11}
    chunks = list(stream_completion("m", asked, replies))
    assert [chunk["choices"][0]["index"] for chunk in chunks[:-1]] == [0, 0, 1, 1]
    assert chunks[-1]["usage"] == whole["usage"]


@pytest.fixture(scope="module")
def name(tmp_path_factory):
    """Give the name of a model with weights by chance."""
    folder, made = tmp_path_factory.mktemp("model"), make_base()
    made.model.save_pretrained(folder)
    made.tokenizer.save_pretrained(folder)
    return f"demur/local/{folder}"


@pytest.fixture(scope="module")
def client(name):
    """Serve it, and give OpenAI's client of it."""
    with served(name) as address:
        yield openai.OpenAI(base_url=f"{address}/v1", api_key="anything", max_retries=0)


@pytest.mark.slow
def test_openais_client_hears_what_the_subject_says(client, name):
    """Whole and streamed, greedy and drawn: the reply is that of a check-up, with its tokens."""
    for decoding in (Decoding(6), Decoding(6, 1.0, 3)):
        said = open_subject(name).reply(Asked((Turn("user", "Hi"),), decoding))
        how = {
            "model": name,
            "messages": [HI],
            "max_tokens": 6,
            "temperature": decoding.temperature,
            "seed": decoding.seed,
        }
        whole = client.chat.completions.create(**how)
        assert whole.choices[0].message.content == said.text
        assert (whole.usage.prompt_tokens, whole.usage.completion_tokens) == (said.n_input_tokens, said.n_output_tokens)
        chunks = list(client.chat.completions.create(**how, stream=True, stream_options={"include_usage": True}))
        pieces = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
        assert "".join(pieces) == said.text
        assert chunks[-1].usage == whole.usage


@pytest.mark.slow
def test_faults_of_the_caller_are_theirs(client, name):
    """What does not fit, what it does not do, and what it does not speak."""
    with pytest.raises(openai.BadRequestError, match="found a conversation of"):
        client.chat.completions.create(model=name, messages=[{"role": "user", "content": "word " * 1000}])
    with pytest.raises(openai.BadRequestError, match=r"top_p: found 0\.5"):
        client.chat.completions.create(model=name, messages=[HI], top_p=0.5)
    with pytest.raises(openai.NotFoundError, match="/v1/chat/completions are"):
        client.responses.create(model=name, input="Hi")
    assert [model.id for model in client.models.list()] == [name]
