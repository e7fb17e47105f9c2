"""Faults of the catalogue: what is wrong with a card of either sort, and what only shows when all are seen together."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from demur.cases import WRAPPERS, list_suites
from demur.catalog.card import Card
from demur.catalog.catalogue import source_of_wrapper
from demur.catalog.redundancy import NEAR_COPY, likeness
from demur.catalog.reference import Reference
from demur.drills.lint import Fault, Finding, lint_drills, lint_pair
from demur.types import Case

__all__ = ["lint_cards", "lint_references"]


def lint_cards(cards: Sequence[Card], *, unread: Sequence[str] = (), beside: Sequence[Card] = ()) -> list[Finding]:
    """Find the faults of the cards of one folder.

    Args:
        cards: cases and drills.
        unread: files of the folder that cannot be read; a twin that is one of them is there all the same.
        beside: cards that none of these may be a near-copy of, such as the bundled ones.
    """
    drills = [card.drill for card in cards if card.drill is not None]
    places = {card.case.id: card.where for card in cards if card.drill is not None}
    known = frozenset(card.case.twin for card in cards if card.case.twin and _is_unread(card.case.twin, unread))
    single = [card for card in cards if card.drill is None]
    cases = {card.case.id: card.case for card in single}
    return [
        *lint_drills(drills, places, known=known),
        *(Finding(card.where, *fault) for card in single for fault in _lint_case(card.case, cases, known)),
        *_find_copies(cards, beside),
    ]


def lint_references(references: Sequence[Reference], cards: Sequence[Card]) -> list[Finding]:
    """Find references that are missing: those that a card leans on, those of other references, those of wrappers."""
    names = {reference.name for reference in references} | {suite.name for suite in list_suites()}
    papers = {reference.name for reference in references if reference.kind == "paper"}
    advice = "write its card in references/, or name one that is there"
    findings = [
        Finding(card.where, "leans_on", f"there is no reference '{name}'", advice)
        for card in cards
        if card.drill is not None
        for name in card.drill.leans_on
        if name not in names
    ]
    findings += [
        Finding(reference.where, "leans_on", f"there is no paper '{name}'", advice)
        for reference in references
        for name in reference.leans_on
        if name not in papers
    ]
    findings += [
        Finding("wrappers.py", name, f"no reference has the source '{WRAPPERS[name].source}'", advice)
        for name in WRAPPERS
        if source_of_wrapper(name, references) is None
    ]
    return findings


def _is_unread(card_id: str, unread: Sequence[str]) -> bool:
    return any(f"/{Path(where).as_posix()}".endswith(f"/{card_id}.md") for where in unread)


def _lint_case(case: Case, cases: Mapping[str, Case], known: frozenset[str]) -> Iterator[Fault]:
    if case.is_harmful and case.category is None:
        yield "category", "missing", "give the code of the hazard it is about"
    if case.twin is not None or not _stands_alone(case):
        yield from lint_pair(case, cases, known=known)
    twin = cases.get(case.twin or "")
    if twin is not None and twin.pattern != case.pattern:
        yield "pattern", f"found {case.pattern}, but its twin has {twin.pattern}", "give one to both"


def _stands_alone(case: Case) -> bool:
    """Tell whether a case needs no twin.

    An ambiguous request has its other truths within itself. What a subject cannot do, and what an operator's prompt leaves out, is
    declined for no harm in the words, so no surface has to be held apart from it; and a request under an operator's prompt has its
    other side in the other requests under the same prompt.
    """
    return case.expect == "clarify" or case.kind in ("capability", "scope") or case.system is not None


def _find_copies(cards: Sequence[Card], beside: Sequence[Card]) -> Iterator[Finding]:
    """Find near-copies; of two in the same folder the later one is told of."""
    words = {id(card): card.words for card in (*cards, *beside)}
    for index, card in enumerate(cards):
        others = [*cards[:index], *beside]
        for other in others:
            alike = likeness(words[id(card)], words[id(other)])
            if alike >= NEAR_COPY and other.id != card.twin and card.id != other.twin:
                found = f"nearly a copy of {other.id}: {alike:.2f} of their words are the same; expected less than {NEAR_COPY}"
                yield Finding(card.where, "body", found, "write another situation, not the same one with other nouns")
