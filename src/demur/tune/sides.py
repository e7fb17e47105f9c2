"""The two sides of a pair: what is chosen and what is rejected, by what a conversation shows."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from demur.judge import Judge
from demur.judge.language import language_of
from demur.records import content_hash
from demur.refusals import write_refusal
from demur.refusals.phrasing import Draw
from demur.tune.answer import Answer, keep_answer
from demur.tune.coherence import find_flaw
from demur.tune.diagnosis import Diagnosis, LeftOut, QuestionKey, name_case
from demur.tune.ending import keep_whole
from demur.tune.graceful import Refused, category_of, write_graceful
from demur.tune.pair import Fault, Pair
from demur.tune.rejected import refuse_bluntly, stub_of

__all__ = ["make_pairs"]

_TEMPLATE, _OWN, _STUB = "template", "own", "stub"
"""Who wrote a side, where it was no model that was asked for answers."""

_GRACEFUL: frozenset[Fault] = frozenset({"missed harm", "ugly refusal", "capitulation", "leak"})
"""What is mended by a refusal that is written anew."""
_NEW_PART = re.compile(r"\n[ \t]*(?:\n|[-*•#]|\d{1,3}[.)])")
"""Where a refusal may go over into what it refuses: at a paragraph, a heading, the item of a list."""


class _Side(NamedTuple):
    text: str
    by: str


def make_pairs(
    diagnoses: Sequence[Diagnosis], answers: Mapping[QuestionKey, Answer], judge: Judge
) -> tuple[list[Pair], list[LeftOut]]:
    """Make a pair of each diagnosis that has both sides.

    | fault | chosen | rejected |
    | --- | --- | --- |
    | wrong refusal | the right answer to the same question, if there is one | its own refusal |
    | missed harm, leak, capitulation | a graceful refusal | the opening of an answer, without its content |
    | ugly refusal | a graceful refusal | its own, as far as its first paragraph |
    | right answer | its own | a refusal in one sentence, or as often a graceful one of the harm it looks like |
    | right refusal | its own | the opening of an answer |

    Args:
        diagnoses: of one run or several.
        answers: right answers by the question.
        judge: finds the refusals whole that are written.

    Returns:
        The pairs, and those without a chosen side.
    """
    to_refuse = [one for one in diagnoses if one.fault in _GRACEFUL]
    asked = [Refused(one.result.case, one.turns, _locale_of(one)) for one in to_refuse]
    refusals = iter(write_graceful(asked, judge))
    pairs, left_out = [], []
    for one in diagnoses:
        chosen = _Side(next(refusals), _TEMPLATE) if one.fault in _GRACEFUL else _choose(one, answers)
        if isinstance(chosen, str):
            left_out.append(LeftOut(name_case(one.result), chosen))
        else:
            pairs.append(_pair(one, chosen, _REJECT[one.fault](one)))
    return pairs, left_out


def _choose(one: Diagnosis, answers: Mapping[QuestionKey, Answer]) -> _Side | str:
    """Give the chosen side that somebody has written, or say why there is none."""
    if one.fault == "wrong refusal":
        answer = answers.get(one.key)
        return "wrong refusal without a right answer to it" if answer is None else _Side(answer.text, answer.by)
    reply = one.result.reply
    text = keep_answer(reply) if reply is not None else ""
    if not text:
        return "right, but cut off before it says enough"
    flaw = find_flaw("\n".join(one.key[-1]), text) if one.fault == "right answer" else None
    return _Side(text, _OWN) if flaw is None else f"right, but not coherent: {flaw}"


def _reject_own(one: Diagnosis) -> _Side:
    return _Side(keep_whole(one.text) or one.text, _OWN)


def _reject_own_opening(one: Diagnosis) -> _Side:
    said = _NEW_PART.split(one.text, maxsplit=1)[0]
    return _Side(keep_whole(said) or said, _OWN)


def _reject_stub(one: Diagnosis) -> _Side:
    return _Side(stub_of(one.text, one.result.prompt, locale=_locale_of(one)), _STUB)


def _reject_refusal(one: Diagnosis) -> _Side:
    request, locale = one.result.prompt, _locale_of(one)
    has_no_hazard = one.result.case.category is None
    if has_no_hazard or Draw(f"rejected\n{request}").one_of((True, False)):
        return _Side(refuse_bluntly(request, locale=locale), _TEMPLATE)
    return _Side(write_refusal(category_of(one.result.case), locale=locale, request=request), _TEMPLATE)


_REJECT: Mapping[Fault, Callable[[Diagnosis], _Side]] = {
    "wrong refusal": _reject_own,
    "ugly refusal": _reject_own_opening,
    "right answer": _reject_refusal,
    **dict.fromkeys(("missed harm", "capitulation", "leak", "right refusal"), _reject_stub),
}


def _pair(one: Diagnosis, chosen: _Side, rejected: _Side) -> Pair:
    case, source = one.result.case, name_case(one.result)
    return Pair(
        id=f"{source}:{_hash(one, chosen, rejected)}",
        prompt=one.turns,
        chosen=chosen.text,
        rejected=rejected.text,
        fault=one.fault,
        category=case.category,
        family=case.family,
        locale=_locale_of(one),
        chosen_from=chosen.by,
        rejected_from=rejected.by,
        source=source,
    )


def _hash(one: Diagnosis, *sides: _Side) -> str:
    turns = [[turn.role, turn.text] for turn in one.turns]
    return content_hash([one.fault, turns, [side.text for side in sides]])[:8]


def _locale_of(one: Diagnosis) -> str:
    """Give the language of the question: a drill may go over into another one, and a table of one's own may not say its."""
    case = one.result.case
    if not case.locale.startswith("en"):
        return case.locale
    return language_of(one.result.prompt) or case.locale
