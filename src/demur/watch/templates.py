"""Templates of refusals in traffic of any size: found in each shard, put together, and told by when they were said.

A shard gives its largest groups of near-duplicate refusals (`demur.judge.echo`), each with a wording and the hours it was
said in. Groups of several shards are put together by the same grouping of their wordings; what stays small is counted
among "others", so that memory does not grow with the log. Every refusal is counted once; of a rare template some may be
among the others.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any, Literal, NamedTuple

from demur.judge.echo import measure_echo
from demur.stats import fisher_exact, wilson
from demur.types import Estimate
from demur.watch.moment import hour_of
from demur.watch.shard import JudgedExchange
from demur.watch.tally import UNDATED

__all__ = ["Group", "TemplateChange", "TemplateCounts", "TemplateShare", "count_templates", "share_templates"]

_KEPT_OF_A_SHARD, _KEPT, _GATHERED = 32, 512, 4096
"""Groups that are kept of a shard; of all; and that are gathered before they are put together."""
_TOLD = 50
"""Templates that are told."""
_LEVEL = 0.05
"""Of the tests of all templates and all moments together."""
_HARDLY = 1.0
"""Logarithm of a likelihood ratio at which the test would say .16, before it pays for anything: it need not be made."""
_FACTOR = 1.5
"""A share that was there before and after is told to have changed if it is so many times the other."""
_DAYS_BY_HOUR = 3
"""Days up to which shares are told by the hour."""
_DAY = len("2026-11-30")
_CHARACTERS = 600
"""Of a wording, and of a request, that are kept."""

Trend = Literal["new", "rising", "falling", "vanished"]


@dataclass(frozen=True)
class Group:
    """Refusals that are one template, as far as they have been put together."""

    prompt: str
    text: str
    """Its commonest wording, and a request that was answered with it."""
    hours: Counter[str]
    """How often it was said, by the hour."""


class TemplateCounts:
    """Groups of refusals, and how many refusals are in none of them, as far as a log has been read."""

    def __init__(self, groups: Sequence[Group] = (), others: Mapping[str, int] | None = None) -> None:
        self.groups = list(groups)
        self.others = Counter(others or {})
        """By the hour."""

    def to_plain(self) -> dict[str, Any]:
        """Give plain values."""
        groups = [[one.prompt, one.text, dict(sorted(one.hours.items()))] for one in self.groups]
        return {"groups": groups, "others": dict(sorted(self.others.items()))}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "TemplateCounts":
        """Read what `to_plain` gave."""
        return cls([Group(prompt, text, Counter(hours)) for prompt, text, hours in plain["groups"]], plain["others"])

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
        ordered = sorted(groups, key=lambda one: (-one.hours.total(), one.text))
        self.groups = ordered[:most]
        for small in ordered[most:]:
            self.others.update(small.hours)


@dataclass(frozen=True)
class TemplateChange:
    """A template's share is another since some moment: more than chance, by a test that pays for all it looked at."""

    trend: Trend
    since: str
    """The period from which on the share differs most."""
    before: Estimate
    after: Estimate
    """The share before that, and from then on."""
    p: float
    """Fisher's exact test of the two, times the moments and the templates that were looked at (Bonferroni)."""


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


class _Split(NamedTuple):
    """Counts before a period and from it on: of the template, and of all refusals."""

    since: str
    k_before: int
    n_before: int
    k_after: int
    n_after: int


def count_templates(judged: Iterable[JudgedExchange]) -> TemplateCounts:
    """Group the refusals of a shard that the model made itself."""
    said = [
        (one.exchange.prompt, one.exchange.reply.text, UNDATED if one.exchange.at is None else hour_of(one.exchange.at))
        for one in judged
        if one.is_own_refusal and one.exchange.reply is not None
    ]
    counts = TemplateCounts()
    if said:
        found = measure_echo([(prompt, text) for prompt, text, _ in said]).templates
        counts.keep((_group([said[index] for index in one.members], one.text) for one in found), _KEPT_OF_A_SHARD)
    return counts


