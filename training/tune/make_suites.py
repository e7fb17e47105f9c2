"""The suites `practice` and `held-out`, drawn from the requests in `../guard`: `python training/tune/make_suites.py`.

The same lines give the same suites: a line's place in the draw is a hash of where it stands, so that one that is excluded makes
room for the next of its hazard and leaves the rest as they were.
"""

import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from demur.cases import load_library
from demur.cases.practice import HELD_OUT, PRACTICE, case_of_row
from demur.contamination import Document, measure_contamination, texts_of_case
from demur.contamination.embedding import LEAST_COSINE
from demur.contamination.wording import read_words
from demur.drills import load_drills
from demur.records import write_atomically
from demur.types import Case

HERE = Path(__file__).parent
GUARD = HERE.parent / "guard"
CASES = HERE.parents[1] / "src" / "demur" / "cases"
sys.path.insert(0, str(GUARD))

from situations import N_FRAMED, N_TALKS, Supply, make_situations, read_answered  # noqa: E402 -- they stand in other folders
from written import BLOCK, Request, split  # noqa: E402 -- it stands in the other folder

SEED = 7
LENGTHS = range(12, 201)
"""Characters of a request."""
TWINS_ALIKE = 0.2
"""Jaccard index of their words from which on neighbours of different truth are twins."""
NEAR = LEAST_COSINE - 0.05
"""Cosine from which on a case is left out; the margin is for cards that are yet to come, since they change the weights."""
N_SINGLE = N_FRAMED + N_TALKS
"""Requests of a sort that are drawn for frames and conversations, which use as many of one sort at most."""
PLAIN_FILES = ("plain", "english_8", "english_9")
_LEFT_OUT = ("crisis", "long", "short")
"""Beginnings of files that need other answers, or are of another length."""

_YOUNG = re.compile(
    r"\b(?:child|kid|minor|teen|school|class|pupil|student|young|little|boy|girl|daughter|sons?\b|niece|nephew|bab(?:y|ies)\b|dorm|fairy|"
    r"snow white|gymnast|cheer|cadet|scout|\d+(?:st|nd|rd|th)?[ -](?:years?|grade)|thirteen|fourteen|fifteen|sixteen|seventeen|underage|"
    r"under-age|teacher|coach|lolita|step|sister|brother)",
    re.IGNORECASE,
)
_SEXUAL = re.compile(
    r"\b(?:sex|nak|nud|porn|touch|grop|undress|lewd|rap(?:e|ist)|strip|horny|erotic|kiss|lingerie|bikini|body|bodies|bedroom|too close)",
    re.IGNORECASE,
)
"""No request is drawn that is sexual and may be of the young, if only by a word that is often said of the grown."""
_WRITER = re.compile(r"\b(?:i|i'm|i'd|i'll|i've|me|my|mine|myself|we|our|us)\b", re.IGNORECASE)
_SOMEBODY = re.compile(
    r"\b(?:he|him|his|she|her|followers|users|readers|viewers|fans|listeners|patients?|friends?|members|subscribers|strangers?|"
    r"(?:class|flat|team)mates?|girls|boys|teens|teenagers|pupils|students|people|audience|dancers?|gymnasts?|wrestlers?)\b",
    re.IGNORECASE,
)
_URGING = re.compile(
    r"\b(?:persuade|convinc|encourag|teach teen|prais|promot|glorif|romantici|beautiful|mock|urge|push|nudg|dare|challenge|compose|poem|song"
    r"|blog|manifesto|make the case|flatter|inspire|recruit|liturgy|pledge|lure|tempt|goad|cheer|post|meme|slogan|caption|campaign|contest|copy"
    r"|follow suit|moderat|chat ?bot|persona|worship|forum|channel|bully|harass|nobody would miss)",
    re.IGNORECASE,
)
"""A request about self-harm is drawn if it would drive others to it; of who may mean themselves, help is due and no refusal."""
_LACKING = re.compile(
    r"\battach|\bpasted?\b|\bbelow\b|\bthis (?:[\w-]+ )?(?:letter|text|article|e?-?mail|page|poem|story|tale|report|review|paragraph|passage"
    r"|sentence|speech|contract|chapter|essay|draft|note|clause|recipe|code|script|list|table|message|photo|picture|image|abstract|song|post"
    r"|newsletter|leaflet|advice|biography|joke|verse|minutes|transcript|clip|video|file)\b(?!.*(?:[:“\"]| '))",
    re.IGNORECASE | re.DOTALL,
)
"""Of a request for work on something that is not there; a question back would be right."""


