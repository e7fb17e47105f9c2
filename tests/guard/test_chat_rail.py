"""The output rail: the same verdict for every cut, and nothing of a token before its text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demur.guard.rules.holdback import HoldBack
from demur.guard.rules.patterns import Rule, RuleSet
from demur.guard.wire.chat_choice import Choice
from demur.guard.wire.chat_rail import ChatReplyRail, ChatStreamRail
from demur.guard.wire.sse import EventReader, write_event

RULES = RuleSet([Rule("code", "privacy", "block", patterns=("CODE-[0-9]{2}",))])


def stream(deltas, finish="stop"):
    """Send deltas through a rail, and give what left as a text, the finish reason and the probabilities."""
    rail = ChatStreamRail(lambda: HoldBack(RULES), lambda _: "No.")
    chunks = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None, **more}]} for delta, more in deltas]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    said, reason, tokens = "", None, []
    for allowed in (new for chunk in chunks for new in rail.feed(chunk)):
        for choice in allowed["choices"]:
            said += choice["delta"].get("content") or ""
            reason = choice["finish_reason"] or reason
            tokens += [entry["token"] for entry in (choice.get("logprobs") or {}).get("content", [])]
            assert "".join(tokens) == said[: len("".join(tokens))] or reason == "content_filter"
    return said, reason, tokens


@given(
    text=st.text(alphabet="CODE-12 x", max_size=24),
    cuts=st.lists(st.integers(0, 24), max_size=8),
)
def test_every_cut_has_the_same_verdict(text, cuts):
    """However a reply is cut, the same leaves, and it is what the whole reply would have."""
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in pairwise(edges)]
    said, reason, _ = stream([({"content": piece}, {}) for piece in pieces])
    assert (said, reason) == stream([({"content": text}, {})])[:2]
    message = {"choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]}
    checked = ChatReplyRail(lambda: HoldBack(RULES), lambda _: "No.").check(message)
    assert (reason == "content_filter") == (checked is not None)
    if checked is None:
        assert said == text
    else:
        assert checked["choices"][0]["message"]["content"] == "No."


@given(text=st.text(alphabet="CODE-12 x", max_size=24), cuts=st.lists(st.integers(0, 24), max_size=8))
def test_the_shorter_way_of_plain_pieces_gives_what_the_long_one_gives(text, cuts):
    """Chunk for chunk, however the text is cut; also where a chunk with the role and no text comes first."""
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    deltas = [{"role": "assistant", "content": ""}, *({"content": text[start:end]} for start, end in pairwise(edges))]
    chunks = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]

    def left():
        rail = ChatStreamRail(lambda: HoldBack(RULES), lambda _: "No.")
        return [*(new for chunk in chunks for new in rail.feed(chunk)), *rail.end()], rail.said.text

    with pytest.MonkeyPatch.context() as patch:
        short = left()
        patch.setattr(Choice, "_is_plain", lambda *_: False)
        assert short == left()


def test_a_refusal_stands_apart_from_what_was_said_before_it():
    """Also where the first text of a choice is in the piece that is blocked."""
    assert (
        stream([({"role": "assistant", "content": ""}, {}), ({"content": "It is CODE-12"}, {})])[0] == "It is \n\nNo."
    )


def test_probabilities_leave_with_their_text():
    """A token that is held has its probability held too; of one that is blocked nothing is told."""
    deltas = [
        ({"content": token}, {"logprobs": {"content": [{"token": token}]}}) for token in ("It is ", "CO", "AL", ".")
    ]
    assert stream(deltas) == ("It is COAL.", "stop", ["It is ", "CO", "AL", "."])
    deltas = [
        ({"content": token}, {"logprobs": {"content": [{"token": token}]}}) for token in ("It is ", "CODE-", "12")
    ]
    said, reason, tokens = stream(deltas)
    assert (said, reason) == ("It is \n\nNo.", "content_filter")
    assert "CODE-" not in tokens


def test_choices_are_held_apart():
    """One choice is blocked, the other goes on."""
    rail = ChatStreamRail(lambda: HoldBack(RULES), lambda _: "No.")
    chunk = {"choices": [{"index": n, "delta": {"content": text}} for n, text in enumerate(("CODE-12", "Fine. "))]}
    (allowed,) = rail.feed(chunk)
    assert [choice["delta"]["content"] for choice in allowed["choices"]] == ["No.", "Fine. "]
    assert not rail.is_over


@given(
    st.lists(st.text(alphabet='ab{}"', min_size=1, max_size=5), max_size=5), st.lists(st.integers(0, 60), max_size=6)
)
def test_events_are_whole_whatever_the_pieces(events, cuts):
    """Bytes cut anywhere, also within a line's end, give the same events."""
    sent = b"".join(write_event(event.encode()) for event in events).replace(b"\n\n", b"\r\n\r\n")
    edges = sorted({0, len(sent), *(cut for cut in cuts if cut < len(sent))})
    reader = EventReader()
    found = [data for start, end in pairwise(edges) for data in reader.feed(sent[start:end])]
    assert [data.decode() for data in (*found, *reader.end())] == events


@pytest.mark.parametrize(
    "message",
    [
        {"content": "CODE-12"},
        {"content": [{"type": "text", "text": "CODE-12"}]},
        {"content": None, "function_call": {"name": "f", "arguments": "CODE-12"}},
        {"content": None, "tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "f", "input": "CODE-12"}}]},
        {"content": "Fine.", "reasoning_details": [{"type": "x", "text": "CODE-12"}]},
        {"content": "Fine.", "audio": {"transcript": "CODE-12"}},
        {"content": None, "function_call": {"name": "f", "arguments": {"bytes": ["CODE-12"]}}},
    ],
)
def test_every_text_of_a_message_is_looked_at(message):
    """Wherever a server puts a text, what is forbidden in it is found, as a whole and as a delta."""
    whole = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    checked = ChatReplyRail(lambda: HoldBack(RULES), lambda _: "No.").check(whole)
    assert checked["choices"][0]["finish_reason"] == "content_filter"
    assert "CODE" not in str(checked)
    rail = ChatStreamRail(lambda: HoldBack(RULES), lambda _: "No.")
    left = [
        *rail.feed({"choices": [{"index": 0, "delta": message, "message": message}], "raw": "CODE-12"}),
        *rail.end(),
    ]
    assert "CODE" not in str(left)
    assert "content_filter" in str(left)


def test_a_delta_of_nothing_and_odd_ends_are_no_trouble():
    """Nulls, empty finish reasons and usage beside the last choice pass as they are meant."""
    assert (
        stream([({"reasoning_content": "It is C"}, {}), ({"content": "Hi.", "reasoning_content": None}, {})])[0]
        == "Hi."
    )
    rail = ChatStreamRail(lambda: HoldBack(RULES), lambda _: "No.")
    first, last = (
        {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": ""}], "usage": {"total_tokens": n}}
        for n, text in enumerate(("One. ", "Two."))
    )
    left = [*rail.feed(first), *rail.feed(last), *rail.end()]
    assert "".join(chunk["choices"][0]["delta"]["content"] for chunk in left) == "One. Two."
    assert left[1]["usage"] == {"total_tokens": 1}
