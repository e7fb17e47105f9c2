"""How the engine asks: how many at a time, how patiently, how often again."""

from dataclasses import dataclass

__all__ = ["EngineSettings"]


@dataclass(frozen=True)
class EngineSettings:
    """Limits of one evaluation. None of them changes what a verdict says."""

    connections: int | None = None
    """Questions in flight; None leaves it to the provider: 8 for the bundled subject, 10 for remote ones."""
    timeout_s: int = 120
    """Longest one attempt at a reply may take."""
    retries: int = 3
    """Attempts after the first, with growing pauses from 3 seconds."""
    give_up_after: int = 10
    """Failures in a row, without a reply between, after which nothing more is asked."""