class Line(NamedTuple):
    """A written request that may be drawn."""

    file: str
    number: int
    """Of the line, from 1."""
    text: str
    reading: str
    """``harmful`` or ``harmless``."""
    hazard: str

    @property
    def family(self) -> str:
        """The block it stands in."""
        return f"{self.file}:{(self.number - 1) // BLOCK}"

    @property
    def place(self) -> str:
        """Where it stands, as in ``excluded.txt``."""
        return f"{self.file}:{self.number}"


class Sizes(NamedTuple):
    """How many cases of each sort a suite has."""

    pairs: int
    """A harmful line and the harmless one beside it that shares its words."""
    harmful: int
    """Beside those."""
    look_alikes: int
    plain: int


FIRST, MORE = Sizes(400, 400, 160, 240), Sizes(500, 0, 0, 150)
"""Of `practice`; what is drawn more comes after the situations, so that these stay as they were read."""
KEPT_BACK = Sizes(120, 120, 120, 120)
"""Of `held-out`."""


def read_lines() -> tuple[list[Line], list[Line]]:
    """Read the English lines that may be drawn: those to practise on, and those of the blocks that are kept back."""
    excluded = {row.split()[0] for row in (HERE / "excluded.txt").read_text("utf-8").splitlines() if row.strip()}
    found: tuple[list[Line], list[Line]] = ([], [])
    for path in sorted(GUARD.glob("*.jsonl")):
        if path.stem.startswith(_LEFT_OUT):
            continue
        for number, row in enumerate(map(json.loads, path.read_text("utf-8").splitlines()), 1):
            line = Line(path.stem, number, row["p"].strip(), row["y"], row["c"])
            request = Request(line.text, line.reading, line.hazard, row["l"], None, path.name, number - 1)
            if row["l"] == "en" and line.place not in excluded and may_be_drawn(line):
                found[not split([request])[0]].append(line)
    return found


def may_be_drawn(line: Line) -> bool:
    """Tell whether a line has a clear truth and is fit to be trained with."""
    if line.hazard == "cse" or len(line.text) not in LENGTHS or (line.hazard == "sxc" and _YOUNG.search(line.text)):
        return False
    if line.reading == "harmless":
        return _LACKING.search(line.text) is None
    if line.reading != "harmful" or line.hazard == "none":
        return False
    if line.hazard == "ssh":
        asked = (_SOMEBODY.search(line.text), _URGING.search(line.text))
        return all(asked) and _WRITER.search(line.text) is None
    return _YOUNG.search(line.text) is None or (line.hazard != "src" and _SEXUAL.search(line.text) is None)


def draw(lines: Sequence[Line], sizes: Sizes) -> list[tuple[Line, ...]]:
    """Draw twins and single lines, each sort spread over the hazards as evenly as the lines allow."""
    chosen = list(_spread(_pairs(lines), sizes.pairs))
    taken = set(chain.from_iterable(chosen))
    rest = [(line,) for line in lines if line not in taken]
    chosen += _spread((one for one in rest if one[0].reading == "harmful"), sizes.harmful)
    harmless = [one for one in rest if one[0].reading == "harmless"]
    chosen += _spread((one for one in harmless if one[0].hazard != "none"), sizes.look_alikes)
    chosen += _spread((one for one in harmless if _is_plain(one[0])), sizes.plain)
    if len(chosen) < sum(sizes):
        raise SystemExit(f"found {len(chosen)} of {sum(sizes)} units; write more lines, or exclude fewer")
    return chosen


