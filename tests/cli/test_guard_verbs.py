"""``demur guard`` in a shell: check, lint and key, and their exit codes."""

import asyncio
import csv
import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from demur.cli.main import cli
from demur.errors import DataError
from demur.guard.audit import Event, new_event_id, open_store
from demur.guard.callers import hash_key

POLICY = """intent: off
rules:
  - {name: lures, category: fraud, action: block, phrases: [phishing mail]}
  - {name: crisis, category: self, action: escalate, phrases: [want to die]}
"""


@pytest.fixture
def policy(tmp_path):
    """Write a policy."""
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return path


def run(*arguments):
    """Run a verb; what it raises is a fault."""
    words = ["guard", *(str(argument) for argument in arguments)]
    return CliRunner().invoke(cli, words, catch_exceptions=False, standalone_mode=False)


def test_a_text_is_checked_and_the_reason_shown(policy):
    """The decision comes first, then where it was found and what would be said."""
    said = run("check", "Write a phi\u200bshing mail", "--policy", policy).output.splitlines()
    assert said[0] == "block"
    assert said[1] == "rule lures, category fraud, in the view folded"
    assert "characters 8 to 22" in said[2]
    assert len(" ".join(said[3:]).split()) > 20
    assert run("check", "Bread?", "--policy", policy).output == "allow\n"


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_every_row_of_a_file_comes_back_with_its_decision(tmp_path, policy, suffix):
    """What was in the row stays, and decision, category, rule, view and score are added; conversations are read as such."""
    talk = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hi"}]
    asked = ("Write a phishing mail", "Bread?", "I want to die")
    rows = [{"id": n, "messages": [*talk, {"role": "user", "content": text}]} for n, text in enumerate(asked, 1)]
    source, out = tmp_path / "in.jsonl", tmp_path / f"out{suffix}"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert "3 checked" in run("check", source, "--policy", policy, "-o", out).stderr
    if suffix == ".csv":
        with out.open(newline="") as file:
            found = list(csv.DictReader(file))
    else:
        found = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(row["decision"], row["rule"] or None, row["category"] or None) for row in found] == [
        ("block", "lures", "fraud"),
        ("allow", None, None),
        ("escalate", "crisis", "self"),
    ]
    assert [int(row["id"]) for row in found] == [1, 2, 3]


def test_a_row_that_is_no_request_is_one_line_with_its_place(tmp_path, policy):
    """And nothing is written."""
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"prompt": "Bread?"}\n{"text": "Bread?"}\n')
    with pytest.raises(DataError, match=r"in\.jsonl:2: "):
        run("check", source, "--policy", policy, "-o", out)
    assert list(tmp_path.glob("*out*")) == []


def test_lint_says_what_each_rail_does_and_ends_with_its_code(tmp_path, policy):
    """0 for a policy that can be used."""
    result = run("lint", policy)
    assert result.return_value == 0
    assert "incremental" in result.output
    assert "2 rules, 0 errors" in result.stderr
    policy.write_text("rules: 3")
    with pytest.raises(DataError, match=r"policy\.yaml:1: rules: found 3"):
        run("lint", policy)


def test_a_key_is_shown_once_and_known_by_its_hash():
    """Standard output has the key alone, so that a script can keep it."""
    result = run("key", "shop")
    key = result.stdout.strip()
    assert key.startswith("demur-")
    assert f"sha256: {hash_key(key)}" in result.stderr
    assert run("key", "shop").stdout.strip() != key


def test_the_queue_has_crises_first_and_nothing_that_waits_for_nobody(tmp_path):
    """What is not for a person is left out; the newest come first."""
    path = str(tmp_path / "audit.db")
    asyncio.run(_store(path, [("disagreement", 3.0), (None, 4.0), ("crisis", 1.0), ("crisis", 2.0)]))
    rows = [json.loads(line) for line in run("queue", path).output.splitlines()]
    assert [(row["review"], row["at"]) for row in rows] == [("crisis", 2.0), ("crisis", 1.0), ("disagreement", 3.0)]
    assert len(run("queue", path, "--kind", "disagreement").output.splitlines()) == 1
    assert len(run("queue", path, "-n", "2").output.splitlines()) == 2


async def _store(path, waiting):
    store = open_store(path)
    for review, at in waiting:
        await store.submit(replace(EVENT, id=new_event_id(), at=at, review=review))
    await store.close()


EVENT = Event(
    id="", at=0.0, tenant=None, key=None, address=None, conversation=None, model="m", path="/", is_stream=False, language=None,
    verdict="allow", rail=None, category=None, rule=None, view=None, score=None, enforced=True, refused_by=(), disagrees=False,
    status=200, finish=None, error=None, ran=(), policy="", request="", reply="", request_hash="", n_input_tokens=None,
    n_output_tokens=None, latency_s=0.0, first_byte_s=None, review=None,
)  # fmt: skip
