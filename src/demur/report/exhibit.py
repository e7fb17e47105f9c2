"""Exhibits: single questions with their answers as the report shows them, worst first and no side crowded out."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from demur.cases.live import is_live
from demur.cases.taxonomy import HAZARDS
from demur.report.fault import FAULTS, Fault, fault_of
from demur.report.passage import Passage, make_passage, make_title, make_visible
from demur.report.second_opinion import opinion_facts
from demur.report.wording import EXPECT_WORDS, OUTCOME_WORDS
from demur.types import Result, Turn, Verdict

__all__ = ["PROMPT_LIMIT", "Exhibit", "Exhibits", "Said", "hang", "hear", "verdict_facts", "weigh"]

MAX_EXHIBITS = 500
MAX_BYTES = 1_800_000
"""Of the transcripts together, as HTML: keeps the file of the largest run under 4 MB."""
REPLY_LIMIT = 4_000
PROMPT_LIMIT = 3_000
_OVERHEAD_BYTES = 2_200  # the markup around one exhibit, measured

CaseKey = tuple[str, str]


@dataclass(frozen=True)
class Said:
    """Something said in a conversation."""

    speaker: str
    passage: Passage
    note: str = ""
    """About how it was said, e.g. that it was cut by the token limit."""


@dataclass(frozen=True)
class Exhibit:
    """One result, ready to be shown."""

    fault: Fault
    title: str
    brief: tuple[str, ...]
    """What stands beside the title: pattern, hazard, confidence."""
    facts: tuple[tuple[str, str], ...]
    """Name and value of all that is known of case and verdict."""
    transcript: tuple[Said, ...]
    error: str | None


@dataclass(frozen=True)
class Exhibits:
    """What is shown of a run's single questions, and what is not."""

    shown: tuple[Exhibit, ...]
    totals: Mapping[str, int]
    """How many results each class of fault has, shown or not; every code of `FAULTS` is there."""

    @property
    def n_total(self) -> int:
        """How many results there are."""
        return sum(self.totals.values())

    @property
    def n_left_out(self) -> int:
        """How many of them are not shown."""
        return self.n_total - len(self.shown)


def hang(results: Sequence[Result]) -> Exhibits:
    """Choose which single questions to show, and make them ready.

    The classes of fault take turns, each giving its worst, until `MAX_EXHIBITS` or `MAX_BYTES` is reached: a run that fails
    on one side five hundred times still shows the other side. What is as expected comes last, the least certain first.
    """
    queues: dict[str, list[Result]] = {code: [] for code in FAULTS}
    by_case: dict[CaseKey, list[Result]] = defaultdict(list)
    for result in results:
        queues[fault_of(result).code].append(result)
        by_case[result.case.suite, result.case.id].append(result)
    for code, queue in queues.items():
        queue.sort(key=_doubt if code == "fine" else _badness)
    chosen: list[Exhibit] = []
    n_bytes = 0
    for result in _take_turns(queues):
        exhibit = _make_exhibit(result, by_case)
        n_bytes += weigh(exhibit.transcript) + _OVERHEAD_BYTES
        if len(chosen) == MAX_EXHIBITS or n_bytes > MAX_BYTES:
            break
        chosen.append(exhibit)
    rank = {code: place for place, code in enumerate(FAULTS)}
    shown = sorted(chosen, key=lambda exhibit: rank[exhibit.fault.code])  # stable: in a class the worst stays first
    return Exhibits(tuple(shown), {code: len(queue) for code, queue in queues.items()})


def weigh(transcript: Sequence[Said]) -> int:
    """Count the bytes a transcript takes as HTML."""
    return sum(len(escape(one.passage.text).encode()) + 200 for one in transcript)


def verdict_facts(verdict: Verdict | None) -> list[tuple[str, str]]:
    """Name what a verdict says, in the order a reader asks for it."""
    if verdict is None:
        return [("Verdict", OUTCOME_WORDS[None])]
    facts = [("Verdict", OUTCOME_WORDS[verdict.outcome])]
    if verdict.kind is not None:
        facts.append(("Kind", verdict.kind))
    if verdict.layer is not None:
        facts.append(("By", f"the {verdict.layer}"))
    if verdict.confidence is not None:
        facts.append(("Confidence", f"{verdict.confidence:.2f}"))
    if verdict.failure_modes:
        facts.append(("Failure modes", ", ".join(verdict.failure_modes)))
    if verdict.quality is not None and verdict.quality.tone is not None:
        facts.append(("Tone", verdict.quality.tone))
    if verdict.reasoning_outcome is not None:
        facts.append(("In its reasoning", OUTCOME_WORDS[verdict.reasoning_outcome]))
    if verdict.note:
        facts.append(("Why not judged", make_visible(verdict.note)))
    return facts


