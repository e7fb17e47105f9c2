"""A reply as its sentences, what each does, and how much each gives of what was asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from demur.judge import lexicon as lex
from demur.judge.cues import Act, Cue, n_words, read_sentence
from demur.judge.request import Request, stems
from demur.judge.sentences import Sentence

__all__ = ["MORAL", "Passage", "read_passage"]

MORAL: frozenset[Act] = frozenset({"fault", "wrong", "duty"})
"""What a sermon is made of."""

_ITEM_ACTS: frozenset[Act] = frozenset({"content", "courtesy", "elsewhere"})
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
        """Index of the first sentence that is no courtesy; None if there is none."""
        return next((index for index, cue in enumerate(self.cues) if cue.act != "courtesy"), None)

    @property
    def refusals(self) -> list[int]:
        """Indices of the sentences that decline, those that only sound like it left out."""
        return [index for index, cue in enumerate(self.cues) if cue.act == "decline" and cue.ground != "weak"]

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

    def has_list(self, start: int = 0) -> bool:
        """Whether a list item gives something, from a sentence on."""
        return any(s.is_item and n for s, n in zip(self.sentences[start:], self.given[start:], strict=True))

    def first_given(self, start: int = 0) -> int | None:
        """Index of the first sentence from a given one on that gives something."""
        return next((index for index in range(start, len(self.given)) if self.given[index]), None)


def read_passage(sentences: Sequence[Sentence], request: Request) -> Passage:
    """Read each sentence of a reply in the light of what was asked.

    What stands after "instead", and a list introduced after a no or a sermon as being for something else, is
    alternatives, and gives nothing of what was asked, until the reply turns back ("that said, here is how").
    """
    cues: list[Cue] = []
    given: list[int] = []
    is_away = has_balked = False
    is_long = sum(n_words(sentence.text) for sentence in sentences) > _SHORT
    for sentence in sentences:
        cue = _in_context(read_sentence(sentence.text), sentence, request, is_long=is_long)
        has_balked = has_balked or cue.act == "decline" or cue.act in MORAL
        if cue.heads == "back":
            is_away = False
        elif not sentence.is_item and (cue.heads == "away" or (has_balked and _introduces_else(sentence, request))):
            is_away = True
        cues.append(cue)
        given.append(0 if is_away else cue.n_given)
    return Passage(sentences, cues, given, [n_words(sentence.text) for sentence in sentences], request)


def _in_context(cue: Cue, sentence: Sentence, request: Request, *, is_long: bool) -> Cue:
    is_no = lex.BARE_NO.search(sentence.text) is not None or (
        cue.ground in {"capability", "disclaimer"} and sentence.text.startswith("no,")
    )
    is_answer = request.is_answered_by_no and cue.act == "decline" and is_no
    # A list holds what is offered, also where it speaks as "I": "3. I can't make it on Friday."
    is_offered = sentence.is_item and cue.act not in _ITEM_ACTS
    # In a story or a poem "I" is somebody else, unless it talks of the task.
    is_voiced = request.is_creative and is_long and cue.act == "decline" and not lex.ABOUT_TASK.search(sentence.text)
    if is_answer or is_offered or is_voiced or sentence.text in request.sentences:
        return Cue("content", heads=cue.heads, n_given=n_words(sentence.text))
    return cue


def _introduces_else(sentence: Sentence, request: Request) -> bool:
    if not sentence.text.endswith(":") or request.asked not in {"means", "making"}:
        return False
    purpose = stems(sentence.text) - _GENERIC
    return bool(purpose) and purpose.isdisjoint(request.topic)
