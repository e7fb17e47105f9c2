"""Figures of the live watch for Prometheus, read from what is known when somebody asks: a watch that was killed counts on."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from demur.errors import MissingExtraError
from demur.watch.live.live_watch import LiveWatch
from demur.watch.live.webhook import Webhook
from demur.watch.observation import METRICS

if TYPE_CHECKING:
    from prometheus_client.core import Metric

__all__ = ["CONTENT_TYPE", "FigureCollector", "Figures", "metrics_text", "read_figures"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_QUARTERS = 4
"""The latest quarters of an hour that a rate is of."""


class Figures(NamedTuple):
    """What is shown of a watch."""

    n: int
    """Exchanges that it took in."""
    alarms: Mapping[tuple[str, str], int]
    """By metric and direction."""
    rates: Mapping[tuple[str, str | None], float]
    """By metric and truth, over the latest quarters of an hour with traffic."""


def read_figures(watch: LiveWatch) -> Figures:
    """Read what is shown of a watch."""
    alarms: Counter[tuple[str, str]] = Counter((one.metric, one.direction) for one in watch.drift.alarms)
    counts: Counter[tuple[str, str | None, str]] = Counter()
    for _, counted in list(watch.day.kept())[-_QUARTERS:]:
        for (by, _, expect, pattern), n in counted.items():
            if by == "all":
                for metric, said in zip(METRICS, pattern or "", strict=True):
                    counts[metric, expect, said] += n
    known = {(metric, expect) for metric, expect, said in counts if said != "-"}
    rates = {key: counts[*key, "1"] / (counts[*key, "0"] + counts[*key, "1"]) for key in known}
    return Figures(watch.n, alarms, rates)


def metrics_text(read: Callable[[], Figures], webhook: Webhook | None) -> bytes:
    """Give the figures alone in Prometheus' text format 0.0.4.

    Raises:
        MissingExtraError: prometheus-client is not installed.
    """
    try:
        from prometheus_client import CollectorRegistry, generate_latest
    except ImportError:
        raise MissingExtraError("metrics need prometheus-client: pip install 'demur[guard]'") from None
    registry = CollectorRegistry()
    registry.register(FigureCollector(read, webhook))
    return generate_latest(registry)


class FigureCollector:
    """Gives the figures to a registry of Prometheus that asks for them. No label holds what a caller can make up.

    Args:
        read: gives the figures as they are now.
        webhook: to which alarms are posted, if to any.
    """

    def __init__(self, read: Callable[[], Figures], webhook: Webhook | None) -> None:
        self._read, self._webhook = read, webhook

    def collect(self) -> Iterator["Metric"]:
        """Give all figures."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        found = self._read()
        alarms = CounterMetricFamily("demur_alarms", "Changes that were found.", labels=("metric", "direction"))
        for key, n in found.alarms.items():
            alarms.add_metric(key, n)
        yield alarms
        yield CounterMetricFamily("demur_watched_exchanges", "Exchanges that the watch took in.", value=found.n)
        rates = GaugeMetricFamily(
            "demur_watch_rate",
            "Share of the exchanges of the latest hour, of which it is known; expect says what would have been right, where that is known.",
            labels=("metric", "expect"),
        )
        for (metric, expect), rate in found.rates.items():
            rates.add_metric((metric, expect or ""), rate)
        yield rates
        if self._webhook is not None:
            waiting, n_failures = self._webhook.n_waiting, self._webhook.n_failures
            yield GaugeMetricFamily("demur_webhook_waiting", "Alarms that the webhook did not take yet.", value=waiting)
            yield CounterMetricFamily("demur_webhook_failures", "Posts that were not taken.", value=n_failures)
