"""A judge's validation: each figure counts what it says, and goes to the record and back."""

import json
from dataclasses import replace

import pytest

from demur.errors import DataError
from demur.judge.detection import detect
from demur.judge.labelled import LabelledReply
from demur.judge.validation import Validation, read_validation, validate
from demur.records import from_plain, to_plain
from demur.stats import wilson
from demur.types import Evidence, Quality, Turn, Verdict


class _Judge:
    """A judge by name only: its verdicts are given."""

    name, version = "j", "1"

    def judge(self, reply, turns, /):
        """Judge nothing."""
        raise NotImplementedError

    def judge_many(self, pairs):
        """Judge nothing."""
        raise NotImplementedError


def reply(outcome, prompt="p", **fields):
    """Make a labelled reply; True and False are labels of whether it refuses."""
    if isinstance(outcome, bool):
        return LabelledReply((Turn("user", prompt),), "text", outcome, **fields)
    return LabelledReply((Turn("user", prompt),), "text", outcome in ("refuse", "partial"), outcome, **fields)


def agree(*pairs, **more):
    """Validate on pairs of people's outcome and the judge's, each on a prompt of its own."""
    replies = [reply(truth, f"p{n}") for n, (truth, _) in enumerate(pairs)]
    return validate(replies, [Verdict(judged) for _, judged in pairs], judge=_Judge(), data="d", **more)


MIXED = (
    *[("comply", "comply")] * 6,
    ("comply", "clarify"),
    ("comply", "refuse"),
    *[("partial", "refuse")] * 2,
    ("partial", "comply"),
    *[("refuse", "refuse")] * 7,
    ("refuse", "partial"),
    ("refuse", None),
)


def test_the_table_is_over_outcomes_and_the_unjudged_are_counted():
    """Rows are people's outcomes, columns the judge's, in demur's order; what has no verdict stands beside."""
    found = agree(*MIXED)
    assert found.outcomes.labels == ("comply", "partial", "refuse", "clarify")
    assert found.outcomes.counts == ((6, 0, 1, 1), (1, 0, 2, 0), (0, 1, 7, 0), (0, 0, 0, 0))
    assert found.outcomes.unjudged == (0, 0, 1, 0)
    assert (found.n, found.n_unjudged) == (20, 1)


def test_any_refusal_takes_whole_and_partial_together():
    """A partial refusal called whole is no error there, and one of three classes."""
    found = agree(*MIXED)
    assert found.any_refusal.table.counts == ((10, 1), (1, 7))
    assert found.any_refusal.table.unjudged == (1, 0)
    assert (found.three_classes.value, found.three_classes.n, found.three_classes.n_unjudged) == (14 / 19, 19, 1)


def test_a_question_back_is_no_refusal():
    """Of the three classes it is the one without a refusal."""
    assert agree(("comply", "clarify")).three_classes.value == 1
    assert agree(("clarify", "comply")).any_refusal.accuracy.value == 1


def test_each_call_has_its_own_error():
    """A question back is no refusal, and no compliance either: the two calls are counted by themselves."""
    calls = agree(*MIXED).calls
    assert (calls["any refusal"].sensitivity.value, calls["any refusal"].specificity.value) == (10 / 11, 7 / 8)
    assert (calls["full compliance"].sensitivity.value, calls["full compliance"].specificity.value) == (6 / 8, 10 / 11)


def test_labels_of_yes_and_no_tell_only_any_refusal():
    """Where people said only whether it refuses there is no table of outcomes, and no other call is known."""
    found = validate(
        [reply(label, f"p{label}") for label in (True, False)],
        [Verdict("partial", confidence=0.9), Verdict("refuse", confidence=0.7)],
        judge=_Judge(),
        data="d",
    )
    assert found.outcomes is None
    assert found.three_classes.value is None
    assert set(found.calls) == {"any refusal"}
    assert found.any_refusal.table.counts == ((1, 0), (1, 0))
    assert [one.right.value for one in found.calibration.bins] == [0, 1]


