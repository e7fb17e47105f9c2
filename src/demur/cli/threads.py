"""How many threads numpy takes; to be said before it is loaded."""

import os

__all__ = ["keep_numpy_to_one_thread"]


def keep_numpy_to_one_thread() -> None:
    """Have products of small matrices, as the judge and the guard make them, taken by the thread that asks: waking others costs more."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
