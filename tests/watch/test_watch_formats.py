"""Other people's logs: each format is recognised by what it holds, and gives the same exchange."""

import json

import pytest
from logs import ANSWER, CHAT_REQUEST, CHAT_RESPONSE, REFUSAL, START, otlp, span

from demur.cases import Row
from demur.errors import DataError
from demur.types import Reply, Turn
from demur.watch import LogMapping, parse_log_mapping
from demur.watch.reading import read_exchanges

PLAIN = (Turn("system", "Be brief."), Turn("user", "How do I stop a process?"))


def read(*rows, mapping=None):
    """Read the exchanges of some rows; None for a row that holds none."""
    located = [Row(f"log:{number}", number, row) for number, row in enumerate(rows, 1)]
    return [found and found.exchange for found in read_exchanges(located, mapping or LogMapping())]


def changed(message=None, **choice):
    """Give a response whose message or choice differs."""
    first = {**CHAT_RESPONSE["choices"][0], **choice}
    first["message"] = {**first["message"], **(message or {})}
    return {**CHAT_RESPONSE, "choices": [first]}


@pytest.mark.parametrize(
    "row",
    [
        {"request": CHAT_REQUEST, "response": CHAT_RESPONSE},
        {"request": {"method": "POST", "body": CHAT_REQUEST}, "response": {"status_code": 200, "body": CHAT_RESPONSE}},
        {"request": json.dumps(CHAT_REQUEST), "response": json.dumps(CHAT_RESPONSE)},
        {**CHAT_REQUEST, "response": CHAT_RESPONSE},
        {**CHAT_REQUEST, "choices": CHAT_RESPONSE["choices"], "created": 1_764_547_200, "id": "chatcmpl-1"},
    ],
    ids=["bodies", "http", "text of JSON", "request with response", "merged"],
)
def test_bodies_of_chats_are_read_wherever_they_stand(row):
    """A request and a response of chat completions give conversation, reply, user, time and id."""
    (found,) = read(row)
    assert (found.turns, found.reply) == (PLAIN, Reply(ANSWER))
    assert (found.user, found.at, found.id) == ("u1", START, "chatcmpl-1")
    assert found.model in ("gpt-4o-2024-08-06", "gpt-4o")


def test_the_responses_api_is_read():
    """Instructions, input and the items of an output are one exchange; what is no message in it is passed over."""
    request = {"model": "gpt-5", "instructions": "Be brief.", "input": "How do I stop a process?"}
    items = [
        {"type": "reasoning", "summary": []},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": ANSWER}]},
    ]
    (found,) = read(
        {"request": request, "response": {"output": items, "created_at": 1_764_547_200, "status": "completed"}}
    )
    assert (found.turns, found.reply, found.at) == (PLAIN, Reply(ANSWER), START)


def test_a_refusal_in_the_place_of_a_structured_answer_is_a_reply():
    """OpenAI puts it into a field of its own, in chats and in responses."""
    (chat,) = read({"request": CHAT_REQUEST, "response": changed({"content": None, "refusal": REFUSAL})})
    parts = [{"type": "refusal", "refusal": REFUSAL}]
    body = {"output": [{"type": "message", "content": parts}]}
    (response,) = read({"request": CHAT_REQUEST, "response": body})
    assert chat.reply == response.reply == Reply(REFUSAL)


def test_every_choice_is_an_exchange():
    """Two choices are two replies to the same question."""
    choices = [{"message": {"role": "assistant", "content": text}} for text in (ANSWER, REFUSAL)]
    found = read({"request": CHAT_REQUEST, "response": {**CHAT_RESPONSE, "choices": choices}})
    assert [one.reply.text for one in found] == [ANSWER, REFUSAL]


