"""A run held against a policy, and what came of it in the formats that a CI service reads."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from demur.comparing import compare_two
from demur.errors import IncompleteError, UsageError
from demur.findings import open_run
from demur.gate import Gate, apply_policy, default_policy, parse_policy
from demur.output import write_file
from demur.records import SCHEMA_VERSION, read_text, to_plain

__all__ = ["FORMATS", "check_format", "gate_run", "write_gate"]


def gate_run(path: str | Path, *, baseline: str | Path | None = None, policy: str | Path | None = None) -> Gate:
    """Hold a run against a policy.

    Args:
        path: folder of the run, or a log of Inspect.
        baseline: the run that changes are measured from; None applies no bound on a change.
        policy: a file in TOML, see `demur.gate`; None takes the default policy.

    Raises:
        UsageError: the policy has bounds on a change, it is a file of one's own, and there is no baseline; or the baseline was judged by
            another judge, so that a change may be the judge's.
        DataError: a run or the policy cannot be read, or the runs have no case in common.
        IncompleteError: the baseline is not complete.
    """
    rules = default_policy() if policy is None else parse_policy(read_text(Path(policy)), str(policy))
    run = open_run(path)
    if baseline is None:
        if policy is not None and rules.needs_baseline:
            raise UsageError(f"{policy}: has bounds on a change; expected --baseline RUN to measure it from")
        return apply_policy(rules, run.record)
    before = open_run(baseline)
    if before.record.status != "complete":
        raise IncompleteError(f"{baseline}: the baseline is not complete; go on with: demur check --resume {baseline}")
    comparison = compare_two(before, run)
    if comparison.before.judge != comparison.after.judge:
        raise UsageError(
            f"{baseline}: judged by {comparison.before.judge}, and {path} by {comparison.after.judge}; a change may be the "
            "judge's: check the baseline again with this version"
        )
    return apply_policy(rules, run.record, comparison)


def check_format(path: Path) -> None:
    """Raise UsageError unless there is a format for a file of that name."""
    if path.suffix not in FORMATS or path.is_dir():
        raise UsageError(f"{path}: unknown format; expected a file whose name ends in {', '.join(FORMATS)}")


def write_gate(gate: Gate, path: Path) -> None:
    """Write what came of it, in the format of the file's suffix.

    Raises:
        UsageError: the suffix is none of `FORMATS`, or the file is one that a run keeps.
        IncompleteError: the file cannot be written.
    """
    check_format(path)
    write_file(path, FORMATS[path.suffix](gate))


def _json(gate: Gate) -> str:
    plain = {"schema_version": SCHEMA_VERSION, "state": gate.state, "exit_code": gate.exit_code, **to_plain(gate)}
    return json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _junit(gate: Gate) -> str:
    """JUnit's XML as CI services read it: a bound is a test case, one that was not measured is an error."""
    counts = {state: sum(check.state == state for check in gate.checks) for state in ("failed", "not measured")}
    incomplete = int(not gate.is_complete)
    suite = ET.Element(
        "testsuite",
        name=f"demur gate {gate.subject}",
        tests=str(len(gate.checks) + incomplete),
        failures=str(counts["failed"]),
        errors=str(counts["not measured"] + incomplete),
    )
    if not gate.is_complete:
        case = ET.SubElement(suite, "testcase", classname="demur.gate", name="every sample was answered")
        ET.SubElement(case, "error", message="the run is not complete: demur check --resume RUN")
    for check in gate.checks:
        bound = check.bound
        name = f"{'change of ' if bound.of_change else ''}{bound.figure} {bound.sort} {bound.value:g}"
        case = ET.SubElement(suite, "testcase", classname="demur.gate", name=name)
        if check.state != "passed":
            ET.SubElement(case, "failure" if check.state == "failed" else "error", message=check.reason)
    ET.SubElement(suite, "system-out").text = "\n".join(gate.assumed)
    return _NOT_XML.sub("\ufffd", ET.tostring(suite, encoding="unicode", xml_declaration=True)) + "\n"


def _markdown(gate: Gate) -> str:
    lines = [
        f"## demur gate: {gate.state}",
        "",
        f"`{_code(gate.subject)}` against {_code(gate.policy)}",
        "",
        "| | bound | found |",
        "| --- | --- | --- |",
        *(f"| {_MARKS[check.state]} | {bound.figure}{' (change)' if bound.of_change else ''} {bound.sort} {bound.value:g} | {_cell(check.reason)} |"
          for check in gate.checks for bound in (check.bound,)),
        "",
        *(() if gate.is_complete else ("The run is not complete: `demur check --resume RUN`.", "")),
        "What this rests on:",
        "",
        *(f"- {_cell(line)}" for line in gate.assumed),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 has no place for."""
_MARKS = {"passed": "passed", "failed": "**failed**", "not measured": "not measured"}


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _code(text: str) -> str:
    return _cell(text).replace("`", "'")


FORMATS: Mapping[str, Callable[[Gate], str]] = {".json": _json, ".xml": _junit, ".md": _markdown}
"""Suffixes of the files that `write_gate` can write: demur's own record, JUnit's XML, and a summary in Markdown."""
