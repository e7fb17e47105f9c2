"""The catalogue as pages: an index to search, and a page for each record. Nothing in them asks the network for anything."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote

from demur.catalog import KINDS, Catalogue, Record
from demur.catalog.freshness import REVIEW_MONTHS
from demur.catalog.record import Link
from demur.report.page import content_security_policy, read_asset, read_template
from demur.report.passage import make_title, make_visible
from demur.report.wording import EXPECT_WORDS

__all__ = ["render_catalogue"]

_STYLES = ("page.css", "catalog.css")
_SCRIPT = "catalog.js"
_MOST_ALIKE = 30
_MOST_ITEMS = 15
_LEVEL_WORDS = {"met": "met", "half": "half way", "short": "short"}


@dataclass(frozen=True)
class _Pair:
    """Two cards that are alike."""

    one: str
    other: str
    likeness: float


def render_catalogue(catalogue: Catalogue) -> dict[str, str]:
    """Write the pages of a catalogue.

    Returns:
        The text of each, by its name within the catalogue's folder: ``index.html``, and ``records/KIND.NAME.html``.
    """
    records = {record.id: record for record in catalogue.records}
    style = "".join(read_asset(name) for name in _STYLES)
    script = read_asset(_SCRIPT)
    shared = {
        "catalogue": catalogue,
        "records": records,
        "kinds": KINDS,
        "expect_words": EXPECT_WORDS,
        "level_words": _LEVEL_WORDS,
        "page_of": lambda record_id: quote(_page_of(record_id)),
        "title_of": _title_of,
        "visible": make_visible,
        "style": style,
    }
    index = read_template("catalog.html.jinja").render(
        **shared,
        policy=content_security_policy((script,), style),
        script=script,
        counts=Counter(record.kind for record in catalogue.records),
        alike=_alike(catalogue.records)[:_MOST_ALIKE],
        states=Counter(record.freshness.state for record in catalogue.records if record.freshness is not None),
        months=REVIEW_MONTHS,
        to_review=_to_review(catalogue.records),
        items=_items(catalogue.records)[:_MOST_ITEMS],
    )
    policy = content_security_policy((), style)
    template = read_template("record.html.jinja")
    pages = {
        f"records/{_page_of(record.id)}": template.render(
            **shared, policy=policy, record=record, links=_group(record.links), backlinks=_group(record.backlinks)
        )
        for record in catalogue.records
    }
    return {"index.html": index, **pages}


def _page_of(record_id: str) -> str:
    return f"{record_id.replace('/', '.')}.html"


def _title_of(record: Record) -> str:
    return make_title(record.title)


def _group(links: Sequence[Link]) -> list[tuple[str, list[str]]]:
    ordered = sorted(links, key=lambda link: (link.relation, link.to))
    return [(relation, [link.to for link in some]) for relation, some in groupby(ordered, lambda link: link.relation)]


def _alike(records: Sequence[Record]) -> list[_Pair]:
    """Pair each card with the one most like it, the most alike first."""
    pairs = {
        (min(record.id, other.to), max(record.id, other.to)): other.likeness
        for record in records
        for other in record.similar[:1]
    }
    ordered: Sequence[tuple[tuple[str, str], float]] = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    return [_Pair(one, other, alike) for (one, other), alike in ordered]


def _to_review(records: Sequence[Record]) -> Mapping[str, list[Record]]:
    """Give what is due and what is overdue, the longest first."""
    states: dict[str, list[Record]] = {"overdue": [], "due": []}
    for record in records:
        if record.freshness is not None and record.freshness.state in states:
            states[record.freshness.state].append(record)
    return {
        state: sorted(some, key=lambda one: one.freshness.due if one.freshness else "")
        for state, some in states.items()
    }


def _items(records: Sequence[Record]) -> list[Record]:
    """Give the cards that runs have asked: those that tell subjects apart best first, then the hardest."""

    def rank(record: Record) -> tuple[float, float]:
        usage = record.usage
        if usage is None:
            return (0.0, 0.0)
        told = -2.0 if usage.discrimination is None else usage.discrimination
        return (-told, 1.0 if usage.difficulty.value is None else usage.difficulty.value)

    return sorted((record for record in records if record.usage is not None), key=rank)
