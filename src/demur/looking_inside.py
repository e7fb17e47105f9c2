"""A look at a model's inside: where its refusals come from, and where each case of a run lies.

The prompts of a run are read once, at the end of each, at every layer; what was read is kept by its content. Everything that is found is found
on one part of the families, chosen on another, and measured on a third.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.errors import DataError, UsageError
from demur.explain.inside.agreement import LocaleAgreement, measure_agreement
from demur.explain.inside.candidate import Place
from demur.explain.inside.case_map import CaseMap, detect_false_alarms, draw_map, read_axes
from demur.explain.inside.categories import Categories, compare_categories
from demur.explain.inside.direction_record import DirectionRecord
from demur.explain.inside.effect import FirstTokenScore, JudgedScore, Score
from demur.explain.inside.harm_direction import Located, find_harm_direction
from demur.explain.inside.labels import Labels, Split, fold_families, read_labels, split_families
from demur.explain.inside.margin import measure_margins
from demur.explain.inside.network import Network
from demur.explain.inside.prompt import Prompt, Prompts, gather_prompts
from demur.explain.inside.refusal_direction import Sought, find_refusal_direction
from demur.explain.inside.refusal_score import FirstTokens, derive_tokens, read_scores, validate
from demur.explain.inside.states import States, read_states
from demur.findings import Run, open_run
from demur.judge import Judge, default_judge
from demur.records import installed_versions, to_plain
from demur.subjects.adapter import is_steering
from demur.subjects.family import find_family
from demur.subjects.weights import hash_weights
from demur.subjects.whitebox import LOCAL, load_adapted
from demur.tune.base import Base, load_base
from demur.types import Result

__all__ = ["Inside", "Read", "look_inside", "make_network", "open_network", "read_inside", "read_prompts"]

_MOST_MARGINS = 64

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Inside:
    """What a look at a model found."""

    direction: DirectionRecord
    map: CaseMap | None
    """None where nothing tells harmful from harmless."""
    vectors: Mapping[str, Floats]
    """``harm`` and ``refusal``: differences in means, shape (width,), of those that can be used."""

    def to_plain(self) -> dict[str, Any]:
        """Give what is written as JSON."""
        return {"direction": to_plain(self.direction), "map": None if self.map is None else to_plain(self.map)}


class Read(NamedTuple):
    """A model with the prompts of a run, read: what every part of a look shares."""

    network: Network
    score: Score
    before: Floats
    """Refusal scores of the prompts as they are."""
    states: States
    gathered: Prompts
    labels: Labels
    split: Split
    first: FirstTokens
    rng: np.random.Generator
    tell: Callable[[str], None]

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """What was read."""
        return self.gathered.read


def look_inside(
    run: str | Path | Run,
    *,
    model: str | None = None,
    cache: str | Path | None = None,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda _, __: None,
    tell: Callable[[str], None] = lambda _: None,
) -> Inside:
    """Look where the refusals of a run come from.

    Args:
        run: a check-up or its folder, whose verdicts are explained.
        model: whose inside is read: a subject on the bundled weights, or ``demur/local/NAME``; None is the subject of the run.
        cache: where states are kept for the next look; None keeps none.
        seed: of parts, controls and folds.
        on_progress: told how many prompts were read, and of how many.
        tell: told in a line what comes next.

    Raises:
        MissingExtraError: torch or transformers is not installed.
        UsageError: the model has no weights that can be read, no chat template, or a tokenizer that is not its own; or nothing was asked.
        DataError: there is no such run or model, or a prompt does not fit the model's context.
    """
    opened = run if isinstance(run, Run) else open_run(run)
    name = model or opened.record.subject.model
    tell(f"loading {name}")
    return read_inside(
        open_network(name), opened.results, name=name, cache=cache, seed=seed, on_progress=on_progress, tell=tell
    )


def open_network(name: str) -> Network:
    """Load a model to be read.

    Args:
        name: a subject on the bundled weights, or ``demur/local/NAME``; with an adapter of demur as ``MODEL@FOLDER``.

    Raises:
        MissingExtraError: torch or transformers is not installed.
        UsageError: the model has no weights that can be read, or no chat template. DataError: there is no such model, or the adapter may not be loaded.
    """
    _check_weights(name)
    model, at, folder = name.partition("@")
    if not at:
        return make_network(load_base(name), name)
    return _open(name, *load_adapted(model, Path(folder), treated=model))


def make_network(base: Base, name: str) -> Network:
    """Open a model that is loaded.

    Args:
        base: the model.
        name: what a message calls it.

    Raises:
        UsageError: its tokenizer is not its own or has no chat template, or it has no blocks that can be found.
    """
    return _open(name, base.model, base.tokenizer, sha256=base.sha256 if base.adapter is None else None)


def _open(name: str, model: Any, tokenizer: Any, *, sha256: str | None = None) -> Network:
    """Open a model; what its weights are known by is made from them unless it is given."""
    try:
        return Network(model, tokenizer, sha256=sha256 or hash_weights(model))
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None


def _check_weights(name: str) -> None:
    """Raise UsageError unless a model of that name has weights that can be read."""
    family = find_family()
    base, at, folder = name.partition("@")
    if base not in family and not base.startswith(LOCAL):
        is_folder = Path(name).is_dir()
        advice = (
            f"did you mean {LOCAL}{name}?" if is_folder else f"name them: --model {LOCAL}FOLDER or {', '.join(family)}"
        )
        raise UsageError(f"{name}: has no weights here that can be read; {advice}")
    if at and is_steering(Path(folder), is_candidate=False):
        raise UsageError(
            f"{name}: {folder} is a steering, which changes no weights; look at the model that it steers: --model {base}"
        )
    path = base.removeprefix(LOCAL)
    if path.endswith(".gguf"):
        raise UsageError(
            f"{name}: a GGUF file cannot be read, but for the bundled one; expected the folder that it was made from: --model {LOCAL}FOLDER"
        )
    if path.count("/") != 1 and base not in family and not Path(path).is_dir():  # what has one may be a name of the hub
        raise DataError(
            f"{name}: there is no folder {path}; expected one with weights and a tokenizer, or a name of the hub"
        )


def read_inside(
    network: Network,
    results: Sequence[Result],
    *,
    name: str,
    judge: Judge | None = None,
    cache: str | Path | None = None,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda _, __: None,
    tell: Callable[[str], None] = lambda _: None,
) -> Inside:
    """Look at a model that is loaded.

    Args:
        network: the model.
        results: what it was asked, with verdicts.
        name: of the model.
        judge: of replies, where first tokens do not tell; None is the local judge.
        cache: as for `look_inside`.
        seed: likewise.
        on_progress: likewise.
        tell: likewise.

    Raises:
        UsageError: there is nothing to read. DataError: a prompt does not fit the model's context.
    """
    with read_prompts(
        network, results, name=name, judge=judge, cache=cache, seed=seed, on_progress=on_progress, tell=tell
    ) as read:
        return _find(read, name)


@contextmanager
def read_prompts(
    network: Network,
    results: Sequence[Result],
    *,
    name: str,
    judge: Judge | None = None,
    cache: str | Path | None = None,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda _, __: None,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[Read]:
    """Read the prompts of a run; their states are there as long as the context is.

    Arguments and errors as for `read_inside`.
    """
    gathered = gather_prompts(network, results)
    if not gathered.read:
        raise UsageError(f"{name}: found no single question that is harmful or harmless; expected a run of demur check")
    with ExitStack() as stack:
        folder = Path(cache) if cache is not None else Path(stack.enter_context(tempfile.TemporaryDirectory()))
        n = len(gathered.read)
        tell(f"reading {n} prompt{'' if n == 1 else 's'} at {network.n_layers} layers")
        states = read_states(network, [prompt.tokens for prompt in gathered.read], folder, on_progress=on_progress)
        rng = np.random.default_rng(seed)
        labels = read_labels(gathered.read)
        split = split_families(labels, rng=rng)
        first = _learn_first_tokens(network, states, labels, split)
        score: Score = FirstTokenScore(network, first.tokens)
        before = read_scores(states, first.tokens)
        if not first.is_reliable:
            score, before = JudgedScore(network, judge or default_judge()), _verdicts(labels)
        yield Read(network, score, before, states, gathered, labels, split, first, rng, tell)


def _find(read: Read, name: str) -> Inside:
    read.tell("harm, where requests end")
    harm = find_harm_direction(read.states, labels=read.labels, split=read.split, rng=read.rng)
    read.tell("refusal, where replies begin")
    refusal = find_refusal_direction(
        read.network, read.score, read.states, read.prompts, labels=read.labels, split=read.split, rng=read.rng,
        tell=read.tell,
    )  # fmt: skip
    read.tell("cases, languages and categories")
    found = {"harm": harm.vector, "refusal": refusal.vector}
    return Inside(
        map=_map(read, harm, refusal),
        direction=_record(read, harm, refusal, name),
        vectors={key: vector for key, vector in found.items() if vector is not None},
    )


def _record(read: Read, harm: Located, refusal: Sought, name: str) -> DirectionRecord:
    return DirectionRecord(
        model=name,
        network=read.network.key,
        n_prompts=len(read.prompts),
        n_unjudged=int((~read.labels.refused & ~read.labels.answered).sum()),
        n_left_out=read.gathered.n_merged + read.gathered.n_other,
        score="first token" if read.first.is_reliable else "judged replies",
        first_tokens=read.first,
        harm=harm.direction,
        refusal=refusal.direction,
        languages=_languages(read, harm),
        categories=_categories(read, refusal, "category"),
        patterns=_categories(read, refusal, "pattern"),
        n_rows=read.network.n_rows,
        versions=installed_versions("demur", "torch", "transformers"),
    )


def _learn_first_tokens(network: Network, states: States, labels: Labels, split: Split) -> FirstTokens:
    """Find the tokens that refusals begin with on one half of the families, and see on the other how well they tell."""
    known = split.training & (labels.refused | labels.answered)
    tokens = derive_tokens(states.first[known, 0].tolist(), labels.refused[known].tolist())
    words = [network.tokenizer.decode([token]) for token in tokens]
    rest = ~split.training
    verdicts = [
        True if refused else False if answered else None
        for refused, answered in zip(labels.refused[rest], labels.answered[rest], strict=True)
    ]
    return validate(tokens, words, read_scores(states, tokens)[rest], verdicts)


def _verdicts(labels: Labels) -> Floats:
    return np.where(labels.refused, 1.0, np.where(labels.answered, -1.0, np.nan))


def _map(read: Read, harm: Located, refusal: Sought) -> CaseMap | None:
    if harm.place is None:
        return None
    folds = fold_families(read.labels, rng=read.rng)
    at_end = read.states.at(*harm.place)
    at_reply = None if refusal.place is None else read.states.at(*refusal.place)
    drawn = draw_map(read.prompts, read_axes(at_end, at_reply, read.labels, folds), read.labels)
    if at_reply is None or refusal.place is None or refusal.vector is None:
        return drawn
    drawn = replace(drawn, detector=detect_false_alarms(at_end, at_reply, read.labels, folds))
    return _add_margins(drawn, read, refusal.place, refusal.vector)


def _add_margins(drawn: CaseMap, read: Read, place: Place, vector: Floats) -> CaseMap:
    """Measure the margins of refused harmless cases, of 64 at most."""
    able = np.flatnonzero(read.labels.refused & ~read.labels.harmful & ~np.isnan(read.before))
    chosen = read.rng.permutation(able)[:_MOST_MARGINS]
    margins = measure_margins(
        read.network,
        read.score,
        [read.prompts[index] for index in chosen],
        read.before[chosen],
        place=place,
        vector=vector,
    )
    found = {
        (read.prompts[index].case.suite, read.prompts[index].case.id): own
        for index, own in zip(chosen, margins, strict=True)
    }
    cases = [
        replace(case, margin=found[case.suite, case.id], is_deep=found[case.suite, case.id] is None)
        if (case.suite, case.id) in found
        else case
        for case in drawn.cases
    ]
    return replace(drawn, cases=tuple(cases))


def _languages(read: Read, harm: Located) -> tuple[LocaleAgreement, ...]:
    if harm.place is None:
        return ()
    locales = tuple(prompt.case.locale for prompt in read.prompts)
    return measure_agreement(read.states.at(*harm.place), read.labels.harm, locales, labels=read.labels, rng=read.rng)


def _categories(read: Read, refusal: Sought, kind: Literal["category", "pattern"]) -> Categories | None:
    if refusal.place is None or refusal.vector is None:
        return None
    return compare_categories(
        read.network,
        read.score,
        read.states.at(*refusal.place),
        read.prompts,
        kind=kind,
        labels=read.labels,
        place=refusal.place,
        length=float(np.linalg.norm(refusal.vector)),
        before=read.before,
        rng=read.rng,
    )
