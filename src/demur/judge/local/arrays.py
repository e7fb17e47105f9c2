"""Arrays by what they hold."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Hashes", "Indices"]

Floats = NDArray[np.float32]
Hashes = NDArray[np.uint64]
Indices = NDArray[np.int64]
