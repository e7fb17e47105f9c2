"""The judge on replies: what a suspect request was answered with is replaced, streamed or not, and a refusal stays."""

import asyncio
import json

import httpx
import openai
import pytest
from serving import Model, gateway

from demur.guard.rails import output_rail
from demur.guard.rails.judging import shared_judge
from demur.guard.rails.prose import is_prose, read_prose
from demur.guard.rails.saying_no import may_say_no
from demur.guard.recorder import Recorder
from demur.guard.wire.said import MOST_KEPT, Said
from demur.refusals import CATEGORIES, LANGUAGES, write_refusal

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


def ask_raw(messages, policy=SUSPECT % "block", *, is_stream):
    """Ask one question that is answered with messages; give all that came of it, and the event."""
    events = []
    model = Model(raw=reply_of(*messages, is_stream=is_stream))
    with gateway(model, policy, recorder=Recorder(watchers=[events.append])) as url:
        request = {"model": "m", "messages": [{"role": "user", "content": QUESTION}], "n": len(messages)}
        came = httpx.post(f"{url}/v1/chat/completions", json={**request, "stream": is_stream}, timeout=60)
    return came.text, events[0]


def says(content, **more):
    """Give a message."""
    return {"role": "assistant", "content": content, **more}


def says_beside(**more):
    """Give a message that refuses, and says something else beside it."""
    return says("".join(REFUSAL), **more)


WHOLE = "".join(ANSWER)


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(
    "messages",
    [
        [says_beside(), says(WHOLE)],
        [calls(arguments=WHOLE)],
        [calls(arguments=json.dumps({"text": WHOLE}))],
        [calls(arguments="".join(f"\\u{ord(sign):04x}" for sign in WHOLE).join(('{"text": "', '"}')))],
        [calls(arguments={"to": "x", "text": WHOLE})],
        [says(None, function_call={"name": "write", "arguments": {"text": WHOLE}})],
        [says({"text": WHOLE})],
        [says([{"type": "text", "text": WHOLE}])],
        [says_beside(reasoning_content=WHOLE)],
        [says_beside(reasoning=WHOLE)],
        [says_beside(thinking=WHOLE)],
        [says_beside(reasoning_details=[{"type": "x", "text": WHOLE}])],
        [says_beside(audio={"id": "a", "transcript": WHOLE})],
        [says_beside(**{WHOLE: None})],
    ],
)
def test_an_answer_beside_the_first_text_is_judged_too(is_stream, messages):
    """Whatever leaves is read: further choices, what a tool is told, thoughts, keys."""
    told, event = ask_raw(messages, is_stream=is_stream)
    assert "collect the parts" not in told
    assert "\\u0063\\u006f" not in told
    assert "content_filter" in told
    assert (event.verdict, event.rule, event.refused_by) == ("block", "judge: answered", ("output",))


@pytest.mark.parametrize("more", [{"text": WHOLE}, {"logprobs": {"content": [{"token": WHOLE}]}}])
def test_an_answer_beside_the_message_is_judged_too(more):
    """A field of the choice, and tokens that are not those of the text."""
    body = json.loads(reply_of(says_beside(), is_stream=False))
    body["choices"][0].update(more)
    with gateway(Model(raw=json.dumps(body).encode()), SUSPECT % "block") as url:
        request = {"model": "m", "messages": [{"role": "user", "content": QUESTION}]}
        assert "collect" not in httpx.post(f"{url}/v1/chat/completions", json=request).text


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize("arguments", ['{"city":"Paris"}', '{"id": 4711}', '{"query":"how to pick a lock"}', "{}"])
def test_a_short_call_of_a_tool_stays(is_stream, arguments):
    """It refuses nothing and answers nothing: what it is cannot be told from what it says."""
    told, event = ask_raw([calls(arguments=arguments)], is_stream=is_stream)
    assert json.dumps(arguments) in told
    assert event.verdict == "allow"


