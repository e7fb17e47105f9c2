"""How long a part of an exchange took."""

import time

__all__ = ["ms_since"]


def ms_since(began: float) -> float:
    """Give the milliseconds since a moment of `time.perf_counter`."""
    return (time.perf_counter() - began) * 1000
