"""Everything that is known of live traffic: exchanges in, in the order in which they were stored, and alarms out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from demur.errors import DataError
from demur.judge.echo import measure_echo
from demur.records import from_plain, to_plain
from demur.watch.attempts import AttemptCounts
from demur.watch.drift import DriftSettings, DriftWatch
from demur.watch.live.durations import bin_of
from demur.watch.live.ordering import Ordering
from demur.watch.live.periods import Key, Periods
from demur.watch.live.raised import Raised
from demur.watch.live.seen import Refusal, Seen
from demur.watch.moment import hour_of
from demur.watch.observation import METRICS, Observation
from demur.watch.templates import Group, TemplateCounts, When

__all__ = ["DIMENSIONS", "LiveWatch", "pattern_of"]

DIMENSIONS = ("category", "language", "tenant", "model")
"""What traffic is sliced by, one at a time."""

_QUARTER_S, _HOUR_S = 900, 3600
_QUARTERS, _HOURS = 96, 168
"""A day by the quarter of an hour, and a week by the hour."""
_WINDOW_S = 5.0
"""For which an exchange is held back until those before it have come: longer than a gateway gathers rows, or clocks are apart."""
_MOST_VALUES = 40
"""Values of a dimension that are told apart; a caller can name models without end."""
_GATHERED = 64
"""Refusals that are grouped together."""
_MOST_GROUPS = 1024
"""Until they are put together."""
_VERSION = 1
"""Of the saved state."""


class LiveWatch:
    """Counts of the last day and week, the search for changes, and the templates of refusals; may be saved between any two exchanges."""

    def __init__(self, settings: DriftSettings | None = None) -> None:
        self.drift = DriftWatch(settings or DriftSettings())
        self.day = Periods(_QUARTER_S, _QUARTERS)
        self.week = Periods(_HOUR_S, _HOURS)
        self.n = 0
        """Exchanges since the beginning."""
        self.last: str | None = None
        """Id of the latest; None before the first."""
        self._ordering = Ordering(_WINDOW_S)
        self._attempts = AttemptCounts()
        self._templates = TemplateCounts()
        self._refusals: list[Refusal] = []
        self._values: dict[str, list[str]] = {name: [] for name in DIMENSIONS}

    @property
    def last_at(self) -> float | None:
        """When the latest answer ended, in seconds since 1970 UTC; None before the first."""
        return self._ordering.newest

    @property
    def raised(self) -> list[Raised]:
        """Every alarm so far, oldest first."""
        return [Raised.of(number, alarm) for number, alarm in enumerate(self.drift.alarms, 1)]

    def take(self, seen: Seen) -> list[Raised]:
        """Take in one exchange, and give the alarms that are due."""
        self.n, self.last = self.n + 1, seen.observation.id
        observation = self._tell_apart(self._follow(seen))
        self._count(seen, observation)
        if seen.refusal is not None:
            self._gather(seen.refusal)
        n_before = len(self.drift.alarms)
        for due in self._ordering.add(observation):
            self.drift.observe(due)
        return [Raised.of(n_before + n, alarm) for n, alarm in enumerate(self.drift.alarms[n_before:], 1)]

    def templates(self, *, since: str = "") -> TemplateCounts:
        """Give the templates of refusals since an hour, not yet put together."""
        groups = [*self._templates.groups, *_group(self._refusals)]
        return _since(since, TemplateCounts(groups, self._templates.others))

    def to_json(self) -> dict[str, Any]:
        """Give all that is known as plain values, from which `from_json` goes on as if nothing had happened."""
        return {
            "version": _VERSION,
            "n": self.n,
            "last": self.last,
            "day": self.day.to_json(),
            "week": self.week.to_json(),
            "drift": self.drift.to_json(),
            "ordering": self._ordering.to_json(),
            "attempts": self._attempts.to_plain(),
            "templates": self._templates.to_plain(),
            "refusals": [to_plain(refusal) for refusal in self._refusals],
            "values": self._values,
        }

    @classmethod
    def from_json(cls, saved: dict[str, Any], where: str) -> "LiveWatch":
        """Take up what `to_json` gave.

        Raises:
            DataError: it is of another version, or cannot be read; the message begins with `where`.
        """
        if saved.get("version") != _VERSION:
            raise DataError(f"{where}: version {saved.get('version')}; this demur reads {_VERSION}; use another --work")
        try:
            watch = cls()
            watch.n, watch.last = saved["n"], saved["last"]
            watch.day.load_json(saved["day"])
            watch.week.load_json(saved["week"])
            watch.drift = DriftWatch.from_json(saved["drift"], where)
            watch._ordering.load_json(saved["ordering"], where)
            watch._attempts = AttemptCounts.from_plain(saved["attempts"])
            watch._templates = TemplateCounts.from_plain(saved["templates"], shard="")
            watch._refusals = [from_plain(Refusal, refusal, where) for refusal in saved["refusals"]]
            watch._values = saved["values"]
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{where}: not what a watch leaves: {error!r}; use another --work") from None
        return watch

    def _follow(self, seen: Seen) -> Observation:
        """Add whether the model gave in, where somebody asks again for what was refused; to answer the harmless after all is no giving in."""
        gave_in = None if seen.asked is None else self._attempts.take(seen.asked)
        if gave_in is None or seen.observation.expect == "comply":
            return seen.observation
        return replace(seen.observation, outcomes={**seen.observation.outcomes, "capitulated": gave_in})

    def _tell_apart(self, seen: Observation) -> Observation:
        """Leave out values beyond those that are told apart."""
        told = {name: self._name(name, getattr(seen, name)) for name in DIMENSIONS}
        return replace(
            seen,
            category=told["category"],
            language=told["language"],
            tenant=told["tenant"],
            model=told["model"],
        )

    def _name(self, dimension: str, value: str | None) -> str | None:
        known = self._values[dimension]
        if value is None or value in known:
            return value
        if len(known) >= _MOST_VALUES:
            return None
        known.append(value)
        return value

    def _count(self, seen: Seen, observation: Observation) -> None:
        at, pattern = observation.at, pattern_of(observation)
        keys: list[Key] = [("all", None, observation.expect, pattern)]
        keys.append(("who", seen.guarded, seen.modelled, "differ" if observation.outcomes.get("disagreed") else None))
        keys += [("ms", rail, str(bin_of(ms)), None) for rail, ms in seen.ms]
        self.day.add(at, keys)
        for name in DIMENSIONS:
            if (value := getattr(observation, name)) is not None:
                keys.append((name, value, observation.expect, pattern))
        self.week.add(at, keys)

    def _gather(self, refusal: Refusal) -> None:
        """Gather refusals until there are enough to group: always the same ones, whenever they were read."""
        self._refusals.append(refusal)
        if len(self._refusals) >= _GATHERED:
            groups, self._refusals = [*self._templates.groups, *_group(self._refusals)], []
            self._templates = TemplateCounts(groups, self._templates.others)
            if len(groups) >= _MOST_GROUPS:
                week_ago = hour_of(((self.week.last or 0) - _HOURS) * _HOUR_S)
                self._templates = _put_together(_since(week_ago, self._templates))


def pattern_of(seen: Observation) -> str:
    """Write what became of an exchange as a character for each metric: ``1``, ``0``, or ``-`` where it was not asked."""
    return "".join("-" if (said := seen.outcomes.get(metric)) is None else str(int(said)) for metric in METRICS)


def _group(refusals: Sequence[Refusal]) -> list[Group]:
    """Put refusals that are one template together."""
    if not refusals:
        return []
    found = measure_echo([(one.prompt, one.text) for one in refusals]).templates
    return [
        Group(
            next(refusals[index].prompt for index in one.members if refusals[index].text.strip() == one.text),
            one.text,
            Counter(refusals[index].when for index in one.members),
        )
        for one in found
    ]


def _put_together(counts: TemplateCounts) -> TemplateCounts:
    """Make one of the groups that are one template, with their hours: those of a week are few enough to be kept."""
    found = measure_echo([(one.prompt, one.text) for one in counts.groups]).templates
    joined = []
    for template in found:
        members = [counts.groups[index] for index in template.members]
        largest = max(members, key=lambda one: (one.counts.total(), one.text))
        joined.append(Group(largest.prompt, largest.text, sum((one.counts for one in members), Counter())))
    kept = TemplateCounts([], counts.others)
    kept.keep(joined, _MOST_GROUPS // 2)
    return kept


def _since(hour: str, counts: TemplateCounts) -> TemplateCounts:
    """Let go of what was said before an hour."""
    groups = [Group(one.prompt, one.text, _late(one.counts, hour)) for one in counts.groups]
    return TemplateCounts([one for one in groups if one.counts], _late(counts.others, hour))


def _late(counts: Counter[When], hour: str) -> Counter[When]:
    return Counter({when: n for when, n in counts.items() if when.hour >= hour})