@pytest.mark.parametrize("size", [1, 7, 40_000])
def test_both_ends_of_a_long_text_are_kept(size):
    """Whatever the pieces are, and as a whole after them; a whole that is another text is kept beside."""
    said, text = Said(), "".join(f"{n} " for n in range(10_000))
    for start in range(0, len(text), size):
        said.add("x", 0, text[start : start + size])
    said.put("x", 0, text)
    ((kept,),) = said.beside
    assert (kept[:6], kept[-10:], len(kept)) == ("0 1 2 ", "9998 9999 ", MOST_KEPT + 1)
    said.put("x", 0, "another")
    said.put("x", 0, "another")
    assert said.beside == [[kept, "another"]]
    said.drop()
    said.add("x", 0, "more")
    assert not said.has_more


def test_what_json_says_is_read():
    """Each string on a line, whatever hides it: escapes, JSON in JSON, a key that is there twice; also where it is cut."""
    assert read_prose('{"a": "\\u0048i", "a": ["x", 1, {"b": "{\\"c\\": \\"y\\"}"}]}') == "Hi\nx\ny"
    assert read_prose('{"a": "\\ud83d\\ude00 \\u0048i') == '{"a": "\U0001f600 Hi'
    assert read_prose("Hi \\u0048") == "Hi \\u0048"
    assert read_prose("[" * 100_000) == "[" * 100_000
    assert is_prose("当然可以！首先，准备好撬锁工具。其次，把张力扳手插入锁孔底部。最后，打开门。")
    assert not is_prose("AAB+CD/EFGH1" * 100)


RULE = "rules: [{name: r, category: crime, action: block, at: [output], phrases: [xyzzy]}]\n"


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize("messages", [[says("xyzzy"), says(WHOLE)], [says(f"{WHOLE} xyzzy")]])
def test_what_a_rule_has_left_of_a_reply_is_judged(is_stream, messages):
    """A rule blocks a part, the judge the rest; it is one refusal by the output rail, with the rule that was first."""
    told, event = ask_raw(messages, SUSPECT % "block" + RULE, is_stream=is_stream)
    assert "collect the parts" not in told
    assert (event.rule, event.refused_by) == ("r", ("output",))


def test_a_rule_that_blocks_a_part_leaves_the_rest_where_nobody_is_suspect():
    """There the judge reads for the record alone."""
    policy = "intent: {block: 1, suspect: 1}\njudge: block\n" + RULE
    told, event = ask_raw([says("xyzzy"), says(WHOLE)], policy, is_stream=False)
    assert "collect the parts" in told
    assert event.rule == "r"


def test_the_record_has_the_verdict_that_decided():
    """Of the choice that was blocked, not of the first, which refused: the model did not say no."""
    _, event = ask_raw([says_beside(), says(WHOLE)], is_stream=False)
    assert event.reply.startswith("Sure! First")
    assert event.disagrees
    assert [run.result for run in event.ran if run.rail == "judge"] == ["comply"]


@pytest.mark.parametrize(("judge", "verdict"), [("block", "block"), ("warn", "allow")])
def test_a_reply_of_more_texts_than_are_read_does_not_pass_unread(judge, verdict):
    """It is replaced where the judge may block, and otherwise the record says that it was not all read."""
    message = says("".join(REFUSAL), tool_calls=[calls(arguments="{}")["tool_calls"][0]] * 2)
    message["tool_calls"] = [{**message["tool_calls"][0], "index": n} for n in range(600)]
    told, event = ask_raw([message], SUSPECT % judge, is_stream=False)
    assert event.verdict == verdict
    assert ("tool_calls" in told) == (verdict == "allow")
    assert "more texts" in "".join(run.skipped or "" for run in event.ran)


def test_many_texts_are_judged_at_once_and_hold_up_nobody(monkeypatch):
    """In one call of the judge, in a thread of its own; none of them twice."""
    calls_of_judge = []

    class Judge:
        def judge_many(self, pairs):
            calls_of_judge.append((asyncio._get_running_loop() is not None, len(pairs)))
            return shared_judge().judge_many(pairs)

    monkeypatch.setattr(output_rail, "shared_judge", Judge)
    ask_raw(
        [*(says(f"{n}. I can't help with that.") for n in range(20)), says("0. I can't help with that.")],
        is_stream=False,
    )
    assert calls_of_judge == [(False, 20)]


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
