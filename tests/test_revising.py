"""Pairs by a constitution: a model at the other end of a socket that reviews and rewrites, well and badly."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from importlib import resources

import pytest
from endpoints import Answer, Endpoint
from faulty_runs import ANSWER, GARBAGE, GRACEFUL, REFUSAL, SERMON, case, reply, write_run
from filled_form import code_of, newspaper

from demur.cli.main import cli
from demur.engine.settings import EngineSettings
from demur.errors import DataError, IncompleteError, UsageError
from demur.findings import judge_info
from demur.revising import TRIES, revise_run
from demur.tune.constitution import read_constitution
from demur.tune.pair import read_pairs

MODEL = "openai-api/fake/x"
IMPATIENT = EngineSettings(connections=4, timeout_s=5, retries=0, give_up_after=4)
SIDES = {principle.text: principle.side for principle in read_constitution().principles}

slow = pytest.mark.slow


def part(request):
    """Tell which of the three questions a request puts."""
    if "reporters" in request["messages"][0]["content"]:
        return "newspaper"
    return "revision" if "<reply>" in request["messages"][-1]["content"] else "critique"


def asked_about(request):
    """Name the case that a request is about."""
    return re.search(r"Question (\w+)", str(request["messages"]))[1]


def tried(request):
    """Number the principle that is tried, from 1, by its text."""
    return next(text for text in SIDES if text in str([message["content"] for message in request["messages"]]))


def marked(text):
    """Put a reply between the marks."""
    return Answer(f"<reply>{text}</reply>")


def careful(request, _=0):
    """Review and rewrite as a careful model does: what answered is declined, what declined is answered, by the case's name."""
    match part(request):
        case "newspaper":
            return Answer(json.dumps(newspaper(code_of(request["messages"][-1]["content"]), paternalism="no")))
        case "critique":
            return Answer("It did the wrong thing, and nobody is better off for it.")
        case _:
            return marked(GRACEFUL if asked_about(request).startswith("harm") else ANSWER)


def write_faulty(tmp_path, **more):
    """Write a run with a reply of each fault, and with right ones."""
    results = [
        reply(case("harm1", "refuse", category="ncr", family="f"), "Sure, here is how: take it and type in the code 4711."),
        reply(case("harm2", "refuse"), SERMON),
        reply(case("harm3", "refuse"), GRACEFUL),
        reply(case("help1", pattern="surface-keyword"), REFUSAL),
        reply(case("help2"), ANSWER),
    ]  # fmt: skip
    return write_run(tmp_path / "run", results, **more)


def revise(tmp_path, **more):
    """Have the run revised."""
    return revise_run(tmp_path / "run", MODEL, tmp_path / "pairs.jsonl", settings=IMPATIENT, **more)


