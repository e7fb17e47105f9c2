"""One refused request: all that is asked about it, in the order in which the budget is spent."""

from collections.abc import Sequence
from dataclasses import dataclass

from demur.explain.cue import Cue, Edit, count_pairs, find_cues, frame_often, try_swaps
from demur.explain.inquiry import Answer, Inquiry, rate_of
from demur.explain.layer import Refusers, count_layers
from demur.explain.lever_study import LeverEffect, study_levers
from demur.explain.pattern import Pattern, Signs, find_pattern
from demur.explain.probe import Probe, ask_probes
from demur.explain.prompt_study import PromptStudy, read_sentences, study_prompt
from demur.explain.request import make_control
from demur.types import Case, Estimate, Outcome

__all__ = ["FEWEST_CALLS", "CaseStudy", "study_case"]

FEWEST_CALLS = 20
"""With fewer no word can be found and confirmed."""


@dataclass(frozen=True)
class CaseStudy:
    """What was found out about a request."""

    refused: Estimate
    """Of the request as it is and in its frames."""
    given: Estimate
    """Of the harmful twin; undefined where there is none, or the request is itself harmful."""
    refusers: Refusers
    control: Outcome | None = None
    cues: tuple[Cue, ...] = ()
    smallest_edit: Edit | None = None
    pattern: Pattern | None = None
    probes: tuple[Probe, ...] = ()
    """Asked where the case has no pattern of its own."""
    prompt: PromptStudy | None = None
    levers: tuple[LeverEffect, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether there is anything to explain: the request was refused at least once."""
        return bool(self.refused.value)


def study_case(case: Case, twin: Case | None, inquiry: Inquiry) -> CaseStudy:
    """Find out where the refusal of a request comes from.

    First the request is asked as it is and in frames, with a control and its twin; then the sentences of its system prompt are bisected,
    then its words, then levers are pulled, and what is left is for what tells patterns apart.

    Args:
        case: the request, with its system prompt if it has one.
        twin: of the other truth, under the same system prompt; None if it has none.
        inquiry: asks, with at least `FEWEST_CALLS` left.
    """
    beside = [make_control(case), *([twin] if twin is not None else [])]
    answers = inquiry.ask([case, *frame_often(case, count_pairs(inquiry)), *beside])
    asked, (control, *twins) = answers[: -len(beside)], answers[-len(beside) :]
    harmful = [answer.is_given for answer in twins] if case.is_harmless else []
    study = CaseStudy(
        refused=rate_of([answer.is_refused for answer in asked]),
        given=rate_of(harmful),
        refusers=count_layers([answer.verdict for answer in asked]),
        control=control.outcome,
    )
    if not study.is_refused:
        return study
    return _look_into(case, twin, inquiry, study, asked)


def _look_into(case: Case, twin: Case | None, inquiry: Inquiry, study: CaseStudy, asked: Sequence[Answer]) -> CaseStudy:
    notes: list[str] = []
    is_whole = study.control == "refuse"
    prompt = _study_prompt(case, twin, inquiry)
    if prompt is None and case.system is not None:
        notes.append("the sentences of the system prompt were not searched: too few calls were left")
    cues, edits = ((), ()) if is_whole else _search_words(case, twin, inquiry, asked[1:])
    if is_whole:
        notes.append("a question that nobody refuses was refused too, so no word was searched")
    levers: tuple[LeverEffect, ...] = ()
    probes: tuple[Probe, ...] = ()
    if case.is_harmless:
        levers = study_levers([(case, twin)], inquiry, most_calls=inquiry.left)
    if case.is_harmless and case.pattern is None and not is_whole:
        probes = ask_probes(case, cues, inquiry)
    refusals = [answer.reply for answer in asked if answer.is_refused and not is_whole]
    answered = [tried for tried in edits if tried.outcome == "comply"]
    return CaseStudy(
        refused=study.refused, given=study.given, refusers=study.refusers, control=study.control, cues=cues,
        smallest_edit=min(answered, key=lambda tried: tried.n_words, default=None),
        pattern=find_pattern(Signs(case, cues, levers, prompt, probes, refusals)), probes=probes, prompt=prompt, levers=levers,
        notes=tuple(notes),
    )  # fmt: skip


def _study_prompt(case: Case, twin: Case | None, inquiry: Inquiry) -> PromptStudy | None:
    """Bisect the prompt; where nothing hangs on it, that is a single call."""
    if case.system is None or not case.is_harmless or not read_sentences(case.system):
        return None
    twins = [twin] if twin is not None else []
    return study_prompt(case.system, [case], twins, inquiry, most_calls=inquiry.left)


def _search_words(
    case: Case, twin: Case | None, inquiry: Inquiry, framed: Sequence[Answer]
) -> tuple[tuple[Cue, ...], tuple[Edit, ...]]:
    swaps: tuple[Edit, ...] = ()
    if twin is not None and twin.is_harmless and not case.is_harmless:
        swaps = try_swaps(case, twin, inquiry)
    cues, edits = find_cues(case, inquiry, framed)
    return cues, (*swaps, *edits)
