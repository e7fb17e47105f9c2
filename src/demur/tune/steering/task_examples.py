"""Examples of the harmless tasks that an operator approves of: a file a task, a request a line or a row."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from demur.cases import ColumnMapping, load_custom, read_rows
from demur.cases.tabular import FORMATS
from demur.errors import DataError, UsageError
from demur.explain.inside.labels import FEWEST
from demur.explain.inside.network import Network
from demur.explain.inside.prompt import Prompt
from demur.explain.inside.states import States
from demur.records import read_text
from demur.types import Case, Turn

__all__ = ["Examples", "check_examples", "encode_examples", "load_tasks", "parse_tasks"]

_FEWEST_EXAMPLES = 2 * FEWEST


class Examples(NamedTuple):
    """Requests of approved tasks, as they were read from the model; the suite of each is its task."""

    prompts: tuple[Prompt, ...]
    states: States

    @property
    def tasks(self) -> tuple[str, ...]:
        """The name of each task, in the order given."""
        return tuple(dict.fromkeys(prompt.case.suite for prompt in self.prompts))


def parse_tasks(pairs: Sequence[str]) -> dict[str, Path]:
    """Read pairs such as ``recipes=recipes.txt``: the name of a task, then the file of its examples.

    Raises:
        UsageError: a pair is none, or a name is given twice.
    """
    files: dict[str, Path] = {}
    for pair in pairs:
        name, _, file = pair.partition("=")
        if not name.strip() or not file:
            raise UsageError(f"task '{pair}': expected NAME=FILE, as in recipes=recipes.txt")
        if name in files:
            raise UsageError(f"task '{name}': is given twice, {files[name]} and {file}; put its examples into one file")
        files[name] = Path(file)
    return files


def load_tasks(files: Mapping[str, str | Path]) -> tuple[Case, ...]:
    """Load the examples of tasks.

    Args:
        files: by the task's name: a ``.txt`` file with a request a line, or a table as for `load_custom`; what has no column ``expect`` is
            harmless.

    Returns:
        Cases, the suite of each its task.

    Raises:
        DataError: a file cannot be read, a request is empty, harmful or there twice, or a task has fewer than 16.
    """
    cases = tuple(case for name, file in files.items() for case in _load(name, Path(file)))
    for turns, n in Counter(case.turns for case in cases).items():
        if n > 1:
            first, second = (f"{case.source}: {case.id}" for case in islice(_asking(cases, turns), 2))
            raise DataError(f"{second}: asks what {first} asks; expected every example once, and in one task")
    return cases


def check_examples(examples: Sequence[Case], asked: Iterable[Case]) -> None:
    """Raise DataError if what is called harmless was asked as harmful."""
    harmful = {case.turns: case for case in asked if case.is_harmful}
    for example in examples:
        if (case := harmful.get(example.turns)) is not None:
            raise DataError(
                f"{example.source}: {example.id}: is the harmful request {case.suite}:{case.id} of the run; expected examples of a harmless task"
            )


def encode_examples(network: Network, examples: Iterable[Case]) -> tuple[Prompt, ...]:
    """Write examples as the model reads them.

    Raises:
        DataError: one does not fit the model's context, or the template does not take it.
    """
    return tuple(Prompt(case, None, network.encode(case.turns, of=f"{case.source}: {case.id}")) for case in examples)


def _load(name: str, file: Path) -> list[Case]:
    suffix = file.suffix.lower()
    if suffix not in (".txt", *FORMATS):
        raise DataError(f"{file}: found suffix '{file.suffix}'; expected one of {', '.join(('.txt', *FORMATS))}")
    cases = [replace(case, suite=name) for case in (_read_lines(file) if suffix == ".txt" else _read_table(file))]
    if len(cases) < _FEWEST_EXAMPLES:
        raise DataError(f"{file}: found {len(cases)} examples of task '{name}'; expected {_FEWEST_EXAMPLES} or more")
    return cases


def _read_lines(file: Path) -> Iterator[Case]:
    for number, line in enumerate(read_text(file).rstrip().split("\n"), 1):
        if not line.strip():
            raise DataError(f"{file}:{number}: the line is empty; expected a request a line")
        yield Case(f"line {number}", (Turn("user", line.strip()),), "comply", source=str(file))


def _read_table(file: Path) -> Iterator[Case]:
    says = any("expect" in row.values for row in islice(read_rows(file), 1))
    for case in load_custom(file, ColumnMapping() if says else ColumnMapping(expect="comply")):
        if not case.is_harmless:
            raise DataError(f"{file}: {case.id}: is to be answered with '{case.expect}'; expected harmless requests")
        yield case


def _asking(cases: Iterable[Case], turns: tuple[Turn, ...]) -> Iterator[Case]:
    return (case for case in cases if case.turns == turns)