def test_the_known_error_is_what_was_found():
    """What rates are corrected by has the counts, the origin and the error of each call."""
    found = agree(*MIXED, held_out="all of it", command="measure")
    error = found.known_error
    assert (error.judge, error.judge_version, error.data, error.held_out, error.command) == (
        "j", "1", "d", "all of it", "measure",
    )  # fmt: skip
    assert (error.true_positives, error.false_negatives, error.unjudged_refusals) == (10, 1, 1)
    assert (error.true_negatives, error.false_positives, error.unjudged_others) == (7, 1, 0)
    assert error.calls == found.calls
    assert (error.sensitivity, error.specificity) == (found.any_refusal.sensitivity, found.any_refusal.specificity)


def test_answers_to_one_prompt_are_a_family():
    """The same prompt asked of five models widens the interval, whatever else was said before it."""
    pairs = [("refuse", "refuse" if n % 4 else "comply") for n in range(40)]
    alone = agree(*pairs)
    replies = [reply(truth, f"p{n // 5}") for n, (truth, _) in enumerate(sorted(pairs, key=lambda pair: pair[1]))]
    verdicts = [Verdict(judged) for _, judged in sorted(pairs, key=lambda pair: pair[1])]
    together = validate(replies, verdicts, judge=_Judge(), data="d")
    plain = wilson(30, 40)
    sensitivity = alone.any_refusal.sensitivity
    assert (sensitivity.low, sensitivity.high) == pytest.approx((plain.low, plain.high))
    assert together.any_refusal.sensitivity.low < plain.low - 0.1


def test_slices_hold_their_own_replies():
    """By model, language and category each slice has all the figures of its replies; who is not named is in none."""
    rows = [
        (reply("refuse", "a", model="x", language="en", category="prv"), "refuse"),
        (reply("comply", "b", model="x", language="fr"), "refuse"),
        (reply("refuse", "c", model="y"), "refuse"),
        (reply("refuse", "d"), None),
    ]
    found = validate([row for row, _ in rows], [Verdict(judged) for _, judged in rows], judge=_Judge(), data="d")
    assert list(found.by_model) == ["x", "y"]
    assert found.by_model["x"] == detect([True, False], [True, True], ["a", "b"])
    assert list(found.by_language) == ["en", "fr"]
    assert list(found.by_category) == ["prv"]


def test_confidence_is_about_the_three_classes():
    """A verdict is right if it tells whole, partial and no refusal as people do; one without a confidence is counted."""
    found = validate(
        [reply("partial", "a"), reply("partial", "b"), reply("comply", "c"), reply("comply", "d")],
        [Verdict("refuse", confidence=0.8), Verdict("partial", confidence=0.8), Verdict("clarify"), Verdict(None)],
        judge=_Judge(),
        data="d",
    )
    (only,) = found.calibration.bins
    assert (only.confidence, only.right.value, only.right.n) == (0.8, 0.5, 2)
    assert (found.calibration.n, found.calibration.n_without) == (2, 1)


def test_the_parts_of_a_refusal_are_found_where_the_judge_says_them():
    """Parts stand in the quality, faults among the failure modes, a disclaimer in the evidence; silence is unjudged."""
    replies = [
        reply("refuse", "a", parts={"reason": True, "leakage": False, "disclaimer": True}, tone="terse"),
        reply("refuse", "b", parts={"reason": True, "leakage": True, "disclaimer": False}, tone="preachy"),
        reply("refuse", "c", parts={"reason": False, "leakage": True}, tone="terse"),
        reply("refuse", "d", parts={"reason": True}),
    ]
    verdicts = [
        Verdict("refuse", quality=Quality(reason=True, tone="terse"), evidence=(Evidence("disclaimer", 0, 4, "text"),)),
        Verdict("refuse", quality=Quality(reason=False, tone="terse"), failure_modes=("leakage",)),
        Verdict(None),
        Verdict("comply"),
    ]
    parts = validate(replies, verdicts, judge=_Judge(), data="d").parts
    assert parts["reason"].table.counts == ((1, 1), (0, 0))
    assert parts["reason"].table.unjudged == (1, 1)
    assert parts["leakage"].table.counts == ((1, 0), (0, 1))
    assert parts["leakage"].table.unjudged == (1, 0)
    assert parts["disclaimer"].accuracy.value == 1
    assert parts["tone: terse"].table.counts == ((1, 0), (1, 0))
    assert parts["tone: preachy"].table.counts == ((0, 1), (0, 1))
    assert parts["tone: robotic"].sensitivity.n == 0
    assert "boundary" not in parts


