"""A system prompt for a subject, searched and checked: what `demur tune prompt` does.

FOLDER/
  prompt.txt      the whole system prompt, as for demur check --system
  treatment.json  what it was made from, and its panel
  work/           every check-up on the way, each a run

Where nothing was found, or what was found does harm, there is only work/.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from demur.checkup import CheckProgress
from demur.compare import Comparison, compare
from demur.engine.settings import EngineSettings
from demur.errors import UsageError
from demur.findings import Run, judge_info, open_run
from demur.kept_checkup import take_up
from demur.output import write_file
from demur.records import content_hash
from demur.run import RunFolder, RunRecord
from demur.subjects.adapter import MEASURED
from demur.tune.folder import hash_files, save_treatment
from demur.tune.panel import measure_panel
from demur.tune.prompts.block import Block, load_blocks, load_order, load_parts
from demur.tune.prompts.candidate import Candidate, draw_candidates
from demur.tune.prompts.outcome import Outcome, asked_under, read_outcome
from demur.tune.prompts.planning import TuningPlan, plan_tuning
from demur.tune.prompts.scoring import read_answers
from demur.tune.prompts.search import Found, search_prompts
from demur.tune.prompts.writing import ask_writer, read_written
from demur.tune.treatment import Panel, Treatment
from demur.types import Case, Decoding, Turn

__all__ = ["DEFAULT_BUDGET", "Tuned", "tune_prompt"]

DEFAULT_BUDGET = 1000
"""Replies."""

_PROMPT = "prompt.txt"
_WRITER_TOKENS = 4096
"""A dozen phrasings take some 500, and a model that thinks first spends its thoughts from the same."""


@dataclass(frozen=True)
class Tuned:
    """What came of the search for a system prompt."""

    found: Found
    n_replies: int
    """Asked of the subject in all, in this sitting and before."""
    text: str | None = None
    """The prompt that was checked on held-out cases; None where none was found."""
    outcome: Outcome | None = None
    """What the check said; likewise."""
    comparison: Comparison | None = None
    """Of the plain held-out cases; likewise."""
    treatment: Treatment | None = None
    """As it was saved; None where none was found, or it does harm."""


def tune_prompt(
    run: str | Path,
    out: str | Path,
    *,
    budget: int = DEFAULT_BUDGET,
    writer: str | None = None,
    settings: EngineSettings | None = None,
    on_progress: Callable[[CheckProgress], None] = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
) -> Tuned:
    """Search a system prompt that mends what a check-up found, and check it on cases that the search has not seen.

    Started again after it was interrupted it goes on, and asks nothing twice.

    Args:
        run: folder of a finished check-up with faults; its subject is asked, as it was asked then.
        out: folder of the treatment.
        budget: most replies to ask of the subject in all.
        writer: a model of Inspect that writes further phrasings; None takes those alone that come with demur.
        settings: how many questions at a time, how patiently.
        on_progress: told after every reply; the total is the whole budget, of which some may be left.
        tell: told in a line what comes next.

    Raises:
        UsageError: the run cannot be tuned on, the budget is too small, or the folder is taken.
        DataError: there is no run, the folder holds other check-ups, or the writer wrote nothing that can be used.
        IncompleteError: something was not answered; the same goes on from there.
    """
    opened, folder = open_run(run), Path(out)
    _check_run(opened)
    _check_folder(folder)
    record = opened.record
    rng = np.random.default_rng(record.seed or 0)
    cases = RunFolder(opened.path).read_cases()
    plan = plan_tuning(record, cases, opened.results, budget=budget, path=str(opened.path), rng=rng)
    asker = _Asker(record, folder / "work", budget, settings, on_progress)
    own = Candidate(record.subject.system)
    blocks = _gather_blocks(own, plan, writer, asker)
    found = search_prompts(
        draw_candidates(blocks, plan.rounds[0].n_candidates, first=load_order(), own=own.own, rng=rng),
        plan.split.tuning,
        plan.before,
        rounds=plan.rounds,
        budget=plan.budget.n_search,
        ask=lambda candidate, asked, stage: read_answers(asker.ask(candidate, asked, stage).results),
        tell=tell,
    )
    if found.candidate is None:
        return Tuned(found, found.n_replies)
    held_out = list(chain.from_iterable((*plan.budget.held_out, *plan.budget.wrapped)))
    tell(f"{found.candidate.label}: {len(held_out)} held-out cases, before and after")
    runs = [asker.ask(candidate, held_out, "held-out") for candidate in (own, found.candidate)]
    return _conclude(folder, own, found.candidate, runs, Tuned(found, found.n_replies + plan.budget.n_check))


def _conclude(folder: Path, own: Candidate, chosen: Candidate, runs: Sequence[Run], tuned: Tuned) -> Tuned:
    """Say what the check on held-out cases found, and save the treatment unless it does harm."""
    before, after = (
        asked_under((run.record, run.results), candidate.text)
        for run, candidate in zip(runs, (own, chosen), strict=True)
    )
    panel = measure_panel(before, after)
    outcome = read_outcome(panel.changes)
    tuned = replace(
        tuned,
        text=chosen.text,
        outcome=outcome,
        comparison=compare(before, after, paths=(str(runs[0].path), str(runs[1].path))),
    )
    if outcome.kind == "worse":
        return tuned
    write_file(folder / _PROMPT, f"{chosen.text}\n")
    treatment = _make_treatment(folder, runs[1].record, chosen, panel, tuned)
    save_treatment(folder, treatment)
    return replace(tuned, treatment=treatment)


def _make_treatment(folder: Path, record: RunRecord, chosen: Candidate, panel: Panel, tuned: Tuned) -> Treatment:
    return Treatment(
        sort="prompt",
        model=record.subject.model,
        base_sha256=None,
        settings={
            "method": "successive halving",
            "blocks": chosen.label,
            "n_candidates": tuned.found.n_candidates,
            "n_replies": tuned.n_replies,
            "seed": record.seed,
        },
        files=hash_files(folder, _PROMPT),
        versions=record.versions,
        card=None,
        panel=panel,
    )


def _check_run(run: Run) -> None:
    """Raise UsageError unless the run is one to start from."""
    record, judge = run.record, judge_info()
    if record.subject.decoding is None:
        raise UsageError(
            f"{run.path}: a log does not say how its subject was asked; expected the folder that demur check leaves"
        )
    if record.status != "complete":
        raise UsageError(f"{run.path}: is not complete; go on with it first: demur check --resume {run.path}")
    if (record.judge.name, record.judge.version) != (judge.name, judge.version):
        raise UsageError(
            f"{run.path}: was judged by {record.judge.name} {record.judge.version}, and this demur has {judge.name} "
            f"{judge.version}; verdicts of two judges make no one rate: check again"
        )


def _check_folder(folder: Path) -> None:
    """Raise UsageError unless a treatment can be put there."""
    if (folder / MEASURED).exists():
        raise UsageError(f"{folder}: there is a treatment here already; choose another -o")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file; expected the name of a folder; choose another -o")


def _gather_blocks(own: Candidate, plan: TuningPlan, writer: str | None, asker: "_Asker") -> tuple[Block, ...]:
    """Give the blocks to draw from, those of the writer before the others of their part."""
    is_operated = own.own is not None
    blocks, parts = load_blocks(is_operated=is_operated), load_parts(is_operated=is_operated)
    if writer is None:
        return blocks
    written = asker.write(writer, ask_writer(parts, own=own.own, faults=plan.faults), parts)
    order = list(parts)
    return tuple(sorted((*written, *blocks), key=lambda block: order.index(block.part)))


class _Asker:
    """Asks in check-ups that are kept, and asks nothing twice."""

    def __init__(
        self,
        record: RunRecord,
        work: Path,
        budget: int,
        settings: EngineSettings | None,
        on_progress: Callable[[CheckProgress], None],
    ) -> None:
        self._subject = record.subject
        self._work = work
        self._settings = settings
        self._on_progress = on_progress
        self._so_far = CheckProgress(n_turns=budget, n_done=0, n_before=0, n_errors=0, n_output_tokens=0)

    def ask(self, candidate: Candidate, cases: Sequence[Case], stage: str) -> Run:
        """Ask the subject, with a candidate's prompt.

        Raises:
            DataError: another check-up is in its place. IncompleteError: something was not answered.
        """
        turns = () if candidate.text is None else (Turn("system", candidate.text),)
        asked = [replace(case, turns=(*turns, *case.turns)) for case in cases]
        begun = step = self._so_far

        def advance(now: CheckProgress) -> None:
            nonlocal step
            step = now.after(begun)
            self._on_progress(step)

        folder = self._work / f"{candidate.key}-{stage}"
        run = self._check(self._subject.model, asked, folder, self._subject.decoding, advance)
        self._so_far = step
        return run

    def write(self, writer: str, question: Case, parts: Collection[str]) -> tuple[Block, ...]:
        """Ask the writer for phrasings.

        Raises:
            DataError: there is none in its answer. IncompleteError: it gave none.
        """
        folder = self._work / f"{content_hash([writer, question.prompt])}-writer"
        run = self._check(writer, [question], folder, Decoding(max_tokens=_WRITER_TOKENS), lambda _: None)
        reply = run.results[0].reply
        return read_written(reply.text if reply else "", parts)

    def _check(
        self,
        model: str,
        cases: Sequence[Case],
        path: Path,
        decoding: Decoding | None,
        on_progress: Callable[[CheckProgress], None],
    ) -> Run:
        return take_up(
            path,
            model,
            cases,
            decoding=decoding,
            wanted="this search asks, of another run, --budget or version of demur",
            settings=self._settings,
            on_progress=on_progress,
        )
