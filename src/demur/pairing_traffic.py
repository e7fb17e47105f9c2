"""Labelled traffic in, preference pairs out: what was wrong there is mended as `demur.pairing` mends what check-ups found."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from demur.contamination.wording import Words, read_words
from demur.errors import IncompleteError, UsageError
from demur.findings import open_run
from demur.harvesting import Gathered, redact_whole
from demur.judge import default_judge
from demur.pairing import Pairing, Source, Tell, check_out, describe_run, pair_talks
from demur.records import read_text
from demur.tune.answer import Answer, gather_answers
from demur.tune.balance import count_sides
from demur.tune.card import card_of
from demur.tune.diagnosis import QuestionKey, key_of, read_talks
from demur.tune.pair import read_pairs
from demur.types import Case, Layer, Reply, Result, Verdict
from demur.watch.harvest import Settled, case_of, clean_text

__all__ = ["LIVE", "check_pairs", "pair_traffic"]

LIVE = "live"
"""Name of the suite that such pairs say they come from."""
_CUT = "…"


def pair_traffic(
    gathered: Gathered,
    *,
    answers: Sequence[str | Path] = (),
    against: Sequence[str] | None = None,
    on_progress: Tell = lambda *_: None,
) -> Pairing:
    """Make preference pairs of what reviewers labelled.

    What the reply does is what they say; where none of them said, what the judge reads. A wrong refusal is mended by a right answer to
    the same words: of a teacher's run, else of another exchange.

    Args:
        gathered: what was labelled, cleaned.
        answers: runs whose right answers are chosen where live traffic has a wrong refusal.
        against: as in `demur.pairing.pair_runs`.
        on_progress: told how far it is.

    Raises:
        DataError: a run or a suite cannot be read. IncompleteError: one of the two sides has no pair.
    """
    asked = [(case_of(one, LIVE), settled) for one in gathered.proposals for settled in one.request.asked]
    results = _read_results(asked)
    teachers = [open_run(path) for path in answers]
    said = gather_answers(
        [
            *((run.record.subject.model, read_talks(run.results)) for run in teachers),
            *((settled.item.model or "own", [(one,)]) for one, (_, settled) in zip(results, asked, strict=True)),
        ]
    )
    models = sorted({settled.item.model for _, settled in asked if settled.item.model})
    made = pair_talks(
        [(one,) for one in results],
        _match_words(results, said),
        runs=(Source(gathered.store, ", ".join(models) or "not recorded", None, (LIVE,), is_complete=True),),
        answers=tuple(map(describe_run, teachers)),
        against=against,
        on_progress=on_progress,
    )
    _check_sides(made)
    return made


def check_pairs(path: Path) -> None:
    """Raise UsageError unless pairs can be written to a file of that name, where none that anybody changed would be lost."""
    check_out(path)
    if not path.exists():
        return
    beside = path.with_suffix(".card.json")
    if not beside.exists() or card_of(read_pairs(path)).content_hash != _hash_in(beside):
        raise UsageError(
            f"{path}: holds pairs that were not written by demur, or changed since; choose another --pairs"
        )


def _hash_in(card: Path) -> object:
    try:
        plain = json.loads(read_text(card))
    except ValueError:
        return None
    return plain.get("content_hash") if isinstance(plain, dict) else None


def _read_results(asked: Sequence[tuple[Case, Settled]]) -> list[Result]:
    replies = [_reply_of(settled) for _, settled in asked]
    verdicts = default_judge().judge_many(
        [(reply, case.turns) for reply, (case, _) in zip(replies, asked, strict=True)]
    )
    return [
        Result(case, number, 0, 1, "ask", case.prompt, reply=reply, verdict=_correct(verdict, settled))
        for number, (reply, verdict, (case, settled)) in enumerate(zip(replies, verdicts, asked, strict=True), 1)
    ]


def _reply_of(settled: Settled) -> Reply:
    text = clean_text(settled.item.reply, settled.item.tenant, redact_whole)
    # What the store cut is learnt from as what a limit of tokens cut: as far as its last whole sentence.
    return Reply(text.removesuffix(_CUT), stop_reason="max_tokens" if text.endswith(_CUT) else "stop")


def _correct(verdict: Verdict, settled: Settled) -> Verdict:
    """Put what the reviewers say in the place of what the judge reads."""
    refused_by = settled.item.refused_by
    layer: Layer = "filter" if refused_by and "model" not in refused_by else "model"
    return replace(verdict, outcome=settled.outcome, layer=layer)


def _match_words(results: Sequence[Result], said: dict[QuestionKey, Answer]) -> dict[QuestionKey, Answer]:
    """Give the answers to single questions for every question of the same words, the first that is whole before one that was cut off."""
    by_words: dict[Words, Answer] = {}
    for (_, _, prompts), answer in said.items():
        words = read_words(prompts[-1])
        if len(prompts) == 1 and (words not in by_words or (by_words[words].is_cut and not answer.is_cut)):
            by_words[words] = answer
    questions = {key_of((one,), 0): read_words(one.prompt) for one in results}
    return {key: by_words[words] for key, words in questions.items() if words in by_words}


def _check_sides(made: Pairing) -> None:
    n_harmful, n_harmless = count_sides(made.pairs)
    if n_harmful and n_harmless:
        return
    reasons = "; ".join(f"{why}: {n:,}" for why, n in made.reasons.items()) or "nothing was left out"
    raise IncompleteError(
        f"{made.runs[0].path}: found {n_harmful:,} pairs of harmful prompts and {n_harmless:,} of harmless ones; expected both "
        f"({reasons}); no pairs are written: label the other side too, or give right answers with --answers"
    )
