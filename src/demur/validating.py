"""Validating a judge: people's labels in, its agreement with them out, as a record and as a page beside it."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path

from demur.errors import DataError, UsageError
from demur.judge.labelled import LabelledRow, read_labelled
from demur.judge.logged import judge_replies
from demur.judge.phrase_sensitivity import measure_phrase_sensitivity
from demur.judge.recorded import RecordedJudge
from demur.judge.validation import Validation, validate
from demur.judges import open_judge
from demur.output import write_file
from demur.records import to_plain
from demur.report import render_validation

__all__ = ["validate_judge"]


def validate_judge(
    labelled: str | Path | None,
    *,
    judge: str = "local",
    grader: str | None = None,
    out: str | Path | None = None,
    phrase_sensitivity: bool = False,
    on_judged: Callable[[int], None] = lambda _: None,
) -> Validation:
    """Measure how well a judge agrees with people.

    Args:
        labelled: JSONL, JSON, CSV, TSV or Parquet, as `demur.judge.labelled.read_labelled` reads it; None measures the
            sensitivity to wording alone.
        judge: ``local``, ``graded``, or a file of verdicts that ``demur judge`` wrote.
        grader: the model behind ``graded``, as Inspect knows it.
        out: where the record goes, as JSON; the page goes beside it, with ``.html`` for its suffix.
        phrase_sensitivity: ask the judge about rewordings too.
        on_judged: told the number of verdicts so far, after some of them.

    Raises:
        DataError: the labels or the verdicts cannot be read.
        UsageError: there is no such judge, it cannot do this, or the record cannot be written there.
        IncompleteError: the record or the page cannot be written to its end.
    """
    opened = open_judge(judge, grader=grader)
    target = None if out is None else _check_target(Path(out), labelled, judge)
    if phrase_sensitivity and isinstance(opened, RecordedJudge):
        raise UsageError(
            f"judge: {judge} holds verdicts already given, which cannot be asked about rewordings; name a judge"
        )
    if labelled is None and not phrase_sensitivity:
        raise UsageError("labelled: no file given, and no --phrase-sensitivity; give one of the two")
    rows = [] if labelled is None else _read(Path(labelled))
    n_judged = 0

    def count(n: int) -> None:
        nonlocal n_judged
        n_judged += n
        on_judged(n_judged)

    replies = [row.reply for row in rows]
    found = validate(
        replies,
        judge_replies([(row.said, row.reply.turns) for row in rows], opened, on_judged=count),
        judge=opened,
        data="nothing" if labelled is None else Path(labelled).name,
        command=_command(labelled, judge, grader, phrase_sensitivity=phrase_sensitivity),
        phrase_sensitivity=measure_phrase_sensitivity(opened, replies, on_judged=count) if phrase_sensitivity else None,
    )
    if target is not None:
        _write(found, target)
    return found


def _read(path: Path) -> list[LabelledRow]:
    rows = list(read_labelled(path))
    if not rows:
        raise DataError(f"{path}: holds no row; expected one or more, each with a prompt, a response and a label")
    return rows


def _command(labelled: str | Path | None, judge: str, grader: str | None, *, phrase_sensitivity: bool) -> str:
    words = ["demur", "judge", "validate", *([] if labelled is None else [str(labelled)]), "--judge", judge]
    words += [] if grader is None else ["--grader", grader]
    return shlex.join([*words, *(["--phrase-sensitivity"] if phrase_sensitivity else [])])


def _check_target(target: Path, *sources: str | Path | None) -> Path:
    """See that the record and the page can be written and take nothing away, before the work."""
    page = _page_of(target)
    if target.suffix.lower() != ".json":
        raise UsageError(f"{target}: found suffix '{target.suffix}'; expected .json; the page goes beside it as .html")
    for path in (target, page):
        if path.is_dir():
            raise UsageError(f"{path}: is a folder; expected the name of a file")
    if not target.parent.is_dir():
        raise UsageError(
            f"{target}: cannot be written: there is no folder {target.parent}; make it or choose another place"
        )
    if target.exists():
        for source in sources:
            if source is not None and Path(source).exists() and target.samefile(source):
                raise UsageError(f"{target}: is what is to be read, and would be lost; choose another name")
    elif page.exists():  # where there is no record, a page is not of one
        raise UsageError(f"{page}: is there already, and the page would replace it; choose another name than {target}")
    return target


def _page_of(target: Path) -> Path:
    return target.with_suffix(".html")


def _write(found: Validation, target: Path) -> None:
    record = json.dumps(to_plain(found), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    for path, text in ((target, record), (_page_of(target), render_validation(found))):
        write_file(path, text, advice="make room or choose another place")
