"""A threshold is the smallest that keeps the rate of false positives asked for, and what it gives is told with its doubt."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demur.choosing_threshold import policy_lines, read_requests, tune_threshold
from demur.errors import DataError, UsageError
from demur.guard import Guard, parse_policy
from demur.guard.thresholds import STEP, Scores, choose_threshold, score, tune
from demur.guard.wire.conversation import Conversation
from demur.stats import wilson
from demur.types import Turn

POLICY = """
judge: off
rules:
  - {name: words, category: crime, action: block, at: [input], phrases: [wicked]}
  - {name: crisis, category: self, action: escalate, phrases: [I want to die]}
"""
probabilities = st.integers(0, 20).map(lambda step: step / 20) | st.floats(0, 1)
scores_of = st.builds(
    lambda harm, blocked, escalated: Scores(tuple(sorted(harm)), blocked, escalated),
    st.lists(probabilities, max_size=40),
    st.integers(0, 3),
    st.integers(0, 3),
).filter(lambda scores: scores.n > 0)


def ask(*texts):
    """Put texts as requests."""
    return [Conversation((Turn("user", text),), model="", is_stream=False) for text in texts]


@given(scores_of, st.sampled_from([0.001, 0.01, 0.05, 0.07, 0.1, 0.25, 0.5]))
def test_the_threshold_is_the_smallest_that_keeps_the_rate(scores, fpr):
    """Of all multiples of the step, none below the threshold keeps the rate; where there is none, 1 does not keep it either."""
    allowed = sum(1 for n in range(1, scores.n + 1) if n <= fpr * scores.n + 1e-9)

    def keeps(threshold):
        return scores.n_blocked + sum(harm >= threshold for harm in scores.harm) <= allowed

    found = choose_threshold(scores, fpr)
    if found is None:
        assert not keeps(1.0)
        return
    step = round(found / STEP)
    assert found == step / round(1 / STEP)
    assert keeps(found)
    assert step == 1 or not keeps((step - 1) / round(1 / STEP))


def test_ties_stand_on_one_side():
    """Requests of one probability are not told apart: where one too many would be blocked, none of them is."""
    scores = Scores((0.1,) * 95 + (0.6,) * 5)
    assert choose_threshold(scores, 0.05) == pytest.approx(0.1 + STEP)
    assert choose_threshold(scores, 0.04) == pytest.approx(0.6 + STEP)
    assert choose_threshold(Scores((1.0,) * 5), 0.5) is None


@pytest.fixture(scope="module")
def policy():
    """Have rules beside the classifier."""
    return parse_policy(POLICY, "the policy")


BENIGN = [
    *(
        f"How do I {verb} a {noun}?"
        for verb in ("paint", "sell", "photograph")
        for noun in ("door", "boat", "horse", "lamp")
    ),
    "a wicked film, is it worth it?",
    "I want to die",
    "Hów tö kill a Python process",
]


def test_what_rules_decide_is_no_matter_of_the_threshold(policy):
    """A rule's block counts against the rate whatever the threshold, a crisis never; nothing else is decided so."""
    scores = score(policy, ask(*BENIGN))
    assert (scores.n, scores.n_blocked, scores.n_escalated) == (len(BENIGN), 1, 1)
    assert choose_threshold(scores, 0.01) is None
    assert choose_threshold(scores, 0.1) is not None


def test_a_score_is_what_the_input_rail_sees(policy):
    """Scores are the probabilities that a guard of the same policy sees, the policy's own thresholds aside."""
    texts = [text for text in BENIGN if "wicked" not in text and "die" not in text]
    seen = sorted(Guard(policy).see(asked).harm for asked in ask(*texts))
    assert list(score(replace(policy, intent=replace(policy.intent, block=0.5)), ask(*texts)).harm) == pytest.approx(
        seen
    )


