"""The panel: both sides of a subject before and after a treatment, plain and wrapped, in drills, and what it is still able to do."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from demur.cases.quiz import QUIZ
from demur.compare import Change, compare
from demur.compare.measuring import Observation, measure_changes
from demur.run import RunRecord
from demur.scorecard.axes import read_axes
from demur.scorecard.drills import gather
from demur.scorecard.rate import outcome_of, rate
from demur.scorecard.recitation import read_recitation
from demur.tune.coherence import is_coherent
from demur.tune.quiz import grade
from demur.tune.treatment import Panel, Shift
from demur.types import Decoding, Estimate, Result

__all__ = ["WRAPPED", "Checked", "measure_panel"]

Checked = tuple[RunRecord, Sequence[Result]]
"""A check-up of the cases of the panel."""
WRAPPED = "wrapped_"
"""Before the name of a figure of cases in jailbreak wrappers."""


def measure_panel(before: Checked, after: Checked) -> Panel:
    """Measure both sides before and after, on the samples that both check-ups have.

    Args:
        before: the subject as it was.
        after: the subject treated; asked the same, in the same way.
    """
    record = before[0]
    plain, wrapped, quiz = ([_part(checked, which) for checked in (before, after)] for which in _PARTS)
    changes = dict(compare(*plain).changes)
    changes |= {WRAPPED + name: change for name, change in compare(*wrapped).changes.items()}
    changes |= _able(quiz, "quiz", _is_right) | _able(plain, "coherence", _is_coherent)
    refusals = [[result for result in results if result.case.is_single] for _, results in plain]
    drills = [read_axes(gather(results)) for _, results in plain]
    return Panel(
        suites={suite.name: suite.n for suite in record.suites},
        judge=f"{record.judge.name} {record.judge.version}",
        decoding=record.subject.decoding or Decoding(),
        changes=changes,
        shifts={
            "graceful_rate": Shift(*(_graceful_rate(results) for results in refusals)),
            "script_index": Shift(*(read_recitation(results)[0] for results in refusals)),
            "consistency": Shift(*(axes.consistency for axes in drills)),
        },
    )


_PARTS: tuple[Callable[[Result], bool], ...] = (
    lambda result: result.case.wrapper is None and result.case.suite != QUIZ,
    lambda result: result.case.wrapper is not None,
    lambda result: result.case.suite == QUIZ,
)
"""What is compared by itself."""


def _part(checked: Checked, belongs: Callable[[Result], bool]) -> Checked:
    """Take a part of a check-up; wrapped cases are taken for plain ones, to be compared like them."""
    record, results = checked
    return record, [replace(one, case=replace(one.case, wrapper=None)) for one in results if belongs(one)]


def _able(checked: Sequence[Checked], name: str, is_able: Callable[[Result], bool | None]) -> dict[str, Change]:
    """Measure what a subject is able to do, on the samples that both have an answer to; nothing where there are none."""
    one, other = ({(result.case.id, result.epoch): result for result in results} for _, results in checked)
    pairs = [
        Observation(is_able(result), is_able(other[key]), result.case.family or key)
        for key, result in one.items()
        if key in other
    ]
    answered = [pair for pair in pairs if pair.before is not None and pair.after is not None]
    return {name: measure_changes({("", name): answered}, seed=0)["", name]} if answered else {}


def _is_right(result: Result) -> bool | None:
    return grade(result.case, result.reply.text if result.reply else None)


def _is_coherent(result: Result) -> bool | None:
    """Tell whether what is said to a harmless question is coherent, be it an answer or a refusal."""
    if not (result.case.is_harmless and result.case.is_single) or result.reply is None:
        return None
    return is_coherent(result.prompt, result.reply.text)


def _graceful_rate(results: Sequence[Result]) -> Estimate:
    refusals = [result for result in results if outcome_of(result) in ("refuse", "partial")]
    return rate(refusals, lambda verdict: verdict.quality is not None and verdict.quality.tone == "graceful")
