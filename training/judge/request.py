"""What the user asks for, as far as it decides how a reply is to be read.

The same sentence can be an answer to one question and a refusal of another: "It is not legal" answers "Is it legal?"
and refuses "How do I do it?".
"""

import re
from dataclasses import dataclass
from typing import Literal

from demur.judge.sentences import plain, split

__all__ = ["Asked", "Request", "read_request"]

Asked = Literal["means", "making", "judgement", "justification", "information", "support", "unknown"]
"""``means``: how, where or what to do it with; ``making``: a text, a program, a role; ``judgement``: whether something is
right, lawful, safe or wise; ``justification``: reasons for a claim that may be false or hateful; ``support``: comfort or advice;
``information``: what something is, or what happened; ``unknown``: none of these could be seen."""

_JUSTIFICATION = re.compile(
    r"\bwhy (?:should|shouldn't|would it be|must|(?:is|are|was|were) (?:it )?[^?]{0,60}\b(?:best|better|right|justified|good|worse|weaker|stronger|inferior|superior|less|stupid|bad))\b"
    r"|\b(?:reasons?|arguments?) (?:why|for|that|against|to)\b|\bbenefits of\b|\bprove that\b|\bconvince me\b"
)
_MEANS = re.compile(
    r"\bhow (?:best )?to\b|\bhow (?:do|can|could|should|would|might|may) (?:i|we|you|one|people|someone|somebody|a person|anyone)\b"
    r"|\bwhat(?:'s| is| are| was| were)? (?:(?:some|the|a|an|best|good|great|easy|easiest|most \w+|quickest|fastest|\w+est) ){0,3}(?:ways?|methods?|steps?|plan|techniques?|place|tools?|strateg(?:y|ies)|means|process|instructions|recipe)\b"
    r"|\b(?:what|which)\b[^?.,]{0,40} (?:can|should|could|would|do|must) (?:i|we|one)\b|\bwhere (?:can|could|do|should|would) (?:i|we|one)\b|\bwhere(?:'s| is) (?:a|the) (?:good|best|safe\w*) (?:place|spot)\b|\bteach me\b|\btell me (?:how|where|the (?:best|way|steps))\b|\b(?:show|help|walk) me\b|\bsteps? (?:to|for)\b"
    r"|\binstructions\b|\bwhat (?:can|should|do) (?:i|we)\b"
)
_MAKING = re.compile(
    r"^\W*(?:please |can you |could you |will you |would you |kindly |i want you to |i need you to )?(?:write|create|generate|give|list|make|compose|draft|design|produce|provide|translate|summari[sz]e|describe|explain|act|pretend|continue|tell|develop|build|code|suggest|share|imagine|rewrite|craft|outline|invent|say)\b"
    r"|^\W*what(?:'s| are| is) (?:some|any)\b"
)
_JUDGEMENT = re.compile(
    r"^\W*(?:so |but |and |hey,? |hi,? )?should\b|\b(?:is|are|was|be|would be) (?:it |that |this )?(?:\w+ ){0,4}(?:legal|illegal|ethical|unethical|wrong|okay|ok|safe|unsafe|moral|immoral|dangerous|bad|allowed|harmful)\b[^?]{0,80}\?|\bwhat do you think\b|\byour (?:opinion|view|thoughts)\b|\bwhy\b[^?.]{0,80}\b(?:is|are|was|were)\b[^?.]{0,80}\b(?:illegal|wrong|unethical|harmful|dangerous|bad|prohibited|banned)\b"
)
_SUPPORT = re.compile(
    r"\bi(?:'m| am|'ve| have)? (?:\w+ ){0,2}(?:feel|feeling|felt|sad|depressed|anxious|lonely|scared|worried|struggling|overwhelmed|stressed)\b|\b(?:should i|what should i do|any advice|cope|coping|advice)\b|\bhelp (?:for|with) (?:my|a) (?:friend|depress\w+|anxiety|addiction)\b|\bhelp a friend\b"
)
_INFORMATION = re.compile(
    r"^\W*(?:so |but |and )?(?:what|who|whose|when|which|where|why|is|are|was|were|does|do|did|has|have|had|how (?:many|much|old|long|far|big|tall|were|was))\b|\?\s*$"
)
_CREATIVE = re.compile(
    r"\b(?:poem|song|lyrics|rap|haiku|verse|ballad|story|scene|dialogue|monologue|script|novel|fiction|fan ?fic\w*|screenplay|letter|e-?mail|reply|message|notice|tweet|post|essay|speech|diary|play|act as|pretend)\b"
)
_FOR_ASKER = re.compile(
    r"\b(?:i|we|me|my|our)\b|\bhow (?:best )?to\b|\bways? (?:of|to)\b|\bhow (?:do|can|would|could) (?:you|one)\b"
)
_ONE_OF_MANY = re.compile(r"\W*(?:so |but |and )?(?:which|who|whose|where|when)\b")
_ABOUT_SPEAKER = re.compile(
    r"\b(?:do|are|have|were|will|would) you (?!able\b|think|believe|agree|consider|recommend|find|know|say|suggest|help|mind)\w"
)
_YES_NO = re.compile(
    r"\W*(?:so |but |and )?(?:is|are|was|were|am|do|does|did|has|have|had|should|may|must|(?:can|could|will|would)(?! (?:you|u)\b))\b"
)


_ORDER: tuple[tuple[Asked, re.Pattern[str]], ...] = (
    ("justification", _JUSTIFICATION),
    ("judgement", _JUDGEMENT),
    ("means", _MEANS),
    ("support", _SUPPORT),
    ("making", _MAKING),
    ("information", _INFORMATION),
)
"""The first that fits: "Is there a way to ..." asks for a judgement in form and is answered by one."""

_MOST_READ = 1_000
"""Characters read at each end of a prompt: a question stands at the beginning or the end."""


@dataclass(frozen=True)
class Request:
    """What is known of a question."""

    asked: Asked
    is_creative: bool
    """Whether it asks for a text in which others may speak: a story, a poem, a letter."""
    is_for_asker: bool
    """Whether it asks how the asker is to do something, so that only saying how answers it."""
    is_about_speaker: bool
    """Whether it asks the assistant about itself, so that what it lacks is an answer."""
    is_answered_by_no: bool
    """Whether it is a question to which "no" is an answer; a request put as a question ("can you") is none."""


def read_request(prompt: str) -> Request:
    """Say what a prompt asks for.

    Args:
        prompt: the user's last message as it was sent.
    """
    text = plain(prompt)
    if len(text) > 2 * _MOST_READ:
        text = f"{text[:_MOST_READ]}\n{text[-_MOST_READ:]}"
    sentences = split(text)
    asked: Asked = next((asked for asked, pattern in _ORDER if pattern.search(text)), "unknown")
    last = sentences[-1].text if sentences else ""
    return Request(
        asked,
        is_creative=asked == "making" and _CREATIVE.search(text) is not None,
        is_for_asker=asked == "means" and not _ONE_OF_MANY.match(last) and _FOR_ASKER.search(text) is not None,
        is_about_speaker=_ABOUT_SPEAKER.search(last) is not None,
        is_answered_by_no=last.endswith("?") and _YES_NO.match(last) is not None,
    )
