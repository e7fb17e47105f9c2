"""Groups of sets that are nearly the same, found without comparing all with all: MinHash and banding (Broder 1997)."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

__all__ = ["group_alike"]

_ROWS, _BANDS = 5, 40
"""Two sets of likeness s share a band with probability 1 - (1 - s^rows)^bands: .96 at .6, .999 at .7, .09 at .3."""
_MOST_COMPARED = 64
"""Heads of groups that a set is compared with at most, those sharing the most bands: what bounds the work."""


def group_alike(
    sets: Sequence[tuple[int, ...]], *, names: Sequence[str], weights: Sequence[int], least: float
) -> list[int]:
    """Put each set into the group of the first one that is like it.

    Two sets are alike if the elements in both weigh at least the share `least` of those in either (weighted Jaccard
    index). A set joins the group whose head it is most like, if it is alike, or else heads a group of its own; so every
    member is alike to its head, and groups do not run into each other through chains. The result is the same each time.

    Args:
        sets: distinct elements of each set, by number, in rising order; a set that should head a group comes first.
        names: of the elements; what is drawn at random depends on them and not on the numbers.
        weights: of the elements, whole and at least 1.
        least: in (0, 1]; pairs near .5 and below may be missed.

    Returns:
        For each set, the index of its group's head; a head's is its own.
    """
    total = [sum(weights[element] for element in members) for members in sets]
    bands = _bands(_signatures(sets, names, weights))
    heads = list(range(len(sets)))
    headed: list[dict[int, list[int]]] = [defaultdict(list) for _ in bands]
    for index, members in enumerate(sets):
        keys = [(seen, int(band[index])) for seen, band in zip(headed, bands, strict=True) if band[index] >= 0]
        shared = Counter(head for seen, key in keys for head in seen.get(key, ())[:_MOST_COMPARED])
        mine = set(members)
        best, likeness = index, least
        for head in sorted(shared, key=lambda head: (-shared[head], head))[:_MOST_COMPARED]:
            both = sum(weights[element] for element in sets[head] if element in mine)
            alike = both / (total[index] + total[head] - both) if both else 0.0
            if alike > likeness or (alike == likeness and best == index):
                best, likeness = head, alike
        heads[index] = best
        if best == index:
            for seen, key in keys:
                seen[key].append(index)
    return heads


def _signatures(sets: Sequence[tuple[int, ...]], names: Sequence[str], weights: Sequence[int]) -> NDArray[np.uint32]:
    """Make the MinHash of each set, shape (n_sets, n_bands * n_rows); a weight is as many elements."""
    sketches = _sketch_elements(names, weights)
    signatures = np.empty((len(sets), _ROWS * _BANDS), dtype=np.uint32)
    for index, members in enumerate(sets):
        # The signature of a union is the least of the signatures.
        signatures[index] = sketches[list(members)].min(axis=0, initial=np.iinfo(np.uint32).max)
    return signatures


def _sketch_elements(names: Sequence[str], weights: Sequence[int]) -> NDArray[np.uint32]:
    """Make the MinHash of each element alone, shape (n_elements, n_bands * n_rows): of as many copies as it weighs."""
    from datasketch import MinHash

    sketch = MinHash(num_perm=_ROWS * _BANDS, seed=1, hashfunc=int)
    sketches = np.empty((len(names), _ROWS * _BANDS), dtype=np.uint32)
    for index, (name, weight) in enumerate(zip(names, weights, strict=True)):
        digest = blake2b(name.encode(), digest_size=4 * weight).digest()
        sketch.clear()
        sketch.update_batch([int.from_bytes(digest[4 * copy : 4 * copy + 4]) for copy in range(weight)])
        sketches[index] = sketch.digest()
    return sketches


def _bands(signatures: NDArray[np.uint32]) -> list[NDArray[np.int32]]:
    """Number the equal stretches of each band, shape (n_sets,) a band; -1 where a stretch occurs once."""
    bands = []
    for start in range(0, signatures.shape[1], _ROWS):
        stretch = np.ascontiguousarray(signatures[:, start : start + _ROWS]).view(f"V{4 * _ROWS}").ravel()
        _, numbers, counts = np.unique(stretch, return_inverse=True, return_counts=True)
        bands.append(np.where(counts[numbers] > 1, numbers, -1).astype(np.int32))
    return bands
