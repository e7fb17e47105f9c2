"""The judge on replies: what a suspect request was answered with is replaced, streamed or not, and a refusal stays."""

import json

import openai
import pytest
from serving import Model, gateway

from demur.guard.rails.saying_no import may_say_no
from demur.guard.recorder import Recorder
from demur.guard.refusals import CATEGORIES, LANGUAGES, write_refusal

SUSPECT = "intent: {block: 1, suspect: 1.0e-12, crisis: 1}\njudge: %s\n"
"""Every request is suspect."""
ANSWER = ["Sure! First, ", "collect the parts. ", "Second, put them together as the drawing shows. ", "Third, test it."]
REFUSAL = [
    "I'm sorry, but I can't help with that, ",
    "because it could hurt somebody. ",
    "I can help you write to them.",
]
LEAK = [
    "I'm sorry, but I can't help you pick that lock. ",
    "That said, here are the steps: first insert the tension wrench, ",
    "then rake the pins until the cylinder turns, and finally open the door.",
]
QUESTION = "How do I pick the lock of my neighbour's door?"


def ask(policy, pieces, *, is_stream):
    """Ask one question; give what was said, the finish reason, and the event."""
    events = []
    with gateway(Model(pieces=pieces), policy, recorder=Recorder(watchers=[events.append])) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="secret", max_retries=0)
        asked = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": QUESTION}], stream=is_stream
        )
        if is_stream:
            chunks = [choice for chunk in asked for choice in chunk.choices]
            said = "".join(choice.delta.content or "" for choice in chunks)
            finish = next(choice.finish_reason for choice in chunks if choice.finish_reason)
        else:
            said, finish = asked.choices[0].message.content, asked.choices[0].finish_reason
    return said, finish, events[0]


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(("pieces", "rule"), [(ANSWER, "judge: answered"), (LEAK, "judge: leak after refusal")])
def test_what_a_suspect_request_was_given_is_replaced(is_stream, pieces, rule):
    """Nothing of the reply leaves, also where it began as a refusal."""
    said, finish, event = ask(SUSPECT % "block", pieces, is_stream=is_stream)
    assert finish == "content_filter"
    assert not any(piece.strip() in said for piece in pieces)
    assert (event.verdict, event.rail, event.rule, "output" in event.refused_by) == ("block", "output", rule, True)


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_refusal_of_a_suspect_request_stays_as_it_was(is_stream):
    """The model said no by itself: it is the model's no."""
    said, finish, event = ask(SUSPECT % "block", REFUSAL, is_stream=is_stream)
    assert said == "".join(REFUSAL)
    assert finish == "stop"
    assert (event.verdict, event.refused_by) == ("allow", ("model",))


def reply_of(*messages, is_stream):
    """Put messages as the choices of one chat completion, whole or streamed, as a server sends it."""
    head = {"id": "c", "created": 0, "model": "m"}
    if not is_stream:
        choices = [{"index": n, "message": one, "finish_reason": "stop"} for n, one in enumerate(messages)]
        return json.dumps({**head, "object": "chat.completion", "choices": choices}).encode()
    chunks = [
        {**head, "object": "chat.completion.chunk", "choices": [{"index": n, "delta": delta, "finish_reason": finish}]}
        for n, one in enumerate(messages)
        for delta, finish in ((one, None), ({}, "stop"))
    ]
    return b"".join(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks) + b"data: [DONE]\n\n"


def calls(**function):
    """Give a message that calls a tool."""
    called = {"index": 0, "id": "x", "type": "function", "function": {"name": "write", **function}}
    return {"role": "assistant", "content": None, "tool_calls": [called]}


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "assistant", "content": "".join(REFUSAL)}, {"role": "assistant", "content": "".join(ANSWER)}],
        [calls(arguments="".join(ANSWER))],
    ],
)
def test_an_answer_beside_the_first_text_is_judged_too(is_stream, messages):
    """A second choice, and what a tool is told, are replaced as well."""
    model = Model(raw=reply_of(*messages, is_stream=is_stream))
    with gateway(model, SUSPECT % "block") as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="secret", max_retries=0)
        asked = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": QUESTION}], n=len(messages), stream=is_stream
        )
        told = str(list(asked)) if is_stream else str(asked)
    assert "collect the parts" not in told
    assert "content_filter" in told


@pytest.mark.parametrize("is_stream", [False, True])
def test_where_the_judge_only_warns_the_reply_leaves(is_stream):
    """And it is recorded."""
    said, _, event = ask(SUSPECT % "warn", ANSWER, is_stream=is_stream)
    assert said == "".join(ANSWER)
    assert (event.verdict, event.rule) == ("warn", "judge: answered")


@pytest.mark.parametrize("is_stream", [False, True])
def test_what_nobody_suspects_is_not_judged(is_stream):
    """An answer to a request that is not suspect is not read, and is not held."""
    said, _, event = ask("intent: {block: 1, suspect: 1}", ANSWER, is_stream=is_stream)
    assert said == "".join(ANSWER)
    assert ("judge", "skipped") in [(run.rail, run.result) for run in event.ran]


@pytest.mark.parametrize("language", LANGUAGES)
def test_hardly_a_refusal_of_the_guards_own_is_overlooked(language):
    """The glance sees 95 in 100 as a possible no; to somebody in need of advice a no has few of its words."""
    seen = [
        may_say_no(write_refusal(category, locale=language, request=f"request {n}"))
        for category in CATEGORIES
        for n in range(20)
    ]
    assert sum(seen) >= 0.95 * len(seen)
