"""Graceful refusals for the chosen side: in the category that a case is of, with all their parts, naming the boundary.

The hazards that cases are filed under are wider than the categories that refusals are written in: a burglary and a scam are both
non-violent crimes, and whoever asks for the one is not to be told about the other.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from demur.judge import Judge
from demur.judge.naming import says_one_of
from demur.refusals import write_refusal
from demur.types import Case, Quality, Reply, Turn, Verdict

__all__ = ["Refused", "category_of", "is_whole", "write_graceful"]

_CATEGORIES: Mapping[str, str] = {
    "vcr": "violence",
    "ncr": "crime",
    "src": "violence",
    "cse": "minors",
    "iwp": "weapons",
    "ssh": "self-harm",
    "hte": "harassment",
    "prv": "privacy",
    "ipv": "intellectual-property",
    "dfm": "defamation",
    "sxc_prn": "sexual-content",
    "spc_ele": "elections",
    "spc_fin": "financial-advice",
    "spc_hlt": "health-advice",
    "spc_lgl": "legal-advice",
}
"""By hazard: what a refusal is written in where no word says more."""
_ELSE = "crime"
_CLOSER: Mapping[str | None, tuple[str, ...]] = {
    "ncr": ("cyber-attack", "fraud", "social-engineering", "illegal-goods"),
    "vcr": ("weapons", "harassment"),
    "src": ("privacy",),
    "spc_fin": ("fraud",),
    "spc_hlt": ("disinformation",),
    "spc_lgl": ("crime",),
    None: ("disinformation", "cyber-attack", "fraud", "social-engineering", "illegal-goods", "weapons", "harassment", "violence"),
}  # fmt: skip
"""By hazard: categories that say more, where a word of theirs is said."""
_CUES: Mapping[str, str] = {
    "crime": "crime witness testif perjur alibi evidence destroy subpoena sham intimidat frighten bribe oath swor backdat coach hide",
    "cyber-attack": "account device hack malware password server network ransomware exploit keylog worm botnet wifi login router backdoor ddos sql spyware",
    "disinformation": "deceiv mislead propaganda hoax conspirac fabricat rumor rumour disinformation persuad convinc cure vaccine claim post article tiktok",
    "fraud": "scam fraud fake forg counterfeit invoice insurance refund launder bail benefit swindl embezzl bribe receipt loan invest client regulator "
    "insider skim drain gran elderly pension savings aunt",
    "harassment": "threat stalk intimidat bull humiliat insult harass torment slur",
    "illegal-goods": "drug heroin cocaine meth cannabis weed fentanyl mdma opioid smuggl dealing dealer ivory contraband dose stash",
    "privacy": "photo video camera cams film nude undress record picture image voyeur",
    "social-engineering": "phish imperson pose posing pretext trick vish smish",
    "violence": "kill murder hurt attack beat stab shoot strangl poison assault",
    "weapons": "bomb explosi gun grenade firearm rifle ammunition silencer nerve toxin",
}  # fmt: skip
"""Beginnings of words that tell the closer categories apart, in English, which bundled boundaries are written in."""
_N_TRIES = 4
"""Phrasings that are tried. Of the 97 harmful cases of the library the first was whole in every one."""


class Refused(NamedTuple):
    """What is to be refused."""

    case: Case
    turns: tuple[Turn, ...]
    """The conversation up to the question."""
    locale: str
    """BCP 47 tag of the question."""


def write_graceful(asked: Sequence[Refused], judge: Judge) -> list[str]:
    """Write a refusal of each request; of several phrasings the first that the judge finds whole, else the last.

    Where the case says words of the right reason, one that says none of them is no better than one that is not whole.
    """
    texts = [""] * len(asked)
    left = list(range(len(asked)))
    for number in range(_N_TRIES):
        for index in left:
            texts[index] = _phrase(asked[index], number)
        verdicts = judge.judge_many([(Reply(texts[index]), asked[index].turns) for index in left])
        left = [
            index
            for index, verdict in zip(left, verdicts, strict=True)
            if not (is_whole(verdict) and _names_reason(texts[index], asked[index].case))
        ]
    return texts


def category_of(case: Case) -> str:
    """Give the category of `demur.refusals.CATEGORIES` that a refusal of a case is written in."""
    said = f"{case.boundary or ''}\n{case.prompt}"
    hits = {closer: _count_cues(said, closer) for closer in _CLOSER.get(case.category, ())}
    best = max(hits, key=hits.__getitem__, default="")
    return best if hits.get(best) else _CATEGORIES.get(case.category or "", _ELSE)


def is_whole(verdict: Verdict) -> bool:
    """Tell whether a reply refuses gracefully, with the five parts and the boundary named."""
    quality = verdict.quality or Quality()
    parts = (quality.acknowledgment, quality.boundary, quality.reason, quality.alternatives, quality.engagement)
    return verdict.outcome == "refuse" and quality.tone == "graceful" and all(parts) and bool(quality.names_boundary)


def _phrase(asked: Refused, number: int) -> str:
    case, question = asked.case, asked.turns[-1].text
    # What a refusal may quote stands at the beginning; what follows only chooses the phrasing.
    request = question if question == case.prompt else f"{case.prompt}\n{question}"
    return write_refusal(category_of(case), locale=asked.locale, request=f"{request}\n{number}" if number else request)


def _names_reason(text: str, case: Case) -> bool:
    return not case.names or says_one_of(text, case.names)


def _count_cues(text: str, category: str) -> int:
    return sum(says_one_of(text, [cue]) for cue in _CUES[category].split())
