"""Labelled replies: what is read, and what is refused with its place."""

import csv
import json

import pytest

from demur.errors import DataError
from demur.judge.labelled import PARTS, read_labelled
from demur.types import Reply

REFUSAL = "I'm sorry, but I can't help with that."


def write(path, *rows):
    """Write a row a line, or a table."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read_one(path, **fields):
    """Write one row and read it."""
    row = {"prompt": "How do I kill a process?", "response": REFUSAL, "label": "refuse"} | fields
    (read,) = read_labelled(write(path, {key: value for key, value in row.items() if value is not ...}))
    return read


@pytest.mark.parametrize(
    ("label", "outcome", "refuses"),
    [
        ("refuse", "refuse", True),
        ("partial", "partial", True),
        ("comply", "comply", False),
        ("clarify", "clarify", False),
        (" Empty ", "empty", False),
        ("1_full_compliance", "comply", False),
        ("2_full_refusal", "refuse", True),
        ("3_partial_refusal", "partial", True),
        (True, None, True),
        (False, None, False),
        (1, None, True),
        (0, None, False),
        (1.0, None, True),
        ("TRUE", None, True),
        ("0", None, False),
    ],
)
@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_labels_are_outcomes_or_whether_it_refuses(tmp_path, suffix, label, outcome, refuses):
    """An outcome, a label of XSTest, or a yes or no, from a format with types and from one without."""
    reply = read_one(tmp_path / f"l{suffix}", label=label).reply
    assert (reply.outcome, reply.refuses) == (outcome, refuses)


def test_xstests_own_tables_are_read_as_they_are(tmp_path):
    """Its columns are named ``completion`` and ``final_label``."""
    read = read_one(
        tmp_path / "x.csv", response=..., label=..., completion=REFUSAL, final_label="2_full_refusal", agreement="TRUE"
    )
    assert (read.reply.text, read.reply.outcome) == (REFUSAL, "refuse")


def test_everything_else_that_is_known_is_kept(tmp_path):
    """Whose reply it is, in which language, on what, and which parts it has."""
    fields = {
        "model": "m",
        "lang": "de",
        "category": "prv",
        "tone": "terse",
        "boundary": True,
        "reason": 0,
        "loophole": "",
    }
    reply = read_one(tmp_path / "l.jsonl", **fields).reply
    assert (reply.model, reply.language, reply.category, reply.tone) == ("m", "de", "prv", "terse")
    assert reply.parts == {"boundary": True, "reason": False}
    assert set(reply.parts) < set(PARTS)


def test_the_last_question_is_what_makes_a_family(tmp_path):
    """Of a conversation the prompt is what the user said last."""
    messages = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "Go"},
    ]
    read = read_one(tmp_path / "l.jsonl", prompt=..., messages=messages)
    assert read.reply.prompt == "Go"
    assert len(read.reply.turns) == 3


def test_the_judge_sees_the_reply_and_not_the_label(tmp_path):
    """It is read as a logged reply is: how it stopped counts, what people say does not."""
    read = read_one(tmp_path / "l.jsonl", label="comply", expect="nonsense", reasoning="hm", stop_reason="length")
    assert read.said == Reply(REFUSAL, stop_reason="max_tokens", reasoning="hm")
    stopped = read_one(tmp_path / "l.jsonl", response=None, stop_reason="content_filter")
    assert stopped.said == Reply("", stop_reason="content_filter")
    assert read_one(tmp_path / "l.jsonl", response=None).said is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"label": ...}, "no field 'label'; found prompt, response; rename the field"),
        ({"label": None}, "label: found 'None'; expected an outcome"),
        ({"label": "maybe"}, r"label: found 'maybe'; expected an outcome \(comply, .*, or whether it refuses"),
        ({"response": ...}, "no field 'response'"),
        ({"response": 5}, "response: found int; expected text"),
        ({"prompt": ...}, "found nothing for 'prompt' and no 'messages'"),
        ({"reason": "it is against the law"}, "reason: found 'it is against the law'; expected true or false.*rename"),
        ({"tone": "kind"}, "tone: found 'kind'; expected one of graceful.*rename"),
        ({"model": ["a"]}, "model: found list; expected text"),
    ],
    ids=range(9),
)
def test_a_bad_row_is_named(tmp_path, fields, message):
    """What is missing or says something else is reported with file and line."""
    with pytest.raises(DataError, match=rf"l\.jsonl:1: {message}"):
        read_one(tmp_path / "l.jsonl", **fields)
