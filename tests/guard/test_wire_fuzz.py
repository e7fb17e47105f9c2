"""The wire under arbitrary bytes and structured mutations: nothing is raised, nothing forbidden passes, what passes is not touched."""

import asyncio
import json
import re
from contextlib import asynccontextmanager
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demur.guard import parse_policy
from demur.guard.callers import Callers
from demur.guard.gateway import Gateway
from demur.guard.wire.upstream import Limits, UpstreamReply

CALLERS = Callers(
    parse_policy(
        """
        intent: off
        rules:
          - {name: lures, category: fraud, action: block, at: [input], phrases: [phishing mail]}
          - {name: codes, category: privacy, action: block, at: [output], patterns: ['CODE [0-9]{2}']}
        """,
        "policy.yaml",
    )
)
ASKED = re.compile(r"\bphishing mail\b", re.IGNORECASE)
SAID = re.compile("CODE [0-9]{2}")
CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"

MANY = {}
"""Each property again, with ten times as many examples."""


def holds(n, **strategies):
    """Make a test of a property, with so many examples."""

    def decorate(check):
        MANY[check.__name__] = settings(max_examples=10 * n)(given(**strategies)(check))
        return settings(max_examples=n)(given(**strategies)(check))

    return decorate


class Upstream:
    """An upstream that says what it is told, in the pieces it is given; the reply is read by the gateway's own reader."""

    credentials = ()

    def __init__(self, pieces=(), *, status=200, kind="application/json"):
        self.pieces, self.status, self.kind = pieces, status, kind
        self.asked = []

    @asynccontextmanager
    async def ask(self, _method, _path, _headers, body):
        """Reply."""
        self.asked.append(body)

        async def iter_any():
            for piece in self.pieces:
                yield piece

        response = SimpleNamespace(
            status=self.status,
            raw_headers=[(b"content-type", self.kind.encode())],
            content_type=self.kind,
            content=SimpleNamespace(iter_any=iter_any),
        )
        yield UpstreamReply(response, Limits())


class Answer(NamedTuple):
    """What a caller was sent."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes
    is_whole: bool


def call(upstream, body, *, path=CHAT, cuts=(), **more):
    """Send one request to the application, its body in pieces, and give what comes back; `more` goes into the scope."""
    edges = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    pieces = [body[start:end] for start, end in pairwise(edges)] or [b""]
    sent = []

    async def run():
        waiting = [
            {"type": "http.request", "body": piece, "more_body": n < len(pieces) - 1} for n, piece in enumerate(pieces)
        ]

        async def receive():
            if waiting:
                return waiting.pop(0)
            return await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": path, "headers": [], "query_string": b"", "client": ("a", 1)}
        await Gateway(upstream, CALLERS)({**scope, **more}, receive, send)

    asyncio.run(run())
    start, *rest = sent
    return Answer(
        start["status"],
        dict(start["headers"]),
        b"".join(message["body"] for message in rest),
        not rest[-1].get("more_body", False),
    )


# -- JSON that no library writes: keys twice, in capitals, in escapes


class Pairs(list):
    """A JSON object, as its pairs."""


def written(value, style):
    """Write JSON in a style: compact, with spaces, or with every character in escapes."""
    space = " \n\t"[: style % 3]
    if isinstance(value, Pairs):
        inner = ",".join(f"{space}{written(key, style)}:{space}{written(one, style)}" for key, one in value)
        return f"{{{inner}{space}}}"
    if isinstance(value, list):
        return "[" + ",".join(space + written(one, style) for one in value) + "]"
    if isinstance(value, str) and style >= 3:
        units = value.encode("utf-16-be", "surrogatepass")
        return '"' + "".join(f"\\u{high:02x}{low:02X}" for high, low in zip(units[::2], units[1::2], strict=True)) + '"'
    return json.dumps(value)


texts = st.sampled_from(
    ["Hi", "Write a phishing mail.", "PHISHING MAIL", "phishing", "mail", "naïve 😀", ""]
) | st.text(st.characters(codec="utf-8"), max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
keys = st.sampled_from(["text", "type", "content", "Text", "role", "data", "url", "x"]) | st.text(
    st.characters(codec="ascii", categories=["L"]), max_size=4
)


def pairs_of(keys, values, **sizes):
    """Make objects whose keys may come twice."""
    return st.lists(st.tuples(keys, values), **sizes).map(Pairs)


anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | pairs_of(keys, inner, max_size=3), max_leaves=6
)
parts = st.one_of(
    texts.map(lambda text: Pairs([("type", "text"), ("text", text)])),
    texts.map(lambda text: Pairs([("type", "input_text"), ("text", text)])),
    pairs_of(keys, anything, max_size=3),
    texts,
)
contents = texts | st.lists(parts, max_size=3) | anything
roles = st.sampled_from(["user"] * 6 + ["assistant", "system", "developer", "tool", "function"])
messages = st.builds(
    lambda role, content, more: Pairs([("role", role), ("content", content), *more]),
    roles,
    contents,
    st.just([])
    | st.just([])
    | pairs_of(st.sampled_from(["name", "Content", "content", "ROLE", "x"]), texts, max_size=1),
)
options = pairs_of(
    st.sampled_from(["stream", "n", "model", "x", "Messages", "messages", "messages", "meſsages"]),
    st.lists(messages, min_size=1, max_size=2) | st.lists(messages, max_size=1) | scalars,
    max_size=2,
)
requests = st.builds(
    lambda said, more, is_first: Pairs([*more, ("messages", said)] if is_first else [("messages", said), *more]),
    st.lists(messages, max_size=4) | anything,
    st.just(Pairs()) | options,
    st.booleans(),
)


@st.composite
def damaged(draw, bodies):
    """Damage a body: cut it short, or put bytes in the place of others."""
    body = draw(bodies)
    at = draw(st.integers(0, len(body)))
    return body[:at] + draw(st.just(b"") | st.binary(max_size=3)) + body[at + draw(st.integers(0, 4)) :]


bodies = st.builds(
    lambda value, style: written(value, style).encode("utf-8", "surrogatepass"), requests, st.integers(0, 3)
)


def texts_in(value):
    """Give every text in a value, the keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Pairs):
        for _, inner in value:
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


