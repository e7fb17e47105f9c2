"""Exchanges as OpenTelemetry spans, by the conventions for generative AI, which are still in development (semconv-genai 2026).

Nothing is set up here: a process that has a tracer provider (``opentelemetry-instrument demur guard serve ...``) gets spans. Texts are
never part of them.
"""

from collections.abc import Callable, Mapping

from demur.guard.audit import Event

__all__ = ["find_tracer"]

_NS = 1_000_000_000
_LABELS: Mapping[str, str] = {"escalate": "crisis_escalated", "clarify": "clarified"}


def find_tracer() -> Callable[[Event], None] | None:
    """Give what makes spans of events; None where this process has no tracer provider."""
    try:
        from opentelemetry import trace
    except ImportError:
        return None
    provider = trace.get_tracer_provider()
    if isinstance(provider, (trace.ProxyTracerProvider, trace.NoOpTracerProvider)):
        return None
    tracer = provider.get_tracer("demur.guard")

    def record(event: Event) -> None:
        start = int(event.at * _NS)
        span = tracer.start_span(
            f"chat {event.model or ''}".strip(),
            kind=trace.SpanKind.SERVER,
            start_time=start,
            attributes=_attributes(event),
        )
        span.add_event(
            "gen_ai.evaluation.result",
            {
                "gen_ai.evaluation.name": "refusal",
                "gen_ai.evaluation.score.label": _label(event),
                **({} if event.score is None else {"gen_ai.evaluation.score.value": event.score}),
                **({} if event.rule is None else {"gen_ai.evaluation.explanation": event.rule}),
            },
        )
        if event.error is not None:
            span.set_status(trace.StatusCode.ERROR)  # its words may be a caller's
        span.end(end_time=start + int(event.latency_s * _NS))

    return record


def _attributes(event: Event) -> dict[str, str | bool | int | float | tuple[str, ...]]:
    known = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "demur",
        "gen_ai.request.model": event.model,
        "gen_ai.request.stream": event.is_stream,
        "gen_ai.response.finish_reasons": None if event.finish is None else (event.finish,),
        "gen_ai.response.time_to_first_chunk": event.first_byte_s if event.is_stream else None,
        "gen_ai.usage.input_tokens": event.n_input_tokens,
        "gen_ai.usage.output_tokens": event.n_output_tokens,
        "gen_ai.conversation.id": event.conversation,
        "http.response.status_code": event.status,
        "demur.event.id": event.id,
        "demur.verdict": event.verdict,
        "demur.enforced": event.enforced,
        "demur.rail": event.rail,
        "demur.category": event.category,
        "demur.refused_by": event.refused_by or None,
        "demur.policy": event.policy,
    }
    return {name: value for name, value in known.items() if value is not None}


def _label(event: Event) -> str:
    return "refused" if event.refused_by else _LABELS.get(event.verdict, "complied")
