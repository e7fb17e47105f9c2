"""Faults: whatever the upstream does, callers hear of it clearly, nothing forbidden leaves, and the next request is served."""

import gzip
import itertools
import json
import time
import zlib

import httpx
import openai
import pytest
from fronting import HI, RULES, SILENCE_S, front
from misbehaving import CUT, completion, events, head, misbehaving, reply, said
from serving import serve

from demur.guard import parse_policy
from demur.guard.callers import Callers
from demur.guard.gateway import Gateway
from demur.guard.wire.upstream import Limits, Upstream

STREAM = "text/event-stream"
DONE = events(b"[DONE]")
END = said("", finish="stop")
FOR_EVER = 30.0


@pytest.fixture(scope="module")
def shared():
    """Serve one gateway for all the tests that only have other steps."""
    with front() as running:
        yield running


@pytest.fixture(scope="module")
def impatient():
    """Serve one that does not wait long for an upstream that is silent."""
    with front(limits=Limits(silence_s=SILENCE_S)) as running:
        yield running


@pytest.fixture
def gate(request, shared, impatient):
    """Give the gateway with nothing in its lists."""
    steps = request.node.callspec.params.get("steps", ()) if hasattr(request.node, "callspec") else ()
    gate = impatient if FOR_EVER in steps else shared
    gate.clear()
    return gate


def data_of(answer):
    """Give what the events of a stream say."""
    return [block.removeprefix("data: ") for block in answer.text.strip().split("\n\n") if block]


def text_of(answer):
    """Give the content of a stream."""
    chunks = [json.loads(data) for data in data_of(answer) if data != "[DONE]"]
    return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk.get("choices", ()))


def nested(depth, inner=b"1"):
    """Make a JSON value that deep."""
    return b'{"a":' * depth + inner + b"}" * depth


# -- an upstream that fails

