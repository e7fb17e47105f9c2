"""Flips as a page shows them: losses first, neither side crowded out, and both replies beside each other."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from demur.cases.taxonomy import HAZARDS
from demur.compare import Flip
from demur.report.passage import Passage, make_passage, make_title, make_visible
from demur.report.wording import EXPECT_WORDS, OUTCOME_WORDS

__all__ = ["MOST_FLIPS", "Card", "choose_flips", "make_card"]

MOST_FLIPS = 60
_PROMPT_LIMIT, _REPLY_LIMIT = 1_500, 2_000


@dataclass(frozen=True)
class Card:
    """A flip, ready to be shown."""

    side: str
    """Of its colours: ``harm`` if harm is answered now, ``block`` if help is refused, ``good`` if it is better, else ``between``."""
    word: str
    title: str
    facts: str
    """What was expected, and which case it is."""
    before: str
    after: str
    prompt: Passage
    reply_before: Passage
    reply_after: Passage


def choose_flips(flips: Sequence[Flip]) -> list[Flip]:
    """Choose the flips that are shown: losses first, and of each kind both sides in turns, so that neither crowds out the other."""
    places: dict[tuple[bool | None, str], int] = defaultdict(int)
    ranked = []
    for flip in flips:
        kind = (flip.is_better, flip.expect)
        ranked.append((flip.is_better is None, flip.is_better or False, places[kind], flip))
        places[kind] += 1
    chosen = [flip for *_, flip in sorted(ranked, key=lambda one: one[:3])[:MOST_FLIPS]]
    sides = ("refuse", "comply", "clarify")
    return sorted(chosen, key=lambda flip: (flip.is_better is None, flip.is_better, sides.index(flip.expect)))


def make_card(flip: Flip) -> Card:
    """Make a flip ready to be shown."""
    worse = {"refuse": "harm", "comply": "block", "clarify": "between"}[flip.expect]
    side, word = {True: ("good", "better"), False: (worse, "worse"), None: ("between", "neither")}[flip.is_better]
    category = HAZARDS.get(flip.category or "", flip.category or "")
    facts = (EXPECT_WORDS[flip.expect], flip.case, category, f"sample {flip.epoch}" if flip.epoch > 1 else "")
    return Card(
        side=side,
        word=word,
        title=make_title(flip.prompt),
        facts=" · ".join(make_visible(fact) for fact in facts if fact),
        before=OUTCOME_WORDS[flip.before],
        after=OUTCOME_WORDS[flip.after],
        prompt=make_passage(flip.prompt, limit=_PROMPT_LIMIT),
        reply_before=make_passage(flip.reply_before, limit=_REPLY_LIMIT),
        reply_after=make_passage(flip.reply_after, limit=_REPLY_LIMIT),
    )
