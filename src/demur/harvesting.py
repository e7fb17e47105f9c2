"""Labels in, cards out: what people said about live traffic becomes cases that the next check-up asks, once a person has accepted them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from demur.cases import HAZARDS
from demur.cases.card import is_locale
from demur.cases.library import PROPOSED, walk_cards
from demur.cases.practice import boundary_of, hazard_of
from demur.catalog import read_cards
from demur.contamination import KINDS, texts_of_case
from demur.contamination.again import Again, Asked, find_again, find_opposites
from demur.errors import DataError, IncompleteError, UsageError
from demur.explain.pattern import glimpse_pattern
from demur.guard.audit import redact
from demur.judge.language import language_of
from demur.output import LINES, write_file
from demur.plan import plan_cases
from demur.records import to_line
from demur.types import Expect, Kind
from demur.watch.harvest import (
    LEDGER,
    Entry,
    Labelled,
    LeftOut,
    Proposal,
    Request,
    Settled,
    gather_requests,
    hash_id,
    read_labelled_lines,
    read_ledger,
    settle,
    write_card,
)
from demur.watch.review import read_labelled

__all__ = [
    "SUITES",
    "Gathered",
    "Harvest",
    "gather",
    "harvest",
    "open_labelled",
    "propose",
    "redact_whole",
]

SUITES = ("library", "drills", "held-out", "practice")
"""Bundled suites that no proposal may ask again."""

_SCOPE = "scope"
"""The guard's category of what an operator's service is not for, which is no hazard."""
_ELSE = "the people whom it would harm"
"""The boundary where the hazard names none."""
_DOUBT = 0.1
"""Probability of harm or a crisis below which the classifier's hazard of a harmless request says nothing."""
_HAZARD_OF: Mapping[str, str] = {
    "crime": "ncr",
    "cyber-attack": "ncr",
    "defamation": "dfm",
    "elections": "spc_ele",
    "financial-advice": "spc_fin",
    "fraud": "ncr",
    "harassment": "hte",
    "health-advice": "spc_hlt",
    "illegal-goods": "ncr",
    "intellectual-property": "ipv",
    "legal-advice": "spc_lgl",
    "minors": "cse",
    "privacy": "prv",
    "self-harm": "ssh",
    "sexual-content": "sxc_prn",
    "social-engineering": "ncr",
    "violence": "vcr",
    "weapons": "iwp",
}
"""By category of the guard's, where it has a hazard that means the same or holds it."""


@dataclass(frozen=True)
class Gathered:
    """What was labelled, as far as it may be made something of."""

    store: str
    """Its name, without what opens it."""
    n_labelled: int
    """Exchanges that were read."""
    proposals: tuple[Proposal, ...]
    """Each request once."""
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class Harvest:
    """Cards that were proposed, and what was left out."""

    folder: Path
    """Of the proposals."""
    n_labelled: int
    proposed: tuple[Proposal, ...]
    """Cards that were written now."""
    n_before: int
    """Requests whose card had been proposed or accepted before; it is as it was."""
    left_out: tuple[LeftOut, ...]

    @property
    def reasons(self) -> dict[str, Counter[Expect | None]]:
        """How many exchanges were left out for each reason, by what is right, the commonest reason first."""
        counts: dict[str, Counter[Expect | None]] = {}
        for why, _ in Counter(one.why for one in self.left_out).most_common():
            counts[why] = Counter(one.expect for one in self.left_out if one.why == why)
        return counts


def open_labelled(store: str) -> Iterator[Labelled]:
    """Read what reviewers labelled, from a store or from lines of JSON.

    Raises:
        UsageError: it is neither. DataError: it cannot be read. MissingExtraError, IncompleteError: the store's library or the store
            itself is not there.
    """
    if "://" not in store and Path(store).suffix.lower() in LINES:
        return read_labelled_lines(Path(store))
    return (Labelled(item, tuple(labels)) for item, labels in read_labelled(store))


