"""How much of a suite is in corpora, by four kinds of overlap, and which pairs are nearest."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from types import MappingProxyType

from demur.contamination.corpus import Document
from demur.contamination.embedding import LEAST_COSINE, Embedder, NearestDocuments, measure_distances
from demur.contamination.overlap import FEWEST_WORDS, Kind, WordingIndex
from demur.drills import Drill
from demur.scorecard.rate import proportion
from demur.types import Case, Estimate, Result

__all__ = [
    "KINDS",
    "Contamination",
    "Corpus",
    "Pair",
    "Shares",
    "distances_between",
    "measure_contamination",
    "texts_of_case",
]

KINDS: Mapping[Kind, str] = {
    "exact": "the same words",
    "ngram": "13 words in a row",
    "minhash": "near duplicates",
    "embedding": "alike by cosine",
}
"""The kinds of overlap in plain words, the surest first."""

_MOST_CHARACTERS = 500
_N_BACKGROUND = 10_000
"""Documents from which it is learnt which words are common."""


@dataclass(frozen=True)
class Corpus:
    """What a suite was compared with."""

    path: str
    """A file or folder, or the name of a bundled suite."""
    n_documents: int
    """Texts in it: fields of rows, messages, lines, paragraphs."""
    n_files_unread: int
    """Files in a folder whose format is not known: nothing is said of them."""


@dataclass(frozen=True)
class Pair:
    """A case, and the document most like it by one kind of overlap."""

    case: str
    """Suite and id, parted by a colon."""
    prompt: str
    """The text of the case that is meant."""
    document: str
    """The first 500 characters."""
    where: str
    """The document's file, line or row, and field."""
    kind: Kind
    similarity: float
    """In [0, 1]: 1 if equal; the share of the prompt's words in the longest run in common; the Jaccard index; or the cosine,
    of the nearest document whether or not it reaches the bound."""


@dataclass(frozen=True)
class Shares:
    """Shares of cases of which some text is found in a corpus; a case of which none can be looked at is unjudged."""

    exact: Estimate
    """The same words, whatever case, punctuation and spacing."""
    ngram: Estimate
    """Thirteen words in a row, or the whole of a text of 8 to 12; shorter ones are unjudged."""
    minhash: Estimate
    """Jaccard index of three-word shingles of .5 or more."""
    embedding: Estimate
    """Cosine of .5 or more."""


@dataclass(frozen=True)
class Contamination(Shares):
    """How much of a suite is in some corpora."""

    suite: str
    n_cases: int
    against: tuple[Corpus, ...]
    nearest: tuple[Pair, ...]
    """Every case's nearest document of each kind that found one, the surest kind first, and the most alike of it."""
    by_category: Mapping[str, Shares] = field(default_factory=dict)
    """For each hazard category."""


def texts_of_case(case: Case, drill: Drill | None = None) -> tuple[str, ...]:
    """Give what the user says in a case, each once; with its drill, also what every move may say."""
    said = [turn.text for turn in case.turns if turn.role == "user"]
    moves = () if drill is None else drill.moves
    said += [text for move in moves for text in (move.refused, move.answered) if text is not None]
    return tuple(dict.fromkeys(said))


def distances_between(results: Sequence[Result], others: Sequence[Result]) -> dict[tuple[str, str], float]:
    """Give the distance of what some results asked to the nearest of what others did, by suite and id: 1 less the cosine."""
    cases, known = (
        {(one.case.suite, one.case.id): "\n".join(texts_of_case(one.case)) for one in side}
        for side in (results, others)
    )
    return dict(zip(cases, measure_distances(list(cases.values()), list(known.values())), strict=True))


@dataclass
class _Best:
    similarity: float
    where: str
    document: str