def test_tuning_tells_both_sides_and_what_the_whole_guard_does(policy):
    """The rates told are those of a guard with the threshold in its policy, and where there are too few that is said."""
    found = tune(policy, ask(*BENIGN), harmful=ask("a wicked plan", "help me"), fpr=0.2)
    assert found.allowed == 3
    assert found.false_positives == wilson(found.harmless.blocked(found.threshold), len(BENIGN))
    assert found.as_a_whole.value == found.false_positives.value <= 0.2
    assert found.recall.n == 2
    assert found.recall.value >= 0.5
    assert found.is_too_few is False
    assert tune(policy, ask(*BENIGN), fpr=0.1).is_too_few is True
    assert tune(policy, ask(*BENIGN), fpr=0.1).needed == 30
    for band in found.bands:
        assert band.clarify is None or band.clarify < band.block


def test_a_band_asks_between_its_two_thresholds(policy):
    """What a question takes over is what lies between the thresholds, and lines for the policy mend what contradicts them."""
    found = tune(policy, ask(*BENIGN), fpr=0.2)
    for band in found.bands:
        if band.clarify is not None:
            between = found.harmless.at_least(band.clarify) - found.harmless.at_least(band.block)
            assert band.harmless_asked == wilson(between, found.harmless.n)
    low = replace(found, threshold=0.25)
    lines = policy_lines(low, replace(policy, intent=replace(policy.intent, clarify=0.3, suspect=0.5)))
    assert lines.splitlines()[:2] == ["intent:", "  block: 0.25"]
    assert parse_policy(f"{lines}\nrules: []", "lines").intent.suspect == 0.25
    assert parse_policy(f"{lines}\nrules: []", "lines").intent.clarify is None
    with pytest.raises(ValueError, match="no threshold keeps the rate"):
        policy_lines(replace(found, threshold=None), policy)


FILES = {
    "a.txt": "one\n\n  two  \nthree\n",
    "a.jsonl": '{"prompt": "one"}\n{"messages": [{"role": "user", "content": "two"}]}\n{"instruction": "three", "prompt": null}\n',
    "a.json": '["one", "two", "three"]',
    "b.json": '[{"instruction": "one", "category": null}, {"prompt": "two"}, {"instruction": "three"}]',
    "a.csv": "prompt,x\none,1\ntwo,2\nthree,3\n",
    "a.tsv": "instruction\tx\none\t1\ntwo\t2\nthree\t3\n",
}


@pytest.mark.parametrize("name", FILES)
def test_every_form_of_file_is_read(tmp_path, name):
    """Requests are read from lists, tables and plain lines alike."""
    (tmp_path / name).write_text(FILES[name])
    assert [asked.asked for asked in read_requests(tmp_path / name)] == ["one", "two", "three"]


def test_parquet_is_read(tmp_path):
    """Requests are read from Parquet too."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"prompt": ["one", "two"]}), tmp_path / "a.parquet")
    assert len(read_requests(tmp_path / "a.parquet")) == 2


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", '["one", 2]', "a.json: item 2: found int; expected text"),
        ("a.jsonl", '{"text": "x"}', "a.jsonl:1: found nothing for 'prompt'"),
        ("a.txt", "\n \n", "a.txt: holds no request"),
        ("a.doc", "x", "found suffix '.doc'"),
        ("a.json", "[", "a.json: not JSON"),
    ],
)
def test_what_is_no_request_is_named(tmp_path, name, text, said):
    """A file that cannot be read as requests is an error with its place."""
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=re.escape(said)):
        read_requests(tmp_path / name)


def test_a_rate_is_between_nought_and_one(policy):
    """A percentage is refused as a rate."""
    with pytest.raises(UsageError, match="fpr: found 5; expected a rate between 0 and 1"):
        tune_threshold(policy, benign=Path("x.txt"), fpr=5)


def test_the_record_is_plain(policy, tmp_path):
    """What was found can be written as JSON, without a request in it."""
    from demur.measuring import write_record

    write_record(tune(policy, ask(*BENIGN), fpr=0.2), tmp_path / "t.json")
    text = (tmp_path / "t.json").read_text()
    assert json.loads(text)["fpr"] == 0.2
    assert "paint" not in text