def share_templates(counts: TemplateCounts) -> list[TemplateShare]:
    """Tell the shares of the largest templates, the largest first, and which of them changed."""
    counts.put_together()
    hours = sum((one.hours for one in counts.groups), Counter(counts.others))
    days = {hour[:_DAY] for hour in hours if hour != UNDATED}
    by_day = len(days) > _DAYS_BY_HOUR
    totals = _by_period(hours, by_day=by_day)
    told = counts.groups[:_TOLD]
    return [_share(one, _by_period(one.hours, by_day=by_day), totals, n_told=len(told)) for one in told]


def _group(said: Sequence[tuple[str, str, str]], text: str) -> Group:
    prompt = next(prompt for prompt, reply, _ in said if reply.strip() == text)
    return Group(prompt[:_CHARACTERS], text[:_CHARACTERS], Counter(hour for _, _, hour in said))


def _join(groups: Sequence[Group]) -> Group:
    largest = max(groups, key=lambda one: (one.hours.total(), one.text))
    return Group(largest.prompt, largest.text, sum((one.hours for one in groups), Counter()))


def _by_period(hours: Mapping[str, int], *, by_day: bool) -> dict[str, int]:
    periods: Counter[str] = Counter()
    for hour, n in hours.items():
        periods[hour[:_DAY] if by_day and hour != UNDATED else hour] += n
    return dict(sorted(periods.items()))


def _share(one: Group, counts: Mapping[str, int], totals: Mapping[str, int], *, n_told: int) -> TemplateShare:
    return TemplateShare(
        text=one.text,
        share=wilson(one.hours.total(), sum(totals.values())),
        by_period={period: wilson(counts.get(period, 0), n) for period, n in totals.items()},
        change=_find_change(counts, {period: n for period, n in totals.items() if period != UNDATED}, n_told),
    )


def _find_change(counts: Mapping[str, int], totals: Mapping[str, int], n_told: int) -> TemplateChange | None:
    splits = list(_splits(counts, totals))
    if not splits:
        return None
    best = max(splits, key=_likelihood_ratio)
    if _likelihood_ratio(best) < _HARDLY:
        return None
    p = fisher_exact(best.k_before, best.n_before, best.k_after, best.n_after) * len(splits) * n_told
    trend = _trend(best)
    if p >= _LEVEL or trend is None:
        return None
    before, after = wilson(best.k_before, best.n_before), wilson(best.k_after, best.n_after)
    return TemplateChange(trend, best.since, before, after, p)


def _splits(counts: Mapping[str, int], totals: Mapping[str, int]) -> Iterable[_Split]:
    k, n = sum(counts.get(period, 0) for period in totals), sum(totals.values())
    k_before = n_before = 0
    for period, total in totals.items():
        if n_before:
            yield _Split(period, k_before, n_before, k - k_before, n - n_before)
        k_before += counts.get(period, 0)
        n_before += total


def _likelihood_ratio(split: _Split) -> float:
    """Say how much better two shares explain the counts than one: the logarithm of the ratio, at least 0."""
    k, n = split.k_before + split.k_after, split.n_before + split.n_after
    return (
        _log_likelihood(split.k_before, split.n_before)
        + _log_likelihood(split.k_after, split.n_after)
        - _log_likelihood(k, n)
    )


def _log_likelihood(k: int, n: int) -> float:
    return sum(count * log(count / n) for count in (k, n - k) if count)


def _trend(split: _Split) -> Trend | None:
    if split.k_before == 0:
        return "new"
    if split.k_after == 0:
        return "vanished"
    ratio = split.k_after * split.n_before / (split.k_before * split.n_after)
    if ratio >= _FACTOR:
        return "rising"
    return "falling" if ratio <= 1 / _FACTOR else None
