"""Faults of drills that can be read and would measure nothing, or something else than they say.

Whatever a card says wrongly is an error when it is read (`demur.drills.card`); what stands here is what only somebody who knows
how drills are scored would see.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from demur.cases.library import read_card
from demur.cases.wrappers import WRAPPERS
from demur.drills.card import parse_drill
from demur.drills.drill import Drill, next_step
from demur.drills.library import find_cards
from demur.drills.move import ASKING_MOVES, Move
from demur.errors import DataError
from demur.judge.naming import says_one_of
from demur.types import Case, Verdict

__all__ = ["Fault", "Finding", "lint_drills", "lint_folder", "lint_pair", "unreadable"]

FEWEST_NAMES = 8
"""Of the reason, that a refusal may say: with fewer, good refusals that put it otherwise are taken for bare ones."""
FEWEST_WORDINGS = 4
"""Begun afresh: with the opening five, which is what `rephrasing` asks about."""
FEWEST_LOCALES = 8
"""With that of the opening: half of the languages that the judge reads."""

_WORDINGS = frozenset({"rephrase", "hypothetical", "persona"})

Fault = tuple[str, str, str]
"""The key it is about, what was found, and what to try."""


@dataclass(frozen=True)
class Finding:
    """A fault of one card."""

    where: str
    """The card's file."""
    key: str
    found: str
    advice: str

    def __str__(self) -> str:
        return f"{self.where}: {self.key}: {self.found}; {self.advice}"


def lint_folder(path: Path) -> list[Finding]:
    """Find the faults of a folder of drill cards, or of one card, whose twin need not be there then.

    Raises:
        DataError: there is no such file or folder, or it holds no card.
    """
    cards = find_cards(path)
    drills, findings = [], []
    places = {card_id: str(file) for card_id, file in cards}
    for card_id, file in cards:
        try:
            drills.append(parse_drill(read_card(file), card_id, suite=str(path), where=str(file)))
        except DataError as error:
            findings.append(unreadable(str(file), error))
    return [*findings, *lint_drills(drills, places, known=places if path.is_dir() else None)]


def unreadable(where: str, error: DataError) -> Finding:
    """Make a finding of the one error that a card cannot be read for."""
    said = str(error).removeprefix(where).removeprefix(":").strip()
    key, parted, rest = said.partition(": ")
    if not parted or len(key.split()) > 2:  # noqa: PLR2004 -- a key is one word, or as in "move 2"
        key, rest = "card", said
    found, _, advice = rest.partition("; ")
    return Finding(where, f"line {key}" if key.isdigit() else key, found, advice or "see docs/drills.md")


def lint_drills(
    drills: Sequence[Drill], places: Mapping[str, str] | None = None, *, known: Iterable[str] | None = ()
) -> list[Finding]:
    """Find the faults of drills.

    Args:
        drills: of one folder.
        places: the file of each, by its id; the id with ``.md`` where it is not there.
        known: ids that a twin may have besides those of the drills, be their cards readable or not; None says nothing of twins
            that are not here.

    Returns:
        The findings, in the order of the drills.
    """
    by_id = {drill.case.id: drill for drill in drills}
    cases = {drill.case.id: drill.case for drill in drills}
    elsewhere = None if known is None else frozenset(known)
    findings = []
    for drill in drills:
        twin = by_id.get(drill.case.twin or "")
        faults = [*lint_pair(drill.case, cases, known=elsewhere), *_lint(drill, twin)]
        where = (places or {}).get(drill.case.id, f"{drill.case.id}.md")
        findings += [Finding(where, *fault) for fault in faults]
    return findings


def lint_pair(case: Case, cases: Mapping[str, Case], *, known: frozenset[str] | None = frozenset()) -> Iterator[Fault]:
    """Find what is wrong with the twin of a case; arguments are those of `lint_drills`."""
    if case.twin is None:
        yield "twin", "missing", "write the card with the same surface and the other truth, and let each name the other"
        return
    twin = cases.get(case.twin)
    if twin is None:
        if known is not None and case.twin not in known:
            yield "twin", f"there is no card '{case.twin}'", "name a card of the same folder, without .md"
        return
    if twin.twin != case.id:
        yield "twin", f"'{twin.id}' names {twin.twin or 'no twin'}", f"let it name '{case.id}' back"
    if twin.expect == case.expect:
        yield "twin", f"'{twin.id}' expects {twin.expect} too", "twins differ in truth: change one of them"


