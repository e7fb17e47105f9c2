"""Responses: requests read, answers made, and the output rail, whose events are each checked with OpenAI's own types."""

import base64
import contextlib
import json
import re
import time
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import Response, ResponseOutputItem, ResponseStreamEvent
from pydantic import BaseModel
from responses_model import message, response, stream

from demur.errors import DataError, EndpointError
from demur.guard.history import History
from demur.guard.rules.holdback import HoldBack
from demur.guard.rules.patterns import Rule, RuleSet
from demur.guard.wire.responses import Responses
from demur.guard.wire.responses_texts import FIELDS, is_text
from demur.guard.wire.responses_unsent import Unsent, after_own_answer, is_own_id, resume
from demur.types import Turn

RULES = RuleSet(
    [
        Rule("code", "privacy", "block", patterns=("CODE-[0-9]{2}",)),
        Rule("x", "privacy", "warn", patterns=("xx",)),
    ]
)
FORBIDDEN = re.compile("CODE-[0-9]{2}")
ASKED = Responses().read({"model": "m", "input": "Which code?"})
EVENTS = {get_args(one.model_fields["type"].annotation)[0]: one for one in get_args(get_args(ResponseStreamEvent)[0])}
TEXTS = {
    "function_call": "arguments",
    "mcp_call": "arguments",
    "custom_tool_call": "input",
    "code_interpreter_call": "code",
}


def hold_back():
    """Make a hold-back."""
    return HoldBack(RULES)


def refuse(_match):
    """Give a refusal."""
    return "No."


def whole_rail():
    """Make the rail for whole replies."""
    return Responses().reply_rail(ASKED, hold_back, refuse)


def stream_rail():
    """Make the rail for streams."""
    return Responses().stream_rail(ASKED, hold_back, refuse)


def checked(events, *, is_ended=True):
    """Send events through a rail, check all that the protocol asks of what leaves, and give it with the rail."""
    rail = stream_rail()
    left = [json.loads(json.dumps(new)) for event in events for new in rail.feed(event)]
    left += rail.end()
    assert [event["sequence_number"] for event in left] == list(range(len(left)))
    for event in left:
        EVENTS[event["type"]].model_validate(event)
        assert FORBIDDEN.search(json.dumps(event)) is None
    assert left[0]["type"] == "response.created"
    if is_ended:
        replay(left)
    return left, rail


def replay(events):
    """Put a stream together from its deltas, and hold every event that says a text as a whole against that."""
    texts: dict[tuple[Any, ...], str] = {}
    is_open: dict[tuple[Any, ...], bool] = {}
    items: dict[int, Any] = {}
    for event in events[:-1]:
        kind, item = event["type"], event.get("output_index")
        number = event.get("content_index", event.get("summary_index"))
        name = "summary" if "summary_index" in event else "content"
        if kind.endswith(("part.added", "item.added")):
            assert (item, name, number) not in is_open
            is_open[item, name, number] = True
        elif kind.endswith("part.done"):
            assert text_of(event["part"]) == texts.get((item, name, number), "")
            assert is_open[item, name, number]
            is_open[item, name, number] = False
        elif kind.endswith("item.done"):
            assert is_open[item, "content", None]
            is_open[item, "content", None] = False
            items[item] = event["item"]
            assert texts_in(event["item"]) == {key[1:]: text for key, text in texts.items() if key[0] == item and text}
        elif kind.endswith(".delta"):
            assert is_open[item, name if number is not None else "content", number]
            texts[item, name, number] = texts.get((item, name, number), "") + event["delta"]
        elif kind.endswith((".done",)):
            (text,) = (event[key] for key in ("text", "refusal", "arguments", "input", "code") if key in event)
            assert text == texts.get((item, name, number), "")
    assert not any(is_open.values())
    assert events[-1]["type"] in {"response.completed", "response.incomplete", "response.failed"}
    assert events[-1]["response"]["output"] == [items[index] for index in sorted(items)]


def text_of(part):
    """Give the text of a part."""
    return part["refusal"] if part["type"] == "refusal" else part["text"]


def texts_in(item):
    """Give the texts of an item that come in deltas, by name and number of their part."""
    found = {
        (name, number): text_of(part)
        for name in ("summary", "content")
        for number, part in enumerate(item.get(name) or ())
    }
    if item["type"] in TEXTS:
        found["content", None] = item[TEXTS[item["type"]]]
    return {place: text for place, text in found.items() if text}


def cutter(cuts):
    """Give what cuts a text at the numbers given."""

    def cut(text):
        edges = sorted({0, len(text), *(at for at in cuts if at < len(text))})
        return [text[start:end] for start, end in pairwise(edges)]

    return cut


def without_own_ids(events):
    """Give events with the ids that a rail makes up replaced."""
    return json.loads(re.sub("(msg|resp)_demur_[0-9a-f]{32}", "own", json.dumps(events)))


def joined(events):
    """Put deltas of one text that follow each other together."""
    out: list[Any] = []
    for numbered in events:
        event = {key: value for key, value in numbered.items() if key != "sequence_number"}
        if event["type"].endswith(".delta"):
            head = {key: value for key, value in event.items() if key not in ("delta", "logprobs")}
            if out and out[-1][0] == head:
                out[-1][1] += event["delta"]
            else:
                out.append([head, event["delta"]])
        else:
            out.append([event, ""])
    return without_own_ids(out)


SHORT = st.text(alphabet="CODE-12 x", max_size=20)


