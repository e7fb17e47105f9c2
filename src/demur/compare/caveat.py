"""What else differs between two runs, so that a change may come of that; each in one line.

A grader is none: its verdicts enter no figure that is compared.
"""

from collections.abc import Iterator
from dataclasses import asdict

from demur.run import RunRecord

__all__ = ["find_caveats"]


def find_caveats(before: RunRecord, after: RunRecord) -> Iterator[str]:
    """Name what differs besides the subject, the gravest first."""
    one, other = (f"{record.judge.name} {record.judge.version}" for record in (before, after))
    if one != other:
        yield (
            f"judged by {one} before and by {other} after: a change may be the judge's; "
            "check one of them again with the other's version"
        )
    for when, record in (("before", before), ("after", after)):
        if record.status != "complete":
            n = record.counts.errored + record.counts.missing
            yield (
                f"the run {when} is not complete: {n} of its {record.counts.expected} samples have no reply, and they need not be "
                "like the others"
            )
    if before.subject.system != after.subject.system:
        yield "the system prompt is not the same in both"
    yield from _decoding(before, after)
    if before.epochs != after.epochs:
        yield (
            f"each case was asked {_times(before.epochs)} before and {_times(after.epochs)} after: only samples that both have "
            "are paired"
        )
    # A log of Inspect's has no seed, and does not say how its cases were drawn, nor from where.
    if None not in (before.seed, after.seed):
        yield from _draw(before, after)


def _decoding(before: RunRecord, after: RunRecord) -> Iterator[str]:
    one, other = before.subject.decoding, after.subject.decoding
    if one is None or other is None:
        if one != other:
            yield "how the subject was asked to generate is known of one run only, and may not be the same"
        return
    settings = asdict(one)
    differing = [
        f"{name} {settings[name]} before, {value} after"
        for name, value in asdict(other).items()
        if name != "seed" and settings[name] != value
    ]
    if differing:
        yield f"the decoding is not the same: {'; '.join(differing)}"


def _draw(before: RunRecord, after: RunRecord) -> Iterator[str]:
    if before.data != after.data:
        one, other = (record.data or "the suites that ship with demur" for record in (before, after))
        yield f"the cases are from {one} before and from {other} after: only those in the same words are paired"
    is_drawn = before.limit is not None or after.limit is not None
    if (before.limit, before.seed) != (after.limit, after.seed) and is_drawn:
        one, other = (
            f"{'all cases' if record.limit is None else f'at most {record.limit} cases'} with seed {record.seed}"
            for record in (before, after)
        )
        yield f"the draws are not the same: {one} before, {other} after; what both happen to have is compared"


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n} times"
