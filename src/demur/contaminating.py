"""A suite and corpora opened, compared, and what was found written down."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from demur.cases import ColumnMapping, load_library
from demur.contamination import (
    Contamination,
    Corpus,
    Document,
    list_files,
    measure_contamination,
    read_documents,
    texts_of_case,
)
from demur.errors import DataError, UsageError
from demur.output import write_file
from demur.plan import BUNDLED_SUITES, Plan, plan_cases
from demur.records import SCHEMA_VERSION, to_plain

__all__ = ["compare_with_corpora", "find_in_corpora", "write_contamination"]


def compare_with_corpora(
    suite: str,
    against: Sequence[str | Path],
    *,
    data: Path | None = None,
    mapping: ColumnMapping | None = None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Contamination:
    """Measure how much of a suite is in corpora.

    Args:
        suite: as `demur.plan.plan_cases` takes it.
        against: files and folders, or bundled suites by name; a file or folder of that name goes first.
        data: file or folder of a suite that is not bundled.
        mapping: which column is which, of custom data.
        on_progress: told now and then how many documents were read; each is read twice.

    Raises:
        UsageError: no corpus is named, one is named twice, or the suite is unknown.
        DataError: the suite or a corpus cannot be read, or there is no text in the corpora.
    """
    return find_in_corpora(suite, plan_cases(suite, data=data, mapping=mapping), against, on_progress=on_progress)


def find_in_corpora(
    suite: str, plan: Plan, against: Sequence[str | Path], *, on_progress: Callable[[int], None] = lambda _: None
) -> Contamination:
    """Measure how much of what a plan asks is in corpora.

    Args:
        suite: what to call it.
        plan: its cases are looked for, and what the moves of its drills say.
        against: as in `compare_with_corpora`.
        on_progress: likewise.

    Raises:
        UsageError: no corpus is named, or one is named twice. DataError: a corpus cannot be read, or there is no text in them.
    """
    paths = [str(path) for path in against]
    if not paths or len(set(paths)) < len(paths):
        raise UsageError(f"against: found {', '.join(paths) or 'none'}; expected one or more corpora, each named once")
    sources = [_Source(path) for path in paths]

    def read() -> Iterator[Document]:
        for source in sources:
            yield from source.read()
        if not any(source.n_documents for source in sources):
            raise DataError(f"{', '.join(paths)}: no text in it; expected documents to compare the suite with")

    return measure_contamination(
        suite,
        plan.cases,
        read=read,
        against=lambda: tuple(Corpus(one.path, one.n_documents, one.n_files_unread) for one in sources),
        drills=plan.scripts,
        background=[case.prompt for case in load_library()],
        on_progress=on_progress,
    )


def write_contamination(found: Contamination, path: Path) -> None:
    """Write what was found as JSON.

    Raises:
        UsageError: there is a folder of that name, or the file is one that a run is made of.
        IncompleteError: it cannot be written there.
    """
    plain = {"schema_version": SCHEMA_VERSION, **to_plain(found)}
    write_file(path, json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


class _Source:
    """A corpus that can be read from its beginning several times."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.n_documents = 0
        """In it, once it was read to its end."""
        self._is_suite = not Path(path).exists() and path.lower() in BUNDLED_SUITES
        self._files, self.n_files_unread = ([], 0) if self._is_suite else list_files(Path(path))

    def read(self) -> Iterator[Document]:
        n = 0
        for document in self._documents():
            n += 1
            yield document
        self.n_documents = n

    def _documents(self) -> Iterator[Document]:
        if not self._is_suite:
            yield from read_documents(self._files)
            return
        plan = plan_cases(self.path.lower())
        for case in plan.cases:
            for text in texts_of_case(case, plan.scripts.get((case.suite, case.id))):
                yield Document(f"{case.suite}:{case.id}", text)
