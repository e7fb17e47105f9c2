"""What gateways are asked to compare what they cost."""

import random
from typing import NamedTuple

from gateway_parts.load import make_request
from gateway_parts.texts import make_prompt

__all__ = ["MODELS", "WORKLOADS", "Workload", "make_requests"]


class Workload(NamedTuple):
    """Requests of one kind."""

    name: str
    n_chars: int
    """Of a prompt."""
    model: str
    """How the upstream answers; see `gateway_parts.upstream`."""
    is_stream: bool


_KINDS = (("whole", "mock-100-0", False), ("burst", "mock-100-0", True), ("paced", "mock-100-1", True))
WORKLOADS: tuple[Workload, ...] = (
    *(
        Workload(f"{kind} {n_chars}", n_chars, model, is_stream)
        for kind, model, is_stream in _KINDS
        for n_chars in (100, 2000)
    ),
    Workload("refused 100", 100, "refuse-100-0", False),
)
"""Not streamed; streamed in 100 chunks, all at once or a millisecond apart; and not streamed, every reply a refusal that is to be read."""
MODELS = tuple(dict.fromkeys(workload.model for workload in WORKLOADS))


def make_requests(workload: Workload, n: int, *, seed: int) -> list[bytes]:
    """Make requests that are all different, so that nothing of them can be remembered."""
    rng = random.Random(seed)
    return [
        make_request(
            [{"role": "user", "content": make_prompt(rng, workload.n_chars)}],
            workload.model,
            is_stream=workload.is_stream,
        )
        for _ in range(n)
    ]
