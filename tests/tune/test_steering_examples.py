"""Examples of tasks are read from lines and tables, and what cannot be used is said in one line."""

import json
import re
from dataclasses import replace

import pytest

from demur.errors import DataError, UsageError
from demur.tune.steering.task_examples import check_examples, encode_examples, load_tasks, parse_tasks

REQUESTS = [f"Translate sentence {number} into French" for number in range(16)]


def write(path, requests=REQUESTS):
    """Write requests, one a line."""
    path.write_text("\n".join(requests) + "\n")
    return path


def write_rows(path, **columns):
    """Write the same as a table, with more columns."""
    path.write_text("\n".join(json.dumps({"prompt": request, **columns}) for request in REQUESTS))
    return path


def test_lines_and_tables_are_the_same_requests(tmp_path):
    """Harmless cases, the suite of each its task; a table may say itself that they are harmless."""
    files = {
        "lines": write(tmp_path / "a.txt"),
        "rows": write_rows(tmp_path / "b.jsonl"),
        "told": write_rows(tmp_path / "c.jsonl", expect="safe"),
    }
    for name, file in files.items():
        cases = load_tasks({name: file})
        assert [case.prompt for case in cases] == REQUESTS
        assert {(case.suite, case.is_harmless) for case in cases} == {(name, True)}
        assert len({case.id for case in cases}) == 16


def test_pairs_name_tasks():
    """The name may hold anything but the first equals sign."""
    files = parse_tasks(["recipes=a=b.txt", "proof reading=c.jsonl"])
    assert {name: str(file) for name, file in files.items()} == {"recipes": "a=b.txt", "proof reading": "c.jsonl"}


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (["recipes.txt"], "task 'recipes.txt': expected NAME=FILE, as in recipes=recipes.txt"),
        (["=a.txt"], "task '=a.txt': expected NAME=FILE"),
        (["a="], "task 'a=': expected NAME=FILE"),
        (["a=b.txt", "a=c.txt"], "task 'a': is given twice, b.txt and c.txt; put its examples into one file"),
    ],
)
def test_what_is_no_pair_is_refused(pairs, said):
    """A name without a file, a file without a name, a name twice."""
    with pytest.raises(UsageError, match=re.escape(said)):
        parse_tasks(pairs)


@pytest.mark.parametrize(
    ("name", "requests", "said"),
    [
        ("a.txt", REQUESTS[:15], "a.txt: found 15 examples of task 'a'; expected 16 or more"),
        ("a.txt", [*REQUESTS[:3], " ", *REQUESTS[3:]], "a.txt:4: the line is empty; expected a request a line"),
        ("a.txt", [*REQUESTS, REQUESTS[3]], "a.txt: line 17: asks what "),
        ("a.md", REQUESTS, "a.md: found suffix '.md'; expected one of .txt, .jsonl"),
        ("a.csv", ["prompt", *REQUESTS[:15], '""'], "a.csv:17: the prompt is empty"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(tmp_path, name, requests, said):
    """Too few, nothing, the same again, another sort of file; the place is named."""
    with pytest.raises(DataError, match=re.escape(said)):
        load_tasks({"a": write(tmp_path / name, requests)})


def test_a_file_that_is_not_there_is_named(tmp_path):
    """By its path."""
    with pytest.raises(DataError, match=r"gone.txt: cannot be read: No such file"):
        load_tasks({"a": tmp_path / "gone.txt"})


def test_an_example_belongs_to_one_task(tmp_path):
    """The same request in two files tells neither task from the other."""
    files = {"a": write(tmp_path / "a.txt"), "b": write(tmp_path / "b.txt", [*REQUESTS[1:], "Something else"])}
    with pytest.raises(DataError, match=r"b.txt: line 1: asks what .*a.txt: line 2 asks"):
        load_tasks(files)


def test_no_task_is_made_of_harm(tmp_path):
    """Neither where the table says so, nor where the run does."""
    with pytest.raises(DataError, match=r"is to be answered with 'refuse'; expected harmless requests"):
        load_tasks({"a": write_rows(tmp_path / "a.jsonl", expect="harmful")})
    examples = load_tasks({"a": write(tmp_path / "a.txt")})
    check_examples(examples, [replace(one, suite="s") for one in examples])
    with pytest.raises(DataError, match=r"a.txt: line 3: is the harmful request s:line 3 of the run"):
        check_examples(examples, [replace(examples[2], suite="s", expect="refuse", kind="safety")])


@pytest.mark.slow
def test_a_prompt_beyond_the_context_is_named(tmp_path):
    """With its line, and what the model takes."""
    from planted import plant

    examples = load_tasks({"a": write(tmp_path / "a.txt", [*REQUESTS[:15], "word " * 70])})
    with pytest.raises(DataError, match=r"a.txt: line 16: found a prompt of 75 tokens; expected fewer than 64"):
        encode_examples(plant().network, examples)
