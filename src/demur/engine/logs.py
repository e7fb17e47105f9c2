"""Inspect's logs of our task, read back: what was found when someone ran ``inspect eval demur/check``."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog, EvalSample, read_eval_log, read_eval_log_samples
from inspect_ai.model import ChatMessage, ChatMessageAssistant

from demur.cases import Row
from demur.engine.samples import case_of_metadata
from demur.engine.solver import results_of_store
from demur.errors import DataError
from demur.types import Case, Result

__all__ = ["LogContents", "iter_replies", "read_log"]


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


def iter_replies(path: Path) -> Iterator[Row]:
    """Give the replies in a log of any task, a sample at a time: the columns are those that `demur.judge.logged` reads.

    Each thing that the model under test said is a reply, after what was said before it. A sample that failed before the
    model spoke is a row whose response is null.

    Raises:
        DataError: it is no log.
    """
    try:
        header = read_eval_log(str(path), header_only=True)
        for number, sample in enumerate(_samples(path, header), 1):
            where = f"{path}: sample {sample.id}"
            for values in _said(sample):
                yield Row(
                    where,
                    number,
                    {
                        **values,
                        "id": f"{sample.uuid or sample.id}/{sample.epoch}/{len(values['messages'])}",
                        "model": header.eval.model,
                    },
                )
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None
    except DataError:
        raise
    except Exception:  # noqa: BLE001 -- as above
        raise DataError(f"{path}: not an Inspect log that can be read to its end") from None


def _samples(path: Path, header: EvalLog) -> Iterable[EvalSample]:
    """Give the samples of a log, one at a time in memory where that can be."""
    if path.suffix != ".eval" or header.eval.dataset.sample_ids is None:
        # From one file of JSON each sample alone would be read by reading all of them.
        return read_eval_log(str(path), resolve_attachments=True).samples or []
    return read_eval_log_samples(
        str(path), all_samples_required=False, resolve_attachments=True, exclude_fields={"events", "store"}
    )


def _said(sample: EvalSample) -> Iterator[dict[str, Any]]:
    shared = {"ts": sample.started_at, "category": _text(sample.metadata.get("category"))}
    spoken = [index for index, message in enumerate(sample.messages) if isinstance(message, ChatMessageAssistant)]
    if not spoken:
        yield {**shared, "messages": _plain(sample.messages), "response": None}
    for index in spoken:
        message = sample.messages[index]
        is_last = index == spoken[-1] and bool(sample.output.choices)
        calls_tool = isinstance(message, ChatMessageAssistant) and bool(message.tool_calls) and not message.text
        yield {
            **shared,
            "messages": _plain(sample.messages[:index]),
            "response": None if calls_tool else message.text,
            "stop_reason": sample.output.stop_reason if is_last else None,
        }


def _plain(messages: list[ChatMessage]) -> list[dict[str, str]]:
    return [{"role": message.role, "content": message.text} for message in messages]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


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
