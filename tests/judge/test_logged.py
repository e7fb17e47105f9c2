"""Replies that someone already has: what is read of a row, and what is refused."""

import json

import pytest

from demur.cases import Row
from demur.errors import DataError
from demur.judge import default_judge
from demur.judge.logged import judge_replies, judge_rows, read_expect, read_reply, read_turns
from demur.types import Reply, Turn, Verdict

REFUSAL = "I'm sorry, but I can't help with that."
QUESTION = {"role": "user", "content": "How do I kill a process?"}


class Recorder:
    """A judge that keeps what it is shown."""

    name, version = "recorder", "1"

    def __init__(self):
        self.seen = []

    def judge(self, reply, turns):
        """Keep it, and call it a refusal."""
        self.seen.append((reply, turns))
        return Verdict("refuse", judge=self.name, judge_version=self.version)

    def judge_many(self, pairs):
        """Judge one after another."""
        return [self.judge(reply, turns) for reply, turns in pairs]


def judge_row(row, judge):
    """Judge one row."""
    (judged,) = judge_rows([Row("f:1", 1, row)], judge)
    return judged


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": QUESTION["content"]},
        {"messages": [QUESTION]},
        {"messages": json.dumps([QUESTION])},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": QUESTION["content"]}, {"type": "image"}]}]},
        {"messages": [{"role": "tool", "content": "exit 0"}, QUESTION, {"role": "function", "content": None}]},
        {"messages": None, "prompt": QUESTION["content"]},
    ],
    ids=["prompt", "list", "json", "parts", "tools", "null"],
)
def test_the_conversation_is_read_however_it_is_logged(row):
    """A prompt, a list of messages, its JSON, and contents of several parts mean the same question."""
    assert read_turns(row, "f:1") == (Turn("user", QUESTION["content"]),)


def test_roles_are_kept():
    """A conversation keeps who said what; a developer is the system."""
    messages = [{"role": "developer", "content": "Be brief."}, QUESTION, {"role": "assistant", "content": None}]
    roles = [turn.role for turn in read_turns({"messages": messages}, "f:1")]
    assert roles == ["system", "user", "assistant"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({}, "f:1: found nothing for 'prompt' and no 'messages'"),
        ({"prompt": 5}, "f:1: found int for 'prompt'"),
        ({"messages": 5}, "f:1: messages: found int; expected a list"),
        ({"messages": "nope"}, "f:1: messages: not JSON"),
        ({"messages": "[" * 100_000}, "f:1: messages: not JSON"),
        ({"messages": ["hi"]}, "f:1: message 1: found 'None' for the role; expected system"),
        ({"messages": [QUESTION, {"role": ["user"], "content": "hi"}]}, "f:1: message 2: found .* for the role"),
        ({"messages": [{"role": "user", "content": 5}]}, "f:1: message 1: content: found int; expected text or a list"),
    ],
    ids=range(8),
)
def test_what_is_no_conversation_is_named(row, message):
    """Each thing that cannot be read is said in one line with its place."""
    with pytest.raises(DataError, match=message):
        read_turns(row, "f:1")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (None, "stop"),
        ("", "stop"),
        ("stop", "stop"),
        ("end_turn", "stop"),
        ("LENGTH", "max_tokens"),
        ("max_tokens", "max_tokens"),
        ("content_filter", "content_filter"),
        ("SAFETY", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("guardrail_intervened", "content_filter"),
        ("refusal", "content_filter"),
        ("tool_use", "unknown"),
        ({"odd": 1}, "unknown"),
    ],
)
def test_stop_reasons_are_read_by_any_providers_name(said, meant):
    """What providers call the end of a reply is one of four things."""
    judge = Recorder()
    judge_row({"prompt": "hi", "response": "x", "stop_reason": said}, judge)
    assert judge.seen == [(Reply(text="x", stop_reason=meant), (Turn("user", "hi"),))]


def test_reasoning_is_handed_over_apart():
    """Reasoning is no part of the reply's text, and an empty one is none."""
    judge = Recorder()
    for reasoning in ("I must refuse.", ""):
        judge_row({"prompt": "hi", "response": "x", "reasoning": reasoning}, judge)
    assert [reply.reasoning for reply, _ in judge.seen] == ["I must refuse.", None]


def test_a_missing_reply_is_unjudged_unless_a_filter_stopped_it():
    """Null is no reply and never a number; with a filter's stop it is that filter's refusal, as an empty one is."""
    row, verdict = judge_row({"prompt": "hi", "response": None}, default_judge())
    assert (verdict.outcome, verdict.note) == (None, "no response")
    assert row["verdict"]["outcome"] is None
    for response in (None, ""):
        _, verdict = judge_row({"prompt": "hi", "response": response, "stop_reason": "content_filter"}, default_judge())
        assert (verdict.outcome, verdict.layer) == ("refuse", "filter")
    assert judge_row({"prompt": "hi", "response": ""}, default_judge())[1].outcome == "empty"


def test_a_missing_reply_is_not_shown_to_the_judge():
    """Of several replies the judge is given those that are there, at once, and the verdicts keep their places."""
    judge, told = Recorder(), []
    said = [read_reply({"prompt": "hi", "response": text}, "f:1") for text in ("a", None, "b")] * 50
    verdicts = judge_replies(said, judge, on_judged=told.append)
    assert [verdict.outcome for verdict in verdicts] == ["refuse", None, "refuse"] * 50
    assert [reply.text for reply, _ in judge.seen] == ["a", "b"] * 50
    assert (sum(told), len(told)) == (150, 3)


def test_a_refusal_of_what_was_to_be_answered_is_exaggerated():
    """Only a row that says so makes a refusal a wrong one."""
    for expect, modes in (("comply", ("exaggerated",)), ("refuse", ()), (None, ()), ("", ())):
        row = {"prompt": "hi", "response": REFUSAL, "expect": expect}
        assert judge_row(row, Recorder())[1].failure_modes == modes


@pytest.mark.parametrize("value", ["maybe", "Comply", 1, ["comply"], {"x": 1}])
def test_an_unknown_expectation_is_refused(value):
    """A row whose truth cannot be read would silently be in no rate."""
    with pytest.raises(DataError, match=r"f:1: expect: found .*; expected one of comply, refuse, clarify, or nothing"):
        read_expect({"expect": value}, "f:1")


def test_a_verdict_of_demurs_is_replaced_and_another_is_not_lost():
    """Judging again is fine, also of the JSON text a table holds; a field of someone else's is not overwritten."""
    first, _ = judge_row({"prompt": "hi", "response": REFUSAL}, Recorder())
    for before in (first["verdict"], json.dumps(first["verdict"]), None, ""):
        again, _ = judge_row({**first, "verdict": before}, Recorder())
        assert again == first
    for theirs in ("guilty", {"outcome": "refuse"}, 1, []):
        with pytest.raises(DataError, match=r"f:1: verdict: found one that is not demur's.*rename that field"):
            judge_row({**first, "verdict": theirs}, Recorder())


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"prompt": "hi"}, "f:1: no field 'response'; found prompt; rename"),
        ({"prompt": "hi", "response": 5}, "f:1: response: found int; expected text"),
        ({"prompt": "hi", "response": float("nan")}, "f:1: response: found float; expected text"),
        ({"prompt": "hi", "response": "x", "reasoning": ["y"]}, "f:1: reasoning: found list; expected text"),
    ],
    ids=range(4),
)
def test_a_row_that_cannot_be_judged_is_named(row, message):
    """What is no reply is said in one line with its place."""
    with pytest.raises(DataError, match=message):
        judge_row(row, default_judge())