BAD_REPLIES = {
    "the head never comes": [FOR_EVER],
    "the first byte never comes": [head(content_length="10"), FOR_EVER],
    "the head stops half way": [b"HTTP/1.1 200 OK\r\ncontent-ty", CUT],
    "the head stalls half way": [b"HTTP/1.1 200 OK\r\ncontent-ty", FOR_EVER],
    "no HTTP": [b"\x00\x01\x02 what\r\n\r\n"],
    "hung up at once": [],
    "reset at once": [CUT],
    "hung up after the head": [head(content_length="10")],
    "less than was promised": [head(content_length="1000") + completion()],
    "a chunk breaks off": [head(transfer_encoding="chunked") + b'5\r\n{"a":'],
    "a chunk has no length": [head(transfer_encoding="chunked") + b"zz\r\n{}"],
    "another protocol": [b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"],
    "no content": [b"HTTP/1.1 204 No Content\r\n\r\n"],
    "not modified": [b"HTTP/1.1 304 Not Modified\r\n\r\n"],
    "a redirect": [head(status="307 T", location="http://elsewhere/v1/chat/completions", content_length="0")],
    "no status": [reply(b"{}", status="999 E")],
    "no gzip": [reply(completion(), content_encoding="gzip")],
    "an encoding nobody asked for": [reply(b"abc", content_encoding="br")],
    "half a gzip": [reply(gzip.compress(completion() * 50)[:60], content_encoding="gzip")],
    "a page": [reply(b"<html>", "text/html")],
    "nothing": [reply(b"")],
    "a list": [reply(b"[]")],
    "a number": [reply(b"3")],
    "null": [reply(b"null")],
    "half a character": [reply(completion("x").replace(b'"x"', b'"\xc3"'))],
    "half a surrogate pair": [reply(completion("x").replace(b'"x"', b'"\\ud83d"'))],
    "nested 900 deep": [reply(nested(900))],
    "nested 10,000 deep": [reply(nested(10_000))],
    "a message nested 100 deep": [reply(b'{"choices":[{"message":' + nested(100) + b"}]}")],
    "events in place of JSON": [reply(events(said("Hello"), END), "text/plain")],
}


@pytest.mark.parametrize("steps", BAD_REPLIES.values(), ids=BAD_REPLIES)
def test_an_upstream_that_fails_is_a_clear_error(gate, steps):
    """A 502 in OpenAI's form that does not name the upstream's address, one event of it, and the next request is served."""
    answer = gate.meet(*steps)
    assert answer.status_code == 502
    error = answer.json()["error"]
    assert error["type"] == "upstream_error"
    assert "127.0.0.1" not in error["message"]
    assert "elsewhere" not in str(answer.headers)
    (event,) = gate.events
    assert (event.status, event.error) == (502, error["message"])
    assert gate.is_well()


def test_an_upstream_that_is_started_again_is_asked_again():
    """Refused while it is gone, served as soon as it is back, without a restart of the gateway."""
    with misbehaving() as upstream:
        url = upstream.url
    app = Gateway(Upstream(url), Callers(parse_policy(RULES, "policy.yaml")))
    with serve(app) as address:
        for _ in range(2):
            refused = httpx.post(f"{address}/v1/chat/completions", json=HI)
            assert refused.status_code == 502
            assert "cannot be reached" in refused.json()["error"]["message"]
            with misbehaving(reply(completion()), port=int(url.rpartition(":")[2])):
                assert httpx.post(f"{address}/v1/chat/completions", json=HI).status_code == 200


def test_a_slow_upstream_is_waited_for_as_long_as_something_comes(impatient):
    """A reply that comes in drops takes longer in all than any silence may, and is whole in the end."""
    gate, body = impatient, completion("Slow.")
    gate.clear()
    pieces = [step for start in range(0, len(body), 9) for step in (body[start : start + 9], 0.05)]
    began = time.monotonic()
    answer = gate.meet(head(content_length=str(len(body))), *pieces)
    assert time.monotonic() - began > SILENCE_S
    assert answer.content == body
    assert gate.is_well()


# -- streams

BROKEN_STREAMS = {
    "nothing after the head": ("", [head(STREAM)]),
    "silence after the head": ("", [head(STREAM), FOR_EVER]),
    "silence in the middle": ("Hello ", [head(STREAM) + events(said("Hello ")), FOR_EVER]),
    "reset in the middle": ("Hello ", [head(STREAM) + events(said("Hello ")), CUT]),
    "hung up in the middle": ("Hello ", [head(STREAM) + events(said("Hello "))]),
    "hung up within an event": ("Hello ", [head(STREAM) + events(said("Hello ")) + b'data: {"choices":[{"del']),
    "a chunk breaks off": (
        "Hello ", [head(STREAM, transfer_encoding="chunked") + b"1000\r\n" + events(said("Hello "))]
    ),
    "less than was promised": ("Hello ", [head(STREAM, content_length="9999") + events(said("Hello "))]),
    "no blank lines": (
        "", [head(STREAM) + b"data: " + said("Hello ") + b"\ndata: " + END + b"\ndata: [DONE]\n"]
    ),
    "half a character": ("", [head(STREAM) + b'data: {"choices":[{"delta":{"content":"\xc3"}}]}\n\n' + DONE]),
    "no JSON": ("Hello ", [head(STREAM) + events(said("Hello "), b"oops", END) + DONE]),
    "a list": ("Hello ", [head(STREAM) + events(said("Hello "), b"[]", END) + DONE]),
    "a number": ("Hello ", [head(STREAM) + events(said("Hello "), b"3", END) + DONE]),
    "null": ("Hello ", [head(STREAM) + events(said("Hello "), b"null", END) + DONE]),
    "nested 100 deep": (
        "Hello ", [head(STREAM) + events(said("Hello "), b'{"choices":[{"delta":' + nested(100) + b"}]}") + DONE]
    ),
    "nested 10,000 deep": ("Hello ", [head(STREAM) + events(said("Hello "), nested(10_000)) + DONE]),
    "a choice below zero": ("Hello ", [head(STREAM) + events(said("Hello "), said("x", index=-1)) + DONE]),
    "choice ten to the twelve": ("Hello ", [head(STREAM) + events(said("Hello "), said("x", index=10**12)) + DONE]),
    "an event of 17 MB": ("Hello ", [head(STREAM) + events(said("Hello ")) + b"data: " + b"x" * (17 << 20)]),
    "more texts than any choice has": (
        "Hello ",
        [head(STREAM) + events(said("Hello "), json.dumps(
            {"choices": [{"delta": {f"k{n}": "x" for n in range(2000)}}]}).encode()) + DONE],
    ),
    "an error": ("Hello ", [head(STREAM) + events(said("Hello "), b'{"error":{"message":"overloaded"}}') + DONE]),
    "an error in a word": ("Hello ", [head(STREAM) + events(said("Hello "), b'{"error":"overloaded"}') + DONE]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "steps"), BROKEN_STREAMS.values(), ids=BROKEN_STREAMS)
def test_a_stream_that_fails_gives_what_came_and_says_so(gate, text, steps):
    """The text before the fault leaves, the last event is an error in OpenAI's form, nothing says that all went well."""
    answer = gate.meet(*steps, is_stream=True)
    *before, last = data_of(answer)
    assert answer.status_code == 200
    error = json.loads(last)["error"]
    assert error["type"] == "upstream_error"
    assert "127.0.0.1" not in error["message"]
    assert "[DONE]" not in before
    assert text_of(answer) == text
    (event,) = gate.events
    assert event.error == error["message"]
    assert event.reply == text
    assert gate.is_well()


def test_openais_client_hears_of_an_error_in_mid_stream(gate):
    """What the upstream says went wrong is raised, and is not taken for the end of the reply."""
    gate.upstream.steps = (head(STREAM) + events(said("Hello "), b'{"error":{"message":"overloaded"}}') + DONE,)
    client = openai.OpenAI(base_url=f"{gate.url}/v1", api_key="k", max_retries=0)
    with pytest.raises(openai.APIError, match="overloaded"):
        list(client.chat.completions.create(**HI, stream=True))


ODD_STREAMS = {
    "line feeds": events(said("Héllo "), said("there."), END) + DONE,
    "carriage returns": events(said("Héllo "), said("there."), END, b"[DONE]", end=b"\r"),
    "both": events(said("Héllo "), said("there."), END, b"[DONE]", end=b"\r\n"),
    "a byte order mark": b"\xef\xbb\xbf" + events(said("Héllo "), said("there."), END) + DONE,
    "comments": b": ping\n\n" + events(said("Héllo ")) + b":\n: x\n" + events(said("there."), END) + DONE,
    "other fields": b"event: x\nid: 1\nretry: 5\n" + events(said("Héllo "), said("there."), END) + DONE,
    "no space": events(said("Héllo "), said("there."), END).replace(b"data: ", b"data:") + DONE,
    "data in two lines": events(said("Héllo "), said("there."), END).replace(b', "cho', b',\ndata: "cho') + DONE,
    "data in two lines with both ends": events(
        said("Héllo "), said("there."), END, b"[DONE]", end=b"\r\n"
    ).replace(b', "cho', b',\r\ndata: "cho'),
    "no end": events(said("Héllo "), said("there."), END),
    "no blank line at the end": events(said("Héllo "), said("there.")) + b"data: " + END,
    "chunks without choices": events(b"{}", said("Héllo "), b'{"choices":3}', said("there."), END) + DONE,
    "choices of other types": events(
        said("Héllo "), b'{"choices":[3,null,"x",[]]}', b'{"choices":[{"delta":"x"},{"delta":3},{}]}', said("there."), END
    ) + DONE,
    "texts of other types": events(said("Héllo "), said(3), said(None), said(True), said("there."), END) + DONE,
    "numbers of other types": events(said("Héllo ", index="0"), said("there.", index=None), END) + DONE,
    "one choice twice in a chunk": events(
        b'{"choices":[{"index":0,"delta":{"content":"H\\u00e9llo "}},{"index":0,"delta":{"content":"there."}}]}', END
    ) + DONE,
}  # fmt: skip


@pytest.mark.parametrize("stream", ODD_STREAMS.values(), ids=ODD_STREAMS)
@pytest.mark.parametrize("size", [1 << 20, 7, 1])
def test_a_stream_in_an_odd_form_is_read_all_the_same(gate, stream, size):
    """Whatever ends its lines and wherever the pieces are cut, be it within a character, the text is the same."""
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
    answer = gate.meet(head(STREAM), *itertools.chain.from_iterable((piece, 0.0) for piece in pieces), is_stream=True)
    assert text_of(answer) == "Héllo there."
    assert answer.text.endswith("data: [DONE]\n\n")
    assert gate.is_well()


def test_types_that_change_in_mid_stream_lose_nothing(gate):
    """Content that is a list of parts in one chunk and a text in the next leaves as it came: one provider thinks in parts."""
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm C"}]}]
    stream = events(said(parts), said("Fine C"), said([{"type": "text", "text": "OD"}]), END) + DONE
    chunks = [json.loads(data) for data in data_of(gate.meet(head(STREAM) + stream, is_stream=True))[:-1]]
    contents = [choice["delta"]["content"] for chunk in chunks for choice in chunk["choices"]]
    assert "".join(content for content in contents if isinstance(content, str)) == "Fine C"
    leaves = [part for content in contents if isinstance(content, list) for part in content]
    assert "".join(part["text"] for part in leaves if "text" in part) == "OD"
    assert "".join(part["thinking"][0]["text"] for part in leaves if "thinking" in part) == "Hm C"
    assert gate.is_well()


# -- what is forbidden

FORBIDDEN = {
    "a content": completion("The CODE-1234."),
    "parts of a content": completion([{"type": "text", "text": "CODE-"}, {"type": "text", "text": "1234"}]),
    "a message that is a text": b'{"choices":[{"message":"CODE-1234"}]}',
    "a choice that is a text": b'{"choices":["CODE-1234"]}',
    "a choice of another kind": b'{"choices":[{"text":"CODE-1234"}]}',
    "choices by name": b'{"choices":{"0":{"message":{"content":"CODE-1234"}}}}',
    "no choices": b'{"choices":[],"output":"CODE-1234"}',
    "beside the choices": completion("Hi.").replace(b'{"id"', b'{"answer": "CODE-1234", "id"'),
    "tokens": completion("Hi.", logprobs={"content": [{"token": "CODE-"}, {"token": "1234"}]}),
    "the name of a tool": completion(None).replace(
        b'"content": null', b'"tool_calls": [{"id": "c", "function": {"name": "CODE-1234", "arguments": ""}}]'
    ),
    "how it ended": completion("Hi.").replace(b'"stop"', b'{"x": "CODE-1234"}'),
    "usage": completion("Hi.").replace(b'{"id"', b'{"usage": {"note": "The CODE-1234."}, "id"'),
    "a key": completion("Hi.").replace(b'"role"', b'"the CODE-1234": 1, "role"'),
}


@pytest.mark.parametrize("body", FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_is_forbidden_leaves_in_no_field_of_a_reply(gate, body):
    """Wherever it stands in a whole reply, it is gone from the answer, which is a completion all the same."""
    assert b"CODE-" in body
    answer = gate.meet(reply(body))
    assert answer.status_code == 200
    assert "1234" not in answer.text
    assert answer.json()["choices"]
    assert gate.is_well()


FORBIDDEN_CHUNKS = {
    "content": [said("The CODE-12"), said("34.")],
    "two parts of one chunk": [said([{"type": "text", "text": "CODE-"}, {"type": "text", "text": "1234"}])],
    "parts of two chunks": [said([{"type": "text", "text": text}]) for text in ("CODE-", "1234")],
    "one choice by two names": [said("CODE-", index="0"), said("1234", index=None)],
    "the name of a tool": [
        json.dumps({"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"name": name}}]}}]}).encode()
        for name in ("CODE-", "1234")
    ],
    "arguments that are no text": [
        b'{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":{"x":"CODE-1234"}}}]}}]}'
    ],
    "tokens": [
        json.dumps({"choices": [{"delta": {"content": ""}, "logprobs": {"content": [{"token": token}]}}]}).encode()
        for token in ("CODE-", "1234")
    ],
    "a token that is none": [
        json.dumps({"choices": [{"delta": {"content": ""}, "logprobs": {"content": [entry]}}]}).encode()
        for entry in ({"token": ["CODE-1234"]}, {"token": "a", "note": "CODE-1234"}, {"token": "a", "top_logprobs": "CODE-1234"})
    ],
    "how it ended": [said("Hi.", finish="The CODE-1234.")],
    "a label that is none": [b'{"choices":[{"delta":{"type":{"x":"CODE-1234"},"role":"The CODE-1234."}}]}'],
    "a key": [b'{"choices":[{"delta":{"the CODE-1234":null}}]}'],
    "the head": [b'{"model":"The CODE-1234.","usage":{"note":"The CODE-1234."},"x":"CODE-1234","choices":[]}'],
    "an error": [b'{"error":{"message":"The CODE-1234."}}'],
}  # fmt: skip


@pytest.mark.parametrize("chunks", FORBIDDEN_CHUNKS.values(), ids=FORBIDDEN_CHUNKS)
def test_what_is_forbidden_leaves_in_no_field_of_a_stream(gate, chunks):
    """Wherever it stands in a stream, none of its end is in the answer."""
    answer = gate.meet(head(STREAM) + events(*chunks, END) + DONE, is_stream=True)
    assert answer.status_code == 200
    assert "1234" not in answer.text
    assert gate.is_well()


@pytest.mark.parametrize(
    ("status", "body", "is_kept"),
    [
        (500, b"<html>oops</html>", True),
        (429, b'{"error": {"message": "slow down"}}', True),
        (400, b'{"error": {"message": "no call", "failed_generation": "CODE-\\u0031234"}}', False),
        (503, b"<html>CODE-1234</html>", False),
    ],
)
def test_an_error_of_the_upstream_is_passed_on_unless_it_says_what_is_forbidden(gate, status, body, is_kept):
    """The status is kept; the body is too, but for one that gives what the model had said."""
    answer = gate.meet(reply(body, "text/html", status=f"{status} X"))
    assert answer.status_code == status
    assert (answer.content == body) == is_kept
    if not is_kept:
        assert answer.json()["error"]["message"] == f"the upstream answered {status}"
    assert gate.events[0].status == status
    assert gate.is_well()


@pytest.mark.parametrize(
    ("encoding", "encode"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)]
)
def test_encodings_are_undone_and_looked_into(gate, encoding, encode):
    """A compressed reply comes back readable, whole and streamed, and what is forbidden is found in it."""
    whole, stream = completion("Fine."), events(said("Fine."), END) + DONE
    for body, kind in ((whole, "application/json"), (stream, STREAM)):
        answer = gate.meet(reply(encode(body), kind, content_encoding=encoding), is_stream=kind == STREAM)
        assert "content-encoding" not in answer.headers
        assert "Fine." in answer.text
        bad = encode(body.replace(b"Fine.", b"CODE-1234"))
        assert "CODE-" not in gate.meet(reply(bad, kind, content_encoding=encoding), is_stream=kind == STREAM).text
    assert gate.is_well()


def test_what_is_sent_decides_and_not_what_was_asked_for(gate):
    """JSON in place of a stream and a stream in place of JSON are guarded as what they are."""
    bad = completion("The CODE-1234."), head(STREAM) + events(said("The CODE-1234."), END) + DONE
    answer = gate.meet(reply(bad[0]), is_stream=True)
    assert answer.json()["choices"][0]["finish_reason"] == "content_filter"
    answer = gate.meet(bad[1], is_stream=False)
    assert json.loads(data_of(answer)[-2])["choices"][0]["finish_reason"] == "content_filter"
    assert gate.is_well()


def test_headers_that_no_server_may_send_are_left_out(gate):
    """A control character in a header of the upstream's costs the header, not the answer."""
    answer = gate.meet(reply(completion(), x_bad="a\x01b", x_good="a", x_demur="b"))
    assert answer.status_code == 200
    assert "x-bad" not in answer.headers
    assert answer.headers["x-good"] == "a"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert gate.is_well()


def test_informational_replies_are_passed_over(gate):
    """What comes before the reply is not taken for it."""
    answer = gate.meet(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + reply(completion()))
    assert answer.status_code == 200
    assert gate.is_well()


@pytest.mark.slow
def test_ten_megabytes_come_back_as_they_were(gate):
    """A long reply is not cut, whole or streamed."""
    text = "All is well. " * 800_000
    answer = gate.meet(reply(completion(text)))
    assert answer.content == completion(text)
    pieces = [text[start : start + 100_000] for start in range(0, len(text), 100_000)]
    answer = gate.meet(head(STREAM) + events(*map(said, pieces), END) + DONE, is_stream=True)
    assert text_of(answer) == text
    assert gate.is_well()


def test_a_reply_that_is_held_as_a_whole_has_a_bound():
    """Whole, or streamed and held until it is judged, one that is too long is an error and not a growing memory."""
    policy = f"{RULES}judge: block\n".replace("intent: off", "intent: {block: 1.0, crisis: 1.0, suspect: 0.0000001}")
    endless = [step for _ in range(400) for step in (events(said("x" * 1000)), 0.0)]
    with front(policy, limits=Limits(reply_bytes=100_000)) as gate:
        for steps, is_stream in (([reply(completion("x" * 200_000))], False), ([head(STREAM), *endless], True)):
            answer = gate.meet(*steps, is_stream=is_stream)
            assert answer.status_code == 502
            assert "longer than 100000 bytes" in answer.json()["error"]["message"]
        assert gate.raised == []
        assert gate.meet(reply(completion())).status_code == 200
