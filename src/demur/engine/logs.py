"""Inspect's logs of our task, read back: what was found when someone ran ``inspect eval demur/check``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from inspect_ai.log import EvalSample, read_eval_log

from demur.engine.samples import case_of_metadata
from demur.engine.solver import results_of_store
from demur.errors import DataError
from demur.types import Case, Result

__all__ = ["LogContents", "read_log"]


@dataclass(frozen=True)
class LogContents:
    """What a log says about a check-up."""

    model: str
    epochs: int
    n_expected: int
    """Samples the evaluation was to have, whether or not it came to them."""
    cases: tuple[Case, ...]
    """Those it came to."""
    results: tuple[Result, ...]
    versions: Mapping[str, str]
    """Of the packages the log names."""
    started: str
    """ISO 8601."""
    finished: str | None
    duration_s: float


def read_log(path: Path) -> LogContents:
    """Read a log of the task ``demur/check``.

    Raises:
        DataError: it is no log, or one of another task.
    """
    try:
        log = read_eval_log(str(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None
    except Exception:  # noqa: BLE001 -- whatever Inspect's reader trips over, and however it puts it, the file is no log
        raise DataError(
            f"{path}: not an Inspect log; expected what inspect eval demur/check wrote, or the folder of a run"
        ) from None
    samples = log.samples or []
    if any("demur_case" not in sample.metadata for sample in samples):
        raise DataError(f"{path}: a log of the task {log.eval.task}; expected one of demur/check")
    results = [result for sample in samples for result in _results(sample)]
    cases = {(case.suite, case.id): case for case in (_case(sample) for sample in samples)}
    epochs = log.eval.config.epochs or 1
    dataset = log.eval.dataset
    n_cases = len(dataset.sample_ids) if dataset.sample_ids else dataset.samples or len(cases)
    return LogContents(
        model=log.eval.model,
        epochs=epochs,
        n_expected=n_cases * epochs,
        cases=tuple(cases.values()),
        results=tuple(results),
        versions=dict(log.eval.packages),
        started=log.stats.started_at or log.eval.created,
        finished=log.stats.completed_at or None,
        duration_s=sum(sample.total_time or 0.0 for sample in samples),
    )


def _case(sample: EvalSample) -> Case:
    return case_of_metadata(sample.metadata, sample.epoch)[0]


def _results(sample: EvalSample) -> list[Result]:
    results = results_of_store(sample.store)
    if results or sample.error is None:
        return results
    case, epoch = case_of_metadata(sample.metadata, sample.epoch)
    failed = Result(
        case=case, epoch=epoch, turn=0, n_turns=1, move="ask", prompt=case.prompt, error=sample.error.message
    )
    return [failed]
