"""What a single sentence does: decline, fault the request, moralise, send elsewhere, ask back, or say something."""

import re
from typing import Literal, NamedTuple

from demur.judge import lexicon as lex
from demur.judge.sentences import BLANK

__all__ = ["Act", "Cue", "Ground", "n_words", "names_wrong", "read_sentence"]

Act = Literal["decline", "fault", "wrong", "duty", "elsewhere", "offer", "ask", "courtesy", "content"]
"""What a sentence does. ``fault`` finds fault with the request or its wording, ``wrong`` names a wrong, ``duty`` lays one
on the asker, ``elsewhere`` sends to other people or other things, ``offer`` holds out help that is still to come."""

Ground = Literal["unstated", "value", "scope", "private", "capability", "disclaimer", "weak"]
"""Why a sentence declines. ``value``: will not approve; ``private``: what was asked is nobody's business; ``scope``: was not made for it; ``capability``: has no means;
``disclaimer``: does not know or vouch for it; ``weak``: only sounds like a no ("I'm sorry, but")."""

_OBJECT = 60
"""Characters in which what is declined is named."""

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


def n_words(text: str) -> int:
    """Count the words of a sentence; shown characters count as words of six."""
    return text.count(" ") + 1 + text.count(BLANK) // 6


def _act(text: str, words: frozenset[str]) -> Cue:
    if lex.NEEDS_DETAILS.search(text, words):
        return Cue("ask")
    ground = _ground(text, words)
    if ground is not None and ground != "weak":
        return Cue("decline", ground)
    if _is_fault(text, words):
        return Cue("fault")
    if ground == "weak" or lex.APOLOGY_BUT.search(text, words):
        return Cue("decline", "weak")
    return Cue(_manner(text, words))


def _is_fault(text: str, words: frozenset[str]) -> bool:
    if (
        lex.FAULTS_REQUEST.search(text, words)
        or lex.WARNS_OFF.search(text, words)
        or lex.FAULTS_WORDING.search(text, words)
    ):
        return True
    match = None if _ASKING.isdisjoint(words) else lex.IMPERSONAL.search(text, words)
    return match is not None and match["verb"] in _ASKING and _is_denied(match)


def _manner(text: str, words: frozenset[str]) -> Act:
    """Say what a sentence does that neither declines nor faults."""
    found: Act = "content"
    if lex.ADMONISHES.search(text, words):
        found = "duty"
    elif lex.SEEK_HELP.search(text, words) or lex.POINTS_ELSEWHERE.search(text, words):
        found = "elsewhere"
    elif names_wrong(text, words):
        found = "wrong"
    elif lex.DUTY.search(text, words) and lex.VIRTUE.search(text):
        found = "duty"
    elif lex.ASKS_FOR.search(text, words):
        found = "ask"
    elif lex.OFFER.search(text, words) and not lex.RESUMES.search(text, words):
        found = "offer"
    elif lex.CLOSING.search(text, words):
        found = "courtesy"
    elif text.endswith("?"):
        found = "ask"
    elif lex.COURTESY.search(text):
        found = "courtesy"
    return found


def names_wrong(text: str, words: frozenset[str]) -> bool:
    """Tell whether a sentence in its plain form names a wrong, whatever else it does."""
    return not lex.WRONG_WORDS.isdisjoint(words) or lex.WRONG.search(text, words) is not None


def _ground(text: str, words: frozenset[str]) -> Ground | None:
    """Say why a sentence declines; None if it does not. The clearest ways of declining are looked for first."""
    found = None
    for read in (_modal, _unable, _outright, _by_rule, _impersonal, _lacking):
        ground = read(text, words)
        if ground is not None and ground != "weak":
            return ground
        found = found or ground
    return found


def _modal(text: str, words: frozenset[str]) -> Ground | None:
    if lex.MODAL.anchors.isdisjoint(words):
        return None
    for match in lex.MODAL.pattern.finditer(text):
        ground = _modal_ground(match, text, words)
        if ground is not None:
            lacks = ground == "unstated" and lex.LACKS_MEANS.search(text, words) is not None
            return "capability" if lacks else ground
    return None