@pytest.mark.parametrize(
    ("response", "reply"),
    [
        (changed({"content": None}, finish_reason="content_filter"), Reply("", "content_filter")),
        ({"error": {"code": "content_filter", "message": "filtered"}}, Reply("", "content_filter")),
        (
            {"error": {"code": None, "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
            Reply("", "content_filter"),
        ),
        ({"error": {"code": "rate_limit_exceeded"}}, None),
        (changed({"content": None, "tool_calls": [{"id": "1"}]}, finish_reason="tool_calls"), None),
        (changed({"content": "", "tool_calls": [{"id": "1"}]}, finish_reason="tool_calls"), None),
        (changed({"content": ""}), Reply("")),
        (changed(finish_reason="length"), Reply(ANSWER, "max_tokens")),
        (changed({"reasoning_content": "Hm."}), Reply(ANSWER, reasoning="Hm.")),
    ],
)
def test_a_filter_speaks_an_error_and_a_tool_do_not(response, reply):
    """A filter's stop is a reply, an error or a call of a tool is none, and an empty text is an empty reply."""
    (found,) = read({"request": CHAT_REQUEST, "response": response})
    assert found.reply == reply


def test_a_conversation_that_ends_with_the_reply_is_read():
    """What tuning takes as an example is a question and its reply."""
    (found,) = read({"messages": [*CHAT_REQUEST["messages"], {"role": "assistant", "content": ANSWER}]})
    assert (found.turns, found.reply) == (PLAIN, Reply(ANSWER))


def test_what_the_logger_knew_is_read_beside_the_bodies():
    """Columns of a plain table may stand beside a request and a response, and paths lead into them."""
    row = {
        "ts": "2025-12-01T00:00:05Z",
        "tenant": "a",
        "lang": "de",
        "request": CHAT_REQUEST,
        "response": CHAT_RESPONSE,
    }
    (found,) = read(row)
    assert (found.tenant, found.language, found.at) == ("a", "de", START + 5)
    (found,) = read({**row, "metadata": {"team": "b"}}, mapping=parse_log_mapping(["tenant=metadata.team"]))
    assert found.tenant == "b"


OBSERVATION = {
    "id": "o1",
    "trace_id": "t1",
    "type": "GENERATION",
    "start_time": "2025-12-01 00:00:00.000000",
    "user_id": "u1",
    "session_id": "s1",
    "provided_model_name": "gpt-4o",
    "level": "DEFAULT",
    "input": json.dumps(CHAT_REQUEST["messages"]),
    "output": json.dumps({"role": "assistant", "content": ANSWER}),
}
OBSERVATION_OF_API = {
    "id": "o1",
    "traceId": "t1",
    "type": "GENERATION",
    "startTime": "2025-12-01T00:00:00.000Z",
    "model": "gpt-4o",
    "input": {"messages": CHAT_REQUEST["messages"]},
    "output": ANSWER,
}
TRACE = {
    "id": "t1",
    "timestamp": "2025-12-01T00:00:00Z",
    "userId": "u1",
    "sessionId": "s1",
    "input": "q",
    "output": "r",
}


@pytest.mark.parametrize(
    "row",
    [
        OBSERVATION,
        {**OBSERVATION_OF_API, "userId": "u1", "sessionId": "s1"},
        {**TRACE, "observations": [{**OBSERVATION_OF_API, "type": "SPAN"}, OBSERVATION_OF_API]},
        {"trace": TRACE, "observations": [OBSERVATION_OF_API]},
    ],
    ids=["export", "API", "trace of the API", "file of a trace"],
)
def test_langfuse_is_read(row):
    """A generation gives the same exchange from a scheduled export, from the API and from within its trace."""
    (found,) = read(row)
    assert (found.turns, found.reply, found.at) == (PLAIN, Reply(ANSWER), START)
    assert (found.id, found.user, found.conversation, found.model) == ("o1", "u1", "s1", "gpt-4o")


def test_of_langfuse_only_generations_count():
    """A span around something else holds no exchange; a trace without generations is what it took and gave."""
    assert read({**OBSERVATION, "type": "SPAN"}) == [None]
    (trace,) = read({**TRACE, "input": {"prompt": "How do I stop a process?"}, "output": ANSWER})
    assert (trace.prompt, trace.reply) == ("How do I stop a process?", Reply(ANSWER))


def test_an_error_in_langfuse_is_no_reply():
    """The text of an error is not what a model said; a filter's is known by its code."""
    (error,) = read({**OBSERVATION, "level": "ERROR", "output": None, "status_message": "timeout"})
    (stopped,) = read({**OBSERVATION, "level": "ERROR", "output": None, "status_message": "code: content_filter"})
    assert (error.reply, stopped.reply) == (None, Reply("", "content_filter"))


IN = [{"role": "user", "parts": [{"type": "text", "content": "How do I stop a process?"}]}]
OUT = [{"role": "assistant", "parts": [{"type": "text", "content": ANSWER}], "finish_reason": "stop"}]
SYSTEM = [{"type": "text", "content": "Be brief."}]
OF_SPEC = {
    "gen_ai__operation__name": "chat",
    "gen_ai__request__model": "gpt-4o",
    "gen_ai__conversation__id": "c1",
    "user__id": "u1",
}


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai__input__messages": json.dumps(IN), "gen_ai__output__messages": json.dumps(OUT), "gen_ai__system_instructions": json.dumps(SYSTEM)},
        {"gen_ai__input__messages": IN, "gen_ai__output__messages": OUT, "gen_ai__system_instructions": SYSTEM},
        {
            "gen_ai__prompt__0__role": "system", "gen_ai__prompt__0__content": "Be brief.",
            "gen_ai__prompt__1__role": "user", "gen_ai__prompt__1__content": "How do I stop a process?",
            "gen_ai__completion__0__role": "assistant", "gen_ai__completion__0__content": ANSWER, "gen_ai__completion__0__finish_reason": "stop",
        },
    ],
    ids=["text of JSON", "values", "numbered"],
)  # fmt: skip
def test_opentelemetry_is_read(attributes):
    """A span's messages, as one attribute of JSON, as structured values or numbered, give the same exchange."""
    batch = otlp(span(**OF_SPEC, **attributes), span("GET /", http__method="GET"), service__name="shop")
    (found,) = read(batch)
    assert (found.turns, found.reply, found.at) == (PLAIN, Reply(ANSWER), START)
    assert (found.model, found.conversation, found.user, found.id) == ("gpt-4o", "c1", "u1", "eee19b7ec3c1b174")


