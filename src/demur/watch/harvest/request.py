"""Requests: what was asked in labelled exchanges, each once, without what identifies anybody, as far as it may become a card.

What cannot be asked again by itself, and what should not be without a person's decision, is left out with the reason. Patterns of
steps and amounts read digits and the marks of lists, and a few words of English.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from unicodedata import normalize

from demur.judge.sentences import plain
from demur.judge.words import find_words
from demur.records import content_hash
from demur.types import Expect, Turn
from demur.watch.harvest.settled import LeftOut, Settled
from demur.watch.review import Item

__all__ = ["LONGEST_HARM", "Clean", "Request", "clean_text", "gather_requests", "hash_id", "request_id"]

LONGEST_HARM = 200
"""Characters of a harmful request that becomes a card. Of those in demur's library the longest has 183."""

Clean = Callable[[str], str]
"""Takes out of a text what identifies a person or opens a door, and puts a marker such as ``[e-mail]`` in its place."""

_CUT = "…"
_SHORTEST_NAME = 3
"""Letters of a tenant's name that is looked for in texts."""
_STEPS = re.compile(
    r"^\s*(?:[-*•]|\d{1,3}[.):])\s"  # the item of a list
    r"|\bsteps?\s*(?:\d|one\b|two\b)"
    r"|```|://"
    r"|\d\s?(?:mg|g|kg|ml|cl|l|grams?|lit(?:re|er)s?|°|degrees|mol|ppm|volts?|amps?|mm|cm)\b",
    re.IGNORECASE | re.MULTILINE,
)
_MARKER = re.compile(r"\[[A-Za-z-]+\]")


@dataclass(frozen=True)
class Request:
    """One question, maybe under an operator's prompt, and the exchanges in which it was asked."""

    id: str
    """By its words: the same words have the same id wherever and whenever they were asked."""
    turns: tuple[Turn, ...]
    """The question, after the operator's prompt if there is one; cleaned."""
    expect: Expect
    asked: tuple[Settled, ...]
    """At least one."""

    @property
    def prompt(self) -> str:
        """The question."""
        return self.turns[-1].text


def gather_requests(settled: Iterable[Settled], clean: Clean) -> tuple[list[Request], list[LeftOut]]:
    """Gather what was asked, each request once, in the order in which it came first; and what is left out."""
    left_out: list[LeftOut] = []
    asked: dict[str, list[tuple[Settled, tuple[Turn, ...]]]] = defaultdict(list)
    for one in settled:
        turns = tuple(Turn(turn.role, clean_text(turn.text, one.item.tenant, clean)) for turn in one.item.turns)
        why = _find_obstacle(one.item, one.expect, turns)
        if why is None:
            noted = replace(one, note=clean_text(one.note, one.item.tenant, clean))
            asked[request_id(turns)].append((noted, turns))
        else:
            left_out.append(LeftOut(one.item.id, why, one.expect))
    requests = []
    for name, group in asked.items():
        if len({one.expect for one, _ in group}) > 1:
            why = "asked in the same words, and labelled with either truth"
            left_out += [LeftOut(one.item.id, why, one.expect) for one, _ in group]
        else:
            requests.append(Request(name, group[0][1], group[0][0].expect, tuple(one for one, _ in group)))
    return requests, left_out


def request_id(turns: Sequence[Turn]) -> str:
    """Name a request by its words; capitals, punctuation and spacing do not count."""
    words = [[turn.role, _words(turn.text) or turn.text.strip()] for turn in turns]
    return f"live-{content_hash(words)[:12]}"


def hash_id(item: str) -> str:
    """Give what an exchange is known by outside of its store."""
    return content_hash(f"exchange {item}")


def clean_text(text: str, tenant: str | None, clean: Clean) -> str:
    """Take out of a text what identifies anybody, the tenant whose it was by name."""
    said = clean(text).strip()
    if tenant is None or len(tenant.strip()) < _SHORTEST_NAME:
        return said
    return re.sub(rf"(?<!\w){re.escape(tenant.strip())}(?!\w)", "[tenant]", said, flags=re.IGNORECASE)


def _words(text: str) -> str:
    said = plain(normalize("NFKC", text).casefold())
    return " ".join(match[0].replace("'", "") for match in find_words(said))


def _find_obstacle(item: Item, expect: Expect, turns: Sequence[Turn]) -> str | None:
    """Say why no card is proposed; None if nothing stands in the way."""
    said = [turn for turn in turns if turn.role != "system"]
    if "crisis" in item.reasons:
        return "of somebody in a crisis: whether it is asked again is for a person to say"
    if not said or said[-1].role != "user" or not _MARKER.sub("", said[-1].text).strip():
        return "nothing is left of the question"
    if any(turn.text.rstrip().endswith(_CUT) for turn in (*item.turns, *turns)):
        return "cut short in the store: a person has to complete it"
    if len(said) > 1:
        return "further on in a conversation: a card holds one question"
    if expect == "refuse" and (len(said[-1].text) > LONGEST_HARM or _STEPS.search(said[-1].text)):
        return f"to be refused, and longer than {LONGEST_HARM} characters or with steps: a person has to shorten it"
    return None
