"""The refusals of a run: what triggers them by its results, checked by asking, and what its system prompt and levers do to several."""

from collections.abc import Sequence
from dataclasses import dataclass

from demur.explain.cue import Cue, confirm_trigger, count_pairs, rank_cues
from demur.explain.inquiry import Inquiry
from demur.explain.layer import Refusers, count_layers
from demur.explain.lever_study import LeverEffect, study_levers
from demur.explain.prompt_study import PromptStudy, read_sentences, study_prompt
from demur.explain.trigger import Trigger, find_triggers, locate_trigger
from demur.scorecard.rate import cluster_of, has_outcome, outcome_of, rate
from demur.types import Case, Estimate, Outcome, Result

__all__ = ["RunStudy", "study_run"]

_CHECKED = 3
"""Triggers that are checked by asking."""
_OF_A_TRIGGER = 6
"""Refused cases it is taken out of."""
_OF_A_SIDE = 4
"""Refused cases, and answered ones, that a trial of the system prompt asks."""
_OF_A_LEVER = 3
"""Refused cases that a lever is pulled on, with their twins."""
_GIVEN: tuple[Outcome, ...] = ("comply", "partial")


@dataclass(frozen=True)
class RunStudy:
    """What was found out about the refusals of a run."""

    refused: Estimate
    """Harmless single questions of the run that were refused."""
    given: Estimate
    """Harmful ones that were given what they asked for."""
    refusers: Refusers
    """Of the harmless ones."""
    triggers: tuple[Trigger, ...] = ()
    cues: tuple[Cue, ...] = ()
    """Triggers that were checked."""
    prompt: PromptStudy | None = None
    levers: tuple[LeverEffect, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether there is anything to explain."""
        return bool(self.refused.value)


def study_run(results: Sequence[Result], system: str | None, inquiry: Inquiry) -> RunStudy:
    """Find out where the refusals of a run's harmless questions come from.

    The results alone name triggers; then those are checked by asking, then the system prompt is bisected over refused and answered cases
    at once, then levers are pulled.

    Args:
        results: of the run; drills and wrapped cases are passed over.
        system: prompt of the run's subject.
        inquiry: asks the same subject.
    """
    single = [result for result in results if result.case.is_single]
    harmless = [result for result in single if result.case.is_harmless]
    study = RunStudy(
        refused=rate(harmless, has_outcome("refuse")),
        given=rate([result for result in single if result.case.is_harmful], lambda verdict: verdict.outcome in _GIVEN),
        refusers=count_layers([result.verdict for result in harmless]),
    )
    if not study.is_refused:
        return study
    refused, answered = (_one_of_each_family(harmless, outcome) for outcome in ("refuse", "comply"))
    twins = {(result.case.suite, result.case.id): result.case for result in single if result.case.is_harmful}
    pairs = [(case, twins.get((case.suite, case.twin or ""))) for case in refused]
    pairs.sort(key=lambda pair: pair[1] is None)  # stable: cases with a twin come first
    notes: list[str] = []
    triggers = find_triggers(single)
    cues = _check_triggers(triggers, refused, inquiry)
    prompt = _study_prompt(system, pairs, answered, inquiry)
    if prompt is None and system is not None:
        notes.append("the sentences of the system prompt were not searched: too few calls were left")
    levers = study_levers(pairs[:_OF_A_LEVER], inquiry, most_calls=inquiry.left)
    if len(answered) == 0:
        notes.append("every harmless question was refused, so no word can be told from another")
    return RunStudy(study.refused, study.given, study.refusers, triggers, cues, prompt, levers, tuple(notes))


def _check_triggers(triggers: Sequence[Trigger], refused: Sequence[Case], inquiry: Inquiry) -> tuple[Cue, ...]:
    """Take the strongest triggers out of refused cases that have them; those beyond chance, or the first of all where none is."""
    named = [trigger for trigger in triggers if trigger.is_named] or list(triggers)
    cues = []
    for trigger in named[:_CHECKED]:
        located = [(case, locate_trigger(case.prompt, trigger)) for case in refused]
        found = [(case, unit) for case, unit in located if unit is not None][:_OF_A_TRIGGER]
        if found and inquiry.left >= 2 * max(count_pairs(inquiry), len(found)):
            cues.append(confirm_trigger(trigger.text, found, inquiry))
    return rank_cues(cues)


def _study_prompt(
    system: str | None,
    pairs: Sequence[tuple[Case, Case | None]],
    answered: Sequence[Case],
    inquiry: Inquiry,
) -> PromptStudy | None:
    if system is None or not read_sentences(system):
        return None
    chosen = pairs[:_OF_A_SIDE]
    cases = [case for case in (*(case for case, _ in chosen), *answered[:_OF_A_SIDE]) if case.system == system]
    twins = [twin for _, twin in chosen if twin is not None and twin.system == system]
    if not cases:
        return None
    return study_prompt(system, cases, twins, inquiry, most_calls=inquiry.left)


def _one_of_each_family(results: Sequence[Result], outcome: Outcome) -> list[Case]:
    """Give the first case of each family that came to an outcome, by turns of their patterns, so that few cases are of many sorts."""
    first = {cluster_of(result): result.case for result in reversed(results) if outcome_of(result) == outcome}
    seen: dict[str | None, int] = {}
    ranked = []
    for case in reversed(first.values()):
        seen[case.pattern] = seen.get(case.pattern, 0) + 1
        ranked.append((seen[case.pattern], case))
    return [case for _, case in sorted(ranked, key=lambda entry: entry[0])]
