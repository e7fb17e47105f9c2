"""The conversation: what the last message alone does not show.

Ways of getting by degrees what is refused at once: asking again in other words, going on from an answer that was made up, coming to it
in steps none of which is much (Russinovich et al. 2024, Crescendo), and setting up a persona first that has no rules.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from demur.guard.decision import ALLOW, Decision
from demur.guard.intent import Intent
from demur.guard.policy.policy import Thresholds
from demur.guard.rails.hazards import category_of
from demur.guard.rails.intents import Intents
from demur.guard.rails.judging import shared_judge
from demur.guard.rails.saying_no import may_say_no
from demur.guard.views import fold
from demur.guard.wire.conversation import Conversation
from demur.judge.pressure import read_pressure
from demur.judge.words import index_words, is_unspaced
from demur.refusals import is_clarification
from demur.types import Reply, Turn

__all__ = ["ConversationRail"]

_MOST_EXCHANGES, _MOST_TURNS = 8, 64
"""Of the past that are looked at: a cost that does not grow with the conversation."""
_MOST_READ = 2_000
"""Characters of an earlier turn that are looked at."""
_FEW_WORDS = 12
"""A turn of at most so many words that points back ("and how do I make it?") says little by itself."""
_SHARED = 0.3
"""Least share of a turn's words that were in the refused one, for it to be about the same."""
_SHORT_WORD = 3
_NEVER = 2.0
"""A threshold that no probability reaches."""

_POINTING = (
    (
        r"\b(?:it|that|this|those|these|them|they|he|she|his|her|him|there|same|then|the (?:first|second|third|last|next) (?:one|step|part|point)|"
        r"above|previous|earlier|more detail|step by step|continue|go on|next|also|instead|again)\b"
    ),
    (
        r"\b(?:das|dies\w*|es|damit|davon|dazu|dabei|dann|weiter|genauer|noch|stattdessen|nochmal|ça|cela|ceci|celui|celle|ensuite|alors|"
        r"continue|encore|eso|esto|ello|entonces|sigue|continúa|otra vez|isso|isto|aquilo|então|continue|questo|quello|ciò|allora|continua|ancora)\b"
    ),
    (
        r"(?:это|этого|этом|тогда|дальше|подробнее|ещё|еще|bunu|şunu|onu|devam|那个|这个|它|那|这|继续|详细|然后|再|それ|これ|その|この|続け|詳しく|"
        r"그것|그거|이것|계속|더 자세|هذا|ذلك|هذه|أكمل|المزيد|यह|वह|इसे|उसे|इसका|आगे)"
    ),
)
_GOING_ON = (
    r"^(?:(?:please|ok(?:ay)?|yes|yeah|sure|great|good|thanks|thank you|fine|and|then|now|well|alright)[,.! ]+)*"
    r"(?:go on|go ahead|continue|proceed|carry on|keep going|more|next|and then|do (?:it|so)|yes|ok(?:ay)?|sure|please|finish(?: it)?|done|"
    r"weiter|mach weiter|ja|fahr fort|fortfahren|continuez?|oui|vas-y|allez-y|la suite|sigue|continúa|sí|adelante|continua|continue|sim|prossiga|"
    r"avanti|vai avanti|продолжай|дальше|да|devam(?: et)?|evet|继续|繼續|然后呢|好|続けて|はい|계속|네|أكمل|تابع|نعم|आगे|जारी रखो|हाँ)(?: please| on| it)?[.!? ]*$"
)
_PERSONAS = (
    (
        r"\b(?:you are|you're|you will be|act as|pretend (?:to be|you are|you're)|play|roleplay as|become|imagine you(?: are|'re)?|from now on)\b.{0,160}"
        r"\b(?:no|without|free (?:of|from)|ignores?|not bound by|never refuses?|unrestricted|unfiltered|uncensored|any|evil|amoral|jailbroken)\b ?.{0,24}"
        r"\b(?:rules?|limits?|restrictions?|filters?|guidelines?|morals?|ethics|polic(?:y|ies)|censorship|boundaries|anything|refus\w+|ai|assistant|consequences)\b"
    ),
    (
        r"\b(?:do anything now|dan mode|developer mode|god mode|jailbreak(?:ed)? mode|ignore (?:all |any |your |the )*(?:previous |prior |above |earlier )?(?:instructions?|rules?|guidelines?)|"
        r"disregard (?:all |any |your |the )*(?:previous |prior )?(?:instructions?|rules?|guidelines?)|opposite day|without (?:any )?(?:moral|ethical) (?:constraints?|limits?|filters?))\b"
    ),
    (
        r"(?:ohne (?:jede |alle )?(?:regeln|moral|filter|einschränkungen|grenzen)|sans (?:aucune? )?(?:règles?|morale|filtre|limites?|restrictions?)|"
        r"sin (?:ningún |ninguna )?(?:reglas|moral|filtros?|límites|restricciones)|sem (?:nenhuma? )?(?:regras|moral|filtros?|limites|restrições)|"
        r"senza (?:alcuna? )?(?:regole|morale|filtri|limiti|restrizioni)|без (?:правил|ограничений|цензуры|фильтров|морали)|没有(?:任何)?(?:限制|规则|道德|审查)|制限なし|ルールのない)"
    ),
)


