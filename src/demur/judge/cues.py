"""What a single sentence does: decline, fault the request, moralise, send elsewhere, ask back, or say something."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from demur.judge import lexicon as lex
from demur.judge.sentences import BLANK

__all__ = ["Act", "Cue", "Ground", "n_words", "read_sentence"]

Act = Literal["decline", "fault", "wrong", "duty", "elsewhere", "ask", "courtesy", "content"]
"""What a sentence does. ``fault`` finds fault with the request or its wording, ``wrong`` names a wrong, ``duty`` lays one
on the asker, ``elsewhere`` sends to other people or other things."""

Ground = Literal["unstated", "value", "scope", "capability", "disclaimer", "weak"]
"""Why a sentence declines. ``value``: will not approve; ``scope``: was not made for it; ``capability``: has no means;
``disclaimer``: does not know or vouch for it; ``weak``: only sounds like a no ("I'm sorry, but")."""

_ASKING = frozenset({"ask", "request", "seek", "inquire"})


class Cue(NamedTuple):
    """What one sentence does."""

    act: Act
    ground: Ground | None = None
    """None unless the act is to decline."""
    heads: Literal["away", "back"] | None = None
    """``away``: what follows is something other than what was asked; ``back``: it is that after all."""
    n_given: int = 0
    """Words that give what was asked, if the sentence is not among the alternatives."""


def read_sentence(text: str) -> Cue:
    """Say what a sentence does, taken by itself.

    Args:
        text: a sentence in its plain form, see `demur.judge.sentences`.
    """
    words = lex.words_of(text)
    cue = _act(text, words)
    heads = _heads(cue, text, words)
    return cue._replace(heads=heads, n_given=_n_given(cue, text, words))


def _act(text: str, words: frozenset[str]) -> Cue:
    declines = _decline(text, words)
    if declines is not None and declines.ground != "weak":
        return declines
    if any(phrases.search(text, words) for phrases in (lex.FAULTS_REQUEST, lex.WARNS_OFF, lex.FAULTS_WORDING)):
        return Cue("fault")
    if declines is not None or lex.APOLOGY_BUT.search(text, words):
        return Cue("decline", "weak")
    if lex.SEEK_HELP.search(text, words) or lex.POINTS_ELSEWHERE.search(text, words):
        return Cue("elsewhere")
    if lex.WRONG.search(text, words):
        return Cue("wrong")
    if lex.DUTY.search(text, words) and lex.VIRTUE.search(text, words):
        return Cue("duty")
    return _manner(text, words)


def _heads(cue: Cue, text: str, words: frozenset[str]) -> Literal["away", "back"] | None:
    resumes = lex.RESUMES.search(text, words) is not None
    if (resumes or cue.act == "elsewhere") and lex.POINTS_ELSEWHERE.search(text, words):
        return "away"
    return "back" if resumes else None


def _n_given(cue: Cue, text: str, words: frozenset[str]) -> int:
    if cue.act == "content":
        return 0 if lex.REFERS.search(text, words) else n_words(text)
    if cue.ground not in {"disclaimer", "capability", "value", "weak"}:
        return 0
    # "I have no opinion, but the capital is Canberra" gives six words.
    turn = lex.BUT.search(text, words)
    return 0 if turn is None else read_sentence(text[turn.end() :]).n_given


def n_words(text: str) -> int:
    """Count the words of a sentence; shown characters count as words of six."""
    return text.count(" ") + 1 + text.count(BLANK) // 6


def _manner(text: str, words: frozenset[str]) -> Cue:
    if lex.ASKS_FOR.search(text, words) or lex.NEEDS_DETAILS.search(text, words):
        return Cue("ask")
    if lex.CLOSING.search(text, words):
        return Cue("courtesy")
    if text.endswith("?"):
        return Cue("ask")
    if lex.COURTESY.search(text, words):
        return Cue("courtesy")
    return Cue("content")


def _decline(text: str, words: frozenset[str]) -> Cue | None:
    lacks_means = lex.LACKS_MEANS.search(text, words) is not None
    if lex.NEEDS_DETAILS.search(text, words):
        return Cue("ask")
    for match in _modals(text, words):
        ground = _modal_ground(match, text, words)
        if ground is not None:
            return Cue("decline", "capability" if lacks_means and ground == "unstated" else ground)
    match = lex.UNABLE.search(text, words)
    if match is not None:
        senses = lacks_means or match["rest"].split(" ", 1)[0] in lex.SENSING
        return Cue("decline", _refined(text, words, "capability" if senses else "unstated"))
    if lex.UNWILLING.search(text, words) or _is_subjectless(text, words) or lex.BARE_NO.search(text, words):
        return Cue("decline", _refined(text, words, "unstated"))
    if lex.VALUES.search(text, words):
        return Cue("decline", "value")
    if lex.OWN_RULES.search(text, words) and lex.HAS_GROUNDS.search(text, words):
        return Cue("decline", _refined(text, words, "capability" if lex.OWN_LIMITS.search(text, words) else "value"))
    match = lex.IMPERSONAL.search(text, words)
    if match is not None and _is_denied(match):
        return Cue("fault") if match["verb"] in _ASKING else Cue("decline", _refined(text, words, "unstated"))
    if lacks_means:
        return Cue("decline", _refined(text, words, "capability"))
    if lex.SCOPE.search(text, words):
        return Cue("decline", "scope")
    if lex.UNKNOWN.search(text, words):
        return Cue("decline", "disclaimer")
    return None


def _modals(text: str, words: frozenset[str]) -> Iterator[re.Match[str]]:
    return iter(()) if lex.MODAL.anchors.isdisjoint(words) else lex.MODAL.pattern.finditer(text)


def _modal_ground(match: re.Match[str], text: str, words: frozenset[str]) -> Ground | None:
    verb, modal = match["verb"], match["modal"]
    if lex.EXAGGERATES.pattern.search(text, match.start("verb")):
        return None
    if modal.startswith(("wo", "co", "sh", "ma", "mu")) and modal not in ("won't", "wont") and verb not in lex.GIVING:
        return None
    if modal.startswith("would") and verb not in {"help", "assist", "provide", "do"}:
        return None
    if verb in lex.APPROVING:
        return "value"
    if verb in lex.SENSING:
        return _refined(text, words, "capability")
    if verb in lex.GIVING or (verb == "tell" and not match["rest"].startswith((" if", " whether", " from"))):
        return _refined(text, words, "unstated")
    return None if verb in lex.IDIOM else "weak"


def _is_subjectless(text: str, words: frozenset[str]) -> bool:
    match = lex.SUBJECTLESS.search(text, words)
    return match is not None and (not match["verb"] or match["verb"] in lex.GIVING or match["modal"] == "no can do")


def _is_denied(match: re.Match[str]) -> bool:
    return (
        "not" in match[0]
        or "n't" in match[0]
        or "never" in match[0]
        or match["adjective"].startswith(("in", "un", "il", "im", "ir", "wr"))
    )


def _refined(text: str, words: frozenset[str], ground: Ground) -> Ground:
    if lex.SCOPE.search(text, words):
        return "scope"
    return "disclaimer" if lex.DISCLAIMED.search(text, words) else ground