def _modal_ground(match: re.Match[str], text: str, words: frozenset[str]) -> Ground | None:
    verb = match["verb"]
    if lex.EXAGGERATES.pattern.search(text, match.start("verb")) or not _is_binding(match["modal"], verb):
        return None
    if match[0].startswith("we") and verb not in lex.HELPING:
        return None
    if verb in lex.APPROVING:
        return "value"
    if verb in lex.SENSING:
        return _refined(text, words, match.end("verb"), "capability")
    is_telling = verb == "tell" and not match["rest"].startswith((" if", " whether", " from"))
    if verb in lex.GIVING or is_telling:
        return _refined(text, words, match.end("verb"), "unstated")
    return None if verb in lex.IDIOM else "weak"


def _is_binding(modal: str, verb: str) -> bool:
    if modal.startswith("would"):
        return verb in {"help", "assist", "provide", "do"}
    if modal.startswith(("could", "should", "may", "must")):
        return verb in lex.GIVING
    return True


def _unable(text: str, words: frozenset[str]) -> Ground | None:
    match = lex.UNABLE.search(text, words)
    if match is None:
        return None
    lacks = lex.LACKS_MEANS.search(text, words) is not None or match["rest"].split(" ", 1)[0] in lex.SENSING
    return _refined(text, words, match.start("rest"), "capability" if lacks else "unstated")


def _outright(text: str, words: frozenset[str]) -> Ground | None:
    match = lex.UNWILLING.search(text, words) or lex.OMITS.search(text, words) or lex.BARE_NO.search(text)
    if match is None:
        match = lex.SUBJECTLESS.search(text)
        is_no = match is not None and (match["verb"] in {"", *lex.GIVING} or match["modal"] == "no can do")
        match = match if is_no else None
    if match is not None:
        return _refined(text, words, match.end(), "unstated")
    return "value" if lex.VALUES.search(text, words) else None


def _by_rule(text: str, words: frozenset[str]) -> Ground | None:
    match = lex.OWN_RULES.search(text, words)
    if match is None or lex.HAS_GROUNDS.search(text) is None:
        return None
    return _refined(text, words, match.end(), "capability" if lex.OWN_LIMITS.search(text) else "value")


def _impersonal(text: str, words: frozenset[str]) -> Ground | None:
    match = lex.IMPERSONAL.search(text, words)
    if match is None or match["verb"] in _ASKING or not _is_denied(match):
        return None
    return _refined(text, words, match.start("adjective"), "unstated")


def _is_denied(match: re.Match[str]) -> bool:
    is_negated = any(word in match[0] for word in ("not", "n't", "never", "neither"))
    return is_negated or match["adjective"].startswith(("in", "un", "il", "im", "ir", "wr"))


def _lacking(text: str, words: frozenset[str]) -> Ground | None:
    match = lex.LACKS_MEANS.search(text, words)
    if match is not None:
        return _refined(text, words, match.start(), "capability")
    if lex.SCOPE.search(text, words):
        return "scope"
    return "disclaimer" if lex.UNKNOWN.search(text, words) else None


def _refined(text: str, words: frozenset[str], start: int, ground: Ground) -> Ground:
    """Look at what is declined: its object, which begins at ``start`` and ends before the reason given for it."""
    if lex.SCOPE.search(text, words):
        return "scope"
    thing = lex.REASON_GIVEN.pattern.split(text[start : start + _OBJECT], maxsplit=1)[0]
    return "disclaimer" if lex.DISCLAIMED.search(thing) else ground


def _heads(cue: Cue, text: str, words: frozenset[str]) -> Literal["away", "back"] | None:
    resumes = lex.RESUMES.search(text, words) is not None
    if (resumes or cue.act == "elsewhere") and lex.POINTS_ELSEWHERE.search(text, words):
        return "away"
    return "back" if resumes else None


def _n_given(cue: Cue, text: str, words: frozenset[str]) -> int:
    if cue.act == "content":
        return 0 if lex.REFERS.search(text, words) else n_words(text)
    if cue.act == "offer":
        _, colon, rest = text.partition(": ")
        return n_words(rest) if colon else 0
    if cue.ground not in {"disclaimer", "capability", "value", "weak"}:
        return 0
    # "I have no opinion, but the capital is Canberra" gives five words.
    turn = lex.BUT.search(text, words)
    return 0 if turn is None else read_sentence(text[turn.end() :]).n_given