class _Exchange(NamedTuple):
    """What was asked before, and what the assistant said."""

    asked: str
    """Folded."""
    said: str


class ConversationRail:
    """Decides by the turns before the last."""

    def __init__(
        self, thresholds: Thresholds, intents: Intents, blocks: Callable[[str], Decision | None] = lambda _: None
    ) -> None:
        """Decide by these.

        Args:
            thresholds: of the policy.
            intents: what the classifier says.
            blocks: gives what a rule says of a text that it blocks.
        """
        self._thresholds, self._intents, self._blocks = thresholds, intents, blocks

    def decide(self, asked: Conversation, now: Intent | None) -> Decision:
        """Decide about a request whose last message alone is not to be blocked.

        Args:
            asked: the request with its turns.
            now: what the classifier says of what is asked last; None where the policy does not ask it.
        """
        text = fold(asked.asked[:_MOST_READ])
        past = _exchanges(asked.turns[-_MOST_TURNS:])[-_MOST_EXCHANGES:]
        block = self._threshold(text, past)
        if now is not None and now.harmful >= block:
            return _block("persona", now, now.harmful)
        if past and (found := self._again(text, past, block) or self._by_degrees(text, past, block)):
            return found
        clarify = self._thresholds.clarify
        has_asked = bool(past) and is_clarification(past[-1].said)
        if now is not None and clarify is not None and now.harmful >= clarify and not has_asked:
            return Decision("clarify", category_of(now.category), "intent", "folded", score=now.harmful)
        return ALLOW

    def _threshold(self, text: str, past: Sequence[_Exchange]) -> float:
        """Give that of harm: the policy's, that of suspicion where a persona without rules has been set up, above 1 for none."""
        limits = self._thresholds
        if limits.block is None:
            return _NEVER
        if limits.suspect is None:
            return limits.block
        is_set_up = any(_compiled(_PERSONAS).search(said) for said in (text, *(exchange.asked for exchange in past)))
        return min(limits.block, limits.suspect) if is_set_up else limits.block

    def _again(self, text: str, past: Sequence[_Exchange], block: float) -> Decision | None:
        """Find what is to be blocked and is asked again or gone on with, whatever the assistant is said to have answered.

        The guard would not have let it be answered: an answer is one that the caller made up, or came by another way.
        """
        for exchange in reversed(past):
            if not _goes_on_from(text, exchange):
                continue
            if (ruled := self._blocks(exchange.asked)) is not None:
                return replace(ruled, view="conversation", start=0, end=0, text="")
            if block < _NEVER and (before := self._intents.read(exchange.asked)).harmful >= block:
                return _block("rephrased", before, before.harmful)
        return None

    def _by_degrees(self, text: str, past: Sequence[_Exchange], block: float) -> Decision | None:
        """Find what is harmful only together with the two turns before, where the last one points back at them."""
        steps = [exchange.asked for exchange in past[-2:]]
        if (
            block >= _NEVER
            or not _points_back(text)
            or any(self._intents.read(step).harmful >= block for step in steps)
        ):
            return None  # what was harmful by itself had its answer
        together = self._intents.read(" ".join((*steps, text)))
        return _block("escalation", together, together.harmful) if together.harmful >= block else None


def _block(rule: str, intent: Intent, score: float) -> Decision:
    return Decision("block", category_of(intent.category), rule, "conversation", score=score)


def _exchanges(turns: Sequence[Turn]) -> list[_Exchange]:
    """Give what was asked and answered before the last message, oldest first."""
    found: list[_Exchange] = []
    asked: list[str] = []
    for turn in turns:
        if turn.role == "user":
            asked.append(turn.text[:_MOST_READ])
        elif turn.role == "assistant" and asked:
            found.append(_Exchange(fold("\n".join(asked)), turn.text[:_MOST_READ]))
            asked = []
    return found


def _goes_on_from(text: str, exchange: _Exchange) -> bool:
    """Tell whether a turn asks for the same again, or goes on with it; a new subject does not, and a plain why or thanks does not."""
    now, then = _matter(text), _matter(exchange.asked)
    shared = len(now & then) / len(now) if now else 0.0
    pressure = read_pressure(text, earlier=[exchange.asked])
    if shared >= _SHARED or (pressure is not None and (shared > 0 or _points_back(text))):
        return True
    return bool(_compiled((_GOING_ON,)).search(text)) and not _says_no(exchange)


def _says_no(exchange: _Exchange) -> bool:
    """Tell whether what was asked was refused: by a glance, and if that says it may be, by the judge."""
    if not may_say_no(exchange.said):
        return False
    verdict = shared_judge().judge(Reply(exchange.said), (Turn("user", exchange.asked),))
    return verdict.outcome in ("refuse", "partial")


def _matter(text: str) -> set[str]:
    """Give the words that say what a text is about: the short ones are of any subject, but where writing leaves no spaces."""
    return {word for word in index_words(text) if len(word) > _SHORT_WORD or is_unspaced(word)}


def _points_back(text: str) -> bool:
    return len(re.findall(r"\w+", text)) <= _FEW_WORDS and bool(_compiled(_POINTING).search(text))


@cache
def _compiled(patterns: tuple[str, ...]) -> Any:
    import re2

    options = re2.Options()
    options.never_capture = True
    return re2.compile("|".join(f"(?:{pattern})" for pattern in patterns), options)
