"""The data card of pairs: how many mend what, of which hazards and languages, from which suites, written by whom."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from demur.records import content_hash, to_plain
from demur.tune.pair import Pair
from demur.tune.treatment import DataCard

__all__ = ["card_of"]

_NONE = "none"


def card_of(pairs: Sequence[Pair]) -> DataCard:
    """Describe what a treatment is made from; a pair that does not say something is counted under ``none``."""
    return DataCard(
        n_pairs=len(pairs),
        by_fault=_count(pair.fault for pair in pairs),
        by_category=_count(pair.category for pair in pairs),
        by_locale=_count(pair.locale for pair in pairs),
        sources=_count(pair.source.rpartition(":")[0] for pair in pairs),
        written_by=_count(pair.chosen_from for pair in pairs),
        content_hash=content_hash([to_plain(pair) for pair in pairs]),
    )


def _count(names: Iterable[str | None]) -> Mapping[str, int]:
    """Count names, the commonest first."""
    counts = Counter(name or _NONE for name in names)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