def test_no_reply_measures_nothing():
    """Without labelled replies no figure has a value, and the error is unknown."""
    found = agree()
    assert (found.n, found.outcomes) == (0, None)
    assert found.known_error.correct(wilson(1, 2), "any refusal").value is None


def test_the_record_comes_back_as_it_was(tmp_path):
    """Written as JSON and read again it is the same, whatever letters stand in it."""
    found = agree(*MIXED)
    found = replace(found, by_model={"naïve 🙂": found.any_refusal}, parts={"reason": found.any_refusal})
    assert from_plain(Validation, json.loads(json.dumps(to_plain(found))), "here") == found
    (tmp_path / "v.json").write_text(json.dumps(to_plain(found)))
    assert read_validation(tmp_path / "v.json", _Judge()) == found


def test_the_hash_is_of_replies_and_labels():
    """The same labels have the same hash, another label has another, and half a surrogate pair is no obstacle."""
    same = agree(*MIXED).labels_hash
    assert agree(*MIXED).labels_hash == same
    assert agree(*MIXED[1:]).labels_hash != same
    odd = validate([reply("refuse", "\ud800", model="\udfff")], [Verdict("refuse")], judge=_Judge(), data="d")
    assert len(odd.labels_hash) == 16


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "v.json: cannot be read: No such file"),
        ("{", "v.json: not JSON: .*expected what demur judge validate -o wrote"),
        ("[]", "v.json: schema_version None; this demur reads 1"),
        ('{"schema_version": 1}', "v.json: judge: Field required"),
    ],
)
def test_what_is_no_validation_is_refused(tmp_path, text, message):
    """A file that is missing, broken or something else is named with what was expected."""
    if text is not None:
        (tmp_path / "v.json").write_text(text)
    with pytest.raises(DataError, match=message):
        read_validation(tmp_path / "v.json", _Judge())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda plain: plain["calls"]["any refusal"]["sensitivity"].update(value=1.5),
            r"calls.*expected all in \[0, 1\]",
        ),
        (lambda plain: plain["calls"]["any refusal"]["specificity"].update(low=1, high=1), "calls.*some width"),
        (
            lambda plain: [
                one.update(value=0.9, low=0.95, high=1) for one in plain["calls"]["full compliance"].values()
            ],
            "calls.*expected a value between its bounds",
        ),
        (lambda plain: plain["any_refusal"]["table"].update(labels=["a", "b"]), "any_refusal.*expected yes and no"),
        (lambda plain: plain["any_refusal"]["table"].update(counts=[[1]]), "any_refusal.table.*do not fit 2 labels"),
        (lambda plain: plain.update(n="many"), "n: Input should be a valid integer"),
    ],
    ids=range(6),
)
def test_a_record_that_was_tampered_with_is_refused(tmp_path, change, message):
    """Rates beyond 0 and 1, certainty, and tables of another shape correct nothing."""
    plain = to_plain(agree(*MIXED))
    change(plain)
    (tmp_path / "v.json").write_text(json.dumps(plain))
    with pytest.raises(DataError, match=rf"v\.json: {message}"):
        read_validation(tmp_path / "v.json", _Judge())


def test_a_validation_of_another_judge_is_refused(tmp_path):
    """Figures of another version correct nothing."""
    (tmp_path / "v.json").write_text(json.dumps(to_plain(replace(agree(*MIXED), judge_version="0"))))
    with pytest.raises(
        DataError, match=r"v\.json: validates the judge j 0, and the one in use is j 1; validate that one"
    ):
        read_validation(tmp_path / "v.json", _Judge())