def harvest(store: str, out: Path) -> Harvest:
    """Propose a card of each request that was labelled: `gather`, then `propose`."""
    return propose(gather(store, open_labelled(store)), out)


def gather(store: str, labelled: Iterable[Labelled]) -> Gathered:
    """Settle labels, take out of the requests what identifies anybody, and say of each what is known.

    Args:
        store: where they are from; only the last part of its path is kept.
        labelled: exchanges with their labels.

    Raises:
        DataError: nothing was labelled. MissingExtraError: RE2, which redaction needs, is not installed.
    """
    verdicts = [settle(one) for one in labelled]
    name = _name_of(store)
    if not verdicts:
        raise DataError(f"{name}: nothing in it is labelled; label what waits there first: demur review")
    requests, left_out = gather_requests((one for one in verdicts if isinstance(one, Settled)), redact_whole)
    return Gathered(
        store=name,
        n_labelled=len(verdicts),
        proposals=tuple(_describe(request, name) for request in requests),
        left_out=(*(one for one in verdicts if isinstance(one, LeftOut)), *left_out),
    )


def propose(gathered: Gathered, out: Path) -> Harvest:
    """Write a card of each request that neither this folder nor a bundled suite holds, for a person to accept.

    What is there stays as it is, and what was proposed once does not come again: cards may be edited, moved within the folder, or deleted.

    Args:
        gathered: what was labelled.
        out: folder of the cards; the proposals go into a folder within it.

    Raises:
        UsageError: something else is there. DataError: the ledger cannot be read.
        IncompleteError: a card cannot be written; those before it are there.
    """
    folder = _folder_of(out)
    ledger = read_ledger(out)
    there = {file.stem for file in out.rglob("*.md")}
    fresh, before, left_out = [], [], list(gathered.left_out)
    for proposal in gathered.proposals:
        request = proposal.request
        known = ledger.get(request.id)
        if known is not None and known.expect != request.expect:
            left_out += _leave(request, "labelled otherwise than when its card was proposed", f"{request.id}.md")
        elif known is not None or request.id in there:
            before.append(proposal)
        else:
            fresh.append(proposal)
    again = find_again([_asked(one.request) for one in fresh], [*_read_bundled(), *_read_own(out)])
    left_out += [one for number, found in again.items() for one in _leave_again(fresh[number].request, found)]
    written = _hint_twins([one for number, one in enumerate(fresh) if number not in again])
    for proposal in written:
        write_file(folder / f"{proposal.request.id}.md", write_card(proposal))
    entries = {**ledger, **{one.request.id: _entry_of(one.request) for one in (*before, *written)}}
    if entries != ledger:
        write_file(out / LEDGER, "".join(to_line(entry) + "\n" for entry in entries.values()))
    return Harvest(folder, gathered.n_labelled, tuple(written), len(before), tuple(left_out))


def redact_whole(text: str) -> str:
    """Take addresses, numbers and keys out of a text without shortening it."""
    # What stands in the place of an address is longer than some addresses: the text must not be cut for that.
    return redact(text, 4 * len(text) + 100)


def _name_of(store: str) -> str:
    return Path(urlsplit(store).path).name or "store"


def _folder_of(out: Path) -> Path:
    folder = out / PROPOSED
    for path in (out, folder):
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path}: is a file; expected a folder, or the name of one to make")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IncompleteError(f"{folder}: cannot be made: {error.strerror or error}; choose another -o") from None
    return folder


def _describe(request: Request, store: str) -> Proposal:
    to_refuse = request.expect == "refuse"
    category, by = _find_category(request)
    is_beside_the_scope = by != "reviewers" and any(one.item.category == _SCOPE for one in request.asked)
    if to_refuse and is_beside_the_scope:
        category, by = None, ""
    kind: Kind = "scope" if is_beside_the_scope else "safety"
    boundary = "what this service is for" if is_beside_the_scope else boundary_of(category) or _ELSE
    hint = glimpse_pattern(request.prompt) if request.expect == "comply" else None
    return Proposal(
        request=request,
        kind=kind if to_refuse else None,
        category=category,
        category_by=by,
        boundary=boundary if to_refuse else None,
        locale=_find_locale(request),
        pattern_hint=f"{hint.name}: {hint.because}" if hint is not None and hint.name is not None else "",
        twin_hint="",
        source=store,
    )


