"""Templates of refusals in traffic of any size: found in each shard, put together, and told by when they were said.

A shard gives its largest groups of near-duplicate refusals (`demur.judge.echo`), each with a wording, the hours it was said in, and
to which kinds of request (truth, category, language): a share that differs only because other things are asked is no change.
Groups of several shards are put together by the same grouping of their wordings; what stays small is counted
among "others", so that memory does not grow with the log. Every refusal is counted once; of a rare template some may be
among the others.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.judge.echo import measure_echo
from demur.stats import exact_in_strata, wilson
from demur.stats.interval import wilson_interval
from demur.types import Estimate
from demur.watch.moment import hour_of
from demur.watch.place import Place
from demur.watch.shard import JudgedExchange
from demur.watch.tally import UNDATED

__all__ = [
    "Group",
    "TemplateChange",
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
_LEVEL = 0.05
"""Of the tests of all templates and all moments together."""
_HARDLY = 2.0
"""Logarithm of a likelihood ratio at which the test would say .05, before it pays for anything: it need not be made."""
_FACTOR = 1.5
"""A share that was there before and after is told to have changed if it is so many times the other."""
_DAYS_BY_HOUR = 3
"""Days up to which shares are told by the hour."""
_DAY = len("2026-11-30")
_CHARACTERS = 600
"""Of a wording, and of a request, that are kept."""

_KEPT_OF_AN_HOUR = 3
"""Places of a group's refusals that are kept of each hour, to show them."""

