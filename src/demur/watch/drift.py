"""The search for changes in live traffic: exchanges in, in the order of time, and alarms out."""

from dataclasses import dataclass, field, replace
from math import log, log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demur.records import from_plain, to_plain
from demur.stats import wilson
from demur.stats.interval import wilson_interval
from demur.types import Estimate
from demur.watch.alarm import Alarm, Direction, number_change
from demur.watch.baselines import UNJUDGED, Baselines
from demur.watch.evidence import Evidence, Span
from demur.watch.observation import METRICS, Observation
from demur.watch.slices import FAMILIES, KIND, Slice, is_nested, overlaps, slice_of

__all__ = ["DriftSettings", "DriftWatch"]

AS_GOOD = log(10)
"""In nats: a smaller slice explains a change as well as a larger one if its evidence is within a factor of ten."""

VISIBLE = log(100)
"""In nats: how much better than the baseline's own rate a change must explain what was seen. A sum reaches every threshold in time,
also by counting exchanges that say next to nothing; that is within the stated number of false alarms, but nothing to show."""

N_EXAMPLES = 10

DIRECTIONS: tuple[Direction, ...] = ("more", "fewer")

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class DriftSettings:
    """What is promised, and what it is measured against."""

    run_length: float = 1_000_000
    """Exchanges, over all slices and metrics together, for which one false alarm is to be expected at most."""
    least: int = 200
    """Judged exchanges of a kind before it is watched."""

    def __post_init__(self) -> None:
        """Raise ValueError for settings that promise nothing."""
        if not self.run_length > 1:
            raise ValueError(f"run_length is {self.run_length}; expected more than 1")
        if self.least < 1:
            raise ValueError(f"least is {self.least}; expected 1 or more")