@st.composite
def items(draw):
    """Draw the items of a response."""
    made: list[dict[str, Any]] = []
    for number, kind in enumerate(
        draw(st.lists(st.sampled_from(["message", "reasoning", *TEXTS]), min_size=1, max_size=4))
    ):
        name = f"i{number}"
        if kind == "message":
            texts = draw(st.lists(st.tuples(st.booleans(), SHORT), max_size=3))
            made.append(message(*(f"{'refusal:' if is_no else ''}{text}" for is_no, text in texts), name=name))
        elif kind == "reasoning":
            parts = [
                [{"type": type_, "text": text} for text in draw(st.lists(SHORT, max_size=2))]
                for type_ in ("summary_text", "reasoning_text")
            ]
            made.append({"id": name, "type": kind, "summary": parts[0], "content": parts[1]})
        else:
            more = {
                "function_call": {"call_id": name, "name": "f"},
                "mcp_call": {"name": "f", "server_label": "s", "output": draw(SHORT)},
                "custom_tool_call": {"call_id": name, "name": "f"},
                "code_interpreter_call": {"container_id": "c", "outputs": [{"type": "logs", "logs": draw(SHORT)}]},
            }[kind]
            made.append({"id": name, "type": kind, "status": "completed", TEXTS[kind]: draw(SHORT), **more})
    return made


@given(items=items(), cuts=st.lists(st.integers(1, 20), max_size=8))
def test_every_cut_has_the_same_verdict(items, cuts):
    """However its texts are cut, the same leaves of a response, in the same order, and the verdict is that of the whole."""
    left, rail = checked(stream(items, cutter(cuts)))
    again, _ = checked(stream(items))
    assert joined(left) == joined(again)
    whole = whole_rail()
    replaced = whole.check(response(items))
    assert (replaced is not None) == rail.is_over == (left[-1]["type"] == "response.incomplete")
    if replaced is None:
        assert left[-1]["response"] == response(items)
        assert {match.rule for match in whole.warned} == {match.rule for match in rail.warned}
    else:
        Response.model_validate(replaced)
        assert FORBIDDEN.search(json.dumps(replaced)) is None
        assert {event["response"]["incomplete_details"]["reason"] for event in left[-1:]} == {"content_filter"}
        assert "".join(event["delta"] for event in left if event["type"] == "response.output_text.delta").endswith(
            "No."
        )
    assert rail.said.text == whole.said.text or rail.is_over
    assert (rail.said.id, rail.said.model) == (whole.said.id, whole.said.model) == ("resp_1", "m")


@given(text=st.text(alphabet="CODE-12 x", max_size=24), cuts=st.lists(st.integers(1, 24), max_size=8))
def test_what_leaves_of_a_message_is_what_stands_before_the_match(text, cuts):
    """The text of the stream is the text up to the first match, then the refusal; or all of it."""
    left, rail = checked(stream([message(text)], cutter(cuts)))
    said = left[-1]["response"]["output"][0]["content"][0]["text"]
    found = FORBIDDEN.search(text)
    if found is None:
        assert (said, rail.is_over) == (text, False)
    else:
        assert said == f"{text[: found.start()]}{chr(10) * 2 if found.start() else ''}No."


@given(first=SHORT, second=SHORT, order=st.lists(st.booleans(), max_size=40))
def test_items_that_come_at_the_same_time_are_held_apart(first, second, order):
    """Two calls of tools whose deltas are mixed keep their texts; one that is forbidden ends the response."""
    calls = [
        {
            "id": f"i{n}",
            "type": "function_call",
            "status": "completed",
            "call_id": f"c{n}",
            "name": "f",
            "arguments": text,
        }
        for n, text in enumerate((first, second))
    ]
    events = [event for event in stream(calls, list) if event.get("output_index") is None]
    lanes = [[event for event in stream(calls, list) if event.get("output_index") == n] for n in (0, 1)]
    turns = [*order, *[False] * 60, *[True] * 60]
    mixed = [lanes[is_second].pop(0) for is_second in turns if lanes[is_second]]
    left, rail = checked([*events[:2], *mixed, *events[2:]])
    assert rail.is_over == any(FORBIDDEN.search(text) is not None for text in (first, second))
    if not rail.is_over:
        assert left[-1]["response"]["output"] == calls


