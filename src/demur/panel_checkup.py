"""The check-ups that a panel is made of: plain cases and wrapped ones, asked once and kept beside the treatment."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from demur.checkup import CheckProgress
from demur.findings import Run
from demur.kept_checkup import take_up
from demur.tune.panel import Checked
from demur.types import Decoding

__all__ = ["PANEL", "WRAPPED_CASES", "ask_panel", "merge_runs"]

PANEL = ("held-out", "drills-quick", "quiz")
"""What a treatment is measured on, beside wrapped cases."""
WRAPPED_CASES = 200
"""Drawn of the suite of wrapped cases."""
_DECODING = Decoding(max_tokens=96)
"""A refusal with all its parts takes more than the usual 64."""


def ask_panel(
    model: str, folder: Path, name: str, *, limit: int | None, on_progress: Callable[[CheckProgress], None]
) -> list[Run]:
    """Ask a subject the cases of the panel, or go on asking; the plain ones first.

    Args:
        model: the subject.
        folder: of the treatment.
        name: of the check-up in it, such as ``before``; the wrapped cases are in that of its name and ``-wrapped``.
        limit: most cases of either; None asks all.
        on_progress: told after every sample.

    Raises:
        DataError: another check-up is in its place. IncompleteError: something was not answered; the same goes on from there.
    """
    n_wrapped = WRAPPED_CASES if limit is None else min(WRAPPED_CASES, limit)
    asked = ((name, PANEL, limit), (f"{name}-wrapped", ("wrapped",), n_wrapped))
    return [
        take_up(
            folder / own,
            model,
            suites,
            decoding=_DECODING,
            wanted="this panel, as of another --limit or version of demur",
            limit=most,
            on_progress=on_progress,
        )
        for own, suites, most in asked
    ]


def merge_runs(runs: Sequence[Run]) -> Checked:
    """Put the check-ups of one panel together."""
    suites = tuple(suite for run in runs for suite in run.record.suites)
    return replace(runs[0].record, suites=suites), [result for run in runs for result in run.results]