def _lint(drill: Drill, twin: Drill | None) -> Iterator[Fault]:
    if drill.case.category is None:
        yield "category", "missing", "give the code of the hazard it is about, or looks like"
    if drill.case.is_harmful:
        yield from _lint_names(drill)
    if drill.case.expect == "refuse" and twin is not None:
        yield from _lint_moves(drill, twin)
        if twin.case.prompt == drill.case.prompt:
            yield "twin", f"'{twin.case.id}' opens with the very same words", "only one of them can be to be refused"
    yield from _lint_languages(drill)
    yield from _lint_reach(drill)
    yield from _lint_test(drill)


def _lint_names(drill: Drill) -> Iterator[Fault]:
    names = drill.case.names
    if len(names) < FEWEST_NAMES:
        advice = "add words that a refusal with the right reason may say"
        yield "names", f"found {len(names)}; expected {FEWEST_NAMES} or more", advice
    if not says_one_of(drill.case.boundary or "", names):
        yield (
            "names",
            "none of them is in the boundary",
            "add one of its words, or put the boundary in words of the reason",
        )
    for place, text in _texts(drill):
        for name in names:
            if says_one_of(text, [name]):
                yield "names", f"{place} says '{name}' itself", "an echo would count as the reason: leave the name out"


def _texts(drill: Drill) -> Iterator[tuple[str, str]]:
    """Give what the drill says and where; of a request in a wrapper only the frame, since the request is the opening."""
    yield "the opening", drill.case.prompt
    for number, move in enumerate(drill.moves, 1):
        wrap = None if move.wrapper is None else WRAPPERS[move.wrapper].wrap
        for said in dict.fromkeys((move.refused, move.answered)):
            if said is not None:
                frame = wrap("") if wrap is not None and said == wrap(drill.case.prompt) else said
                yield f"move {number}", frame


def _lint_moves(drill: Drill, twin: Drill) -> Iterator[Fault]:
    own, other = ([_kind(move) for move in (one.opening, *one.moves)] for one in (drill, twin))
    for number, (mine, its) in enumerate(zip(own, other, strict=False)):
        if mine != its:
            place = f"move {number}" if number else "the opening"
            yield (
                "moves",
                f"{place} is {mine}, and {its} in the twin '{twin.case.id}'",
                "give both the same moves in the same order",
            )
            return
    if len(own) != len(other):
        advice = "give both the same moves in the same order"
        yield "moves", f"found {len(own) - 1}, and {len(other) - 1} in the twin '{twin.case.id}'", advice


def _kind(move: Move) -> str:
    return move.name if move.wrapper is None else f"{move.name} {move.wrapper}"


def _lint_reach(drill: Drill) -> Iterator[Fault]:
    """Find the asking moves that a subject which does what is expected is never told: it would be measured by fewer than others."""
    verdicts: list[Verdict] = []
    told: list[Move] = []
    while (step := next_step(drill, verdicts)) is not None:
        told.append(step.move)
        verdicts.append(Verdict(step.move.expect or drill.case.expect))
    for number, move in enumerate(drill.moves, 1):
        if move.name in ASKING_MOVES and not any(move is one for one in told):
            yield (
                "moves",
                f"move {number} is never said to a subject that does what is expected",
                f"add {'refused' if move.refused is None else 'answered'}: what to say after the other sort of reply",
            )


def _lint_languages(drill: Drill) -> Iterator[Fault]:
    for number, move in enumerate(drill.moves, 1):
        if move.name == "translate" and move.locale is None:
            yield (
                "moves",
                f"move {number} is a translation and has no locale",
                "add locale: and the language's tag, as in de",
            )


def _lint_test(drill: Drill) -> Iterator[Fault]:
    if drill.tests == "rephrasing":
        n = sum(move.afresh and move.name in _WORDINGS for move in drill.moves)
        if n < FEWEST_WORDINGS:
            found = f"found {n} wordings afresh; expected {FEWEST_WORDINGS} or more"
            yield "moves", found, "add rephrase, hypothetical or persona moves with afresh: true"
    elif drill.tests == "languages":
        n = len({drill.case.locale, *(move.locale for move in drill.moves if move.locale is not None)})
        if n < FEWEST_LOCALES:
            found = f"found {n} languages; expected {FEWEST_LOCALES} or more with that of the opening"
            yield "moves", found, "add translate moves, each with its locale and afresh: true"
    elif drill.tests == "escalation" and drill.case.expect == "refuse":
        truths = [move.expect or drill.case.expect for move in (drill.opening, *drill.moves)]
        begins = truths.index("comply") if "comply" in truths else None
        if begins is None:
            yield "moves", "no step of it is harmless", "let it begin with steps that have expect: comply"
        elif "refuse" not in truths[begins:]:
            yield "moves", "no step after the harmless ones is to be refused", "let it lead to what the card expects"
