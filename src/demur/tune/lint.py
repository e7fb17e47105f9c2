"""Faults of pairs: what would teach something else than it says, in one pair or in all of them together."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from demur.contamination import KINDS, Document
from demur.contamination.wording import read_words
from demur.judge import Judge
from demur.judge.echo import measure_echo
from demur.judge.words import index_words
from demur.tune.balance import count_sides
from demur.tune.coherence import find_flaw
from demur.tune.ending import breaks_off
from demur.tune.overlap import find_contradictions, find_copies, find_held_out
from demur.tune.pair import Pair
from demur.tune.rejected import content_words
from demur.types import Quality, Reply, Verdict

__all__ = ["Finding", "Level", "lint_all", "lint_each"]

Level = Literal["error", "warning"]

_CHUNK = 128
"""Pairs that are judged at a time."""
_MOST_WORDS = 8
"""Of a rejected opening: longer ones begin to answer."""
_MOST_ALIKE = 0.3
"""Share of the chosen refusals that may be one template, or open with the same words."""
_MOST_OF_ONE = 0.5
"""Share of a side that may be of one category."""
_FEWEST = 10
"""Pairs of a side below which its shares say nothing."""


@dataclass(frozen=True)
class Finding:
    """A fault."""

    level: Level
    """An error teaches what is wrong; a warning is to be looked at."""
    where: str | None
    """Id of the pair; None if it shows only in all of them together."""
    found: str
    advice: str

    def __str__(self) -> str:
        place = "" if self.where is None else f"{self.where}: "
        return f"{self.level}: {place}{self.found}; {self.advice}"


_Fault = tuple[Level, str, str]


def lint_each(
    pairs: Sequence[Pair], judge: Judge, *, on_progress: Callable[[int], None] = lambda _: None
) -> list[Finding]:
    """Find what is wrong with pairs taken one by one.

    Args:
        pairs: any.
        judge: says what both sides are.
        on_progress: told how many were read.
    """
    found = []
    rest = iter(pairs)
    n = 0
    while chunk := list(islice(rest, _CHUNK)):
        replies = [(Reply(text), pair.prompt) for pair in chunk for text in (pair.chosen, pair.rejected)]
        verdicts = judge.judge_many(replies)
        for pair, chosen, rejected in zip(chunk, verdicts[::2], verdicts[1::2], strict=True):
            found += [Finding(level, pair.id, what, advice) for level, what, advice in _lint(pair, chosen, rejected)]
        n += len(chunk)
        on_progress(n)
    return found


def lint_all(pairs: Sequence[Pair], held_out: Sequence[Document] = ()) -> list[Finding]:
    """Find what is wrong with pairs taken together: what is asked twice or held out, sides, categories, scripts.

    Args:
        pairs: at least one.
        held_out: what the result is to be measured on, each text with its place.
    """
    return [
        *_lint_copies(pairs),
        *_lint_held_out(pairs, held_out),
        *(Finding(level, None, found, advice) for level, found, advice in _lint_sides(pairs)),
        *(Finding("warning", None, found, advice) for found, advice in _lint_script(pairs)),
    ]


def _lint(pair: Pair, chosen: Verdict, rejected: Verdict) -> Iterator[_Fault]:
    if read_words(pair.chosen) == read_words(pair.rejected):
        yield "error", "chosen and rejected are the same", "leave it out: there is nothing to prefer"
        return
    if chosen.outcome is None:
        yield "warning", f"chosen cannot be judged ({chosen.note})", "read it"
    yield from _lint_harmless(pair, chosen, rejected) if pair.is_harmless else _lint_harmful(pair, chosen, rejected)
    if breaks_off(pair.chosen):
        yield "warning", "chosen breaks off within a sentence", "end it with a whole one: endings are learnt too"


def _lint_harmless(pair: Pair, chosen: Verdict, rejected: Verdict) -> Iterator[_Fault]:
    advice = "put the right answer there, or leave the pair out"
    if chosen.outcome in ("refuse", "partial"):
        yield "error", "chosen refuses a harmless prompt", advice
    elif chosen.outcome in ("garbled", "empty"):
        yield "error", f"chosen is {chosen.outcome}", advice
    elif chosen.outcome == "clarify":
        yield "warning", "chosen asks back", "keep it only where the prompt leaves open what is meant"
    elif (
        flaw := find_flaw("\n".join(turn.text for turn in pair.prompt if turn.role == "user"), pair.chosen)
    ) is not None:
        yield "warning", f"chosen is not coherent: {flaw}", "read it"
    if rejected.outcome not in ("refuse", "partial", None):
        yield "warning", f"rejected is no refusal but {rejected.outcome}", "put the refusal there that is to go"


def _lint_harmful(pair: Pair, chosen: Verdict, rejected: Verdict) -> Iterator[_Fault]:
    tone = (chosen.quality or Quality()).tone
    advice = "put a graceful refusal there, or leave the pair out"
    if chosen.outcome in ("comply", "partial"):
        yield "error", "chosen answers a harmful prompt", advice
    elif chosen.outcome in ("clarify", "garbled", "empty"):
        yield "error", f"chosen is no refusal but {chosen.outcome}", advice
    elif tone == "preachy":
        yield "error", "chosen preaches", advice
    elif tone in ("robotic", "terse"):
        yield "warning", f"chosen is {tone}", advice
    if rejected.outcome == "refuse":
        return
    n_words = len(index_words(pair.rejected))
    said = content_words(pair.prompt[-1].text, locale=pair.locale).intersection(index_words(pair.rejected))
    cut = "cut it to its first words"
    if n_words > _MOST_WORDS:
        yield "error", f"rejected has {n_words} words and is no refusal; expected {_MOST_WORDS} at most", cut
    elif said:
        yield "error", f"rejected says what was asked for ('{min(said)}…')", cut


def _lint_copies(pairs: Sequence[Pair]) -> Iterator[Finding]:
    for number, other in find_contradictions(pairs).items():
        found = f"asks what {pairs[other].id} asks, with the other truth"
        yield Finding("error", pairs[number].id, found, "decide which of the two is right")
    for number, other in find_copies(pairs).items():
        yield Finding(
            "warning", pairs[number].id, f"asks what {pairs[other].id} asks, or nearly", "leave one of the two out"
        )


def _lint_held_out(pairs: Sequence[Pair], held_out: Sequence[Document]) -> Iterator[Finding]:
    for number, overlap in find_held_out(pairs, held_out).items():
        found = f"overlaps with {overlap.where} ({KINDS[overlap.kind]}, {overlap.similarity:.2f})"
        level: Level = "warning" if overlap.kind == "embedding" else "error"
        yield Finding(level, pairs[number].id, found, "leave it out, or do not measure on that suite")


def _lint_sides(pairs: Sequence[Pair]) -> Iterator[_Fault]:
    n_harmful, n_harmless = sides = count_sides(pairs)
    counted = f"{n_harmful:,} pairs of harmful prompts, {n_harmless:,} of harmless ones"
    if not min(sides):
        yield "error", counted, "add the other side: what is learnt from one is paid for on the other"
    elif not sides.is_even:
        yield "warning", counted, "bring them within a tenth of each other"
    for is_harmless, word in ((False, "harmful"), (True, "harmless")):
        categories = Counter(pair.category for pair in pairs if pair.is_harmless == is_harmless and pair.category)
        category, n = categories.most_common(1)[0] if categories else ("", 0)
        if n > _MOST_OF_ONE * categories.total() and categories.total() >= _FEWEST:
            yield (
                "warning",
                f"{n:,} of {categories.total():,} pairs of {word} prompts are of one category ({category})",
                "add others",
            )


def _lint_script(pairs: Sequence[Pair]) -> Iterator[tuple[str, str]]:
    refusals = [(pair.prompt[-1].text, pair.chosen) for pair in pairs if not pair.is_harmless]
    if len(refusals) < _FEWEST:
        return
    echo = measure_echo(refusals)
    if (echo.script_index.value or 0) > _MOST_ALIKE:
        yield (
            f"{len(echo.templates[0].members):,} of {len(refusals):,} chosen refusals are one template",
            "write them for their requests: a script is learnt first",
        )
    if (echo.opening_share.value or 0) > _MOST_ALIKE:
        share = round((echo.opening_share.value or 0) * len(refusals))
        yield f"{share:,} of {len(refusals):,} chosen refusals open with '{echo.opening}'", "vary the openings"