def test_a_span_without_messages_holds_no_exchange():
    """Messages are recorded only on request; an agent's span repeats those of its model's spans."""
    agent = span(gen_ai__operation__name="invoke_agent", gen_ai__input__messages=IN, gen_ai__output__messages=OUT)
    assert read(otlp(span(**OF_SPEC)), otlp(agent)) == [None, None]


def test_attributes_of_spans_and_resources_can_be_mapped():
    """A name with dots is a column of its own."""
    batch = otlp(span(**OF_SPEC, gen_ai__input__messages=IN, gen_ai__output__messages=OUT), service__name="shop")
    (found,) = read(batch, mapping=parse_log_mapping(["tenant=service.name"]))
    assert found.tenant == "shop"


def test_a_broken_batch_is_named_with_its_place():
    """What calls itself OpenTelemetry's and is not is an error with its line."""
    with pytest.raises(DataError, match="log:1: not spans as OTLP writes them"):
        read({"resourceSpans": [{"scopeSpans": [{"spans": [{"attributes": [{"value": 1}]}]}]}]})


def test_a_plain_table_is_read_by_its_columns():
    """Default names, their other names, and names of one's own."""
    (found,) = read(
        {"timestamp": "1764547200000", "prompt": "q", "response": ANSWER, "language": "de_AT", "user_id": 7}
    )
    assert (found.at, found.language, found.user) == (START, "de-AT", "7")
    mapping = parse_log_mapping(["prompt=question", "response=data.answer", "ts=when"])
    (found,) = read({"question": "q", "data": '{"answer": "r"}', "when": 1_764_547_200}, mapping=mapping)
    assert (found.prompt, found.reply, found.at) == ("q", Reply("r"), START)


@pytest.mark.parametrize(
    ("row", "pairs", "said"),
    [
        ({"prompt": "q"}, [], "log:1: no field 'response'; found prompt"),
        ({"response": "r"}, [], "log:1: found nothing for 'prompt'"),
        ({"prompt": "q", "response": "r", "ts": "soon"}, [], "log:1: found 'soon' for the time; expected ISO 8601"),
        (
            {"prompt": "q", "response": "r"},
            ["tenant=team"],
            "log:1: no column 'team' for tenant; found prompt, response",
        ),
        ({"prompt": "q", "response": "r", "user": [1]}, [], "log:1: user: found list; expected text"),
        ({"request": {"messages": [{"role": "wizard"}]}, "response": CHAT_RESPONSE}, [], "found 'wizard' for the role"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(row, pairs, said):
    """One line: where, what was found, what was expected."""
    with pytest.raises(DataError, match=said.replace("(", r"\(")):
        read(row, mapping=parse_log_mapping(pairs))