def read_record(tmp_path):
    """Read what the principles did."""
    return json.loads((tmp_path / "pairs.jsonl.principles.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def revised(tmp_path_factory):
    """Have a run revised by a careful model: the folder, the endpoint, and what came of it."""
    folder, running = tmp_path_factory.mktemp("revised"), Endpoint()
    running.answer = careful
    write_faulty(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAKE_BASE_URL", running.url)
        patch.setenv("FAKE_API_KEY", "test")
        yield folder, running, revise(folder)
    running.close()


@slow
def test_faulty_replies_of_both_sides_become_pairs(revised):
    """Each faulty reply is reviewed, rewritten and put to the reporters once; the pairs hold the revisions and no harm."""
    folder, endpoint, found = revised
    assert (found.n_replies, found.n_pairs, found.n_lost) == (3, 3, 0)
    assert sorted(map(part, endpoint.requests)) == ["critique"] * 3 + ["newspaper"] * 3 + ["revision"] * 3
    pairs = {pair.source: pair for pair in read_pairs(folder / "pairs.jsonl")}
    assert {name: pair.fault for name, pair in pairs.items()} == {
        "made:harm1": "missed harm",
        "made:harm2": "ugly refusal",
        "made:help1": "wrong refusal",
    }
    assert pairs["made:help1"].principle == "words"
    assert pairs["made:harm2"].principle == "no-sermon"
    assert (pairs["made:help1"].chosen, pairs["made:harm1"].chosen) == (ANSWER, GRACEFUL)
    assert "4711" not in (folder / "pairs.jsonl").read_text("utf-8")
    assert all(found.mended[fault].value == 1 for fault in ("missed harm", "wrong refusal", "ugly refusal"))


@slow
def test_the_model_is_told_the_principle_and_not_the_truth(revised):
    """A review is asked in the conversation itself, under a principle of the side of the fault, and no bookkeeping is sent."""
    for request in revised[1].requests:
        assert not re.search(r"demur|made:|expect|missed harm|wrong refusal", json.dumps(request))
        if part(request) != "newspaper":
            roles = [message["role"] for message in request["messages"]]
            assert roles == ["user", "assistant", "user", "assistant", "user"][: len(roles)]
            if asked_about(request) in ("harm1", "help1"):
                assert SIDES[tried(request)] == ("harm" if asked_about(request) == "harm1" else "helpfulness")


@slow
def test_what_was_answered_once_is_not_asked_again(revised, tmp_path):
    """The same command again asks nothing and writes the same; another constitution asks only what is new."""
    folder, endpoint, first = revised
    written, n_requests = (folder / "pairs.jsonl").read_bytes(), len(endpoint.requests)
    assert revise(folder) == first
    assert len(endpoint.requests) == n_requests
    assert (folder / "pairs.jsonl").read_bytes() == written
    mine = tmp_path / "mine.toml"
    bundled = resources.files("demur.tune").joinpath("constitution.toml").read_text(encoding="utf-8")
    mine.write_text(bundled.replace("Words are not acts", "Words are not deeds"), encoding="utf-8")
    revise(folder, constitution=mine)
    assert {asked_about(request) for request in endpoint.requests[n_requests:]} == {"help1"}
    assert read_record(folder)["constitution"] == str(mine)


@slow
def test_another_principle_is_tried_until_one_moves_the_reply(endpoint, tmp_path):
    """A principle whose revision is no better has moved nothing; the next one's is right, and the pair is its own."""
    endpoint.answer = lambda request, n: (
        marked(REFUSAL)
        if part(request) == "revision" and tried(request).startswith("Words are")
        else careful(request, n)
    )
    write_run(tmp_path / "run", [reply(case("help1", pattern="surface-keyword"), REFUSAL)])
    found = revise(tmp_path)
    moved = {each.id: each.moved for each in found.principles if each.moved.n}
    assert moved.pop("words").value == 0
    ((second, estimate),) = moved.items()
    assert (estimate.value, estimate.n) == (1, 1)
    assert [pair.principle for pair in read_pairs(tmp_path / "pairs.jsonl")] == [second]
    assert [row["is_right"] for row in read_record(tmp_path)["revisions"]] == [False, True]


@slow
def test_every_bad_revision_is_counted_and_makes_no_pair(endpoint, tmp_path, capsys):
    """Empty, garbled, refused, cut off, without marks or no better: nothing is moved, no pair is written, and it ends with 3."""
    bad = {
        "helpempty": Answer(""),
        "helpgarbled": marked(GARBAGE),
        "helprefused": Answer("I'm sorry, I can't rewrite that."),
        "helpcut": Answer("<reply>Sure, step one</reply>", finish_reason="length"),
        "helpsame": marked(REFUSAL),
        "helpfiltered": Answer("", finish_reason="content_filter"),
        "helpmute": marked(ANSWER),
    }

    def answer(request, n):
        name = asked_about(request)
        if name == "helpmute" and part(request) == "critique":
            return Answer("")
        return bad[name] if part(request) == "revision" else careful(request, n)

    endpoint.answer = answer
    write_run(tmp_path / "run", [reply(case(name), REFUSAL) for name in bad])
    assert run_verb(tmp_path) == 3
    rows = read_record(tmp_path)["revisions"]
    assert len(rows) == len(bad) * TRIES
    assert {row["is_right"] for row in rows} == {False}
    outcomes = {row["reply"].removeprefix("made:help"): row["outcome"] or row["note"] for row in rows}
    unmarked = "no reply stands between the marks"
    assert outcomes == {
        "empty": unmarked, "garbled": "garbled", "refused": unmarked, "cut": unmarked, "same": "refuse", "filtered": unmarked,
        "mute": "the critique is empty",
    }  # fmt: skip
    assert not (tmp_path / "pairs.jsonl").exists()
    said = capsys.readouterr()
    assert "no pair: no revision was found right" in said.err
    assert re.search(r"wrong refusal +0% +\[ +0%, +\d+%\] +7", said.out)
    assert "missed harm" in said.out
    assert not [request for request in endpoint.requests if part(request) == "newspaper"]


@slow
def test_a_dropped_connection_loses_one_revision_and_is_asked_again(endpoint, tmp_path, capsys):
    """What got no answer is unjudged and said, the command ends with 3, and the same command asks for nothing else."""

    def answer(request, n):
        if asked_about(request) == "help1":
            raise ConnectionAbortedError
        return careful(request, n)

    endpoint.answer = answer
    write_faulty(tmp_path)
    assert run_verb(tmp_path) == 3
    err = capsys.readouterr().err
    assert "demur: incomplete: 3 revisions could not be had: " in err
    assert len(read_pairs(tmp_path / "pairs.jsonl")) == 2
    record = read_record(tmp_path)
    assert record["mended"]["wrong refusal"]["n_unjudged"] == 1
    assert record["mended"]["wrong refusal"]["value"] is None
    endpoint.requests.clear()
    endpoint.answer = careful
    assert run_verb(tmp_path) == 0
    assert {asked_about(request) for request in endpoint.requests} == {"help1"}
    assert len(read_pairs(tmp_path / "pairs.jsonl")) == 3


@slow
def test_an_endpoint_that_gives_out_ends_it_with_one_line_and_nothing_written(endpoint, tmp_path):
    """Nothing is written of half a work; when the endpoint is back, the same command ends as if nothing had happened."""
    endpoint.answer = lambda request, n: (
        Answer(status=500, error={"message": "oops"}) if part(request) == "revision" else careful(request, n)
    )
    write_run(tmp_path / "run", [reply(case(f"help{n}"), REFUSAL) for n in range(6)])
    with pytest.raises(IncompleteError, match=r"500: oops .*kept in .*pairs\.jsonl\.work: the same command goes on"):
        revise(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs.jsonl.work", "run"]
    endpoint.requests.clear()
    endpoint.answer = careful
    assert revise(tmp_path).n_pairs == 6
    assert sorted(map(part, endpoint.requests)) == ["newspaper"] * 6 + ["revision"] * 6


@slow
def test_either_reporter_keeps_a_revision_out(endpoint, tmp_path):
    """A right revision to which a reporter objects makes no pair, another principle is tried, and who objected is counted."""

    def answer(request, n):
        if part(request) == "newspaper":
            code, name = code_of(request["messages"][-1]["content"]), asked_about(request)
            harm, paternalism = ("yes" if name == who else "no" for who in ("help1", "harm2"))
            form = json.dumps(newspaper(code, harm=harm, paternalism=paternalism))
            return Answer("I would rather not say." if name == "harm1" else form)
        return careful(request, n)

    endpoint.answer = answer
    write_faulty(tmp_path)
    found = revise(tmp_path)
    assert [pair.source for pair in read_pairs(tmp_path / "pairs.jsonl")] == ["made:harm1"]
    objected = {name: sum(each.objected_to[name] for each in found.principles) for name in ("harm", "paternalism")}
    assert objected == {"harm": TRIES, "paternalism": TRIES}
    assert sum(each.n_unheard for each in found.principles) == 1
    assert found.mended["wrong refusal"].value == 1


@slow
def test_a_killed_process_is_gone_on_with(endpoint, tmp_path):
    """After ``kill -9`` in the middle of the reviews the same command repeats only what was in flight."""
    n, connections = 24, 2
    endpoint.answer = lambda request, number: replace(careful(request, number), delay_s=0.1)
    write_run(tmp_path / "run", [reply(case(f"help{number}"), REFUSAL) for number in range(n)])
    code = "from demur.cli.tune_constitution import constitution; constitution()"
    command = ["run", "--model", MODEL, "-o", "pairs.jsonl", "--connections", str(connections)]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *command], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    results = tmp_path / "pairs.jsonl.work" / "critique-1-1" / "results.jsonl"
    deadline = time.monotonic() + 120
    while not (results.exists() and results.read_bytes().count(b"\n") >= n // 3):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(1)  # for the process that asks to notice that its parent is gone
    assert revise(tmp_path).n_pairs == n
    critiques = [request for request in endpoint.requests if part(request) == "critique"]
    assert n <= len(critiques) <= n + connections


@slow
def test_a_model_that_is_none_leaves_nothing_behind(tmp_path):
    """No such model: a usage error, and neither a file nor a folder."""
    write_faulty(tmp_path)
    with pytest.raises(UsageError, match="nobody"):
        revise_run(tmp_path / "run", "nobody/x", tmp_path / "pairs.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("pairs.csv", "pairs.csv: found suffix '.csv'; expected one of .jsonl"),
        ("run/pairs.jsonl", "lies in the folder of a run; choose another -o"),
        ("folder.jsonl", "is a folder; expected the name of a file"),
    ],
)
def test_a_place_where_pairs_cannot_be_is_said_before_anything_is_asked(tmp_path, out, message):
    """The output is checked first: what it costs to ask is not to be lost on its name."""
    write_faulty(tmp_path)
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(UsageError, match=re.escape(message)):
        revise_run(tmp_path / "run", "nobody/x", tmp_path / out)


def test_a_run_without_a_fault_is_said(tmp_path):
    """There is nothing to revise: one line, exit 2."""
    write_run(tmp_path / "run", [reply(case("help1"), ANSWER), reply(case("harm1", "refuse"), GRACEFUL)])
    with pytest.raises(DataError, match="has no faulty reply; expected missed harm, wrong or ugly refusals"):
        revise(tmp_path)


def test_faults_without_a_principle_are_said(tmp_path):
    """A constitution that is silent on the only fault there is cannot be used on the run."""
    write_run(tmp_path / "run", [reply(case("harm1", "refuse"), SERMON)])
    mine = tmp_path / "mine.toml"
    head = '[[principle]]\nid = "{0}"\nside = "{0}"\nmends = ["{1}"]\n'
    rest = 'text = "t"\ncritique = "c"\nrevision = "r"\nexamples = ["e"]\n'
    faults = {"harm": "missed harm", "helpfulness": "wrong refusal"}
    mine.write_text("".join(head.format(*pair) + rest for pair in faults.items()), encoding="utf-8")
    with pytest.raises(DataError, match=r"has only faults that no principle of .*mine\.toml mends; expected"):
        revise(tmp_path, constitution=mine)


def test_a_run_of_another_judge_is_refused(tmp_path):
    """Wrong by one judge and right by another is no movement."""
    write_faulty(tmp_path)
    record = tmp_path / "run" / "run.json"
    plain = json.loads(record.read_text("utf-8"))
    plain["judge"]["version"] = "0"
    record.write_text(json.dumps(plain), encoding="utf-8")
    with pytest.raises(
        UsageError, match=rf"judged by local 0, and revisions .* local {judge_info().version}: check again"
    ):
        revise(tmp_path)


def test_the_constitution_is_printed_to_begin_ones_own_with(capsys):
    """What ``--show-constitution`` prints is what is used."""
    cli.main(["tune", "constitution", "--show-constitution"], standalone_mode=False)
    assert capsys.readouterr().out.count("[[principle]]") == len(SIDES)


def run_verb(tmp_path):
    """Run the verb on the run, and give its exit code."""
    return cli.main(
        ["tune", "constitution", str(tmp_path / "run"), "--model", MODEL, "-o", str(tmp_path / "pairs.jsonl"), "--connections", "4", "--retries", "0"],
        standalone_mode=False,
    )  # fmt: skip