@dataclass
class DriftWatch:
    """Everything that is known of the traffic so far; may be pickled or saved as JSON between any two exchanges."""

    settings: DriftSettings = field(default_factory=DriftSettings)
    alarms: list[Alarm] = field(default_factory=list)
    """All that were raised, oldest first."""

    def __post_init__(self) -> None:
        """Begin with nothing known."""
        self.baselines = Baselines(self.settings.least)
        self.usual = Baselines(least=0)
        """Of everything with the same truth, never forgotten: what is expected of a kind before anything was seen of it. What is
        rare is rare in all kinds; were each expected to be anywhere, it would be found too rare in all of them together."""
        self.evidence = Evidence()
        self.model_since: dict[str, float] = {}
        """When each model was first met."""
        self.kind_since: dict[Slice, float] = {}
        """When each kind of request first had a baseline, or has one again."""
        self.last_at: float | None = None

    def observe(self, seen: Observation) -> list[Alarm]:
        """Take in one exchange, and give the alarms that it raises.

        Raises:
            ValueError: it is older than the one before it.
        """
        if self.last_at is not None and seen.at < self.last_at:
            raise ValueError(f"exchange {seen.id!r} is of {seen.at}, before {self.last_at}; expected the order of time")
        self.last_at = seen.at
        outcomes = np.array([int(seen.outcomes.get(metric, UNJUDGED)) for metric in METRICS])
        families = [keys for keys in FAMILIES if all(getattr(seen, key) is not None for key in keys)]
        slots = np.array([self.evidence.slot(slice_of(seen, ("expect", *keys))) for keys in families])
        kind = slice_of(seen, KIND)
        strata = np.array([self._stratum(seen, kind, keys) for keys in families])
        truth = np.array([self.usual.slot(slice_of(seen, ("expect",)))])
        rates = self.baselines.rates(strata, prior=self.usual.rates(truth))
        self.evidence.take(slots, outcomes, rates, at=seen.at)
        self.evidence.remember(slots, outcomes, rates, id=seen.id, at=seen.at, confidence=seen.confidence)
        raised = self._raise_alarms(slots, seen.at)
        self.usual.learn(truth, outcomes)
        if not raised:
            self.baselines.learn(np.unique(strata), outcomes)
        self._note_kind(kind, seen.at)
        return raised

    def to_json(self) -> dict[str, Any]:
        """Give all that is known as plain values, from which `from_json` goes on as if nothing had happened."""
        return {
            "settings": to_plain(self.settings),
            "alarms": [to_plain(alarm) for alarm in self.alarms],
            "baselines": self.baselines.to_json(),
            "usual": self.usual.to_json(),
            "evidence": self.evidence.to_json(),
            "model_since": self.model_since,
            "kind_since": list(self.kind_since.items()),
            "last_at": self.last_at,
        }

    @classmethod
    def from_json(cls, saved: dict[str, Any], where: str) -> "DriftWatch":
        """Take up what `to_json` gave.

        Raises:
            DataError: the settings or the alarms cannot be read; the message begins with `where`.
        """
        watch = cls(
            from_plain(DriftSettings, saved["settings"], where),
            [from_plain(Alarm, alarm, where) for alarm in saved["alarms"]],
        )
        watch.baselines.load_json(saved["baselines"])
        watch.usual.load_json(saved["usual"])
        watch.evidence.load_json(saved["evidence"])
        watch.model_since = dict(saved["model_since"])
        watch.kind_since = {tuple((key, value) for key, value in kind): since for kind, since in saved["kind_since"]}
        watch.last_at = saved["last_at"]
        return watch

    def _stratum(self, seen: Observation, kind: Slice, keys: tuple[str, ...]) -> int:
        """Choose the baseline that an exchange is held against: of its kind, and of what the family tells apart besides.

        A model that came after its kind had a baseline is held against that of the models before it.
        """
        if "model" in keys and seen.model is not None:
            since = self.model_since.setdefault(seen.model, seen.at)
            if since > self.kind_since.get(kind, np.inf):
                return self.baselines.slot(kind)
        return self.baselines.slot(kind + slice_of(seen, tuple(key for key in keys if key not in KIND)))

    def _note_kind(self, kind: Slice, at: float) -> None:
        """Note when a kind of request has a baseline, and when it has none any more."""
        if self.baselines.rates(np.array([self.baselines.slot(kind)])).any():
            self.kind_since.setdefault(kind, at)
        else:
            self.kind_since.pop(kind, None)

    def _raise_alarms(self, slots: Ints, at: float) -> list[Alarm]:
        """Raise an alarm for every sum that reaches the threshold, unless the alarm before it took its evidence, or there is nothing to see."""
        raised = []
        for family, metric, direction in np.argwhere(self._reached(slots)).tolist():
            slot = int(slots[family])
            if not self._reached(slot)[metric, direction]:
                continue
            if self.evidence.height(metric, direction)[slot] < VISIBLE:
                self.evidence.discard(slot, metric, direction)
            else:
                raised.append(self._raise_alarm(slot, metric, direction, at))
        return raised

    def _reached(self, slots: Any) -> NDArray[np.bool_]:
        return np.asarray(self.evidence.sums[slots].mean(axis=-1) >= self.settings.run_length)

    def _raise_alarm(self, slot: int, metric: int, direction: int, at: float) -> Alarm:
        within = self._explain(slot, metric, direction)
        found = self.evidence.slots[within]
        span = self.evidence.span(found, metric, direction)
        alarm = Alarm(
            metric=METRICS[metric],
            slice=within,
            direction=DIRECTIONS[direction],
            since=span.since,
            at=at,
            n_seen=span.n,
            before=self._before(within, metric, span),
            after=wilson(span.successes, span.n),
            examples=self.evidence.examples(found, metric, outcome=1 - direction, since=span.since, n=N_EXAMPLES),
            change=0,
        )
        alarm = replace(alarm, change=number_change(self.alarms, alarm))
        self.alarms.append(alarm)
        self.evidence.forget([row for other, row in self.evidence.slots.items() if overlaps(other, within)], metric)
        self.baselines.forget(within, metric)
        return alarm

    def _explain(self, slot: int, metric: int, direction: int) -> Slice:
        """Find the smallest slice that explains a change as well as any that holds this one or is part of it."""
        slices = list(self.evidence.slots)
        heights = self.evidence.height(metric, direction)
        related = [other for other in slices if is_nested(other, slices[slot])]
        best = max(heights[self.evidence.slots[other]] for other in related)
        good = [other for other in related if heights[self.evidence.slots[other]] >= best - AS_GOOD]
        return min(good, key=lambda other: (self.evidence.n_seen[self.evidence.slots[other]], len(other)))

    def _before(self, within: Slice, metric: int, span: Span) -> Estimate:
        """Give the rate that the baselines led to expect, with the interval that their size allows."""
        told_apart = {key for key, _ in within} - set(KIND)
        strata = [stratum for stratum in self.baselines.slots if overlaps(stratum, within)]
        own = [stratum for stratum in strata if {key for key, _ in stratum} - set(KIND) == told_apart]
        kinds = [stratum for stratum in strata if {key for key, _ in stratum} <= set(KIND)]
        n = self.baselines.count(own, metric) - span.n
        if n <= 0:  # a model that was held against those before it
            n = max(1, self.baselines.count(kinds, metric) - span.n)
        # While the change went on the baselines learnt from it too: on average this share of what they expected.
        learnt = 1 - n / span.n * log1p(span.n / n)
        rate = min(1.0, max(0.0, (span.expected - learnt * span.successes) / ((1 - learnt) * span.n)))
        bounds = wilson_interval(rate, n)
        return Estimate(rate, bounds.low, bounds.high, n, method="wilson, in the mix since the change")
