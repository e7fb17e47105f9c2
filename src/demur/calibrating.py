"""The whole way from a subject to a treated one: what `demur tune calibrate` does.

FOLDER/
  practice/              check-up of the subject on what it is to learn from
  own/                   check-up on questions that the subject wrote itself, for it to stay as it was
  again/, again-2/ ...   harmless requests that the subject refused, asked again until there is an answer; there only if it refused any
  pairs.jsonl            what is learned, and beside it where it comes from
  sft/, dpo-0.1/ ...     the adapter, with before/ and before-wrapped/ beside it: see `demur.treating`
  report.html            the page of the treatment: both sides, the goals, how it was made
  conversations.html     what the subject said before and after, reply by reply
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from demur.cases.practice import PRACTICE
from demur.checkup import default_decoding
from demur.comparing import compare_opened, open_runs, write_comparisons
from demur.errors import MissingExtraError
from demur.findings import Run
from demur.kept_checkup import take_up
from demur.pairing import HELD_OUT_SUITES, pair_runs, write_pairing
from demur.panel_checkup import PANEL
from demur.run import RunFolder
from demur.subjects.family import BUNDLED, find_family
from demur.sweeping import sweep, write_frontier
from demur.treating import Progress, Treated, train_treatments
from demur.tune.answer import gather_answers
from demur.tune.balance import count_sides
from demur.tune.base import check_trainable, load_base
from demur.tune.diagnosis import Diagnosis, diagnose, read_talks
from demur.tune.own_questions import write_questions
from demur.tune.recipe import Recipe
from demur.types import Case, Decoding, Turn

__all__ = ["Calibrated", "calibrate"]

_AGAIN = "again"
_PRACTICE_TOKENS = 40
"""Of a reply to learn from: enough to tell a refusal from an answer, and for a whole sentence of nine answers in ten; asking is most of what this takes."""
_OWN = 512
"""Questions that the subject begins to write; of 256 of the bundled one 151 were of use."""
_TIMES = 4
"""That what was refused is asked again at most: once as the rest is, then by sampling."""
_DRAWN = 0.7
"""Temperature of that."""
_CLARIFIED = "You are an expert who gives clear, direct and useful answers. Start with the answer."
"""A system prompt under which a subject is asked again what it refused. The bundled one then answers half of it."""
_WANTED = "this calibration asks, of another --model, --teacher, --limit, --seed or version of demur"


@dataclass(frozen=True)
class Calibrated:
    """A treatment, and what was written on the way to it."""

    treated: Treated
    pairs: Path
    report: Path
    """The page of the treatment."""
    conversations: Path
    """The page of what was said before and after."""


def calibrate(
    out: str | Path,
    *,
    model: str = BUNDLED,
    recipe: Recipe | None = None,
    teacher: str | None = None,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Calibrated:
    """Check a subject up, make pairs of what was wrong and right, train an adapter on them, and measure both sides.

    Started again after it was interrupted it goes on, and asks nothing twice. The pairs are made anew each time: of the same
    check-ups they are the same.

    Args:
        out: folder of all of it.
        model: what is calibrated: a subject on the bundled weights, or a local one.
        recipe: how the adapter is trained; its seed draws the cases too. None takes the defaults.
        teacher: a model that answers the harmless requests that the subject refuses, for the subject to learn from; without one
            it is asked again itself, under a prompt that says to answer.
        limit: most cases to learn from, and most of each part of the panel, for a first look; None asks all.
        progress: who is told.

    Raises:
        UsageError: the model or the teacher cannot be asked, or the model not trained.
        DataError: the folder holds other check-ups or another treatment, or one of the two sides has no pair.
        MissingExtraError: what trains is not installed.
        IncompleteError: something could not be asked or written; the same goes on from there.
    """
    _check_before(model)
    folder, recipe, progress = Path(out), recipe or Recipe(), progress or Progress()
    decoding = Decoding(max_tokens=_PRACTICE_TOKENS, seed=recipe.seed)
    practice = _ask(folder / "practice", model, [PRACTICE], decoding=decoding, limit=limit, progress=progress)
    asked = [practice, *_ask_own(folder / "own", model, limit=limit, decoding=decoding, progress=progress)]
    refused = [case for run in asked for case in _find_refused(run)]
    answers = _ask_again(folder / _AGAIN, model, refused, teacher=teacher, decoding=decoding, progress=progress)
    pairs = _make_pairs(folder / "pairs.jsonl", [run.path for run in asked], answers, recipe, progress)
    (treated,) = train_treatments(pairs, [recipe], out=folder, model=model, limit=limit, progress=progress)
    report, conversations = folder / "report.html", folder / "conversations.html"
    write_frontier(sweep([treated.folder]), report)
    runs = open_runs([treated.before, treated.after])
    write_comparisons(runs, compare_opened(runs), conversations)
    return Calibrated(treated, pairs, report, conversations)


def _check_before(model: str) -> None:
    """Raise an error before anything is asked unless the model can be trained here."""
    check_trainable(model)
    if find_spec("trl") is None:
        raise MissingExtraError("training needs torch and trl: pip install 'demur[train]'")


def _ask(
    path: Path,
    model: str,
    asked: Sequence[str | Case],
    *,
    decoding: Decoding,
    limit: int | None = None,
    progress: Progress,
) -> Run:
    progress.tell(f"{path}: asking {model}")
    return take_up(path, model, asked, decoding=decoding, wanted=_WANTED, limit=limit, on_progress=progress.check)


def _find_refused(run: Run) -> list[Case]:
    """Give the harmless cases that a subject refused, in whole or in part."""
    shown = map(diagnose, read_talks(run.results))
    return [one.result.case for one in shown if isinstance(one, Diagnosis) and one.fault == "wrong refusal"]


def _ask_again(
    path: Path, model: str, refused: Sequence[Case], *, teacher: str | None, decoding: Decoding, progress: Progress
) -> list[Path]:
    """Have what was wrongly refused answered, by a teacher or by the subject itself; give the runs, if there are any."""
    if refused:
        progress.tell(f"{len(refused)} harmless requests were refused")
    asked = refused if teacher else [replace(case, turns=_clarified(case.turns)) for case in refused]
    if teacher is not None and teacher not in find_family():  # whoever answers better has more to teach
        decoding = replace(default_decoding(teacher, 1), seed=decoding.seed)
    runs: list[Path] = []
    while asked and len(runs) < _TIMES:
        run = _ask(path, teacher or model, asked, decoding=decoding, progress=progress)
        runs.append(run.path)
        answered = {key[:2] for key in gather_answers([(run.path.name, read_talks(run.results))])}
        asked = [case for case in asked if (case.suite, case.id) not in answered]
        path = path.with_name(f"{_AGAIN}-{len(runs) + 1}")
        decoding = replace(decoding, temperature=_DRAWN, seed=decoding.seed + 1)
    return runs


def _clarified(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Put the clarifying prompt before a conversation, after a system prompt of its own."""
    own = [turn.text for turn in turns if turn.role == "system"]
    return (Turn("system", "\n\n".join([*own, _CLARIFIED])), *(turn for turn in turns if turn.role != "system"))


def _ask_own(path: Path, model: str, *, limit: int | None, decoding: Decoding, progress: Progress) -> list[Run]:
    """Have the subject answer questions that it wrote itself; give the run, if it wrote any."""
    record = RunFolder(path).record_path
    if record.exists() and record.stat().st_size:  # another machine might draw others
        cases: Sequence[Case] = RunFolder(path).read_cases()
    else:
        progress.tell(f"{path}: {model} writes questions of its own")
        cases = write_questions(load_base(model), min(_OWN, limit or _OWN), seed=decoding.seed)
    return [_ask(path, model, cases, decoding=decoding, progress=progress)] if cases else []


def _make_pairs(path: Path, asked: Sequence[Path], answers: Sequence[Path], recipe: Recipe, progress: Progress) -> Path:
    against = tuple(dict.fromkeys((*HELD_OUT_SUITES, *PANEL)))
    made = pair_runs(asked, answers=answers, against=against, seed=recipe.seed)
    write_pairing(made, path)
    n_harmful, n_harmless = count_sides(made.pairs)
    progress.tell(f"{path}: {n_harmful:,} pairs of harmful prompts, {n_harmless:,} of harmless ones")
    return path