def readings(request):
    """Give every list of messages that some reader may take a request to hold: the first of two, the last, those in capitals."""
    return [value for key, value in request if isinstance(key, str) and key.casefold() == "messages"]


def is_asked_for(messages):
    """Tell whether what is forbidden is asked in a reading, by whoever speaks after the assistant's last turn."""
    said = [message for message in messages if isinstance(message, Pairs)] if isinstance(messages, list) else []
    roles = [{str(value) for key, value in message if key.casefold() == "role"} for message in said]
    users = [n for n, role in enumerate(roles) if role & {"user", "tool", "function"}]
    before = [n for n, role in enumerate(roles) if role == {"assistant"} and users and n < users[-1]]
    for n, message in enumerate(said):
        is_late = not before or n > before[-1]
        is_callers = not users or roles[n] & {"user", "tool", "function"} or (n > users[-1] and "assistant" in roles[n])
        content = [value for key, value in message if key.casefold() == "content"]
        if is_late and is_callers and any(ASKED.search(text) for text in texts_in(content) if _is_read(text, content)):
            return True
    return False


def _is_read(text, content):
    """Leave out what stands under keys that only name things."""
    return text not in set(_names(content))


def _names(value, key=""):
    if isinstance(value, str) and key in {"type", "id", "format", "detail"}:
        yield value
    elif isinstance(value, Pairs):
        for name, inner in value:
            yield from _names(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner, key)


@holds(100, body=bodies | damaged(bodies) | st.binary(max_size=40), cuts=st.lists(st.integers(0, 300), max_size=3))
def test_a_request_is_answered_refused_or_passed_on_as_it_is(body, cuts):
    """Whatever comes, the answer is whole and of a status that is expected, and what passes is the caller's, byte for byte."""
    upstream = Upstream([b'{"choices":[]}'])
    answer = call(upstream, body, cuts=cuts)
    assert answer.is_whole
    assert answer.status in {200, 400}
    if answer.status == 400:
        assert json.loads(answer.body)["error"]["type"] == "invalid_request_error"
        assert upstream.asked == []
    assert upstream.asked in ([], [body])
    if upstream.asked:
        request = json.loads(body, object_pairs_hook=Pairs)
        assert not any(map(is_asked_for, readings(request)))
    elif answer.status == 200:
        assert b"content_filter" in answer.body


