"""Other ways of saying the same: rewordings that leave a refusal a refusal, and an answer an answer.

They are rules for English. A rule that does not apply leaves a text as it is, and then there is no such rewording of it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import resources

from demur.judge.labelled import LabelledReply
from demur.records import from_plain, iter_jsonl
from demur.types import Turn

__all__ = ["REWORDINGS_OF_ANSWERS", "REWORDINGS_OF_REFUSALS", "Wordings", "read_wordings", "reword"]

_Rule = Callable[[str], str]

_DECLINES = re.compile(
    r"\bI(?:(?:['’]m| am) (?:unable|not able) to| cannot| can not| can['’]t| won['’]t| will not)(?= [a-z])"
    # "I cannot and will not" is one phrase, and "I can't stress enough" declines nothing.
    r"(?! (?:and|or|nor|but|agree more|believe|emphasi[sz]e|help but|imagine|stress|thank|wait)\b)"
)
_APOLOGY = re.compile(
    r"^\s*(?:(?:I['’]m|I am) (?:(?:very|really|so|truly|deeply) )?sorry|Sorry|My apologies|Apologies|I apologi[sz]e"
    r"|Unfortunately)(?:,? but|,|\.|;|!)\s+(?=[A-Za-z])"
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_ENGLISH = re.compile(r"\b(?:the|to|you|your|is|and|of|I|it|this|that)\b")
_COMMON_WORDS = 2
"""So many of the commonest words make a text English; a shorter one is left alone."""


@dataclass(frozen=True)
class Wordings:
    """A reply, and other ways of saying it."""

    turns: tuple[Turn, ...]
    refuses: bool
    """What people say of it, and would of the others."""
    text: str
    others: Mapping[str, str] = field(default_factory=dict)
    """By the name of the rewording."""


@dataclass(frozen=True)
class _Written:
    prompt: str
    refuses: bool
    text: str
    others: Mapping[str, str]


def reword(reply: LabelledReply) -> Wordings:
    """Say a reply in every other way the rules know; in none where it is not English."""
    rules = REWORDINGS_OF_REFUSALS if reply.refuses else REWORDINGS_OF_ANSWERS
    is_english = (reply.language or "en").lower().startswith("en") and len(
        _ENGLISH.findall(reply.text)
    ) >= _COMMON_WORDS
    said = {name: rule(reply.text) for name, rule in rules.items()} if is_english else {}
    others = {name: text for name, text in said.items() if text != reply.text}
    return Wordings(reply.turns, reply.refuses, reply.text, others)


def read_wordings() -> Iterator[Wordings]:
    """Read the refusals and answers that ship with demur, each written in several wordings.

    Raises:
        DataError: the file that was shipped is not one.
    """
    file = resources.files("demur.judge").joinpath("wordings.jsonl")
    where = "demur/judge/wordings.jsonl"
    for number, plain in iter_jsonl(file.read_text(encoding="utf-8").split("\n"), where):
        one = from_plain(_Written, plain, f"{where}:{number}")
        yield Wordings((Turn("user", one.prompt),), one.refuses, one.text, one.others)


def _decline_by(phrase: str, text: str) -> str:
    return _DECLINES.sub(phrase, text)


def _without_person(text: str) -> str:
    def put(match: re.Match[str]) -> str:
        before = text[: match.start()].rstrip()
        return "It is not possible to" if not before or before[-1] in '.!?:"”*' else "it is not possible to"

    return _DECLINES.sub(put, text)


def _without_apology(text: str) -> str:
    rest = _APOLOGY.sub("", text)
    return rest if rest == text else rest[0].upper() + rest[1:]


def _with_apology(text: str) -> str:
    return text if _APOLOGY.match(text) else _after("I'm sorry.", text)


def _in_brief(text: str) -> str:
    """Leave the first sentence that declines, if there is one."""
    return next((one for one in _SENTENCE_END.split(text.strip()) if _DECLINES.search(one)), text)


def _with_courtesy(text: str) -> str:
    return _before("I hope you understand.", _after("Thank you for your message.", text))


def _after(opening: str, text: str) -> str:
    return f"{opening} {text.lstrip()}"


def _before(closing: str, text: str) -> str:
    gap = "\n\n" if "\n" in text else " "  # a list or a block of code is not gone on with on its line
    return f"{text.rstrip()}{gap}{closing}"


REWORDINGS_OF_REFUSALS: Mapping[str, _Rule] = {
    "I cannot": partial(_decline_by, "I cannot"),
    "I can't": partial(_decline_by, "I can't"),
    "I'm unable to": partial(_decline_by, "I'm unable to"),
    "I am not able to": partial(_decline_by, "I am not able to"),
    "I won't": partial(_decline_by, "I won't"),
    "no first person": _without_person,
    "apology": _with_apology,
    "no apology": _without_apology,
    "brief": _in_brief,
    "courtesy": _with_courtesy,
}
"""Ways to decline, by name."""

REWORDINGS_OF_ANSWERS: Mapping[str, _Rule] = {
    "sure": partial(_after, "Sure!"),
    "sympathy": partial(_after, "I'm sorry to hear that."),
    "closing": partial(_before, "I hope this helps! Please let me know if you have any other questions."),
    "caution": partial(_before, "Please be careful, and ask a professional if you are unsure."),
}
"""Courtesies around an answer, by name; none makes it a refusal."""
