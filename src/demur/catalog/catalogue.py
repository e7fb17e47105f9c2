"""The catalogue put together: records, the links between them both ways, and what the whole of them covers."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from demur.cases import HAZARDS, PATTERNS, WRAPPERS, list_suites
from demur.cases.registry import LIBRARY
from demur.catalog.card import Card
from demur.catalog.coverage import Table, measure_coverage
from demur.catalog.failure import FAILURES, OF_TESTS, OF_WRAPPERS, failures_of_case
from demur.catalog.freshness import check_freshness
from demur.catalog.record import Link, Record, Size
from demur.catalog.redundancy import NEAR_COPY, find_similar
from demur.catalog.reference import Reference, arxiv_id
from demur.catalog.usage import Asked, measure_usage

__all__ = ["Catalogue", "make_catalogue", "source_of_wrapper"]

_INVERSE: Mapping[str, str] = {
    "about": "cards",
    "looks like": "cards that look like it",
    "pattern": "cards",
    "looks for": "looked for by",
    "leans on": "leaned on by",
    "wraps in": "drills that use it",
    "from": "wrappers from it",
    "bears on": "what bears on it",
}
"""Each relation read from the other end; twins name each other anyway."""


@dataclass(frozen=True)
class Catalogue:
    """Everything that demur asks and leans on."""

    day: str
    """ISO date that the freshness of its records is told for."""
    records: tuple[Record, ...]
    coverage: tuple[Table, ...]
    runs: tuple[str, ...]
    """Names of the runs it was made with."""
    near_copy: float = NEAR_COPY
    """Likeness from which two cards are near-copies."""


def make_catalogue(
    cards: Sequence[Card], references: Sequence[Reference], *, today: date, runs: Sequence[Asked] = ()
) -> Catalogue:
    """Put the catalogue together.

    Args:
        cards: cases and drills, with ids that are unique among their kind.
        references: what they lean on, besides the suites that demur reads.
        today: the day that freshness is told for.
        runs: check-ups to measure the cards by.
    """
    records = [
        *_records_of_cards(cards, references, today, runs),
        *(_record_of_reference(reference, today) for reference in references),
        *_records_of_suites(),
        *_records_of_wrappers(references),
        *_records_of_code(),
    ]
    return Catalogue(
        day=today.isoformat(),
        records=tuple(_link_back(records)),
        coverage=measure_coverage(cards),
        runs=tuple(run.name for run in runs),
    )


def source_of_wrapper(name: str, references: Iterable[Reference]) -> str | None:
    """Find the record a wrapper comes from: the reference, papers first, or else the suite, of the same arXiv number or title."""
    source = WRAPPERS[name].source
    number = arxiv_id(source)
    ranked = sorted(references, key=lambda reference: reference.kind != "paper")
    for reference in ranked:
        if (number is not None and arxiv_id(reference.url) == number) or reference.title in source:
            return reference.id
    suites = (suite.name for suite in list_suites() if number is not None and arxiv_id(suite.citation) == number)
    return next((f"benchmark/{suite}" for suite in suites), None)


def _records_of_cards(
    cards: Sequence[Card], references: Sequence[Reference], today: date, runs: Sequence[Asked]
) -> Iterator[Record]:
    similar, usage = find_similar(cards), measure_usage(cards, runs)
    leaned_on = {reference.name: reference.id for reference in references}
    leaned_on |= {suite.name: f"benchmark/{suite.name}" for suite in list_suites() if suite != LIBRARY}
    for card in cards:
        yield Record(
            id=card.id,
            kind=card.kind,
            name=card.case.id,
            title=card.case.prompt,
            facts=_facts(card),
            text=card.why,
            said=card.said,
            links=tuple(_links(card, leaned_on)),
            size=_size(card),
            freshness=check_freshness(card.reviewed, card.kind, today=today),
            similar=similar.get(card.id, ()),
            usage=usage.get(card.id),
        )


def _facts(card: Card) -> dict[str, str]:
    case, drill = card.case, card.drill
    facts = {
        "tests": drill.tests if drill else None,
        "expect": case.expect,
        "kind": case.kind,
        "category": case.category,
        "pattern": case.pattern,
        "boundary": case.boundary,
        "names": ", ".join(case.names),
        "principle": drill.principle if drill else None,
        "leans on": ", ".join(drill.leans_on) if drill else None,
        "quick": "yes" if drill and drill.is_quick else None,
        "locale": case.locale,
        "system": case.system,
        "source": case.source,
        "reviewed": card.reviewed,
    }
    return {key: value for key, value in facts.items() if value}


def _links(card: Card, leaned_on: Mapping[str, str]) -> Iterator[Link]:
    case, drill = card.case, card.drill
    if card.twin is not None:
        yield Link("twin", card.twin)
    if case.category is not None:
        yield Link("about" if case.is_harmful else "looks like", f"hazard/{case.category}")
    if case.pattern is not None:
        yield Link("pattern", f"pattern/{case.pattern}")
    for mode in failures_of_case(case) if drill is None else OF_TESTS[drill.tests]:
        yield Link("looks for", f"failure-mode/{mode}")
    for move in drill.moves if drill is not None else ():
        if move.wrapper is not None:
            yield Link("wraps in", f"wrapper/{move.wrapper}")
    for name in drill.leans_on if drill is not None else ():
        if name in leaned_on:
            yield Link("leans on", leaned_on[name])


def _size(card: Card) -> Size:
    moves = card.drill.moves if card.drill is not None else ()
    wrapped = {move.refused for move in moves if move.wrapper is not None}
    return Size(
        n_words=sum(len(said.text.split()) for said in card.said if said.text not in wrapped),
        n_moves=len(moves),
        n_afresh=sum(move.afresh for move in moves),
        locales=card.locales,
    )


def _record_of_reference(reference: Reference, today: date) -> Record:
    facts = {
        "authors": reference.authors,
        "year": reference.year,
        "url": reference.url,
        "licence": reference.licence,
        "reviewed": reference.reviewed,
    }
    return Record(
        id=reference.id,
        kind=reference.kind,
        name=reference.name,
        title=reference.title,
        facts={key: value for key, value in facts.items() if value},
        text=reference.text,
        links=(
            *(Link("bears on", f"failure-mode/{mode}") for mode in reference.failure_modes),
            *(Link("leans on", f"paper/{name}") for name in reference.leans_on),
        ),
        freshness=check_freshness(reference.reviewed, reference.kind, today=today),
    )


def _records_of_suites() -> Iterator[Record]:
    for suite in list_suites():
        if suite != LIBRARY:
            facts = {"size": suite.size, "licence": suite.licence, "url": suite.url, "citation": suite.citation}
            yield Record(f"benchmark/{suite.name}", "benchmark", suite.name, suite.title, facts, suite.note)


def _records_of_wrappers(references: Sequence[Reference]) -> Iterator[Record]:
    for name, wrapper in WRAPPERS.items():
        source = source_of_wrapper(name, references)
        yield Record(
            id=f"wrapper/{name}",
            kind="wrapper",
            name=name,
            title=name.replace("-", " "),
            facts={"mechanism": wrapper.mechanism, "source": wrapper.source},
            text=wrapper.what,
            links=(
                *(Link("looks for", f"failure-mode/{mode}") for mode in OF_WRAPPERS),
                *(() if source is None else (Link("from", source),)),
            ),
        )


def _records_of_code() -> Iterator[Record]:
    for mode, meaning in FAILURES.items():
        yield Record(f"failure-mode/{mode}", "failure-mode", mode, mode, {}, meaning)
    for code, hazard in HAZARDS.items():
        yield Record(f"hazard/{code}", "hazard", code, hazard, {"code": code, "taxonomy": "MLCommons AILuminate 1.0"})
    for pattern, meaning in PATTERNS.items():
        yield Record(f"pattern/{pattern}", "pattern", pattern, pattern.replace("-", " "), {}, meaning)


def _link_back(records: Sequence[Record]) -> Iterator[Record]:
    backlinks: dict[str, list[Link]] = defaultdict(list)
    for record in records:
        for link in dict.fromkeys(record.links):
            if link.relation in _INVERSE:
                backlinks[link.to].append(Link(_INVERSE[link.relation], record.id))
    for record in records:
        links = tuple(dict.fromkeys(record.links))
        yield replace(record, links=links, backlinks=tuple(backlinks.get(record.id, ())))
