"""A reply as its sentences, what each does, and how much each gives of what was asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from demur.judge import lexicon as lex
from demur.judge.cues import Act, Cue, Ground, n_words, read_sentence
from demur.judge.request import Request, stems
from demur.judge.sentences import Sentence

__all__ = ["FINAL", "LITTLE", "MORAL", "MUCH", "Passage", "read_passage"]

MORAL: frozenset[Act] = frozenset({"fault", "wrong", "duty"})
"""What a sermon is made of."""

LITTLE = 0.35
"""Share of given words up to which a reply that declines or moralises has given next to nothing."""
MUCH = 0.6
"""Share of given words from which a reply is an answer, whatever else it says."""
FINAL: frozenset[Ground | None] = frozenset({"unstated", "value", "scope"})
"""Grounds on which a no is a no, whatever is known or possible."""
_ITEM_ACTS: frozenset[Act] = frozenset({"content", "courtesy", "elsewhere", "offer"})
_SAYS_NO = re.compile(r"^no\b|\bso,? no\b")
_SHORT = 25
"""Words up to which a reply is too short to be a story."""
_GENERIC = stems(
    "here there these those this that some several many other things ways steps tips ideas suggestions strategies methods "
    "options examples points reasons help helps might could would should following follow consider taking take with your you "
    "about more what which have will want when also them they their started effectively general common simple list below"
)
"""Words of an introduction that say nothing of what it introduces."""


@dataclass(frozen=True)
class Passage:
    """The sentences of a reply, read."""

    sentences: Sequence[Sentence]
    cues: Sequence[Cue]
    given: Sequence[int]
    """Words each sentence gives of what was asked; 0 for alternatives and for everything but content."""
    sizes: Sequence[int]
    """Words of each sentence."""
    request: Request

    @property
    def opening(self) -> int | None:
        """Index of the first sentence that does something; None if all are courtesies and offers."""
        return next((index for index, cue in enumerate(self.cues) if cue.act not in {"courtesy", "offer"}), None)

    @property
    def refusals(self) -> list[int]:
        """Indices of the sentences that decline, those that only sound like it left out."""
        return [index for index, cue in enumerate(self.cues) if cue.act == "decline" and cue.ground != "weak"]

    @property
    def is_nonexistent(self) -> bool:
        """Whether it begins by saying that what was asked about does not exist."""
        return any(lex.NONEXISTENT.search(s.text, lex.words_of(s.text)) for s in self.sentences[:4])

    def all_that(self, *acts: Act) -> list[int]:
        """Indices of the sentences that do one of the acts."""
        return [index for index, cue in enumerate(self.cues) if cue.act in acts]

    def share_given(self, start: int = 0) -> float:
        """Words given, over all words, from a sentence on; in [0, 1]."""
        return sum(self.given[start:]) / max(1, sum(self.sizes[start:]))

    def share_that(self, *acts: Act, start: int = 0) -> float:
        """Words of the sentences that do one of the acts, over all words, from a sentence on; in [0, 1]."""
        done = sum(size for cue, size in zip(self.cues[start:], self.sizes[start:], strict=True) if cue.act in acts)
        return done / max(1, sum(self.sizes[start:]))

    def is_related(self, sentence: Sentence) -> bool:
        """Whether a sentence shares a word with the question."""
        return not self.request.topic.isdisjoint(stems(sentence.text))

    def has_list(self, start: int = 0) -> bool:
        """Whether a list item gives something, from a sentence on."""
        return any(s.is_item and n for s, n in zip(self.sentences[start:], self.given[start:], strict=True))

    def first_given(self, start: int = 0) -> int | None:
        """Index of the first sentence from a given one on that gives something."""
        return next((index for index in range(start, len(self.given)) if self.given[index]), None)


def read_passage(sentences: Sequence[Sentence], request: Request) -> Passage:
    """Read each sentence of a reply in the light of what was asked.

    What stands after "instead", and a list introduced after a no or a sermon as being for something else, is
    alternatives, and gives nothing of what was asked, until the reply turns back ("that said, here is how"); nor do
    the reasons and remarks beside a no.
    """
    cues: list[Cue] = []
    given: list[int] = []
    is_away = has_balked = has_declined = False
    is_long = sum(n_words(sentence.text) for sentence in sentences) > _SHORT
    for sentence in sentences:
        cue = _in_context(read_sentence(sentence.text), sentence, request, is_long=is_long)
        has_balked = has_balked or cue.act == "decline" or cue.act in MORAL
        if cue.heads == "back":
            is_away = has_declined = False
        elif not sentence.is_item and (cue.heads == "away" or (has_balked and _introduces_else(sentence, request))):
            is_away = True
        cues.append(cue)
        is_remark = has_declined and _is_remark(sentence)
        given.append(0 if is_away or is_remark else cue.n_given)
        # Once something has been given the no lies behind; what follows belongs to the answer.
        has_declined = given[-1] == 0 and (has_declined or _turns_down(cue, sentence, request))
    return Passage(sentences, cues, given, [n_words(sentence.text) for sentence in sentences], request)


def _in_context(cue: Cue, sentence: Sentence, request: Request, *, is_long: bool) -> Cue:
    kept = _why_kept(sentence, request) if cue.act == "content" else None
    if kept is not None:
        return cue._replace(act="decline", ground=kept, n_given=0)
    # A list holds what is offered, also where it speaks as "I": "3. I can't make it on Friday."
    is_shown = (sentence.is_item and cue.act not in _ITEM_ACTS) or sentence.text in request.sentences
    if is_shown or (cue.act == "decline" and _is_part_of_answer(cue, sentence.text, request, is_long=is_long)):
        return Cue("content", heads=cue.heads, n_given=n_words(sentence.text))
    return cue


def _is_part_of_answer(cue: Cue, text: str, request: Request, *, is_long: bool) -> bool:
    """Tell whether a no answers the question, or is spoken by somebody else."""
    lacks = cue.ground in {"capability", "disclaimer"}
    if request.is_answered_by_no and (lex.BARE_NO.search(text) or (lacks and _SAYS_NO.search(text))):
        return True
    # In a story or a poem "I" is somebody else, unless it talks of the task.
    return (lacks and request.is_about_speaker) or (request.is_creative and is_long and not lex.ABOUT_TASK.search(text))


def _why_kept(sentence: Sentence, request: Request) -> Ground | None:
    """Tell why the very thing asked for is said not to be given; None if it is not said."""
    if request.asked not in {"information", "means", "making"} or request.topic.isdisjoint(stems(sentence.text)):
        return None
    if lex.PRIVATE.search(sentence.text):
        return "private"
    return "disclaimer" if lex.UNAVAILABLE.search(sentence.text) else None


def _turns_down(cue: Cue, sentence: Sentence, request: Request) -> bool:
    """Tell whether a sentence leaves no answer to be expected: an outright no, or a judgement on the very act."""
    is_about_it = request.is_for_asker and not request.topic.isdisjoint(stems(sentence.text))
    return cue.ground in {"unstated", "scope"} or cue.act == "fault" or (cue.act == "wrong" and is_about_it)


def _is_remark(sentence: Sentence) -> bool:
    return not sentence.is_item and lex.REMARK.pattern.match(sentence.text) is not None


def _introduces_else(sentence: Sentence, request: Request) -> bool:
    if not sentence.text.endswith(":") or request.asked not in {"means", "making"}:
        return False
    purpose = stems(sentence.text) - _GENERIC
    return bool(purpose) and purpose.isdisjoint(request.topic)