def measure_contamination(
    suite: str,
    cases: Sequence[Case],
    *,
    read: Callable[[], Iterable[Document]],
    against: Callable[[], tuple[Corpus, ...]],
    drills: Mapping[tuple[str, str], Drill] = MappingProxyType({}),
    background: Sequence[str] = (),
    on_progress: Callable[[int], None] = lambda _: None,
) -> Contamination:
    """Measure how much of a suite is in corpora.

    Args:
        suite: its name.
        cases: what is looked for, at least one.
        read: gives the documents from the first; it is called twice, and they are never all in memory.
        against: what was read; it is called when that is done.
        drills: the scripts of those cases that are drills, by suite and id: what their moves say is looked for too.
        background: texts to learn common words from, beside ten thousand documents drawn from the corpora.
        on_progress: told now and then how many documents were read, those read again counted again.

    Raises:
        DataError: a corpus cannot be read.
    """
    texts = [(case, text) for case in cases for text in texts_of_case(case, drills.get((case.suite, case.id)))]
    said = [text for _, text in texts]
    index = WordingIndex(said)
    best, sample, n_read = _find_wordings(index, read(), on_progress)
    nearest = NearestDocuments(said, Embedder(said, background=dict.fromkeys((*sample, *background))))
    documents = iter(read())
    while batch := list(islice(documents, nearest.batch_size)):
        for text, position in nearest.show([document.text for document in batch]):
            document = batch[position]
            cosine = float(nearest.cosines[text])
            best[text, "embedding"] = _Best(cosine, document.where, document.text[:_MOST_CHARACTERS])
        n_read += len(batch)
        on_progress(n_read)
    looked_at = [_kinds_for(len(words)) for words in index.words]
    findings = _by_case(texts, looked_at, best)
    return Contamination(
        suite=suite,
        n_cases=len(cases),
        against=against(),
        nearest=_pairs(texts, best),
        by_category={name: _shares(members, findings) for name, members in _categories(cases).items()},
        **vars(_shares(cases, findings)),
    )


def _find_wordings(
    index: WordingIndex, documents: Iterable[Document], on_progress: Callable[[int], None]
) -> tuple[dict[tuple[int, Kind], _Best], list[str], int]:
    """Find the best match of each text by wording, and draw a sample of the documents (reservoir, Vitter 1985)."""
    best: dict[tuple[int, Kind], _Best] = {}
    sample: list[str] = []
    random = Random(0)  # noqa: S311 -- a sample, not a secret
    n = 0
    for n, document in enumerate(documents, 1):
        for found in index.find(document.text):
            known = best.get((found.text, found.kind))
            if known is None or known.similarity < found.similarity:
                best[found.text, found.kind] = _Best(found.similarity, document.where, document.text[:_MOST_CHARACTERS])
        if n <= _N_BACKGROUND:
            sample.append(document.text)
        elif (place := random.randrange(n)) < _N_BACKGROUND:
            sample[place] = document.text
        if n % 1000 == 0:
            on_progress(n)
    return best, sample, n


def _kinds_for(n_words: int) -> frozenset[Kind]:
    """Give the kinds by which a text of so many words can be looked at."""
    if not n_words:
        return frozenset()
    return frozenset(kind for kind in KINDS if kind != "ngram" or n_words >= FEWEST_WORDS)


_Findings = Mapping[tuple[str, str], Mapping[Kind, bool]]
"""For each case, by suite and id, whether it was found by each kind it can be looked at by."""


def _by_case(
    texts: Sequence[tuple[Case, str]],
    looked_at: Sequence[frozenset[Kind]],
    best: Mapping[tuple[int, Kind], _Best],
) -> _Findings:
    findings: dict[tuple[str, str], dict[Kind, bool]] = defaultdict(dict)
    for number, ((case, _), kinds) in enumerate(zip(texts, looked_at, strict=True)):
        mine = findings[case.suite, case.id]
        for kind in kinds:
            found = best.get((number, kind))
            is_found = found is not None and (kind != "embedding" or found.similarity >= LEAST_COSINE)
            mine[kind] = mine.get(kind, False) or is_found
    return findings


def _shares(cases: Sequence[Case], findings: _Findings) -> Shares:
    def share(kind: Kind) -> Estimate:
        judged = [
            (found, (case.suite, case.family or case.id))
            for case in cases
            if (found := findings[case.suite, case.id].get(kind)) is not None
        ]
        return proportion(judged, len(cases) - len(judged))

    return Shares(*(share(kind) for kind in KINDS))


def _categories(cases: Sequence[Case]) -> dict[str, list[Case]]:
    categories: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.category is not None:
            categories[case.category].append(case)
    return dict(sorted(categories.items()))


def _pairs(texts: Sequence[tuple[Case, str]], best: Mapping[tuple[int, Kind], _Best]) -> tuple[Pair, ...]:
    of_case: dict[tuple[str, Kind], Pair] = {}
    for (number, kind), found in sorted(best.items()):
        case, prompt = texts[number]
        pair = Pair(f"{case.suite}:{case.id}", prompt, found.document, found.where, kind, found.similarity)
        known = of_case.get((pair.case, kind))
        if known is None or known.similarity < pair.similarity:
            of_case[pair.case, kind] = pair
    return tuple(sorted(of_case.values(), key=lambda pair: (list(KINDS).index(pair.kind), -pair.similarity, pair.case)))