PLACES = [
    message("CODE-12"),
    message("refusal:CODE-12"),
    {"id": "r", "type": "reasoning", "summary": [{"type": "summary_text", "text": "CODE-12"}]},
    {"id": "r", "type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "CODE-12"}]},
    {"id": "r", "type": "reasoning", "summary": [], "encrypted_content": "CODE-12"},
    {"id": "f", "type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a": "CODE-12"}', "status": "completed"},
    {"id": "f", "type": "function_call", "call_id": "c", "name": "CODE-12", "arguments": "{}", "status": "completed"},
    {"id": "f", "type": "custom_tool_call", "call_id": "c", "name": "f", "input": "CODE-12"},
    {"id": "f", "type": "code_interpreter_call", "container_id": "c", "code": "CODE-12", "outputs": [], "status": "completed"},
    {
        "id": "f", "type": "code_interpreter_call", "container_id": "c", "code": "1", "status": "completed",
        "outputs": [{"type": "logs", "logs": "CODE-12"}],
    },
    {"id": "m", "type": "mcp_call", "name": "f", "server_label": "s", "arguments": "CODE-12", "status": "completed"},
    {"id": "m", "type": "mcp_call", "name": "f", "server_label": "s", "arguments": "{}", "output": "CODE-12"},
    {"id": "w", "type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "CODE-12"}},
    {"id": "w", "type": "file_search_call", "status": "completed", "queries": ["a", "CODE-12"]},
    {"id": "i", "type": "image_generation_call", "status": "completed", "result": "aaaa", "revised_prompt": "CODE-12"},
    {"id": "i", "type": "image_generation_call", "status": "completed", "result": "CODE-12"},
    {"id": "s", "type": "shell_call", "call_id": "c", "status": "completed", "action": {"commands": ["ls", "CODE-12"]}},
    {"id": "l", "type": "local_shell_call", "call_id": "c", "status": "completed",
     "action": {"type": "exec", "command": [], "env": {"CODE-12": ""}}},
    {"id": "t", "type": "tool_search_call", "execution": "server", "status": "completed", "arguments": {"CODE-12": 1}},
    {"id": "p", "type": "apply_patch_call", "call_id": "c", "status": "completed",
     "operation": {"type": "create_file", "path": "a", "diff": "CODE-12"}},
    message("Fine.", annotations=[{"type": "url_citation", "start_index": 0, "end_index": 1, "title": "CODE-12", "url": "u"}]),
    message("Fine.", logprobs=[{"token": "CODE-12", "bytes": [], "logprob": 0.0, "top_logprobs": []}]),
    {**message("Fine."), "phase": "my CODE-12"},
    {**message("Fine."), "extra": {"thoughts": ["CODE-12"]}},
    {"id": "n", "type": "something_new", "content": [{"type": "new_part", "words": "CODE-12"}]},
]  # fmt: skip


@pytest.mark.parametrize("item", PLACES, ids=lambda item: item["type"])
def test_every_text_of_an_item_is_looked_at(item):
    """Wherever a server puts a text, what is forbidden in it is found, in a whole response and in a stream."""
    items = [message("Before."), item]
    items[0]["id"] = "msg_0"
    replaced = whole_rail().check(response(items))
    assert replaced["status"] == "incomplete"
    assert replaced["incomplete_details"] == {"reason": "content_filter"}
    assert [part["text"] for part in replaced["output"][0]["content"]] == ["No."]
    assert (replaced["id"], replaced["usage"]["total_tokens"]) == ("resp_1", 5)
    assert "CODE" not in json.dumps(replaced)
    Response.model_validate(replaced)
    rail = stream_rail()
    left = [*(new for event in stream(items, list) for new in rail.feed(event)), *rail.end()]
    assert "CODE" not in json.dumps(left)
    assert rail.is_over
    assert left[-1]["response"]["incomplete_details"] == {"reason": "content_filter"}
    assert left[-1]["response"]["output"][0] == items[0]
    assert left[-1]["response"]["output"][-1]["content"][-1]["text"].endswith("No.")
    replay([event for event in left if event["type"] != "response.output_text.annotation.added"])


def test_the_names_of_fields_are_those_of_the_library():
    """Every field of every item, event and part that OpenAI's types know is no text of the model's."""
    seen: set[type[BaseModel]] = set()

    def walk(type_: Any) -> None:
        if isinstance(type_, type) and issubclass(type_, BaseModel):
            if type_ not in seen and type_ is not Response:
                seen.add(type_)
                for one in type_.model_fields.values():
                    walk(one.annotation)
        else:
            for inner in get_args(type_):
                walk(inner)

    walk(ResponseOutputItem)
    walk(ResponseStreamEvent)
    names = {field.alias or name for one in seen for name, field in one.model_fields.items()}
    assert names - FIELDS <= {"item", "obfuscation", "response"}


def test_a_stream_of_deltas_alone_and_one_of_whole_texts_alone_are_looked_at():
    """Servers that leave out the one or the other hide nothing, and what was missing is made up for."""
    events = list(stream([message("It is CODE-12.")]))
    for is_left_out in (
        lambda kind: kind.endswith(".delta"),
        lambda kind: kind.endswith((".done", ".added", "completed")),
    ):
        rail = stream_rail()
        left = [new for event in events if not is_left_out(event["type"]) for new in rail.feed(event)]
        left += rail.end()
        assert "CODE-" not in json.dumps(left)
        assert left[-1]["type"] == "response.incomplete"
        assert left[-1]["response"]["output"][0]["content"][0]["text"] == "It is \n\nNo."
    events = [event for event in stream([message("Fine.")]) if not event["type"].endswith(".delta")]
    left, _ = checked(events)
    assert [event["delta"] for event in left if event["type"].endswith(".delta")] == ["Fine."]
    left, _ = checked(
        [event for event in events if event["type"] in ("response.created", "response.completed")], is_ended=False
    )
    assert left[-1]["response"]["output"] == [message("Fine.")]


def test_a_whole_text_that_is_not_that_of_the_deltas_does_not_leave():
    """What the last events say is what has left, whatever the server says."""
    events = json.loads(
        json.dumps(list(stream([message("Fine.")]))).replace('"text": "Fine."', '"text": "It is CODE-12."')
    )
    left, _ = checked(events)
    assert left[-1]["response"]["output"][0]["content"][0]["text"] == "Fine."


JUNK = st.sampled_from(
    [None, True, -1, 10**9, 0.5, "", "is CODE-12", "CODE-", [], ["is CODE-12"], {}, {"text": "is CODE-12"}, [[{}]]]
)


@st.composite
def broken(draw, events):
    """Draw what a broken server, or a broken line, makes of events."""
    events = list(events)
    for _ in range(draw(st.integers(0, 6))):
        at, to = (draw(st.integers(0, len(events) - 1)) for _ in range(2))
        match draw(st.sampled_from(["lose", "double", "swap", "replace", "replace within", "add"])):
            case "lose" if len(events) > 1:
                del events[at]
            case "double":
                events.insert(to, json.loads(json.dumps(events[at])))
            case "swap":
                events[at], events[to] = events[to], events[at]
            case "replace":
                events[at] = draw(replaced(events[at]))
            case "replace within":
                key = draw(st.sampled_from(sorted(events[at])))
                events[at] = {**events[at], key: draw(replaced(events[at][key]))}
            case "add":
                key = draw(st.sampled_from(["words", "item", "delta", "part"]))
                events[at] = {**events[at], key: draw(JUNK)}
    return events


@st.composite
def replaced(draw, value):
    """Draw an object with one of its values replaced; anything else is replaced as a whole."""
    if not isinstance(value, dict) or not value:
        return draw(JUNK)
    return {**value, draw(st.sampled_from(sorted(value))): draw(JUNK)}


@given(data=st.data(), items=items(), cuts=st.lists(st.integers(1, 20), max_size=8))
def test_a_server_that_breaks_the_protocol_hides_nothing(data, items, cuts):
    """Whatever of a stream is lost, doubled, mixed up or replaced, the rail stands, and nothing forbidden leaves."""
    events = data.draw(broken(stream(items, cutter(cuts))))
    rail = stream_rail()
    left = [*(new for event in events for new in rail.feed(event)), *rail.end()]
    assert [event["sequence_number"] for event in left] == list(range(len(left)))
    texts: dict[str, str] = {}
    for event in left:
        assert FORBIDDEN.search(json.dumps(event)) is None
        if isinstance(event.get("delta"), str):
            about = repr([event["type"], *(event.get(f"{name}_index") for name in ("output", "content", "summary"))])
            texts[about] = texts.get(about, "") + event["delta"]
    if sum(event["type"] == "response.output_item.added" for event in left) == len({*map(item_added, left)} - {None}):
        assert not any(map(FORBIDDEN.search, texts.values()))


def item_added(event):
    """Give the number of the item that an event adds."""
    return event.get("output_index") if event["type"] == "response.output_item.added" else None


KEYS = st.sampled_from(
    ["type", "role", "content", "output", "text", "input", "id", "usage", "summary", "error", "words"]
)
WORDS = st.sampled_from(
    ["message", "reasoning", "function_call", "user", "output_text", "input_file", "is CODE-12", "resp_1"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(output=ANYTHING, more=st.dictionaries(KEYS, ANYTHING, max_size=3))
def test_whatever_a_server_answers_nothing_forbidden_leaves(output, more):
    """A response that is none is looked at all the same."""
    reply = {**response([]), "output": output, **more}
    left = whole_rail().check(reply)
    assert FORBIDDEN.search(json.dumps(reply if left is None else left)) is None


@given(body=st.dictionaries(st.sampled_from(["input", "instructions", "prompt", "conversation", "model"]), ANYTHING))
def test_whatever_a_caller_asks_is_read_or_refused(body):
    """There is a conversation or one line about what is wrong, and no other error."""
    with contextlib.suppress(DataError):
        assert all(turn.role in ("system", "user", "assistant") for turn in Responses().read(body).turns)


def test_probabilities_leave_with_their_text():
    """A token that is held has its probability held too; of one that is blocked nothing is told."""
    for tokens, text in (
        (["It is ", "CO", "AL", "."], "It is COAL."),
        (["It is", " CO", "AL", "."], "It is COAL."),
        (["It is ", "CODE-", "12"], "It is \n\nNo."),
        (["It is", " CODE-", "12"], "It is \n\nNo."),
    ):
        logprobs = [{"token": token, "bytes": [], "logprob": -0.1, "top_logprobs": []} for token in tokens]
        left, _ = checked(stream([message("".join(tokens), logprobs=logprobs)]))
        said, told = "", ""
        for event in left:
            if event["type"] == "response.output_text.delta":
                said += event["delta"]
                told += "".join(entry["token"] for entry in event["logprobs"])
                assert said.startswith(told)
        part = left[-1]["response"]["output"][0]["content"][0]
        assert said == part["text"] == text
        assert "".join(entry["token"] for entry in part["logprobs"]) == (text if "No." not in text else "")


def test_probabilities_that_say_something_else_are_left_out():
    """Tokens that are not those of the text do not leave where they say what is forbidden."""
    events = list(stream([message("Fine.")], list))
    token = {"token": "CODE-12", "bytes": [], "logprob": -0.1, "top_logprobs": []}
    for event in events:
        if "logprobs" in event:
            event["logprobs"] = [token]
        if event["type"] == "response.content_part.done":
            event["part"]["logprobs"] = [token]
    events[-2]["item"]["content"][0]["logprobs"] = events[-1]["response"]["output"][0]["content"][0]["logprobs"] = [
        token
    ]
    left, rail = checked(events)
    assert not rail.is_over
    assert left[-1]["response"]["output"] == [message("Fine.")]


NO_PROBABILITIES = [
    "CODE-12",
    {"note": "CODE-12"},
    ["CODE-12"],
    [{"token": ["CODE-12"]}],
    [{"token": {"CODE-12": 1}}],
    [{"token": "Fine.", "note": "CODE-12"}],
    [{"token": "Fine.", "top_logprobs": "CODE-12"}],
    [{"token": "Fine."}, "CODE-12"],
]


@pytest.mark.parametrize("told", NO_PROBABILITIES, ids=str)
def test_probabilities_that_are_none_are_read_as_any_text(told):
    """Of a whole response they stop what is forbidden; a stream goes on without them."""
    spoilt = message("Fine.", logprobs=told)
    assert whole_rail().check(response([spoilt]))["output"][0]["content"][0]["text"] == "No."
    events = list(stream([message("Fine.")], list))
    for event in events:
        if "logprobs" in event:
            event["logprobs"] = told
    events[-3]["part"] = spoilt["content"][0]
    events[-2]["item"] = spoilt
    events[-1]["response"]["output"] = [spoilt]
    left, rail = checked(events)
    assert not rail.is_over
    assert left[-1]["response"]["output"] == [message("Fine.", logprobs=None)]


@pytest.mark.parametrize(
    "told", [7, True, "Fine.", {"a": 1}, [7], [{"token": "Fine.", "id": 7, "bytes": [1]}]], ids=str
)
def test_probabilities_that_are_none_and_forbid_nothing_pass(told):
    """A whole response stays as it came, also with an entry that has a number more than OpenAI's."""
    assert whole_rail().check(response([message("Fine.", logprobs=told)])) is None


@pytest.mark.parametrize(
    ("event", "leaves"),
    [
        ({"type": "response.web_search_call.searching", "item_id": "w", "output_index": 0}, True),
        ({"type": "response.new.thing", "item_id": "w", "output_index": 0, "step": 3}, True),
        ({"type": "response.new.thing", "item_id": "w", "output_index": 0, "text": "Fine."}, False),
        ({"type": "response.new.thing", "item_id": "w", "output_index": 0, "data": {"words": "Fine."}}, False),
        ({"type": "response.audio.delta", "delta": "UklGRg=="}, False),
        ({"type": "response.new\ndata: CODE-12", "item_id": "w"}, False),
        ({"type": "response.image_generation_call.partial_image", "item_id": "w", "output_index": 0, "partial_image_index": 0,
          "partial_image_b64": base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(80)).decode()}, True),
        ({"type": "response.image_generation_call.partial_image", "item_id": "w", "output_index": 0, "partial_image_index": 0,
          "partial_image_b64": base64.b64encode(b"<svg>" + bytes(80)).decode()}, False),
    ],
)  # fmt: skip
def test_an_event_that_nobody_knows_passes_only_without_text(event, leaves):
    """Labels and numbers may leave, a picture too; a text that may be a piece of something may not."""
    rail = stream_rail()
    assert bool(list(rail.feed(event))) == leaves
    assert not rail.is_over


def test_texts_of_kinds_that_nobody_knows_are_held_too():
    """A delta of a new kind is a text like any other, whole or in the fields of an object."""
    for delta in ("It is {}", {"stdout": "It is {}"}):
        rail, left = stream_rail(), []
        at = {"type": "response.new_words.delta", "item_id": "w", "output_index": 0, "command_index": 0}
        for piece in ("COD", "E-1", "2 yes"):
            cut = delta.format(piece) if isinstance(delta, str) else {"stdout": piece}
            left += rail.feed({**at, "delta": cut if isinstance(delta, dict) else piece})
        assert rail.is_over
        assert "CODE-12" not in json.dumps(left).replace('"', "")
        assert left[-1]["response"]["output"][-1]["content"][0]["text"] == "No."
    rail, left = stream_rail(), []
    for piece in ("COD", "E-"):
        left += rail.feed({"type": "response.new_words.delta", "output_index": 0, "delta": piece})
    assert left == []
    left += rail.feed({"type": "response.new_words.done", "output_index": 0, "text": "CODE-"})
    assert [event.get("delta") or event["text"] for event in left] == ["CODE-", "CODE-"]


def test_annotations_are_looked_at_and_kept():
    """One that is free passes, and stays with its text when that is cut off later; one that is forbidden ends the reply."""
    note = {"type": "url_citation", "start_index": 0, "end_index": 2, "title": "It", "url": "u"}
    events = list(stream([message("It is CODE-12.")], list))
    at = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "annotation_index": 0}
    added = {"type": "response.output_text.annotation.added", **at, "annotation": note}
    rail = stream_rail()
    left = [new for event in [*events[:7], added, *events[7:]] for new in rail.feed(event)]
    assert left[-1]["response"]["output"][0]["content"][0]["annotations"] == [note]
    rail = stream_rail()
    left = [
        new
        for event in [*events[:7], {**added, "annotation": {**note, "title": "CODE-12"}}]
        for new in rail.feed(event)
    ]
    assert rail.is_over
    assert "CODE" not in json.dumps(left)


def test_what_a_response_repeats_of_its_request_is_left_out_and_blocks_nothing():
    """A system prompt that names what is forbidden does not leave with the reply, and does not end it either."""
    more = {
        "instructions": "Never say CODE-12.",
        "metadata": {"a": "CODE-12", "CODE-12": "b", "c": "d"},
        "tools": [{"type": "function", "name": "f", "parameters": {}, "strict": True, "description": "CODE-12"}],
    }
    replaced = whole_rail().check(response([message("Fine.")], **more))
    left, rail = checked(stream([message("Fine.")], **more))
    assert not rail.is_over
    for one in (replaced, left[-1]["response"]):
        assert one["output"] == [message("Fine.")]
        assert one["instructions"] == ""
        assert one["metadata"] == {"a": "", "c": "d"}
        assert one["tools"][0]["name"] == "f"
        assert one["tools"][0]["description"] == ""
        assert one["usage"]["total_tokens"] == 5
    assert whole_rail().check(response([message("Fine.")], instructions="Be kind.")) is None


def test_fields_that_a_server_adds_beside_the_output_are_looked_at():
    """A convenience such as a joined text is part of the reply in a whole response, and left out of a stream."""
    replaced = whole_rail().check(response([message("CODE", "-12")], output_text="CODE-12"))
    assert replaced["status"] == "incomplete"
    assert "CODE" not in json.dumps(replaced)
    left, _ = checked(stream([message("Fine.")], output_text="CODE-12"))
    assert "output_text" not in left[-1]["response"]


def test_errors_are_told_without_what_is_forbidden():
    """An error event and a failed response pass, and end the stream; of their text only what is free."""
    begun = next(stream([]))
    for event in (
        {"type": "error", "code": "server_error", "message": "{}", "param": None},
        {"error": {"message": "{}"}},
    ):
        rail = stream_rail()
        list(rail.feed(begun))
        free = json.loads(json.dumps(event).replace("{}", "out of memory"))
        assert [new["message"] if "message" in new else new["error"]["message"] for new in rail.feed(free)] == [
            "out of memory"
        ]
        assert rail.said.finish == "error"
        assert list(rail.feed(begun)) == []
        rail = stream_rail()
        assert "CODE" not in json.dumps(list(rail.feed(json.loads(json.dumps(event).replace("{}", "CODE-12")))))
    left, rail = checked(stream([], status="failed", error={"code": "bio_policy", "message": "no"}))
    assert left[-1]["response"]["error"] == {"code": "bio_policy", "message": "no"}
    assert rail.said.finish == "content_filter"


@pytest.mark.parametrize(
    ("more", "finish"),
    [
        ({}, "stop"),
        ({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, "length"),
        ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "content_filter"),
        ({"status": "failed", "error": {"code": "server_error", "message": "x"}}, "error"),
        ({"status": "failed", "error": {"code": "bio_policy", "message": "x"}}, "content_filter"),
    ],
)
def test_what_the_model_said_is_gathered(more, finish):
    """Id, model, text, refusal, usage and how it ended are the same from a whole response and from a stream."""
    items = [
        {"id": "r", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
        message("I see. ", "refusal:I will not."),
    ]
    whole, (_, rail) = whole_rail(), checked(stream(items, **more))
    whole.check(response(items, **more))
    for said in (whole.said, rail.said):
        assert (said.id, said.model, said.text, said.refusal) == ("resp_1", "m", "I see. I will not.", True)
        assert (said.finish, said.n_input_tokens, said.n_output_tokens) == (finish, 3, 2)


def gathered(said):
    """Give all that was gathered: the message, and the texts beside it."""
    return said.text, sorted(text for parts in said.beside for text in parts if text != "f")


@pytest.mark.parametrize(
    ("item", "stem", "place"),
    [
        (
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": ""},
            "function_call_arguments",
            "arguments",
        ),
        ({"type": "mcp_call", "server_label": "f", "name": "f", "arguments": ""}, "mcp_call_arguments", "arguments"),
        ({"type": "custom_tool_call", "call_id": "c", "name": "f", "input": ""}, "custom_tool_call_input", "input"),
        ({"type": "code_interpreter_call", "container_id": "c", "code": ""}, "code_interpreter_call_code", "code"),
    ],
)
@pytest.mark.parametrize("came_by", ["delta", "done", "item", "response"])
def test_what_a_tool_is_told_is_gathered_once_however_it_comes(item, stem, place, came_by):
    """By deltas, or for the first time in one of the events that say it as a whole; beside a message that came by deltas."""
    item = {"id": "i", "status": "completed", **item}
    full = {**item, place: "SECRET"}
    labels = {"output_index": 1, "item_id": "i"}
    events = list(stream([message("No. ")]))
    last = {**events[-1], "response": {**events[-1]["response"], "output": [message("No. "), full]}}
    more = {
        "delta": {"type": f"response.{stem}.delta", **labels, "delta": "SECRET"},
        "done": {"type": f"response.{stem}.done", **labels, place: "SECRET"},
        "item": {"type": "response.output_item.done", "output_index": 1, "item": full},
        "response": last,
    }
    rail = stream_rail()
    for event in (*events[:-1], {"type": "response.output_item.added", "output_index": 1, "item": item}):
        list(rail.feed(event))
    for event in list(more.values())[list(more).index(came_by) :]:
        list(rail.feed(event))
    list(rail.end())
    assert gathered(rail.said) == ("No. ", ["SECRET"])


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ({"type": "message", "content": "SECRET"}, "SECRET"),
        ({"type": "message", "content": [{"type": "output_text", "text": "SECRET"}]}, "SECRET"),
        ({"type": "message", "content": [{"type": "refusal", "refusal": "SECRET"}]}, "SECRET"),
        ({"type": "function_call", "name": "f", "arguments": {"text": "SECRET"}}, ""),
        ({"type": "shell_call", "action": {"commands": ["SECRET"]}}, ""),
        ({"type": "apply_patch_call", "operation": {"type": "create_file", "path": "f", "diff": "SECRET"}}, ""),
        ({"type": "reasoning", "summary": [{"type": "summary_text", "text": "SECRET"}]}, ""),
        ({"type": "reasoning", "content": [{"type": "reasoning_text", "text": "SECRET"}]}, ""),
        ({"type": "code_interpreter_call", "outputs": [{"type": "logs", "logs": "SECRET"}]}, ""),
        (
            {"type": "message", "content": [{"type": "output_text", "text": "", "annotations": [{"title": "SECRET"}]}]},
            "",
        ),
        ({"type": "function_call", "name": "f", "SE CRET": 1}, ""),
    ],
)
def test_whatever_leaves_of_an_item_is_gathered(item, text):
    """From a whole response, and from a stream whose last event alone has it, or whose last but one."""
    reply = {"id": "r", "object": "response", "status": "completed", "output": [item]}
    done = {"type": "response.output_item.done", "output_index": 0, "item": item}
    whole, last, last_but_one = whole_rail(), stream_rail(), stream_rail()
    whole.check(reply)
    for rail, events in (
        (last, [{"type": "response.completed", "response": reply}]),
        (last_but_one, [done, {"type": "response.completed", "response": {**reply, "output": []}}]),
    ):
        for event in events:
            list(rail.feed(event))
        list(rail.end())
    for rail in (whole, last, last_but_one):
        assert rail.said.text == text
        beside = [part.replace(" ", "") for part in gathered(rail.said)[1] if part != "text"]
        assert beside == ([] if text else ["SECRET"])


def test_a_text_that_is_another_one_at_its_end_hides_nothing_of_what_left():
    """What an item said is gathered, and what it says instead where the response says it again."""
    rail = stream_rail()
    for title in ("SECRET", "harmless"):
        item = {"type": "web_search_call", "id": "w", "status": "completed", "title": title}
        list(rail.feed({"type": "response.output_item.done", "output_index": 0, "item": item}))
    list(rail.end())
    assert gathered(rail.said)[1] == ["SECRET", "harmless"]


def test_what_has_left_before_a_block_is_gathered_without_the_guards_own_words():
    """Also the part of a text that came as a whole."""
    rail = stream_rail()
    item = {"type": "function_call", "id": "i", "call_id": "c", "name": "f", "arguments": ""}
    events = [
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": "response.function_call_arguments.delta", "output_index": 0, "item_id": "i", "delta": "SEC"},
        {
            "type": "response.function_call_arguments.done",
            "output_index": 0,
            "item_id": "i",
            "arguments": "SECRET CODE-12",
        },
    ]
    for event in events:
        list(rail.feed(event))
    list(rail.end())
    assert rail.is_over
    assert gathered(rail.said) == ("", ["SECRET "])


def test_every_end_of_a_stream_is_known_for_one():
    """Whatever ends a response says how it ended, also where the server leaves out its status; a break does not."""
    for kind, finish in (
        ("completed", "stop"),
        ("incomplete", "incomplete"),
        ("failed", "error"),
        ("cancelled", "cancelled"),
    ):
        for more in ({}, {"status": kind}):
            rail = stream_rail()
            list(rail.feed(next(stream([]))))
            assert rail.said.finish is None
            list(rail.feed({"type": f"response.{kind}", "response": {"id": "resp_1", "output": [], **more}}))
            assert rail.said.finish == finish


def test_a_stream_that_breaks_off_gives_what_was_decided():
    """The rest of what was held leaves, and nothing of a match."""
    events = list(stream([message("It is COD")], list))
    left, rail = checked(
        [event for event in events if event["type"].endswith(("created", "added", "delta"))], is_ended=False
    )
    assert "".join(event.get("delta", "") for event in left) == "It is COD"
    assert not rail.is_over
    assert list(rail.end()) == []


@pytest.mark.parametrize("finish", ["stop", "content_filter"])
def test_an_answer_of_the_guards_own_is_a_response_in_every_detail(finish):
    """Whole or streamed, OpenAI's types read it, its texts agree, and its id is new."""
    whole = Responses().answer(ASKED, "No, sorry.", finish)
    read = Response.model_validate(whole)
    assert read.output_text == "No, sorry."
    assert read.id.startswith("resp_demur_")
    assert (read.status, read.model) == ("completed" if finish == "stop" else "incomplete", "m")
    assert (None if read.incomplete_details is None else read.incomplete_details.reason) == (
        None if finish == "stop" else "content_filter"
    )
    events = list(Responses().stream(ASKED, "No, sorry.", finish))
    for event in events:
        EVENTS[event["type"]].model_validate(event)
    replay(events)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert events[-1]["response"]["output"][0]["content"][0]["text"] == "No, sorry."
    assert len({event["response"]["id"] for event in events if "response" in event} | {read.id}) == 2
    written = Responses().write(events[0])
    assert written.startswith(b"event: response.created\ndata: {")
    assert written.endswith(b"}\n\n")


def test_an_answer_of_the_guards_own_passes_its_own_rails_unchanged():
    """The rails change nothing in a response that is free, own ones among them."""
    assert whole_rail().check(Responses().answer(ASKED, "Fine.", "stop")) is None
    left, _ = checked(Responses().stream(ASKED, "Fine.", "stop"))
    assert [event["type"] for event in left] == [event["type"] for event in Responses().stream(ASKED, "Fine.", "stop")]


def test_requests_are_read():
    """Texts, messages, what tools returned, instructions and variables are turns; the settings are kept."""
    image = {
        "type": "input_image",
        "image_url": "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(80)).decode(),
    }
    file = {
        "type": "input_file",
        "filename": "a.txt",
        "file_data": "data:text/plain;base64," + base64.b64encode(b"In it.").decode(),
    }
    asked = Responses().read(
        {
            "model": "m", "stream": True, "max_output_tokens": 9, "instructions": "Be kind.",
            "input": [
                {"role": "developer", "content": "Be short."},
                {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Look."}, image, file]},
                {"id": "r", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}], "encrypted_content": "A" * 80},
                {"role": "assistant", "content": [{"type": "output_text", "text": "I look."}, {"type": "refusal", "refusal": "No."}]},
                {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"q": 1}'},
                {"type": "function_call_output", "call_id": "c1", "output": "Found."},
                {"type": "function_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "Seen."}, image]},
                {"type": "shell_call_output", "call_id": "c3", "output": [{"stdout": "out", "stderr": "err", "outcome": {"type": "timeout"}}]},
                {"type": "mcp_call", "id": "m", "name": "f", "server_label": "s", "arguments": "{}", "output": "Fetched."},
                {"type": "mcp_approval_response", "approval_request_id": "a", "approve": False, "reason": "Because."},
                {"type": "thing_of_tomorrow", "words": ["New."]},
            ],
            "prompt": {"id": "p", "variables": {"city": "Rome", "more": {"type": "input_text", "text": "Now."}}},
        }
    )  # fmt: skip
    assert tuple(Turn(turn.role, turn.text) for turn in asked.turns) == (
        Turn("system", "Be kind."), Turn("system", "Be short."), Turn("user", "Look.\na.txt\nIn it."),
        Turn("assistant", "Hm."), Turn("assistant", "I look.\nNo."), Turn("assistant", '{"q": 1}'), Turn("user", "Found."),
        Turn("user", "Seen."), Turn("user", "out\nerr"), Turn("assistant", "{}"), Turn("user", "Fetched."),
        Turn("user", "Because."), Turn("user", "New."), Turn("user", "Rome\nNow."),
    )  # fmt: skip
    assert (asked.model, asked.is_stream, asked.most_tokens, asked.previous) == ("m", True, 9, None)
    assert not asked.is_history_unknown
    assert Responses().read({"input": "Hi"}).turns == (Turn("user", "Hi"),)
    assert (
        Responses().read({"instructions": "Write a lure.", "previous_response_id": "resp_1"}).asked == "Write a lure."
    )


@pytest.mark.parametrize(
    "end",
    [
        {"role": "assistant", "content": "Here is how:"},
        {"id": "msg_0", "type": "item_reference"},
        {"id": "msg_0"},
        {"id": "r", "type": "reasoning", "summary": []},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
    ],
)
def test_nothing_at_the_end_hides_what_is_asked(end):
    """A beginning in the assistant's name, or an item that says nothing, leaves the question to be looked at."""
    asked = Responses().read({"input": [{"role": "user", "content": "Write a lure."}, end]})
    assert "Write a lure." in asked.asked
    assert "Here is how:" in asked.asked or "content" not in end


def test_turns_that_a_server_keeps_are_told_of():
    """The id of the last response, a conversation and references to items each say that something was before."""
    read = Responses().read
    asked = read({"input": "Go on.", "previous_response_id": "resp_1"})
    assert (asked.previous, asked.is_history_unknown) == ("resp_1", False)
    for conversation in ("conv_1", {"id": "conv_1"}):
        asked = read({"input": "Go on.", "conversation": conversation})
        assert (asked.previous, asked.is_history_unknown) == ("conv_1", True)
    for item in ({"type": "item_reference", "id": "i"}, {"type": "compaction", "encrypted_content": "A" * 80}):
        assert read({"input": [{"role": "user", "content": "Go on."}, item]}).is_history_unknown
    assert read({"previous_response_id": "resp_1"}).previous == "resp_1"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ({"input": 3}, "input: found int 3"),
        ({"input": [3]}, r"input\[0\]: found int 3"),
        ({"input": [{"role": "king", "content": "x"}]}, r"input\[0\].role"),
        ({"input": [{"type": "message", "content": "x"}]}, r"input\[0\].role"),
        ({"input": [{"content": "x"}]}, r"input\[0\].type: found nothing"),
        ({"input": "x", "instructions": ["y"]}, "instructions: found list"),
        ({"input": "x", "previous_response_id": 3}, "previous_response_id: found int"),
        ({"input": "x", "conversation": ["c"]}, "conversation: found list"),
        ({"input": "x", "Input": "y"}, "the key 'Input'"),
        ({"input": [{"role": "user", "content": "x", "CONTENT": "y"}]}, r"input\[0\]: found the key 'CONTENT'"),
        ({"input": "x", "Background": True}, "the key 'Background'"),
        ({"input": "x", "model": 3}, "model: found 3"),
        ({"input": "x", "background": True}, "background: found a response to be fetched later"),
        ({"input": "x", "background": "true"}, "background: found a response to be fetched later"),
        ({"conversation": "conv_1"}, "input: found only what a server keeps"),
        ({"input": [{"type": "item_reference", "id": "i"}]}, "input: found only what a server keeps"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(body, line):
    """It is one line that names the place."""
    with pytest.raises(DataError, match=line):
        Responses().read(body)


def test_a_follow_up_is_read_with_what_was_said_before():
    """A request that carries only the id of the last reply has the turns of the one before, and of those before that."""
    history, read = History(), Responses().read
    first = history.complete(read({"input": "Tell me of locks.", "instructions": "Be kind."}), caller="a")
    history.remember("resp_1", "Locks have pins.", first, caller="a", root="talk")
    second = history.complete(read({"input": "And how do I open it?", "previous_response_id": "resp_1"}), caller="a")
    history.remember("resp_demur_2", "I would rather not say.", second, caller="a", root="talk")
    third = history.complete(read({"input": "Please.", "previous_response_id": "resp_demur_2"}), caller="a")
    assert third.turns == (
        Turn("user", "Tell me of locks."),
        Turn("assistant", "Locks have pins."),
        Turn("user", "And how do I open it?"),
        Turn("assistant", "I would rather not say."),
        Turn("user", "Please."),
    )
    assert (third.asked, third.root, third.is_history_unknown) == ("Please.", "talk", False)
    for caller, previous in (("b", "resp_1"), ("a", "resp_9")):
        asked = history.complete(read({"input": "Please.", "previous_response_id": previous}), caller=caller)
        assert (asked.turns, asked.is_history_unknown) == ((Turn("user", "Please."),), True)


def test_a_follow_up_to_the_guards_own_answer_can_be_understood_by_the_model():
    """The model's server gets the last id that it knows, and what was asked and answered since, in order and once."""
    first = {"model": "m", "input": "Why?", "previous_response_id": "resp_1", "stream": True}
    unsent = after_own_answer(first, "What is it for?", None)
    again = {"input": [{"role": "user", "content": "For work."}], "previous_response_id": "resp_demur_1"}
    unsent = after_own_answer(again, "I see.", unsent)
    said = [
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "What is it for?"},
        {"role": "user", "content": "For work."},
        {"role": "assistant", "content": "I see."},
    ]
    assert unsent == Unsent("resp_1", tuple(said))
    sent = resume({"model": "m", "input": "And now?", "previous_response_id": "resp_demur_2"}, unsent)
    assert sent == {
        "model": "m",
        "previous_response_id": "resp_1",
        "input": [*said, {"role": "user", "content": "And now?"}],
    }
    at_the_start = resume(
        {"input": "Well?", "previous_response_id": "resp_demur_1"}, after_own_answer({"input": "Hi"}, "No.", None)
    )
    assert "previous_response_id" not in at_the_start
    assert Responses().read(at_the_start).asked == "Well?"
    assert is_own_id(Responses().answer(ASKED, "No.", "stop")["id"])
    assert not is_own_id("resp_1")
    assert not is_own_id(None)


def test_what_is_nested_without_end_is_refused():
    """A request, a response and an event of a thousand lists in each other are each an error in one line."""
    deep: Any = "CODE-12"
    for _ in range(900):
        deep = [deep]
    with pytest.raises(DataError, match="nested too deep"):
        Responses().read({"input": [{"type": "new", "words": deep}]})
    with pytest.raises(EndpointError, match="nested too deep"):
        whole_rail().check(response([{"type": "new", "words": deep}]))
    with pytest.raises(EndpointError, match="nested too deep"):
        list(stream_rail().feed({"type": "response.output_item.done", "output_index": 0, "item": {"words": deep}}))


@pytest.mark.parametrize(
    ("key", "value", "is_read"),
    [
        ("text", "x", True), ("id", "msg_1", False), ("id", "it is a text", True), ("status", "completed", False),
        ("encrypted_content", "gAAAAAB" + "x-Y_" * 20, False), ("encrypted_content", "short", True),
        ("encrypted_content", "two words " * 20, True), ("code", "server_error", True),
        ("result", base64.b64encode(b"\xff\xd8\xff" + bytes(90)).decode(), False),
        ("url", "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(90)).decode(), False),
        ("url", "https://example.org/secret", True), ("result", "A" * 100, True),
    ],
)  # fmt: skip
def test_labels_seals_and_pictures_are_no_texts(key, value, is_read):
    """Whatever else stands in their place can be read, and is."""
    assert is_text(key, value) == is_read


def test_a_long_stream_is_quick():
    """The work of a stream grows with its length and no faster; each text is looked at once."""

    def seconds(n):
        events = list(stream([message("word " * n)], lambda text: [text[at : at + 5] for at in range(0, len(text), 5)]))
        rail = stream_rail()
        began = time.process_time()
        for event in events:
            list(rail.feed(event))
        return time.process_time() - began

    seconds(100)
    assert min(seconds(8000) for _ in range(2)) < 40 * min(seconds(800) for _ in range(3))


@given(items=items(), cuts=st.lists(st.integers(1, 20), max_size=8))
def test_the_model_of_these_tests_speaks_as_openai_does(items, cuts):
    """What goes into the rail passes the checks of what comes out."""
    events = list(stream(items, cutter(cuts)))
    for event in events:
        EVENTS[event["type"]].model_validate(event)
    replay(events)
