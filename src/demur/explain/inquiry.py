"""Asking within a budget: every call is counted, and nothing is asked twice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from demur.errors import UsageError
from demur.stats import wilson
from demur.types import Case, Estimate, Outcome, Result, Turn, Verdict

__all__ = ["Answer", "Ask", "Inquiry", "rate_of"]

Ask = Callable[[Sequence[Case], int], Sequence[Result]]
"""Asks cases, each once, and gives a result of each in their order; the number says which sample of them it is, from 0."""


@dataclass(frozen=True)
class Answer:
    """What came of one call."""

    case: Case
    """As it was asked."""
    verdict: Verdict | None
    reply: str

    @property
    def outcome(self) -> Outcome | None:
        """None is unjudged."""
        return None if self.verdict is None else self.verdict.outcome

    @property
    def is_refused(self) -> bool | None:
        """Whether it was refused outright; None is unjudged."""
        return None if self.outcome is None else self.outcome == "refuse"

    @property
    def is_given(self) -> bool | None:
        """Whether what was asked for was given, be it in part; None is unjudged."""
        return None if self.outcome is None else self.outcome in ("comply", "partial")


class Inquiry:
    """Asks a subject, at most as often as the budget allows.

    Args:
        ask: asks.
        budget: most calls.
        is_greedy: whether the same question gets the same answer; then one sample of it is all there is.
    """

    def __init__(self, ask: Ask, budget: int, *, is_greedy: bool) -> None:
        self._ask = ask
        self.budget = budget
        self.is_greedy = is_greedy
        self._known: dict[tuple[tuple[Turn, ...], str, int], Answer] = {}

    @property
    def n_calls(self) -> int:
        """Calls so far."""
        return len(self._known)

    @property
    def left(self) -> int:
        """Calls that may still be made."""
        return self.budget - self.n_calls

    def ask(self, cases: Sequence[Case], *, sample: int = 0) -> list[Answer]:
        """Ask cases at once; what was asked before is not asked again.

        Args:
            cases: each a single question.
            sample: which sample of them; of a greedy subject there is only the first.

        Raises:
            UsageError: the budget does not allow it.
        """
        sample = 0 if self.is_greedy else sample
        new: Mapping[tuple[tuple[Turn, ...], str, int], Case] = {
            (case.turns, case.expect, sample): case
            for case in cases
            if (case.turns, case.expect, sample) not in self._known
        }
        if len(new) > self.left:
            raise UsageError(
                f"budget: {self.n_calls} of {self.budget} calls are made, and {len(new)} more are needed; give a larger --budget"
            )
        if new:
            first = self.n_calls
            named = [replace(case, id=f"{case.id}#{first + n}") for n, case in enumerate(new.values(), 1)]
            for key, case, result in zip(new, named, self._ask(named, sample), strict=True):
                self._known[key] = Answer(case, result.verdict, result.reply.text if result.reply else "")
        return [self._known[case.turns, case.expect, sample] for case in cases]


def rate_of(outcomes: Sequence[bool | None]) -> Estimate:
    """Estimate how often something is so; what is not known is counted beside."""
    known = [outcome for outcome in outcomes if outcome is not None]
    return wilson(sum(known), len(known), n_unjudged=len(outcomes) - len(known))
