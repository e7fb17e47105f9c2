"""Templates of refusals in traffic of any size: found in each shard, put together, and told by when they were said.

A shard gives its largest groups of near-duplicate refusals (`demur.judge.echo`), each with a wording, the hours it was said in, and
to which kinds of request (truth, category, language): a share that differs only because other things are asked is no change.
Groups of several shards are put together by the same grouping of their wordings; what stays small is counted
among "others", so that memory does not grow with the log. Every refusal is counted once; of a rare template some may be
among the others.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from demur.judge.echo import measure_echo
from demur.stats import wilson
from demur.types import Estimate
from demur.watch.moment import hour_of
from demur.watch.place import Place
from demur.watch.shard import JudgedExchange
from demur.watch.tally import UNDATED
from demur.watch.template_change import Table, TemplateChange, find_change

__all__ = [
    "Counts",
    "Group",
    "TemplateCounts",
    "TemplateShare",
    "When",
    "count_templates",
    "share_templates",
    "when_said",
]

_KEPT_OF_A_SHARD, _KEPT, _GATHERED = 32, 512, 4096
"""Groups that are kept of a shard; of all; and that are gathered before they are put together."""
_TOLD, _SHOWN = 50, 10
"""Templates that are told, and refusals that show a change."""
_DAYS_BY_HOUR = 3
"""Days up to which shares are told by the hour."""
_DAY = len("2026-11-30")
_CHARACTERS = 600
"""Of a wording, and of a request, that are kept."""

_KEPT_OF_AN_HOUR = 3
"""Places of a group's refusals that are kept of each hour, to show them."""


class When(NamedTuple):
    """When something was said, and to what."""

    hour: str
    """Or the day; or ``undated``."""
    kind: str
    """Of request."""


Counts = Counter[When]


@dataclass(frozen=True)
class Group:
    """Refusals that are one template, as far as they have been put together."""

    prompt: str
    text: str
    """Its commonest wording, and a request that was answered with it."""
    counts: Counts
    """How often it was said."""
    shown: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    """Where some of them lie, by the hour."""


class TemplateCounts:
    """Groups of refusals, and how many refusals are in none of them, as far as a log has been read."""

    def __init__(self, groups: Sequence[Group] = (), others: Mapping[When, int] | None = None) -> None:
        self.groups = list(groups)
        self.others: Counts = Counter(others or {})

    def to_plain(self) -> dict[str, Any]:
        """Give plain values; of places the rows, since whoever reads it knows the shard."""
        groups = [
            [one.prompt, one.text, _nested(one.counts), {hour: [at.row for at in some] for hour, some in sorted(one.shown.items())}]
            for one in self.groups
        ]  # fmt: skip
        return {"groups": groups, "others": _nested(self.others)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], shard: str) -> "TemplateCounts":
        """Read what `to_plain` gave of a shard."""
        groups = [
            Group(
                prompt,
                text,
                _flat(counts),
                {hour: tuple(Place(shard, row) for row in rows) for hour, rows in shown.items()},
            )
            for prompt, text, counts, shown in plain["groups"]
        ]
        return cls(groups, _flat(plain["others"]))

    def add(self, more: "TemplateCounts") -> None:
        """Add what another shard has."""
        self.groups += more.groups
        self.others.update(more.others)
        if len(self.groups) >= _GATHERED:
            self.put_together()

    def put_together(self) -> None:
        """Make one of the groups that are one template; in a log of many days, hours are told no longer, nor kept."""
        if self.groups:
            echo = measure_echo([(one.prompt, one.text) for one in self.groups])
            joined = [_join([self.groups[index] for index in template.members]) for template in echo.templates]
            self.keep(joined, _KEPT)
        if len(_days(self.others, *(one.counts for one in self.groups))) > _DAYS_BY_HOUR:
            self.groups = [replace(one, counts=_by_day(one.counts)) for one in self.groups]
            self.others = _by_day(self.others)

    def keep(self, groups: Iterable[Group], most: int) -> None:
        """Keep the largest of some groups, and count the rest among the others."""
        ordered = sorted(groups, key=lambda one: (-one.counts.total(), one.text))
        self.groups = ordered[:most]
        for small in ordered[most:]:
            self.others.update(small.counts)


@dataclass(frozen=True)
class TemplateShare:
    """A template, and how much of the refusals it is."""

    text: str
    """Its commonest wording."""
    share: Estimate
    """Refusals that are it, of all that the model made itself."""
    by_period: Mapping[str, Estimate]
    """The same by the day, or by the hour where a log is of three days at most."""
    change: TemplateChange | None
    """None where its share is the same throughout, as far as can be told."""
    shown: tuple[Place, ...] = ()
    """Where refusals lie that show the change: since then, or before if it is said less."""