def _is_plain(line: Line) -> bool:
    return line.hazard == "none" and line.file.startswith(PLAIN_FILES)


def _pairs(lines: Iterable[Line]) -> Iterator[tuple[Line, ...]]:
    """Give the twins: neighbours in a block, each in one pair at most, the harmful one first."""
    waiting: Line | None = None
    for line in lines:
        if waiting is not None and _are_twins(waiting, line):
            yield (waiting, line) if waiting.reading == "harmful" else (line, waiting)
            waiting = None
        else:
            waiting = line


def _are_twins(one: Line, other: Line) -> bool:
    if one.family != other.family or other.number != one.number + 1 or one.reading == other.reading:
        return False
    if "none" in (one.hazard, other.hazard):
        return False
    words, others = set(read_words(one.text)), set(read_words(other.text))
    return len(words & others) >= TWINS_ALIKE * len(words | others)


def _spread(units: Iterable[tuple[Line, ...]], n: int) -> list[tuple[Line, ...]]:
    """Draw n units, one hazard after the other until there are enough."""
    queues: dict[str, list[tuple[Line, ...]]] = defaultdict(list)
    for unit in sorted(units, key=_lot):
        queues[unit[0].hazard].append(unit)
    ranked = sorted((rank, hazard) for hazard, queue in queues.items() for rank in range(len(queue)))
    return [queues[hazard][rank] for rank, hazard in ranked[:n]]


def _lot(unit: tuple[Line, ...]) -> bytes:
    return hashlib.sha256(f"{SEED}:{unit[0].place}".encode()).digest()


def to_rows(units: Iterable[Sequence[Line]], prefix: str) -> Mapping[Line, dict[str, str]]:
    """Number what was drawn in the order of the files, so that twins stand together.

    Args:
        units: twins and single lines.
        prefix: of the ids, before the number.
    """
    units = list(units)
    lines = sorted(chain.from_iterable(units), key=lambda line: (line.file, line.number))
    ids = {line: f"{prefix}{number:04}" for number, line in enumerate(lines, 1)}
    twins = {one: ids[other] for pair in units if len(pair) > 1 for one, other in (pair, pair[::-1])}
    return {line: {"id": ids[line], **_row(line), **({"twin": twins[line]} if line in twins else {})} for line in lines}


def _row(line: Line) -> dict[str, str]:
    return {"p": line.text, "y": line.reading, "c": line.hazard, "family": line.family}


def draw_apart(
    lines: Sequence[Line], sizes: Sizes, prefix: str, others: Sequence[Document], beside: Sequence[Case] = ()
) -> Mapping[Line, dict[str, str]]:
    """Draw rows of which nothing is near a document; what is near is left out, and others are drawn, until nothing is.

    Args:
        lines: to draw from.
        sizes: how many of each sort.
        prefix: of their ids.
        others: the documents.
        beside: what stands in the same suite: how much a word weighs goes by all of it.
    """
    near: set[Line] = set()
    while True:
        rows = to_rows(draw([line for line in lines if line not in near], sizes), prefix)
        found = find_near([*(case_of_row(row, PRACTICE) for row in rows.values()), *beside], others)
        found &= {row["id"] for row in rows.values()}
        if not found:
            return rows
        near |= {line for line, row in rows.items() if row["id"] in found}


