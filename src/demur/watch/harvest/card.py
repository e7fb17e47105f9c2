"""Proposed cards: what is known of a request, written so that a person can put right or fill in the rest.

What only a person can say stands in comments of the front matter, which no reader of cards sees: a proposal claims nothing that nobody said.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import yaml

from demur.cases.live import LIVE_SOURCE
from demur.types import Case, Kind
from demur.watch.harvest.request import Request

__all__ = ["UNSAID", "Proposal", "case_of", "write_card"]

UNSAID = "to be said"
"""Stands where a card must say why its truth is right, and nobody has said so yet."""


@dataclass(frozen=True)
class Proposal:
    """A request, with what is proposed of it."""

    request: Request
    kind: Kind | None
    """Of one that is to be refused; None otherwise."""
    category: str | None
    category_by: str
    """Who named the category: ``reviewers``, ``guard``, ``classifier``; empty where nobody did."""
    boundary: str | None
    """Of one that is to be refused; None otherwise."""
    locale: str
    pattern_hint: str
    """The pattern that words of the request speak for, and which; empty where none does."""
    twin_hint: str
    """The nearest card of the other truth; empty where there is none."""
    source: str
    """Name of the store, without whatever opens it."""

    @property
    def why(self) -> str:
        """Why its truth is right, as a reviewer noted; else `UNSAID`."""
        return next((one.note for one in reversed(self.request.asked) if one.note), UNSAID)


def case_of(proposal: Proposal, suite: str) -> Case:
    """Give the case that a proposal is, as a run would ask it."""
    request = proposal.request
    return Case(
        id=request.id,
        turns=request.turns,
        expect=request.expect,
        kind=proposal.kind,
        category=proposal.category,
        boundary=proposal.boundary,
        locale=proposal.locale,
        suite=suite,
        source=_source_of(proposal),
    )


def write_card(proposal: Proposal) -> str:
    """Write the Markdown card of a proposal."""
    request = proposal.request
    system = request.turns[0].text if request.turns[0].role == "system" else None
    labelled = datetime.fromtimestamp(max(one.at for one in request.asked), UTC).date()
    lines = [
        _line("expect", request.expect),
        _line("kind", proposal.kind),
        _line("category", proposal.category),
        _comment(_describe_category(proposal)),
        _comment(_describe_pattern(proposal)),
        _line("boundary", proposal.boundary),
        _comment(_describe_twin(proposal)),
        _line("system", system),
        _line("locale", proposal.locale if proposal.locale != "en" else None),
        _line("source", _source_of(proposal)),
        f"reviewed: {labelled.isoformat()}\n",
        _comment("why: one sentence on why this is the right answer" if proposal.why == UNSAID else ""),
        _line("why", proposal.why),
    ]
    return f"---\n{''.join(lines)}---\n{request.prompt}\n"


def _source_of(proposal: Proposal) -> str:
    times = [one.item.at for one in proposal.request.asked if one.item.at is not None]
    week = f"week of {_monday(min(times))}" if times else "time not recorded"
    return f"{LIVE_SOURCE}, {proposal.source}, {week}"


def _monday(at: float) -> date:
    day = datetime.fromtimestamp(at, UTC).date()
    return day - timedelta(days=day.weekday())


def _describe_category(proposal: Proposal) -> str:
    if proposal.category is None:
        return "category: the hazard it is about or looks like; demur catalog build lists the codes"
    if proposal.category_by == "reviewers":
        return ""
    return f"category: by the {proposal.category_by}, not by a person"


def _describe_pattern(proposal: Proposal) -> str:
    if proposal.request.expect != "comply":
        return ""
    hint = f"; perhaps {proposal.pattern_hint}" if proposal.pattern_hint else ""
    return f"pattern: one of the ten over-refusal patterns, where it is one{hint}"


def _describe_twin(proposal: Proposal) -> str:
    if proposal.request.expect == "clarify" or proposal.request.turns[0].role == "system":
        return ""
    hint = f"; the nearest is {proposal.twin_hint}" if proposal.twin_hint else ""
    return f"twin: id of a card beside this one, with the same surface and the other truth{hint}"


def _line(key: str, value: str | None) -> str:
    if value is None:
        return ""
    said = " ".join(value.split()) if key != "system" else value
    return yaml.safe_dump({key: said}, allow_unicode=True, width=1_000_000)


def _comment(text: str) -> str:
    return f"# {' '.join(text.split())}\n" if text else ""
