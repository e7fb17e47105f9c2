"""A run: the folder one check-up leaves behind, and how it is read and written.

RUN/
  run.json        what was asked of whom, how it went, the scorecard     (`RunRecord`)
  cases.jsonl     what is to be asked, one `Case` a line, fixed when the run starts
  drills.jsonl    the scripts of those cases that are drills, one `Drill` a line; there only if there are any
  results.jsonl   a reply and its verdict a line (`Result`); appended as they come, put in order at the end
  report.html     the report
  logs/           the logs of Inspect, one file for each time the run was started or resumed
"""

from demur.run.folder import RunFolder
from demur.run.record import Counts, JudgeInfo, RunRecord, SubjectRecord, SuiteRecord
from demur.run.sample import SampleKey, count_samples, finished_samples, most_turns, sample_key

__all__ = [
    "Counts",
    "JudgeInfo",
    "RunFolder",
    "RunRecord",
    "SampleKey",
    "SubjectRecord",
    "SuiteRecord",
    "count_samples",
    "finished_samples",
    "most_turns",
    "sample_key",
]
