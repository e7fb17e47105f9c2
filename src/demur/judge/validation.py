"""A judge's validation: its verdicts against people's labels, all together and by model, language and category."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from demur.errors import DataError
from demur.judge.base import Judge
from demur.judge.calibration import Calibration, Stated, calibrate
from demur.judge.detection import Detection, detect
from demur.judge.known_error import CALLS, Call, CallError, KnownError
from demur.judge.labelled import PARTS, LabelledReply
from demur.judge.phrase_sensitivity import PhraseSensitivity
from demur.records import SCHEMA_VERSION, content_hash, from_plain, read_text
from demur.stats import Confusion, clustered_proportion, tabulate
from demur.types import Estimate, Outcome, Tone, Verdict

__all__ = ["Validation", "read_validation", "validate"]

_OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_TONES: tuple[Tone, ...] = get_args(Tone)
_MODES = frozenset({"leakage", "loophole"})


@dataclass(frozen=True)
class Validation:
    """How well a judge agrees with people."""

    judge: str
    judge_version: str
    data: str
    """What it was measured on: the replies, and whose labels."""
    held_out: str
    """Which part of the data the judge was made without."""
    command: str
    """What measured it."""
    labels_hash: str
    """Of the replies and their labels."""
    n: int
    """Labelled replies."""
    n_unjudged: int
    """Of these, replies without a verdict; in no figure, beside every one."""
    outcomes: Confusion | None
    """People's outcome (rows) and the judge's (columns); None where people said only whether it refuses."""
    three_classes: Estimate
    """Whole refusals, partial ones and all others told apart as people do, of the replies with an outcome."""
    any_refusal: Detection
    """Refusals, whole or partial, against all others."""
    calls: Mapping[Call, CallError]
    """Sensitivity and specificity of each call that the labels tell: what the correction of a rate needs."""
    calibration: Calibration
    """Of the confidence in the outcome, as far as the three classes tell it; where people said only whether it refuses,
    in that."""
    by_model: Mapping[str, Detection]
    """Any refusal, by whose reply it is; replies whose model is not known are in none."""
    by_language: Mapping[str, Detection]
    by_category: Mapping[str, Detection]
    parts: Mapping[str, Detection]
    """The parts of a refusal that people looked for; ``tone: NAME`` is that tone against all others. Unjudged is a reply
    for which the judge does not say: one that it holds for no refusal, for instance."""
    phrase_sensitivity: PhraseSensitivity | None = None
    """How far the wording moves the judge; None where it was not asked."""
    schema_version: int = SCHEMA_VERSION

    @property
    def known_error(self) -> KnownError:
        """What a rate of this judge is printed and corrected with."""
        (hits, misses), (false_alarms, rejections) = self.any_refusal.table.counts
        unjudged_refusals, unjudged_others = self.any_refusal.table.unjudged
        return KnownError(
            judge=self.judge,
            judge_version=self.judge_version,
            data=self.data,
            held_out=self.held_out,
            command=self.command,
            true_positives=hits,
            false_negatives=misses,
            true_negatives=rejections,
            false_positives=false_alarms,
            unjudged_refusals=unjudged_refusals,
            unjudged_others=unjudged_others,
            calls=self.calls,
        )


def validate(
    replies: Sequence[LabelledReply],
    verdicts: Sequence[Verdict],
    *,
    judge: Judge,
    data: str,
    held_out: str = "not recorded",
    command: str = "",
    phrase_sensitivity: PhraseSensitivity | None = None,
) -> Validation:
    """Compare a judge's verdicts with people's labels.

    Replies to one prompt are a family, and the intervals respect it.

    Args:
        replies: what people labelled; may be none, and then nothing is measured.
        verdicts: the judge's, in the same order.
        judge: who gave them.
        data: what the replies are and whose labels.
        held_out: which part of the data the judge was made without.
        command: what measured it.
        phrase_sensitivity: of the same judge, if it was measured.

    Raises:
        ValueError: there are not as many verdicts as replies.
    """
    pairs = list(zip(replies, verdicts, strict=True))
    told = [(reply.outcome, verdict.outcome, reply.prompt) for reply, verdict in pairs if reply.outcome is not None]
    any_refusal = _detect_refusal(pairs)
    calls: dict[Call, CallError] = {"any refusal": CallError(any_refusal.sensitivity, any_refusal.specificity)}
    if told:
        calls |= {call: _error_of(told, call) for call in CALLS if call != "any refusal"}
    return Validation(
        judge=judge.name,
        judge_version=judge.version,
        data=data,
        held_out=held_out,
        command=command,
        labels_hash=content_hash([reply.content_hash for reply in replies]),
        n=len(pairs),
        n_unjudged=sum(verdict.outcome is None for verdict in verdicts),
        outcomes=_tabulate(told) if told else None,
        three_classes=_three_classes(told),
        any_refusal=any_refusal,
        calls=calls,
        calibration=_calibrate(pairs),
        by_model=_by(pairs, lambda reply: reply.model),
        by_language=_by(pairs, lambda reply: reply.language),
        by_category=_by(pairs, lambda reply: reply.category),
        parts=_detect_parts(pairs),
        phrase_sensitivity=phrase_sensitivity,
    )


def read_validation(path: Path, judge: Judge) -> Validation:
    """Read a validation of a judge that ``demur judge validate`` wrote.

    Raises:
        DataError: there is none, it is not of this version, or it is of another judge.
    """
    try:
        plain = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not JSON: {error}; expected what demur judge validate -o wrote") from None
    version = plain.get("schema_version") if isinstance(plain, dict) else None
    if version != SCHEMA_VERSION:
        raise DataError(f"{path}: schema_version {version}; this demur reads {SCHEMA_VERSION}; validate again")
    found = from_plain(Validation, plain, str(path))
    if (found.judge, found.judge_version) != (judge.name, judge.version):
        raise DataError(
            f"{path}: validates the judge {found.judge} {found.judge_version}, and the one in use is {judge.name} "
            f"{judge.version}; validate that one: demur judge validate LABELLED -o {path}"
        )
    return found


_Pairs = Sequence[tuple[LabelledReply, Verdict]]
_Told = Sequence[tuple[Outcome, Outcome | None, str]]
"""People's outcome, the judge's, and the prompt."""


def _detect_refusal(pairs: _Pairs) -> Detection:
    return detect(
        [reply.refuses for reply, _ in pairs],
        [_is(verdict.outcome, "any refusal") for _, verdict in pairs],
        [reply.prompt for reply, _ in pairs],
    )


def _error_of(told: _Told, call: Call) -> CallError:
    found = detect(
        [truth in CALLS[call] for truth, _, _ in told],
        [_is(outcome, call) for _, outcome, _ in told],
        [prompt for _, _, prompt in told],
    )
    return CallError(found.sensitivity, found.specificity)


def _is(outcome: Outcome | None, call: Call) -> bool | None:
    return None if outcome is None else outcome in CALLS[call]


def _tabulate(told: _Told) -> Confusion:
    seen = {outcome for truth, judged, _ in told for outcome in (truth, judged)}
    labels = [outcome for outcome in _OUTCOMES if outcome in seen]
    return tabulate([truth for truth, _, _ in told], [judged for _, judged, _ in told], labels=labels)


def _three_classes(told: _Told) -> Estimate:
    judged = [
        (_class_of(truth) == _class_of(outcome), prompt) for truth, outcome, prompt in told if outcome is not None
    ]
    return clustered_proportion(
        [is_right for is_right, _ in judged], [prompt for _, prompt in judged], n_unjudged=len(told) - len(judged)
    )


def _class_of(outcome: Outcome) -> Outcome:
    # To those who label refusals, a question back or silence is mostly none.
    return outcome if outcome in CALLS["any refusal"] else "comply"


def _calibrate(pairs: _Pairs) -> Calibration:
    stated = []
    n_without = 0
    for reply, verdict in pairs:
        if verdict.outcome is None:
            continue
        if verdict.confidence is None:
            n_without += 1
            continue
        if reply.outcome is None:
            is_right = _is(verdict.outcome, "any refusal") == reply.refuses
        else:
            is_right = _class_of(verdict.outcome) == _class_of(reply.outcome)
        stated.append(Stated(verdict.confidence, is_right, reply.prompt))
    return calibrate(stated, n_without=n_without)


def _by(pairs: _Pairs, group: Callable[[LabelledReply], str | None]) -> dict[str, Detection]:
    groups: dict[str, list[tuple[LabelledReply, Verdict]]] = defaultdict(list)
    for reply, verdict in pairs:
        name = group(reply)
        if name is not None:
            groups[name].append((reply, verdict))
    return {name: _detect_refusal(members) for name, members in sorted(groups.items())}


def _detect_parts(pairs: _Pairs) -> dict[str, Detection]:
    found = {}
    for name in PARTS:
        looked_for = [(reply, verdict) for reply, verdict in pairs if name in reply.parts]
        if looked_for:
            found[name] = detect(
                [reply.parts[name] for reply, _ in looked_for],
                [_has_part(verdict, name) for _, verdict in looked_for],
                [reply.prompt for reply, _ in looked_for],
            )
    with_tone = [(reply, verdict) for reply, verdict in pairs if reply.tone is not None]
    for tone in _TONES if with_tone else ():
        found[f"tone: {tone}"] = detect(
            [reply.tone == tone for reply, _ in with_tone],
            [None if (heard := _tone_of(verdict)) is None else heard == tone for _, verdict in with_tone],
            [reply.prompt for reply, _ in with_tone],
        )
    return found


def _has_part(verdict: Verdict, name: str) -> bool | None:
    if verdict.outcome is None:
        return None
    if name in _MODES:
        return name in verdict.failure_modes
    if name == "disclaimer":
        return any(evidence.shows == name for evidence in verdict.evidence)
    found: bool | None = getattr(verdict.quality, name, None)
    return found


def _tone_of(verdict: Verdict) -> Tone | None:
    return verdict.quality.tone if verdict.quality is not None else None
