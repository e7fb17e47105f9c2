"""Claims about loading one's own data."""

import io
import json
import sys
import types

import pytest

from demur.cases import ColumnMapping, load_custom, parse_mapping
from demur.errors import DataError, UsageError
from demur.types import Turn


def write_jsonl(path, *rows):
    """Write rows as JSON Lines and give the path back."""
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return path


def load_one(tmp_path, values, mapping=None):
    """Load the one case of a table of one row."""
    (case,) = load_custom(write_jsonl(tmp_path / "d.jsonl", values), mapping)
    return case


def test_all_columns_by_default_names(tmp_path):
    """A table that uses the default names needs no mapping."""
    values = {
        "id": 7, "prompt": "x", "expect": "refuse", "kind": "scope", "category": "own", "pattern": "dual-use",
        "boundary": "b", "locale": "pt_BR", "system": "s", "family": "f", "unused": [1],
    }  # fmt: skip
    case = load_one(tmp_path, values)
    assert (case.id, case.expect, case.kind, case.category) == ("7", "refuse", "scope", "own")
    assert (case.pattern, case.boundary, case.locale, case.family) == ("dual-use", "b", "pt-BR", "f")
    assert case.turns == (Turn("system", "s"), Turn("user", "x"))
    assert (case.suite, case.source) == ("custom", str(tmp_path / "d.jsonl"))


@pytest.mark.parametrize(
    ("label", "expect"),
    [
        ("safe", "comply"), ("Benign", "comply"), (0, "comply"), (0.0, "comply"), (False, "comply"), ("0", "comply"),
        ("unsafe", "refuse"), (" HARMFUL ", "refuse"), (1, "refuse"), (1.0, "refuse"), (True, "refuse"), ("1", "refuse"),
        ("clarify", "clarify"), ("ambiguous", "clarify"),
    ],
)  # fmt: skip
def test_labels(tmp_path, label, expect):
    """Common labels, numbers and booleans are understood in any case of letters; a refusal is for safety by default."""
    case = load_one(tmp_path, {"prompt": "x", "expect": label})
    assert case.expect == expect
    assert case.kind == ("safety" if expect == "refuse" else None)


@pytest.mark.parametrize("label", ["maybe", "", None, 2, 0.5, "yes"])
def test_unknown_labels(tmp_path, label):
    """A label that is not known is an error that lists those that are, never a guess."""
    with pytest.raises(DataError, match=r"d\.jsonl:1: expect: found .*; expected one of comply, answer"):
        load_one(tmp_path, {"prompt": "x", "expect": label})


def test_mapping_from_the_command_line(tmp_path):
    """Pairs of part and column rename columns; a value of expect that is no column holds for the whole table."""
    mapping = parse_mapping(["prompt=question", "expect=label", "id=a=b"])
    assert mapping == ColumnMapping(prompt="question", expect="label", id="a=b")
    case = load_one(tmp_path, {"question": "x", "label": "safe", "a=b": "k"}, mapping)
    assert (case.id, case.prompt, case.expect) == ("k", "x", "comply")
    assert load_one(tmp_path, {"prompt": "x"}, parse_mapping(["expect=refuse"])).expect == "refuse"
    column = load_one(tmp_path, {"prompt": "x", "refuse": 0}, parse_mapping(["expect=refuse"]))
    assert column.expect == "comply"


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["prompt"], "expected part=column"),
        (["prompt="], "expected part=column"),
        (["promt=x"], "no part 'promt'; expected one of prompt, messages, expect"),
        (["id=x", "id=y"], "'id' is mapped to 'x' already"),
    ],
)
def test_wrong_mappings(pairs, message):
    """A pair that is none, names no part or comes twice is a usage error."""
    with pytest.raises(UsageError, match=message):
        parse_mapping(pairs)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "no column 'expect' for expect; found text, label; .*expect=comply or expect=refuse"),
        (["expect=label", "prompt=txt"], "no column 'txt' for prompt; found text, label"),
        (["expect=label", "prompt=text", "locale=lang"], "no column 'lang' for locale; found text, label"),
        (["expect=labels", "prompt=text"], "no column 'labels' for expect; found text, label"),
        (["expect=label"], "no column 'prompt' or 'messages'; found 'text', 'label'"),
    ],
)
def test_missing_columns_list_those_found(tmp_path, pairs, message):
    """A column that is asked for and missing is an error that lists the columns there are."""
    with pytest.raises(DataError, match=message):
        load_one(tmp_path, {"text": "x", "label": "safe"}, parse_mapping(pairs))