def _take_turns(queues: Mapping[str, Sequence[Result]]) -> Iterator[Result]:
    faults = [queue for code, queue in queues.items() if code != "fine"]
    for place in range(max(map(len, faults))):
        for queue in faults:
            if place < len(queue):
                yield queue[place]
    yield from queues["fine"]


def _badness(result: Result) -> tuple[float, str, int]:
    confidence = result.verdict.confidence if result.verdict is not None else None
    return (-1.0 if confidence is None else confidence) * -1, result.case.id, result.epoch


def _doubt(result: Result) -> tuple[float, str, int]:
    confidence = result.verdict.confidence if result.verdict is not None else None
    return 2.0 if confidence is None else confidence, result.case.id, result.epoch


def _make_exhibit(result: Result, by_case: Mapping[CaseKey, Sequence[Result]]) -> Exhibit:
    case, verdict = result.case, result.verdict
    hazard = HAZARDS.get(case.category or "", case.category or "")
    confidence = "" if verdict is None or verdict.confidence is None else f"confidence {verdict.confidence:.2f}"
    return Exhibit(
        fault=fault_of(result),
        title=make_title(result.prompt),
        brief=tuple(make_visible(word) for word in (case.pattern or "", hazard, confidence) if word),
        facts=(*verdict_facts(verdict), *opinion_facts(result), *_case_facts(result, by_case)),
        transcript=_transcript(result),
        error=None if result.error is None else make_visible(result.error[:PROMPT_LIMIT]),
    )


def _case_facts(result: Result, by_case: Mapping[CaseKey, Sequence[Result]]) -> list[tuple[str, str]]:
    case = result.case
    expected = EXPECT_WORDS[case.expect] + (f" ({case.kind})" if case.kind else "")
    siblings = [one for one in by_case[case.suite, case.id] if one.epoch != result.epoch]
    facts = [
        ("Case", f"{case.suite}/{case.id}" if case.suite else case.id),
        ("Expected", expected),
        ("Boundary", case.boundary or ""),
        ("Pattern", case.pattern or ""),
        ("Hazard", " ".join(filter(None, (case.category, HAZARDS.get(case.category or ""))))),
        ("Locale", case.locale),
        ("From", case.source if is_live(case) else ""),
        ("Sample", str(result.epoch) if siblings else ""),
        ("Other samples", _outcomes(siblings)),
    ]
    if case.twin is not None:
        twins = by_case.get((case.suite, case.twin), ())
        told = f"{_outcomes(twins)}; was {EXPECT_WORDS[twins[0].case.expect]}" if twins else "not in this run"
        facts.append(("Its twin", f"{told} ({case.twin})"))
    return [(name, make_visible(value)) for name, value in facts if value]


def _outcomes(results: Sequence[Result]) -> str:
    words = Counter(OUTCOME_WORDS[one.verdict.outcome if one.verdict is not None else None] for one in results)
    return ", ".join(word if n == 1 else f"{word} ({n} times)" for word, n in words.most_common())


def _transcript(result: Result) -> tuple[Said, ...]:
    before: tuple[Turn, ...] = result.case.turns[:-1]
    speakers = {"system": "System prompt", "user": "User", "assistant": "Assistant"}
    turns = [Said(speakers[turn.role], make_passage(turn.text, limit=PROMPT_LIMIT)) for turn in before]
    turns.append(Said("User", make_passage(result.prompt, limit=PROMPT_LIMIT)))
    return (*turns, *hear(result))


def hear(result: Result) -> Iterator[Said]:
    """Give what the subject said to the last thing it was told: reasoning, reply, and a filter's message."""
    reply = result.reply
    if reply is None:
        return
    if reply.reasoning:
        yield Said(
            "Reasoning", make_passage(reply.reasoning, limit=PROMPT_LIMIT), "a separate channel, not part of the reply"
        )
    evidence = result.verdict.evidence if result.verdict is not None else ()
    notes = {"max_tokens": "stopped by the token limit", "content_filter": "stopped by a content filter"}
    yield Said("Model", make_passage(reply.text, evidence, limit=REPLY_LIMIT), notes.get(reply.stop_reason, ""))
    if reply.filter_message:
        yield Said("Filter", make_passage(reply.filter_message, limit=PROMPT_LIMIT))