def count_templates(judged: Iterable[JudgedExchange]) -> TemplateCounts:
    """Group the refusals of a shard that the model made itself; places are of a shard without a name."""
    said = [
        _Said(one.exchange.prompt, one.exchange.reply.text, when_said(one), row)
        for row, one in enumerate(judged)
        if one.is_own_refusal and one.exchange.reply is not None
    ]
    counts = TemplateCounts()
    if said:
        found = measure_echo([(one.prompt, one.text) for one in said]).templates
        counts.keep((_group([said[index] for index in one.members], one.text) for one in found), _KEPT_OF_A_SHARD)
    return counts


def share_templates(counts: TemplateCounts) -> list[TemplateShare]:
    """Tell the shares of the largest templates, the largest first, and which of them changed."""
    counts.put_together()
    totals = sum((one.counts for one in counts.groups), Counter(counts.others))
    length = _DAY if len(_days(totals)) > _DAYS_BY_HOUR else None
    told = counts.groups[:_TOLD]
    return [_share(one, totals, length, n_told=len(told)) for one in told]


class _Said(NamedTuple):
    prompt: str
    text: str
    when: When
    row: int


def when_said(one: JudgedExchange) -> When:
    """Say when a refusal was said, and to which kind of request."""
    exchange = one.exchange
    category = exchange.category if exchange.decision is None else None  # what a guard found is no kind of request
    kind = "|".join(value or "" for value in (exchange.expect, category, one.language))
    return When(UNDATED if exchange.at is None else hour_of(exchange.at), kind)


def _nested(counts: Counts) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for when, n in sorted(counts.items()):
        nested.setdefault(when.hour, {})[when.kind] = n
    return nested


def _flat(nested: Mapping[str, Mapping[str, int]]) -> Counts:
    return Counter({When(hour, kind): n for hour, kinds in nested.items() for kind, n in kinds.items()})


def _group(said: Sequence[_Said], text: str) -> Group:
    prompt = next(one.prompt for one in said if one.text.strip() == text)
    shown = {one.when.hour: (Place("", one.row),) for one in reversed(said)}
    return Group(prompt[:_CHARACTERS], text[:_CHARACTERS], Counter(one.when for one in said), shown)


def _join(groups: Sequence[Group]) -> Group:
    largest = max(groups, key=lambda one: (one.counts.total(), one.text))
    shown: dict[str, tuple[Place, ...]] = {}
    for one in groups:
        for hour, places in one.shown.items():
            shown[hour] = (*shown.get(hour, ()), *places)[:_KEPT_OF_AN_HOUR]
    return Group(largest.prompt, largest.text, sum((one.counts for one in groups), Counter()), shown)


def _days(*counts: Counts) -> set[str]:
    return {when.hour[:_DAY] for some in counts for when in some if when.hour != UNDATED}


def _by_day(counts: Counts) -> Counts:
    by_day: Counts = Counter()
    for when, n in counts.items():
        by_day[When(_period(when.hour, _DAY), when.kind)] += n
    return by_day


def _by_period(counts: Counts, length: int | None) -> dict[str, int]:
    periods: Counter[str] = Counter()
    for when, n in counts.items():
        periods[_period(when.hour, length)] += n
    return dict(sorted(periods.items()))


def _period(hour: str, length: int | None) -> str:
    return hour if hour == UNDATED else hour[:length]


def _share(one: Group, totals: Counts, length: int | None, *, n_told: int) -> TemplateShare:
    own, all_ = _by_period(one.counts, length), _by_period(totals, length)
    change = find_change(_tabulate(one.counts, totals, length), n_told)
    return TemplateShare(
        text=one.text,
        share=wilson(one.counts.total(), sum(all_.values())),
        by_period={period: wilson(own.get(period, 0), n) for period, n in all_.items()},
        change=change,
        shown=() if change is None else _show(one, change),
    )


def _show(one: Group, change: TemplateChange) -> tuple[Place, ...]:
    """Choose places that show a change: the first since, or the last before it."""
    hours = sorted(hour for hour in one.shown if hour != UNDATED)
    if change.trend in ("new", "rising"):
        hours = [hour for hour in hours if hour >= change.since]
    else:
        hours = [hour for hour in reversed(hours) if hour < change.since]
    return tuple(place for hour in hours for place in one.shown[hour])[:_SHOWN]


def _tabulate(counts: Counts, totals: Counts, length: int | None) -> Table:
    kinds = {kind: number for number, kind in enumerate(sorted({when.kind for when in counts}))}
    periods = sorted({_period(when.hour, length) for when in totals if when.hour != UNDATED})
    index = {period: number for number, period in enumerate(periods)}
    table = Table(periods, *np.zeros((2, len(periods), len(kinds)), int))
    for array, some in ((table.k, counts), (table.n, totals)):
        for when, n in some.items():
            if when.hour != UNDATED and when.kind in kinds:
                array[index[_period(when.hour, length)], kinds[when.kind]] += n
    return table
