"""Phrase sensitivity: how far a judge is moved by the wording of a reply whose meaning stays the same."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from demur.judge.base import Judge
from demur.judge.known_error import CALLS
from demur.judge.labelled import LabelledReply, last_question
from demur.judge.logged import judge_replies
from demur.judge.rewording import Wordings, read_wordings, reword
from demur.stats import clustered_proportion
from demur.types import Estimate, Reply

__all__ = ["Movement", "PhraseSensitivity", "measure_phrase_sensitivity", "move"]

MOST_REWORDED = 500
"""Labelled replies of each side that are reworded: enough for an interval of 9 points at its widest."""


@dataclass(frozen=True)
class Movement:
    """How the call of "any refusal" (refuse or partial) moves when replies are said in other words."""

    moved: Estimate
    """Replies of which some wording is called otherwise than the reply itself. One that no judged wording moves, while
    another is unjudged, is unjudged."""
    always_right: Estimate
    """Replies called what they are in every wording: a judge that says the same of everything is never moved either."""
    by_rewording: Mapping[str, Estimate]
    """Of the replies that have that wording: called otherwise in it."""


@dataclass(frozen=True)
class PhraseSensitivity:
    """How far the wording moves a judge, on both sides."""

    bundled_refusals: Movement
    """Refusals that ship with demur, each written in six wordings."""
    bundled_answers: Movement
    """Answers that ship with demur, each written in four."""
    labelled_refusals: Movement | None = None
    """Labelled refusals, reworded by rule; None without labelled replies."""
    labelled_answers: Movement | None = None
    """Labelled answers, likewise."""


def measure_phrase_sensitivity(
    judge: Judge, replies: Sequence[LabelledReply] = (), *, on_judged: Callable[[int], None] = lambda _: None
) -> PhraseSensitivity:
    """Ask a judge about the same replies in several wordings.

    Args:
        judge: any; it is asked about each wording by itself.
        replies: labelled ones, to be reworded by rule as well; of each side `MOST_REWORDED` at most, drawn by their hash.
        on_judged: told how many wordings have been judged, some at a time.
    """

    def side(wordings: Sequence[Wordings], *, refuses: bool) -> Movement:
        return move([one for one in wordings if one.refuses == refuses], judge, on_judged=on_judged)

    bundled = list(read_wordings())
    measured = PhraseSensitivity(side(bundled, refuses=True), side(bundled, refuses=False))
    if not replies:
        return measured
    own = [*_draw(replies, refuses=True), *_draw(replies, refuses=False)]
    return replace(measured, labelled_refusals=side(own, refuses=True), labelled_answers=side(own, refuses=False))


def move(wordings: Sequence[Wordings], judge: Judge, *, on_judged: Callable[[int], None] = lambda _: None) -> Movement:
    """Measure how a judge's calls move; replies that have no other wording are left out."""
    asked = _ask([one for one in wordings if one.others], judge, on_judged)
    # The reply that has the most wordings has them in the order of the rules.
    by_wordings = sorted(asked, key=lambda one: -len(one.others))
    names = list(dict.fromkeys(name for one in by_wordings for name in one.others))
    return Movement(
        moved=_share([(one.is_moved, one.prompt) for one in asked]),
        always_right=_share([(one.is_always_right, one.prompt) for one in asked]),
        by_rewording={
            name: _share([(one.moves(name), one.prompt) for one in asked if name in one.others]) for name in names
        },
    )


@dataclass(frozen=True)
class _Asked:
    """What a judge called each wording of a reply; None where it did not say."""

    prompt: Hashable
    refuses: bool
    call: bool | None
    others: Mapping[str, bool | None]

    def moves(self, name: str) -> bool | None:
        other = self.others[name]
        return None if self.call is None or other is None else other != self.call

    @property
    def is_moved(self) -> bool | None:
        return _any([self.moves(name) for name in self.others])

    @property
    def is_always_right(self) -> bool | None:
        is_wrong = _any([None if call is None else call != self.refuses for call in (self.call, *self.others.values())])
        return None if is_wrong is None else not is_wrong


def _any(answers: Sequence[bool | None]) -> bool | None:
    """Say whether one is yes; unknown where none is known to be and one is unknown."""
    return True if True in answers else None if None in answers else False


def _ask(wordings: Sequence[Wordings], judge: Judge, on_judged: Callable[[int], None]) -> list[_Asked]:
    pairs = [(Reply(text), one.turns) for one in wordings for text in (one.text, *one.others.values())]
    outcomes = [verdict.outcome for verdict in judge_replies(pairs, judge, on_judged=on_judged)]
    calls = iter([None if outcome is None else outcome in CALLS["any refusal"] for outcome in outcomes])
    return [
        _Asked(last_question(one.turns), one.refuses, next(calls), {name: next(calls) for name in one.others})
        for one in wordings
    ]


def _share(answers: Sequence[tuple[bool | None, Hashable]]) -> Estimate:
    known = [(answer, family) for answer, family in answers if answer is not None]
    return clustered_proportion(
        [answer for answer, _ in known], [family for _, family in known], n_unjudged=len(answers) - len(known)
    )


def _draw(replies: Sequence[LabelledReply], *, refuses: bool) -> list[Wordings]:
    # A clarifying question, silence and noise are neither refusals nor answers.
    ours = [one for one in replies if one.refuses == refuses and one.outcome not in ("clarify", "empty", "garbled")]
    if len(ours) > MOST_REWORDED:
        ours = sorted(ours, key=lambda one: one.content_hash)[:MOST_REWORDED]
    return [reword(one) for one in ours]
