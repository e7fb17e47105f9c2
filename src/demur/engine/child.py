"""The process that asks: one Inspect evaluation of what is left to ask of a run.

Inspect keeps state for the whole process, so each evaluation has one of its own. It is told the folder of the run and
the settings as its arguments, keeps each finished sample in the run's results before it says so, and writes its
progress as JSON lines to the given file descriptor. When its standard input ends, the parent is gone, and it ends too.
"""

import json
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inspect_ai import eval as inspect_eval

from demur.drills import Drill
from demur.engine.failure import Failure
from demur.engine.grader import ROLE, open_grader
from demur.engine.models import count_connections, open_model
from demur.engine.patience import Patience
from demur.engine.samples import sample_of_case
from demur.engine.settings import EngineSettings
from demur.engine.task import make_task
from demur.errors import DemurError, IncompleteError
from demur.records import from_plain
from demur.run import RunFolder, SampleKey, finished_samples, most_turns
from demur.types import Result

__all__ = ["main"]


class _Progress:
    """The line to the parent: one JSON object for each thing that happened."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def tell(self, event: str, **details: Any) -> None:
        """Say that something happened."""
        os.write(self._descriptor, (json.dumps({"event": event, **details}) + "\n").encode())


class _RunJournal:
    """Keeps finished samples in the run's folder, and gives up when nothing works."""

    def __init__(
        self, folder: RunFolder, drills: Mapping[tuple[str, str], Drill], progress: _Progress, give_up_after: int
    ) -> None:
        self._folder, self._drills = folder, drills
        self._progress = progress
        self._patience = Patience(give_up_after)
        self._unwritable: str | None = None

    def finished(self, results: Sequence[Result]) -> None:
        """Keep the replies of a sample."""
        self._patience.worked()
        self._keep(results)

    def failed(self, results: Sequence[Result], failure: Failure) -> None:
        """Keep what there is of a sample that failed."""
        self._keep(results)
        if self._patience.failed(failure):
            self._progress.tell("gave_up", message=self._patience.reason)

    def reason_to_stop(self) -> str | None:
        """Say why nothing more should be asked, or None."""
        return self._unwritable or self._patience.reason

    def _keep(self, results: Sequence[Result]) -> None:
        try:
            self._folder.append_results(results)
        except IncompleteError as error:
            # What cannot be kept must not be paid for.
            self._unwritable = str(error)
            self._progress.tell("failed", message=self._unwritable, kind=IncompleteError.__name__)
            raise
        self._progress.tell(
            "sample",
            turns=most_turns(results[0].case, self._drills),
            tokens=sum(result.reply.n_output_tokens or 0 for result in results if result.reply),
            error=results[-1].error,
        )


def main(path: str, settings_json: str, descriptor: str) -> None:
    """Ask what is left to ask of the run at ``path``."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    progress = _Progress(int(descriptor))
    try:
        _evaluate(RunFolder(Path(path)), from_plain(EngineSettings, json.loads(settings_json), "settings"), progress)
    except DemurError as error:
        progress.tell("failed", message=str(error), kind=type(error).__name__)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the parent must hear of it; the log has the traceback
        import traceback

        traceback.print_exc()
        progress.tell("failed", message=_describe(error), kind=IncompleteError.__name__)


def _evaluate(folder: RunFolder, settings: EngineSettings, progress: _Progress) -> None:
    record = folder.read_record()
    done = finished_samples(folder.read_results())
    samples = [
        sample_of_case(case, epoch=epoch)
        for epoch in range(1, record.epochs + 1)
        for case in folder.read_cases()
        if SampleKey(case.suite, case.id, epoch) not in done
    ]
    # Conversations take several replies one after the other: begun last, they would be waited for alone.
    samples.sort(key=lambda sample: (sample.metadata or {})["demur_case"]["drill"] is None)
    model = open_model(record.subject.model)
    connections = count_connections(model, settings)
    grader = None if record.grader is None else open_grader(record.grader, settings)
    drills = folder.read_drills()
    journal = _RunJournal(folder, drills, progress, settings.give_up_after)
    inspect_eval(
        make_task(samples, drills, decoding=record.subject.decoding, journal=journal, grader=grader),
        model=model,
        model_roles={} if grader is None else {ROLE: grader.model},
        display="none",
        log_dir=str(folder.logs_path),
        log_format="eval",
        log_realtime=False,
        score_display=False,
        ctl_server=False,
        fail_on_error=False,
        # Neither the subject nor the grader is to wait for the other.
        max_samples=connections + (0 if grader is None else count_connections(grader.model, settings)),
        max_connections=connections,
        adaptive_connections=False,
        max_retries=settings.retries,
        attempt_timeout=settings.timeout_s,
    )


def _describe(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _end_with_parent() -> None:
    # Not sys.stdin.read(): a thread that holds its lock when the interpreter ends makes that a fatal error.
    while os.read(0, 1024):
        pass
    os._exit(3)


if __name__ == "__main__":
    main(*sys.argv[1:])
