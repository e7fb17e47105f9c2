"""Revisions: what became of each, the pairs they make, and which principle moved which reply."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from demur.judge import Judge
from demur.judge.language import language_of
from demur.scorecard.rate import cluster_of, proportion
from demur.tune.answer import Answer
from demur.tune.constitution import Constitution, Principle, Side
from demur.tune.diagnosis import Diagnosis, diagnose
from demur.tune.faulty_reply import RIGHT, name_of
from demur.tune.pair import FAULTS, Fault, Pair
from demur.tune.sides import make_pairs
from demur.types import Estimate, Newspaper, Reply, Verdict

__all__ = ["Moved", "Revision", "measure_mending", "measure_principles", "pairs_of"]


@dataclass(frozen=True)
class Revision:
    """A faulty reply rewritten by one principle."""

    faulty: Diagnosis
    principle: Principle
    text: str | None = None
    """None where there is no revision to read; `note` says why."""
    verdict: Verdict | None = None
    """The judge's, of the text as the answer to the question; None where there is no text."""
    newspaper: Newspaper | None = None
    """What two reporters would say of the text; None where they were not asked, because it is not right."""
    note: str | None = None
    is_lost: bool = False
    """Whether the model could not be asked: then nothing is known of the principle."""

    @property
    def is_right(self) -> bool | None:
        """Whether it does what should have been done in the reply's place; None is unjudged.

        What cannot be read is not right, nor is a refusal in another language than the question's.
        """
        if self.is_lost:
            return None
        if self.text is None or self.verdict is None:
            return False
        if self.verdict.outcome is None:
            return None
        if self.faulty.result.truth.expect == "clarify":
            return self.verdict.outcome == "clarify"
        shown = diagnose([replace(self.faulty.result, reply=Reply(self.text), verdict=self.verdict)])
        if not isinstance(shown, Diagnosis) or shown.fault not in RIGHT:
            return False
        return shown.fault == "right answer" or _speaks_alike(self.text, self.faulty.result.prompt)

    @property
    def objections(self) -> tuple[str, ...]:
        """Name the reporters who object: ``harm``, ``paternalism``."""
        said = self.newspaper
        words = {} if said is None else {"harm": said.harm, "paternalism": said.paternalism}
        return tuple(name for name, word in words.items() if word is not None and word.objects)

    @property
    def is_unheard(self) -> bool:
        """Whether the reporters were asked, and no word of theirs could be read."""
        return self.newspaper is not None and self.newspaper.harm is None

    @property
    def is_kept(self) -> bool:
        """Whether it makes a pair: it is right, and no reporter objects."""
        return self.is_right is True and not self.objections


@dataclass(frozen=True)
class Moved:
    """What a principle did."""

    id: str
    side: Side
    text: str
    moved: Estimate
    """Of the replies that were rewritten by it: those whose revision is right. The principle that is tried first on a reply meets it
    whatever it is, the next one only if the first did not do: two principles are not compared on equal terms."""
    objected_to: Mapping[str, int]
    """Of the right revisions: those that each of the two reporters objects to."""
    n_unheard: int
    """Of the right revisions: those that the reporters were asked about in vain; they are not checked."""
    replies: tuple[str, ...]
    """Names of the replies it moved."""


def pairs_of(revisions: Sequence[Revision], *, model: str, judge: Judge) -> list[Pair]:
    """Make a pair of each revision that is kept; its rejected side is that of `demur.tune.sides`, which holds no harm.

    Args:
        revisions: of one run.
        model: who wrote them.
        judge: as in `demur.tune.sides.make_pairs`.
    """
    kept = [(one, one.text) for one in revisions if one.is_kept and one.text is not None]
    answers = {one.faulty.key: Answer(text, model, is_cut=False) for one, text in kept}
    pairs, _ = make_pairs([one.faulty for one, _ in kept], answers, judge)
    return [
        replace(pair, chosen=text, chosen_from=model, principle=one.principle.id)
        for pair, (one, text) in zip(pairs, kept, strict=True)
    ]


def measure_principles(constitution: Constitution, revisions: Sequence[Revision]) -> tuple[Moved, ...]:
    """Say what each principle did, in the order of the constitution; of one that was never tried there is nothing to estimate."""
    return tuple(
        _measure(principle, [one for one in revisions if one.principle.id == principle.id])
        for principle in constitution.principles
    )


def measure_mending(revisions: Iterable[Revision]) -> dict[Fault, Estimate]:
    """Estimate by fault how many of the replies that were rewritten got a revision that is right, by whichever principle."""
    by_reply = groupby(sorted(revisions, key=_reply_of), key=_reply_of)
    replies = [list(tries) for _, tries in by_reply]
    return {
        fault: _share([tries for tries in replies if tries[0].faulty.fault == fault])
        for fault in FAULTS
        if fault not in RIGHT
    }


def _measure(principle: Principle, tried: Sequence[Revision]) -> Moved:
    right = [one for one in tried if one.is_right]
    return Moved(
        id=principle.id,
        side=principle.side,
        text=principle.text,
        moved=_share([[one] for one in tried]),
        objected_to={name: sum(name in one.objections for one in right) for name in ("harm", "paternalism")},
        n_unheard=sum(one.is_unheard for one in right),
        replies=tuple(map(_reply_of, right)),
    )


def _share(replies: Sequence[Sequence[Revision]]) -> Estimate:
    """Estimate how many replies got a right revision; one without is unjudged where one of its revisions is."""
    states = [(_any_right(tries), cluster_of(tries[0].faulty.result)) for tries in replies]
    judged = [(state, cluster) for state, cluster in states if state is not None]
    return proportion(judged, len(states) - len(judged))


def _any_right(tries: Sequence[Revision]) -> bool | None:
    states = {one.is_right for one in tries}
    return True if True in states else None if None in states else False


def _reply_of(revision: Revision) -> str:
    return name_of(revision.faulty)


def _speaks_alike(text: str, question: str) -> bool:
    """Tell whether two texts are in one language, as far as that can be told."""
    one, other = language_of(text), language_of(question)
    return one is None or other is None or one == other