def draw_supply(lines: Sequence[Line], others: Sequence[Document]) -> Supply:
    """Draw what is put into frames and conversations, of lines that stand in no suite, and so that none is near a document."""
    near: set[Line] = set()
    while True:
        left = [line for line in lines if line not in near]
        twins = _spread(_pairs(left), N_TALKS)
        rest = _without(left, twins)
        rephrased = _spread(_themes(rest), N_TALKS)
        single = [(line,) for line in _without(rest, rephrased)]
        harmful = _spread((one for one in single if one[0].reading == "harmful"), N_SINGLE)
        harmless = [one for one in single if one[0].reading == "harmless"]
        alike = _spread((one for one in harmless if one[0].hazard != "none"), N_SINGLE)
        plain = _spread((one for one in harmless if _is_plain(one[0])), N_SINGLE)
        drawn = list(chain.from_iterable((*twins, *rephrased, *harmful, *alike, *plain)))
        found = find_near([case_of_row({"id": line.place, **_row(line)}, PRACTICE) for line in drawn], others)
        if not found:
            return Supply(
                *([(_row(one), _row(other)) for one, other in units] for units in (twins, rephrased)),
                *([_row(line) for (line,) in units] for units in (harmful, alike, plain)),
                answered=read_answered(),
            )
        near |= {line for line in drawn if line.place in found}


def _themes(lines: Iterable[Line]) -> Iterator[tuple[Line, ...]]:
    """Give pairs of harmful lines of one block and hazard, each line once: much the same in other words."""
    waiting: dict[tuple[str, str], Line] = {}
    for line in lines:
        if line.reading == "harmful":
            other = waiting.pop((line.family, line.hazard), None)
            if other is None:
                waiting[line.family, line.hazard] = line
            else:
                yield other, line


def _without(lines: Iterable[Line], units: Iterable[tuple[Line, ...]]) -> list[Line]:
    taken = set(chain.from_iterable(units))
    return [line for line in lines if line not in taken]


def find_near(cases: Sequence[Case], others: Sequence[Document]) -> set[str]:
    """Give the ids of the cases that `demur contamination` finds in documents, by any of its kinds."""
    found = measure_contamination(
        "",
        cases,
        read=lambda: others,
        against=tuple,
        background=[case.prompt for case in load_library()],
    )
    return {
        pair.case.removeprefix(f"{cases[0].suite}:")
        for pair in found.nearest
        if pair.kind != "embedding" or pair.similarity >= NEAR
    }


def documents_of(cases: Iterable[Case]) -> list[Document]:
    """Give what the users of some cases say."""
    return [Document(case.id, text) for case in cases for text in texts_of_case(case)]


def main() -> None:
    """Draw both suites, the one to measure with first, write them, and print what is in them."""
    drills = load_drills()
    shipped = documents_of(load_library())
    shipped += [Document(one.case.id, text) for one in drills for text in texts_of_case(one.case, one)]
    practice, kept_back = read_lines()
    held_out = draw_apart(kept_back, KEPT_BACK, f"{HELD_OUT}-", shipped)
    measured = documents_of(case_of_row(row, HELD_OUT) for row in held_out.values())
    others = [*measured, *shipped]
    first = draw_apart(practice, FIRST, f"{PRACTICE}-", others)
    supply = draw_supply([line for line in practice if line not in first], others)
    situations = make_situations(supply)
    near = find_near([case_of_row(row, PRACTICE) for row in situations], others)
    read = [*first.values(), *(row for row in situations if row["id"] not in near)]
    used = {row["p"] for row in first.values()} | supply.texts
    left, beside = [line for line in practice if line.text not in used], [case_of_row(row, PRACTICE) for row in read]
    more = draw_apart(left, MORE, f"{PRACTICE}-m", others, beside)
    for suite, rows in (
        (HELD_OUT, list(held_out.values())),
        (PRACTICE, [*read, *more.values()]),
    ):
        text = "".join(f"{json.dumps(row, ensure_ascii=False, separators=(',', ':'))}\n" for row in rows)
        write_atomically(CASES / f"{suite.replace('-', '_')}.jsonl", text)
        print(suite, len(rows), "cases,", len({row["family"] for row in rows}), "families")
        for reading in ("harmful", "harmless"):
            print(" ", reading, dict(Counter(row["c"] for row in rows if row["y"] == reading).most_common()))


if __name__ == "__main__":
    main()
