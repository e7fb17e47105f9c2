"""demur calibrates how a language model says no: harmful requests answered and harmless ones refused, together.

The verbs of the command line, as functions::

    import demur

    run = demur.check("demur/smollm2", limit=20)
    print(run.record.scorecard.safety_rate, run.record.scorecard.false_refusal_rate)
    demur.write_report(run)

Importing demur loads nothing else; each name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from demur.cases import ColumnMapping, list_suites, load_custom, load_suite
    from demur.checkup import check, resume
    from demur.comparing import compare_runs
    from demur.contaminating import compare_with_corpora
    from demur.errors import DemurError
    from demur.findings import Run, open_run, write_report
    from demur.gating import gate_run
    from demur.held_out import measure_run_gap
    from demur.judge import default_judge
    from demur.judges import open_judge
    from demur.judging import judge_file
    from demur.subjects import list_subjects
    from demur.types import Case, Decoding, Estimate, Reply, Result, Turn, Verdict
    from demur.validating import validate_judge

__all__ = [
    "Case",
    "ColumnMapping",
    "Decoding",
    "DemurError",
    "Estimate",
    "Reply",
    "Result",
    "Run",
    "Turn",
    "Verdict",
    "check",
    "compare_runs",
    "compare_with_corpora",
    "default_judge",
    "gate_run",
    "judge_file",
    "list_subjects",
    "list_suites",
    "load_custom",
    "load_suite",
    "measure_run_gap",
    "open_judge",
    "open_run",
    "resume",
    "validate_judge",
    "write_report",
]

_HOMES = {
    "demur.cases": ("ColumnMapping", "list_suites", "load_custom", "load_suite"),
    "demur.checkup": ("check", "resume"),
    "demur.comparing": ("compare_runs",),
    "demur.contaminating": ("compare_with_corpora",),
    "demur.errors": ("DemurError",),
    "demur.findings": ("Run", "open_run", "write_report"),
    "demur.gating": ("gate_run",),
    "demur.held_out": ("measure_run_gap",),
    "demur.judge": ("default_judge",),
    "demur.judges": ("open_judge",),
    "demur.judging": ("judge_file",),
    "demur.subjects": ("list_subjects",),
    "demur.types": ("Case", "Decoding", "Estimate", "Reply", "Result", "Turn", "Verdict"),
    "demur.validating": ("validate_judge",),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'demur' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