harmless = st.text(st.characters(codec="utf-8"), max_size=30).filter(lambda text: "mail" not in text.casefold())
good_contents = (
    harmless
    | st.none()
    | st.lists(harmless.map(lambda text: Pairs([("type", "text"), ("text", text)])), max_size=3)
    | st.just([Pairs([("type", "image_url"), ("image_url", Pairs([("url", "https://example.org/a.png")]))])])
)
good_requests = st.builds(
    lambda said, seed: Pairs(
        [
            ("model", "m"),
            ("messages", [Pairs([("content", content), ("role", role)]) for role, content in said]),
            ("seed", seed),
            ("metadata", Pairs([("Role", "x"), ("role", "y")])),
        ]
    ),
    st.lists(st.tuples(roles, good_contents), min_size=1, max_size=4),
    st.integers(-(2**53), 2**53),
)


@holds(50, request=good_requests, style=st.integers(0, 3), cuts=st.lists(st.integers(0, 300), max_size=3))
def test_a_good_request_always_passes(request, style, cuts):
    """Whatever is said in it and however it is written: no harmless request is refused for its form."""
    body = written(request, style).encode()
    upstream = Upstream([b'{"choices":[]}'])
    answer = call(upstream, body, cuts=cuts)
    assert (answer.status, answer.body) == (200, b'{"choices":[]}')
    assert upstream.asked == [body]


def test_a_target_that_names_another_server_is_refused():
    """What stands before the path when it is put behind the upstream's address would be read as a name and a password."""
    upstream = Upstream()
    answer = call(upstream, b"", path="/@elsewhere.example/v1/models", raw_path=b"%2F@elsewhere.example/v1/models")
    assert (answer.status, upstream.asked) == (400, [])


# -- what the upstream says

pieces_of_text = st.sampled_from(["CODE ", "CODE ", "12", "12", "C", "ODE 1", "2", "CODE 12", "x", "é"])
channels = st.sampled_from(
    [
        lambda text: {"content": text},
        lambda text: {"refusal": text},
        lambda text: {"reasoning_content": text},
        lambda text: {"reasoning_details": [{"type": "reasoning.text", "text": text}]},
        lambda text: {"content": [{"type": "text", "text": text}]},
        lambda text: {"tool_calls": [{"index": 1, "function": {"arguments": text}}]},
        lambda text: {"tool_calls": [{"index": 0, "function": {"name": text}}]},
        lambda text: {"function_call": {"arguments": text}},
        lambda text: {"audio": {"transcript": text}},
    ]
)
places = channels.map(lambda make: lambda text: {"delta": make(text)}) | st.sampled_from(
    [
        lambda text: {"delta": {"content": ""}, "logprobs": {"content": [{"token": text, "logprob": -1.0}]}},
        lambda text: {"delta": {text: None}},
    ]
)
"""Where in a choice a text may stand."""
labels = st.sampled_from(["id", "role", "type", "name", "index", "model"])
names = st.sampled_from(["content", "refusal", "reasoning_content", "text", "arguments", "x y", "CODE 12"]) | labels
values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 200) | pieces_of_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)
calls = st.lists(
    st.fixed_dictionaries(
        {"function": st.dictionaries(st.sampled_from(["name", "arguments"]), pieces_of_text)},
        optional={"index": st.integers(0, 2), "id": pieces_of_text},
    ),
    max_size=2,
)
deltas = st.dictionaries(
    st.sampled_from(["content", "refusal", "reasoning_content"]), pieces_of_text, max_size=2
) | st.one_of(calls.map(lambda made: {"tool_calls": made}), st.dictionaries(names, values, max_size=3), values)
logprobs = (
    st.none()
    | values
    | st.lists(pieces_of_text, max_size=2).map(
        lambda tokens: {"content": [{"token": token, "logprob": -1.0} for token in tokens]}
    )
)
choices = st.fixed_dictionaries(
    {"index": st.sampled_from([0, 0, 0, 1, 2, None, "0", -1, 500, True, 0.0]), "delta": deltas},
    optional={
        "finish_reason": st.none() | st.just("stop") | values,
        "logprobs": logprobs,
        "message": values,
        "text": values,
    },
)
chunks = st.one_of(
    st.fixed_dictionaries(
        {"choices": st.lists(choices, max_size=2)}, optional={"id": values, "usage": values, "x": values}
    ),
    st.fixed_dictionaries({"error": values}),
    values,
)
ends = st.sampled_from([b"\n", b"\r", b"\r\n"])