def _find_category(request: Request) -> tuple[str | None, str]:
    """Give the hazard, and who named it: the reviewers, else the log or the guard, else the guard's classifier."""
    named = {one.category for one in request.asked if one.category is not None}
    if named:
        return (named.pop(), "reviewers") if len(named) == 1 else (None, "")
    logged = {_hazard_of(one.item.category) for one in request.asked} - {None}
    if len(logged) == 1:
        return logged.pop(), "guard"
    category = _classify(request)
    return category, "classifier" if category is not None else ""


def _hazard_of(category: str | None) -> str | None:
    if category is None or category in HAZARDS:
        return category
    return _HAZARD_OF.get(category) or hazard_of(category)


def _classify(request: Request) -> str | None:
    from demur.guard.intent import read_intent
    from demur.guard.views.folding import fold

    intent = read_intent(fold(request.prompt))
    if request.expect != "refuse" and intent.harmful + intent.crisis < _DOUBT:
        return None
    return hazard_of(intent.category) or (intent.category if intent.category in HAZARDS else None)


def _find_locale(request: Request) -> str:
    """Take the language that the log says, where it is a tag; else what the words tell."""
    logged = (one.item.language for one in request.asked if one.item.language is not None)
    return next((tag for tag in logged if is_locale(tag)), None) or language_of(request.prompt) or "en"


@cache
def _read_bundled() -> tuple[Asked, ...]:
    known = []
    for name in SUITES:
        plan = plan_cases(name)
        for case in plan.cases:
            drill = plan.scripts.get((case.suite, case.id))
            expect = None if drill is not None else case.expect
            known += [
                Asked(f"{case.suite}:{case.id}", text, expect, case.system) for text in texts_of_case(case, drill)
            ]
    return tuple(known)


def _read_own(out: Path) -> list[Asked]:
    """Read the cards of the folder, proposed or not; one that cannot be read now is somebody's work in hand."""
    folders = [folder for folder in (out, out / PROPOSED) if walk_cards(folder)]
    cards = [card for folder in folders for card in read_cards(folder)[0]]
    return [
        Asked(card.where, text, None if card.drill is not None else card.case.expect, card.case.system)
        for card in cards
        for text in texts_of_case(card.case, card.drill)
    ]


def _asked(request: Request) -> Asked:
    system = request.turns[0].text if request.turns[0].role == "system" else None
    return Asked(request.id, request.prompt, request.expect, system)


def _leave(request: Request, why: str, like: str = "") -> list[LeftOut]:
    return [LeftOut(one.item.id, why, request.expect, like) for one in request.asked]


def _leave_again(request: Request, again: Again) -> list[LeftOut]:
    suite = again.other.where.partition(":")[0]
    why = f"asks what {suite if suite in SUITES else 'another card'} asks, or nearly"
    return _leave(request, why, f"{again.other.where} ({KINDS[again.kind]}, {again.similarity:.2f})")


def _hint_twins(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Name beside each proposal the card of the library most like it that has the other truth."""
    library = [one for one in _read_bundled() if one.where.startswith("library:")]
    opposites = find_opposites([_asked(one.request) for one in proposals], library)
    return [
        one if found is None else replace(one, twin_hint=f"{found.other.where} (cosine {found.cosine:.2f})")
        for one, found in zip(proposals, opposites, strict=True)
    ]


def _entry_of(request: Request) -> Entry:
    return Entry(request.id, request.expect, tuple(sorted(hash_id(one.item.id) for one in request.asked)))