Trend = Literal["new", "rising", "falling", "vanished"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


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
        """Make one of the groups that are one template."""
        if self.groups:
            echo = measure_echo([(one.prompt, one.text) for one in self.groups])
            joined = [_join([self.groups[index] for index in template.members]) for template in echo.templates]
            self.keep(joined, _KEPT)

    def keep(self, groups: Iterable[Group], most: int) -> None:
        """Keep the largest of some groups, and count the rest among the others."""
        ordered = sorted(groups, key=lambda one: (-one.counts.total(), one.text))
        self.groups = ordered[:most]
        for small in ordered[most:]:
            self.others.update(small.counts)


@dataclass(frozen=True)
class TemplateChange:
    """A template's share is another since some moment: more than chance, by a test that pays for all it looked at."""

    trend: Trend
    since: str
    """The period from which on the share differs most."""
    found: str
    """The period at whose end that could first be told."""
    before: Estimate
    """The share before that, in the mix of kinds of request that came since."""
    after: Estimate
    """From then on."""
    n_seen: int
    """Refusals of the same kinds of request from then on, until it could be told."""
    p: float
    """Exact test of the two within kinds of request, times the moments, ends and templates that were looked at (Bonferroni)."""


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


class _Table(NamedTuple):
    """Counts of a template and of all refusals, shape (periods, kinds), of the kinds in which it was said at all."""

    periods: Sequence[str]
    k: Ints
    n: Ints


class _Split(NamedTuple):
    """The moment at which a template's share differs most, and how sure that is."""

    since: int
    """Index of the period."""
    k_before: Ints
    """Shape (kinds,); the same of all refusals, and of both from then on."""
    n_before: Ints
    k_after: Ints
    n_after: Ints
    log_ratio: float


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
    days = {when.hour[:_DAY] for when in totals if when.hour != UNDATED}
    length = _DAY if len(days) > _DAYS_BY_HOUR else None
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


def _by_period(counts: Counts, length: int | None) -> dict[str, int]:
    periods: Counter[str] = Counter()
    for when, n in counts.items():
        periods[_period(when.hour, length)] += n
    return dict(sorted(periods.items()))


def _period(hour: str, length: int | None) -> str:
    return hour if hour == UNDATED else hour[:length]


def _share(one: Group, totals: Counts, length: int | None, *, n_told: int) -> TemplateShare:
    own, all_ = _by_period(one.counts, length), _by_period(totals, length)
    change = _find_change(_tabulate(one.counts, totals, length), n_told)
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


def _tabulate(counts: Counts, totals: Counts, length: int | None) -> _Table:
    kinds = {kind: number for number, kind in enumerate(sorted({when.kind for when in counts}))}
    periods = sorted({_period(when.hour, length) for when in totals if when.hour != UNDATED})
    index = {period: number for number, period in enumerate(periods)}
    table = _Table(periods, *np.zeros((2, len(periods), len(kinds)), int))
    for array, some in ((table.k, counts), (table.n, totals)):
        for when, n in some.items():
            if when.hour != UNDATED and when.kind in kinds:
                array[index[_period(when.hour, length)], kinds[when.kind]] += n
    return table


def _find_change(table: _Table, n_told: int) -> TemplateChange | None:
    """Find the moment at which a share differs most, if it is more than chance.

    Whoever looks again after every period pays for it: for every pair of a moment and a later end.
    """
    n_periods = len(table.periods)
    n_looks = n_told * n_periods * (n_periods - 1) // 2
    split, trend, p = _test(table, n_periods, n_looks)
    if split is None or trend is None or p >= _LEVEL:
        return None
    end = next(
        end
        for end in range(split.since + 1, n_periods + 1)
        if (told := _test(table, end, n_looks)).p < _LEVEL and told.trend in _SAME_WAY[trend]
    )
    before, after = _rates(split)
    return TemplateChange(
        trend=trend,
        since=table.periods[split.since],
        found=table.periods[end - 1],
        before=before,
        after=after,
        n_seen=int(table.n[split.since : end].sum()),
        p=p,
    )


_SAME_WAY: Mapping[Trend, tuple[Trend, ...]] = {
    "new": ("new", "rising"),
    "rising": ("new", "rising"),
    "falling": ("falling", "vanished"),
    "vanished": ("falling", "vanished"),
}


class _Tested(NamedTuple):
    split: _Split | None
    trend: Trend | None
    p: float


def _test(table: _Table, end: int, n_looks: int) -> _Tested:
    """Test the best split of the periods before an end."""
    split = _best_split(table.k[:end], table.n[:end])
    if split is None or split.log_ratio < _HARDLY:
        return _Tested(None, None, 1.0)
    p = exact_in_strata(split.k_before, split.n_before, split.k_after, split.n_after) * n_looks
    return _Tested(split, _trend(split), p)


def _best_split(k: Ints, n: Ints) -> _Split | None:
    """Find the split that two shares explain best beside one, each kind of request having a share of its own.

    The ratio is that of the four counts (said or not, before or after) to what is expected of them, kind by kind.
    """
    k_before, n_before = k.cumsum(axis=0)[:-1], n.cumsum(axis=0)[:-1]
    k_all, n_all = k.sum(axis=0), n.sum(axis=0)
    k_after, n_after = k_all - k_before, n_all - n_before
    share = k_all / np.maximum(1, n_all)
    told = [
        (some.sum(axis=1).astype(float), (of * of_share).sum(axis=1))
        for some, of, of_share in (
            (k_before, n_before, share),
            (k_after, n_after, share),
            (n_before - k_before, n_before, 1 - share),
            (n_after - k_after, n_after, 1 - share),
        )
    ]
    ratios = np.sum([_gain(seen, expected) for seen, expected in told], axis=0)
    if not len(ratios):
        return None
    best = int(ratios.argmax())
    return _Split(best + 1, k_before[best], n_before[best], k_after[best], n_after[best], float(ratios[best]))


def _gain(seen: Floats, expected: Floats) -> Floats:
    gain: Floats = seen * np.log(np.where(seen > 0, seen, 1.0) / np.where(seen > 0, expected, 1.0))
    return gain


def _trend(split: _Split) -> Trend | None:
    known = split.n_before > 0
    if split.k_before.sum() == 0:
        return "new"
    if split.k_after.sum() == 0:
        return "vanished"
    n = np.maximum(1, split.n_before + split.n_after)
    # Mantel and Haenszel's ratio of two shares, each kind weighing what it can tell.
    less = float((split.k_before * split.n_after / n)[known].sum())
    more = float((split.k_after * split.n_before / n)[known].sum())
    if more >= _FACTOR * less:
        return "rising"
    return "falling" if more * _FACTOR <= less else None


def _rates(split: _Split) -> tuple[Estimate, Estimate]:
    """Give the shares before and after, over the kinds that were met before: the first in the mix of the second."""
    known = split.n_before > 0
    k_before, n_before = split.k_before[known], split.n_before[known]
    k_after, n_after = split.k_after[known], split.n_after[known]
    rate = min(1.0, float((n_after * k_before / n_before).sum() / n_after.sum()))
    n = int(n_before.sum())
    low, high = wilson_interval(rate, n)
    before = Estimate(rate, low, high, n, method="wilson, in the mix since the change")
    return before, wilson(int(k_after.sum()), int(n_after.sum()))