@st.composite
def streams(draw):
    """Make the bytes of a stream: most of it says something in one place, some of it is anything."""
    end, place = draw(ends), draw(places)
    said = pieces_of_text.map(lambda text: {"choices": [{"index": 0, **place(text)}]})
    made = b""
    for chunk in draw(st.lists(said | said | said | chunks, max_size=6)):
        made += draw(st.sampled_from([b"", b"", b": CODE 12" + end, b"event: CODE 12" + end, b"id: 1" + end]))
        made += b"data: " + json.dumps(chunk, ensure_ascii=draw(st.booleans())).encode() + 2 * end
    return made + draw(st.sampled_from([b"", b"data: [DONE]" + 2 * end, b"data: {"]))


def pieces(data, cuts):
    """Cut bytes into pieces."""
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    return [data[start:end] for start, end in pairwise(edges)]


def events_of(body):
    """Read a stream as any client does."""
    return [block.removeprefix(b"data: ") for block in body.split(b"\n\n") if block]


def strings(value):
    """Give every string in a value, the keys with them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(key)
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def add_up(said, delta, place=()):
    """Add a delta to what was said before, text to text, as the official client does."""
    if isinstance(delta, str):
        said[place] = said.get(place, "") + delta
    elif isinstance(delta, dict):
        for key, inner in delta.items():
            if key not in ("index", "type", "role", "id"):
                add_up(said, inner, (*place, key))
    elif isinstance(delta, list):
        for number, inner in enumerate(delta):
            index = inner.get("index", number) if isinstance(inner, dict) else number
            add_up(said, inner, (*place, index))


def outcome(answer):
    """Give what a client has of a stream in the end: every text, how each choice finished, and whether it broke off."""
    said: dict[Any, str] = {}
    finish, broken = {}, False
    for data in events_of(answer.body):
        if data == b"[DONE]":
            continue
        chunk = json.loads(data)
        if "error" in chunk:
            broken = True
            assert chunk["error"]["type"] == "upstream_error"  # none of the guard's own
        assert not any(SAID.search(text) for text in strings(chunk))
        for choice in chunk.get("choices", ()):
            add_up(said, choice["delta"], (choice["index"],))
            tokens = [entry.get("token") for entry in (choice["logprobs"] or {}).get("content", ())]
            add_up(said, "".join(token for token in tokens if isinstance(token, str)), (choice["index"], "tokens"))
            finish[choice["index"]] = choice["finish_reason"] or finish.get(choice["index"])
    assert not any(SAID.search(text) for text in said.values())
    return {place: text for place, text in said.items() if text}, finish, broken


REQUEST = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}'
cuts = st.lists(st.integers(0, 600), max_size=12)


@holds(60, data=streams(), first=cuts, second=cuts)
def test_nothing_forbidden_leaves_a_stream_whatever_it_holds_and_however_it_is_cut(data, first, second):
    """In no field of an event and in no text of a choice, all pieces together; and the outcome is the same for every cut."""
    outcomes = []
    for where in (first, second, range(len(data))):
        answer = call(Upstream(pieces(data, where), kind="text/event-stream"), REQUEST)
        assert answer.status == 200
        assert answer.is_whole
        outcomes.append(outcome(answer))
    assert outcomes[0] == outcomes[1] == outcomes[2]


@holds(
    50,
    channel=channels,
    text=st.text(alphabet="CODE 12x", min_size=1, max_size=24)
    | st.lists(pieces_of_text, min_size=1, max_size=5).map("".join),
    where=st.lists(st.integers(0, 24), max_size=8),
    index=st.integers(0, 3),
    has_end=st.booleans(),
)
def test_the_verdict_on_a_text_is_the_same_for_every_way_of_saying_it(channel, text, where, index, has_end):
    """Said at once, in pieces, or as a whole reply, in any channel of any choice: what is blocked, and what left before, are the same."""

    def stream(texts):
        made = [{"index": index, "delta": channel(each), "finish_reason": None} for each in texts]
        made += [{"index": index, "delta": {}, "finish_reason": "stop"}] if has_end else []
        data = b"".join(b"data: " + json.dumps({"choices": [one]}).encode() + b"\n\n" for one in made)
        said, finish, _ = outcome(call(Upstream([data + b"data: [DONE]\n\n"], kind="text/event-stream"), REQUEST))
        return "".join(said.values()), finish

    edges = sorted({0, len(text), *(cut for cut in where if cut < len(text))})
    split = [text[start:end] for start, end in pairwise(edges)]
    said, finish = stream(split)
    assert (said, finish) == stream([text])
    whole = json.dumps({"choices": [{"index": index, "message": channel(text), "finish_reason": "stop"}]}).encode()
    answer = call(Upstream([whole]), REQUEST)
    match = SAID.search(text)
    if match is None:
        assert said == text
        assert answer.body == whole
    else:
        assert finish == {index: "content_filter"}
        assert said.startswith(text[: match.start()])
        assert json.loads(answer.body)["choices"][0]["finish_reason"] == "content_filter"


@holds(
    100,
    data=st.binary(max_size=60) | values.map(lambda value: json.dumps(value).encode()) | streams() | damaged(streams()),
    where=cuts,
    status=st.sampled_from([200, 200, 200, 201, 204, 301, 400, 429, 500]),
    kind=st.sampled_from(["application/json", "text/event-stream", "text/html", ""]),
    path=st.sampled_from([CHAT, RESPONSES]),
)
def test_whatever_the_upstream_sends_is_an_answer_in_the_end(data, where, status, kind, path):
    """Any bytes, as any kind, with any status, to either way of asking: one whole answer; and nothing forbidden in that to a chat."""
    upstream = Upstream(pieces(data, where), status=status, kind=kind)
    answer = call(upstream, REQUEST.replace(b'"messages"', b'"input":"Hi","messages"'), path=path)
    assert upstream.asked
    assert answer.is_whole
    assert answer.status in {status, 502}
    if path == CHAT:  # of a response some fields are taken to be the server's own words
        assert SAID.search(answer.body.decode("utf-8", "replace")) is None
    if answer.status == 502:
        assert json.loads(answer.body)["error"]["type"] == "upstream_error"


whole_choices = (
    st.fixed_dictionaries(
        {}, optional={"index": values, "message": values, "finish_reason": values, "logprobs": logprobs, "text": values}
    )
    | values
)
completions = st.fixed_dictionaries(
    {},
    optional={
        "choices": st.lists(whole_choices, max_size=2) | values,
        "id": values,
        "model": values,
        "usage": values,
        "error": values,
        "x": values,
    },
)


@holds(60, completion=completions, is_ascii=st.booleans())
def test_nothing_forbidden_leaves_a_whole_reply_whatever_it_holds(completion, is_ascii):
    """In no string of the answer; and a reply without anything forbidden comes back byte for byte."""
    body = json.dumps(completion, ensure_ascii=is_ascii).encode()
    answer = call(Upstream([body]), REQUEST)
    assert answer.status == 200
    assert not any(SAID.search(text) for text in strings(json.loads(answer.body)))
    if "CODE" not in str(completion):
        assert answer.body == body


@holds(60, path=st.sampled_from([CHAT, RESPONSES]), body=st.binary(max_size=60) | bodies)
def test_any_body_is_answered_by_either_way_of_asking(path, body):
    """Nothing is raised, and the status is one that is expected."""
    assert call(Upstream([b"{}"]), body, path=path).status in {200, 400}


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_the_same_holds_for_many_more(name):
    """Each of the properties above, with ten times as many examples."""
    MANY[name]()
