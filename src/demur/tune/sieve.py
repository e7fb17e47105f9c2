"""The sieve: of pairs as they were made, those that are sound, asked once, not held out, and even between the sides."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from demur.contamination import Document
from demur.judge import Judge
from demur.tune.balance import balance
from demur.tune.diagnosis import LeftOut
from demur.tune.lint import Finding, lint_all, lint_each
from demur.tune.overlap import find_contradictions, find_copies, find_held_out
from demur.tune.pair import FAULTS, Pair

__all__ = ["Sifted", "sift"]


class Sifted(NamedTuple):
    """What a sieve kept, and what it did not."""

    pairs: tuple[Pair, ...]
    left_out: tuple[LeftOut, ...]
    warnings: tuple[Finding, ...]
    """Of the pairs that were kept."""


def sift(
    pairs: Sequence[Pair],
    held_out: Sequence[Document],
    judge: Judge,
    *,
    seed: int,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Sifted:
    """Leave out pairs with an error, then what is asked twice, then what is held out, and thin the larger side.

    Of pairs that ask the same the one that mends a fault stays, then the first.

    Args:
        pairs: of one id are only those that are the same in all.
        held_out: what the result is to be measured on, each text with its place.
        judge: says what both sides of a pair are.
        seed: of the thinning.
        on_progress: told how many pairs were judged.
    """
    findings = lint_each(pairs, judge, on_progress=on_progress)
    errors = {finding.where: finding.found for finding in findings if finding.level == "error"}
    ordered = sorted(pairs, key=lambda pair: FAULTS.index(pair.fault))
    kept, left_out = _drop(ordered, {n: errors[pair.id] for n, pair in enumerate(ordered) if pair.id in errors})
    for find in (_find_contradictory, _find_copied, lambda rest: _find_held(rest, held_out)):
        kept, dropped = _drop(kept, find(kept))
        left_out += dropped
    kept, dropped = balance(kept, seed)
    ids = {pair.id for pair in kept}
    warnings = [finding for finding in findings if finding.where in ids]
    return Sifted(tuple(kept), (*left_out, *dropped), (*warnings, *lint_all(kept)))


def _drop(pairs: Sequence[Pair], why: Mapping[int, str]) -> tuple[list[Pair], list[LeftOut]]:
    kept = [pair for number, pair in enumerate(pairs) if number not in why]
    return kept, [LeftOut(pairs[number].source, reason) for number, reason in why.items()]


def _find_contradictory(pairs: Sequence[Pair]) -> dict[int, str]:
    found = {number for pair in find_contradictions(pairs).items() for number in pair}
    return dict.fromkeys(sorted(found), "asked in the same words with either truth")


def _find_copied(pairs: Sequence[Pair]) -> dict[int, str]:
    return dict.fromkeys(find_copies(pairs), "asks what another pair asks, or nearly")


def _find_held(pairs: Sequence[Pair], held_out: Sequence[Document]) -> dict[int, str]:
    found = find_held_out(pairs, held_out)
    return {number: f"asks what {overlap.where.partition(':')[0]} asks" for number, overlap in found.items()}
