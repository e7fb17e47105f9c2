"""Verdicts that were already given, as a judge: what it has no verdict on is unjudged."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from demur.cases import Row, read_rows
from demur.errors import DataError
from demur.judge.logged import read_turns
from demur.records import from_plain
from demur.types import Reply, Turn, Verdict

__all__ = ["RecordedJudge", "read_recorded"]

_Said = tuple[tuple[Turn, ...], str]


class RecordedJudge:
    """Repeats the verdicts of another judge on the replies that it has judged."""

    def __init__(self, name: str, version: str, verdicts: Mapping[_Said, Verdict]) -> None:
        """Take the verdicts, each by the conversation up to the question and the text of the reply."""
        self._name, self._version, self._verdicts = name, version, verdicts

    @property
    def name(self) -> str:
        """Name of the judge that gave them."""
        return self._name

    @property
    def version(self) -> str:
        """Its version."""
        return self._version

    def judge(self, reply: Reply, turns: Sequence[Turn], /) -> Verdict:
        """Look the reply up; see `demur.judge.base.Judge`."""
        unknown = Verdict(None, judge=self.name, judge_version=self.version, note="no verdict was recorded")
        return self._verdicts.get((tuple(turns), reply.text), unknown)

    def judge_many(self, pairs: Iterable[tuple[Reply, Sequence[Turn]]]) -> list[Verdict]:
        """Look each reply up."""
        return [self.judge(reply, turns) for reply, turns in pairs]


def read_recorded(path: Path) -> RecordedJudge:
    """Read the verdicts that ``demur judge`` wrote, in any format it writes.

    Raises:
        DataError: the file cannot be read or holds no row, a row has no verdict of demur's, two judges gave them, or one
            reply has two outcomes.
    """
    verdicts: dict[_Said, Verdict] = {}
    judge: tuple[str, str] | None = None
    for row in read_rows(path):
        verdict = _read_verdict(row)
        by = (verdict.judge, verdict.judge_version)
        judge = judge or by
        if by != judge:
            raise DataError(
                f"{row.where}: a verdict of {' '.join(by)} after those of {' '.join(judge)}; expected one judge"
            )
        response = row.values.get("response")
        said = (read_turns(row.values, row.where), response if isinstance(response, str) else "")
        if said in verdicts and verdicts[said].outcome != verdict.outcome:
            raise DataError(
                f"{row.where}: outcome {verdict.outcome} for a reply that is {verdicts[said].outcome} above; keep one"
            )
        verdicts[said] = verdict
    if judge is None:
        raise DataError(f"{path}: holds no row; expected what demur judge wrote")
    return RecordedJudge(*judge, verdicts)


def _read_verdict(row: Row) -> Verdict:
    value = row.values.get("verdict")
    if isinstance(value, str):  # in CSV and Parquet it is the text of its JSON
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise DataError(f"{row.where}: verdict: not JSON; expected what demur judge wrote") from None
    if not isinstance(value, Mapping) or "judge_version" not in value:
        raise DataError(f"{row.where}: verdict: found none of demur's; expected what demur judge wrote")
    verdict = from_plain(Verdict, value, f"{row.where}: verdict")
    if verdict.confidence is not None and not 0 <= verdict.confidence <= 1:
        raise DataError(f"{row.where}: verdict: confidence: found {verdict.confidence}; expected a number from 0 to 1")
    return verdict
