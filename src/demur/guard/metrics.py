"""Figures of a running gateway in Prometheus' text format, counted from its events."""

from demur.errors import MissingExtraError
from demur.guard.audit import AuditStore, Event

__all__ = ["Metrics"]

_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_RAIL_S = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1)
_PHASES = {"input": "input", "judge": "output", "output": "output", "limits": "input"}


class Metrics:
    """Counts events. No label holds what a caller can make up: the series stay few whoever asks.

    Raises:
        MissingExtraError: prometheus-client is not installed.
    """

    def __init__(self, store: AuditStore | None = None) -> None:
        try:
            from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
        except ImportError:
            raise MissingExtraError("metrics need prometheus-client: pip install 'demur[guard]'") from None
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "demur_requests",
            "Guarded exchanges, by what was decided and whether it was enforced.",
            ("verdict", "rail", "category", "enforced", "tenant", "status"),
            registry=self.registry,
        )
        self._refusals = Counter(
            "demur_refusals",
            "Exchanges to which somebody said no, by who did.",
            ("by", "tenant"),
            registry=self.registry,
        )
        self._disagreements = Counter(
            "demur_disagreements",
            "Exchanges in which guard and model disagree.",
            ("verdict", "tenant"),
            registry=self.registry,
        )
        self._reviews = Counter(
            "demur_reviews", "Exchanges put before a person, by queue.", ("queue",), registry=self.registry
        )
        self._errors = Counter(
            "demur_errors", "Exchanges in which something failed.", ("rail",), registry=self.registry
        )
        self._rail_s = Histogram(
            "demur_guardrail_duration_seconds",
            "Time that a rail took.",
            ("guardrail", "phase", "result"),
            buckets=_RAIL_S,
            registry=self.registry,
        )
        self._request_s = Histogram(
            "demur_request_duration_seconds",
            "Time from a request to the end of its answer, the model's included.",
            ("stream",),
            buckets=_REQUEST_S,
            registry=self.registry,
        )
        self._tokens = Counter(
            "demur_tokens", "Tokens, as the upstream counts them.", ("kind",), registry=self.registry
        )
        self.policy_failures = Counter(
            "demur_policy_reload_failures", "Changed policies that could not be used.", registry=self.registry
        )
        if store is not None:
            for name, what, read in (
                ("demur_audit_up", "Whether the audit store can be written.", lambda: float(not store.is_down)),
                ("demur_audit_waiting", "Events that are not stored yet.", lambda: float(store.state().n_waiting)),
                ("demur_audit_lost", "Events that the store did not take.", lambda: float(store.state().n_lost)),
            ):
                Gauge(name, what, registry=self.registry).set_function(read)

    def observe(self, event: Event) -> None:
        """Count an event."""
        tenant = event.tenant or ""
        self._requests.labels(
            event.verdict,
            event.rail or "",
            event.category or "",
            str(event.enforced).lower(),
            tenant,
            str(event.status),
        ).inc()
        for who in event.refused_by:
            self._refusals.labels(who, tenant).inc()
        if event.disagrees:
            self._disagreements.labels(event.verdict, tenant).inc()
        if event.review is not None:
            self._reviews.labels(event.review).inc()
        for run in event.ran:
            if run.skipped is None:
                self._rail_s.labels(run.rail, _PHASES.get(run.rail, "input"), run.result).observe(run.ms / 1000)
            if run.result == "error":
                self._errors.labels(run.rail).inc()
        if event.error is not None and not any(run.result == "error" for run in event.ran):
            self._errors.labels("upstream" if event.status >= 500 else "").inc()  # noqa: PLR2004 -- RFC 9110, 15.6
        self._request_s.labels(str(event.is_stream).lower()).observe(event.latency_s)
        for kind, n in (("input", event.n_input_tokens), ("output", event.n_output_tokens)):
            if n:
                self._tokens.labels(kind).inc(n)

    def text(self) -> bytes:
        """Give all figures in Prometheus' text format 0.0.4."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry)
