"""Spans: one an exchange, by the conventions for generative AI, and none where nobody collects them."""

import subprocess
import sys

SCRIPT = """
import sys
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from demur.guard.audit import Event
from demur.guard.tracing import find_tracer

assert find_tracer() is None
exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
find_tracer()(Event(
    id="1", at=1000.0, tenant=None, key=None, address=None, conversation="c", model="m", path="/v1/chat/completions",
    is_stream=False, language=None, verdict="block", rail="input", category="fraud", rule="lures", view="raw", score=0.9,
    enforced=True, refused_by=("input",), disagrees=False, status=200, finish="content_filter", error=None, ran=(), policy="p",
    request="secret words", reply="", request_hash="h", n_input_tokens=3, n_output_tokens=None, latency_s=0.5,
    first_byte_s=None, review=None,
))
(span,) = exporter.get_finished_spans()
assert span.end_time - span.start_time == 500_000_000
assert span.attributes["gen_ai.operation.name"] == "chat"
assert span.attributes["gen_ai.response.finish_reasons"] == ("content_filter",)
assert span.attributes["gen_ai.usage.input_tokens"] == 3
assert "gen_ai.usage.output_tokens" not in span.attributes
(event,) = span.events
assert event.name == "gen_ai.evaluation.result"
assert event.attributes["gen_ai.evaluation.score.label"] == "refused"
assert "secret words" not in span.to_json()
print("ok")
"""


def test_an_exchange_is_a_span_without_its_words():
    """The tracer provider is the whole process's, so that this runs in one of its own."""
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert run.stdout.strip() == "ok", run.stderr