def test_ids_are_made(tmp_path):
    """Rows without ids get them from their number and text, so equal prompts stay apart and a rerun agrees."""
    path = tmp_path / "d.csv"
    path.write_text("prompt,expect\nsame,0\nsame,0\nother,1\n")
    ids = [case.id for case in load_custom(path)]
    assert ids == [case.id for case in load_custom(str(path))]
    assert [made.split("-")[0] for made in ids] == ["1", "2", "3"]
    assert ids[0].split("-")[1] == ids[1].split("-")[1] != ids[2].split("-")[1]


MESSAGES = [{"role": "developer", "content": "s"}, {"role": "user", "content": [{"type": "text", "text": "q"}]}]


@pytest.mark.parametrize("values", [{"messages": MESSAGES}, {"messages": json.dumps(MESSAGES)}, {"prompt": MESSAGES}])
def test_conversations(tmp_path, values):
    """Messages may be a list or its JSON, in either column, with content as text or as text parts."""
    case = load_one(tmp_path, {**values, "expect": 0})
    assert case.turns == (Turn("system", "s"), Turn("user", "q"))


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([], "found list; expected a list of messages, not empty"),
        ("hello", "not JSON"),
        ([{"role": "bot", "content": "x"}], r"messages\[0\]: found 'bot'"),
        (["x"], r"messages\[0\]: found 'x'"),
        ([{"role": "user", "content": [{"type": "image_url"}]}], "found list as content"),
        ([{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}], "last message is the assistant's"),
        ([{"role": "user", "content": "x"}, {"role": "system", "content": "y"}, {"role": "user", "content": "z"}], "stands in the middle"),
    ],
)  # fmt: skip
def test_broken_conversations(tmp_path, messages, message):
    """A conversation that cannot be asked is an error that names the place in it."""
    with pytest.raises(DataError, match=message):
        load_one(tmp_path, {"messages": messages, "expect": 0})


def test_two_system_prompts(tmp_path):
    """A system prompt in its column and another in the conversation contradict each other."""
    with pytest.raises(DataError, match="has a system message already"):
        load_one(tmp_path, {"messages": MESSAGES, "system": "other", "expect": 0})


def test_kinds(tmp_path):
    """A kind belongs to a refusal and must be one of the four."""
    with pytest.raises(DataError, match="kind: found 'scope' where comply is expected"):
        load_one(tmp_path, {"prompt": "x", "expect": 0, "kind": "scope"})
    with pytest.raises(DataError, match="kind: found 'taste'; expected one of safety"):
        load_one(tmp_path, {"prompt": "x", "expect": 1, "kind": "taste"})


def test_twins_make_families_and_are_checked(tmp_path):
    """Twins are checked both ways and form a family where none is given."""
    good, bad = {"id": "g", "prompt": "x", "expect": 0, "twin": "b"}, {"id": "b", "prompt": "y", "expect": 1}
    cases = load_custom(write_jsonl(tmp_path / "d.jsonl", good, {**bad, "twin": "g"}))
    assert {case.family for case in cases} == {"b"}
    with pytest.raises(DataError, match=r"d\.jsonl:1: twin: 'b' names no twin"):
        load_custom(write_jsonl(tmp_path / "d.jsonl", good, bad))


def test_integrity_is_checked(tmp_path):
    """Empty prompts, half surrogate pairs and empty tables are found, with their lines."""
    with pytest.raises(DataError, match=r"d\.jsonl:2: the prompt is empty"):
        load_custom(write_jsonl(tmp_path / "d.jsonl", {"prompt": "x", "expect": 0}, {"prompt": " ", "expect": 0}))
    with pytest.raises(DataError, match=r"d\.jsonl:1: a text holds half"):
        load_one(tmp_path, {"prompt": "\ud83d", "expect": 0})
    (tmp_path / "e.csv").write_text("prompt,expect\n")
    with pytest.raises(DataError, match=r"e\.csv holds no case"):
        load_custom(tmp_path / "e.csv")


def test_standard_input_and_hub(monkeypatch):
    """A dash reads JSON Lines from standard input; a hub address reads the hub."""
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(b'{"prompt": "x", "expect": 1}\n')))
    (case,) = load_custom("-")
    assert (case.prompt, case.source) == ("x", "-")
    rows = [{"prompt": "y", "expect": "safe"}]
    monkeypatch.setitem(sys.modules, "datasets", types.SimpleNamespace(load_dataset=lambda *_, **__: rows))
    (case,) = load_custom("hub:own/set@train")
    assert (case.prompt, case.source) == ("y", "hub:own/set@train")
