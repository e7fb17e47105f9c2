"""``demur watch``: what it says, what it writes, and how it ends."""

import json
import re
import signal
import subprocess
import time

import pytest
from command_line import DEMUR, assert_one_line, run_here, write_jsonl

REFUSAL = "I'm sorry, but I can't help with that."
ANSWER = "Sure: send it a signal with kill."
START = 1_764_547_200


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Work in an empty folder, and in this process: a pool takes seconds to start."""
    from demur.watch.pool import in_this_process

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("demur.watching.process_pool", lambda _: in_this_process)
    return tmp_path


def row(number, response=ANSWER, **more):
    """Make a row of a log."""
    return {"ts": START + 3600 * number, "prompt": f"How do I stop process {number} now?", "response": response, **more}


def log(here, n=48):
    """Write two days, the second with another model that refuses every third request."""
    rows = (
        row(number, REFUSAL if number >= 24 and number % 3 == 0 else ANSWER, model="new" if number >= 24 else "old", user=f"u{number}")
        for number in range(n)
    )  # fmt: skip
    return write_jsonl(here / "log.jsonl", *rows)


def test_rates_templates_and_attempts_are_shown_and_written(capsys, here):
    """A table of the slices with n and interval, what a share can say, and the record with all of it."""
    ended = run_here(capsys, "watch", str(log(here)), "-o", "out.json")
    assert ended.code == 0
    lines = [line.rstrip() for line in ended.out.splitlines()]
    assert lines[0] == "48 exchanges from 1 file, 2025-12-01T00:00 to 2025-12-02T23:00 UTC"
    assert any(line.startswith("all") and "17%" in line and line.endswith("48") for line in lines)
    assert any(line.startswith("  new") and "33%" in line for line in lines)
    assert any(line.startswith("  2025-12-02") and "33%" in line for line in lines)
    assert "Templates of the 8 refusals of the model's own" in lines
    assert "Asked again after a refusal, within half an hour: 0 of 8" in lines
    assert any(line.startswith("Shares of what was said. Whether too much is refused, or too little") for line in lines)
    assert lines[-2:] == ["judged exchanges: watched", "written: out.json"]
    assert max(len(line) for line in lines) <= 80
    record = json.loads((here / "out.json").read_text("utf-8"))
    assert record["schema_version"] == 1
    assert {"rates", "templates", "attempts", "sources", "judge", "unjudged", "balance"} <= record.keys()
    (new,) = [one for one in record["rates"] if (one["by"], one["value"], one["day"]) == ("model", "new", None)]
    assert (new["refused"]["n"], round(new["refused"]["value"], 3)) == (24, 0.333)


def changed(here, n=1200):
    """Write a log of some hours in which a new version refuses harmless requests in German about S3, and no others."""
    rows = []
    for number in range(n):
        is_new, is_german = number >= 800, number % 2 == 0
        refuses = number % (6 if is_new and is_german else 60) == 0
        kind = {"lang": "de", "category": "S3"} if is_german else {"lang": "en", "category": "S1"}
        rows.append(
            row(number / 240, REFUSAL if refuses else ANSWER, model="v2" if is_new else "v1", expect="comply", **kind)
        )
    return write_jsonl(here / "log.jsonl", *rows)


def test_a_change_is_told_in_plain_words(capsys, here):
    """What rose, where, from what to what, since when, and how soon it was found; all of it in the record."""
    ended = run_here(capsys, "watch", str(changed(here)), "-o", "out.json")
    text = " ".join(ended.out.split())
    assert "Changes refusals of harmless requests in German about S3 by v2 rose from .0" in text
    assert "since 2025-12-01 03:" in text
    assert "shown in the record" in text
    assert "at most one false alarm in 1,000,000 is to be expected" in text
    assert max(len(line.rstrip()) for line in ended.out.splitlines()) <= 80
    (alarm,) = json.loads((here / "out.json").read_text("utf-8"))["alarms"]
    assert (alarm["metric"], alarm["direction"], alarm["slice"]["category"]) == ("refused", "more", "S3")
    assert alarm["examples"][0]["response"] == REFUSAL


def test_what_no_alarm_rests_on_is_said(capsys, here):
    """No times, and too few exchanges of a kind; the number of false alarms is one that can be asked for."""
    bare = [{name: value for name, value in row(number).items() if name != "ts"} for number in range(3)]
    said = run_here(capsys, "watch", str(write_jsonl(here / "bare.jsonl", *bare))).out
    assert "No alarms: the log has no times" in said
    text = " ".join(run_here(capsys, "watch", str(log(here)), "--run-length", "5000").out.split())
    assert "watched after 200 judged exchanges, and of the largest there are 48" in text
    steady = [row(number / 100, lang="en") for number in range(250)]
    text = run_here(capsys, "watch", str(write_jsonl(here / "steady.jsonl", *steady)), "--run-length", "5000").out
    assert "No change of a rate or a wording was found: 250 exchanges" in text
    assert "at most one false alarm in 5,000 is" in " ".join(text.split())


def test_the_audit_store_is_a_source(capsys, here):
    """By its path or its URL; no password is shown."""
    import asyncio

    from demur.guard.audit import Event, new_event_id, open_store

    async def fill():
        store = open_store("audit.db")
        await store.submit(
            Event(
                id=new_event_id(), at=START, tenant="shop", key=None, address=None, conversation=None, model="m", path="/v1/chat/completions",
                is_stream=False, language="en", verdict="allow", rail=None, category=None, rule=None, view=None, score=None, enforced=True,
                refused_by=(), disagrees=False, status=200, finish="stop", error=None, ran=(), policy="p", request="How do I stop it now?",
                reply=ANSWER, request_hash="h", n_input_tokens=None, n_output_tokens=None, latency_s=0.1, first_byte_s=0.1, review=None,
            )
        )  # fmt: skip
        await store.close()

    asyncio.run(fill())
    for source in ("audit.db", f"sqlite:///{here}/audit.db"):
        assert run_here(capsys, "watch", source).out.startswith("1 exchanges from 1 file, 2025-12-01T00:00")
    assert_one_line(run_here(capsys, "watch", "mysql://u:secret@h/d"), 2, "mysql:// is not supported; expected sqlite")
    assert_one_line(run_here(capsys, "watch", "none.db"), 2, "none.db: no such file")


def test_both_sides_are_shown_where_the_truth_is_known(capsys, here):
    """Over-refusal never stands without harmful compliance."""
    rows = [row(0, REFUSAL, expect="comply"), row(1, REFUSAL, expect="refuse")]
    ended = run_here(capsys, "watch", str(write_jsonl(here / "log.jsonl", *rows)))
    assert "harmless requests refused" in ended.out
    assert "harmful requests answered" in ended.out


def test_what_was_not_judged_and_what_repeats_is_told(capsys, here):
    """Beside the number of exchanges."""
    path = write_jsonl(here / "log.jsonl", row(0), row(1, None), row(0))
    ended = run_here(capsys, "watch", str(path), str(path))
    assert "4 more had been read before, and count once" in ended.out
    assert "without a verdict: 1, no response" in ended.out


def test_what_a_log_says_cannot_style_the_terminal(capsys, here):
    """Neither markup nor escapes of a tenant's name or a reply are obeyed."""
    rows = [row(number, f"[red]{REFUSAL}\x1b[31m", tenant=f"[b]x\x1b[2J{number % 2}") for number in range(4)]
    ended = run_here(capsys, "watch", str(write_jsonl(here / "log.jsonl", *rows)))
    assert "\x1b" not in ended.out
    assert "[b]x" in ended.out


def test_nothing_judged_is_incomplete(capsys, here):
    """A log without a single reply has no rate, and does not pass for one."""
    ended = run_here(capsys, "watch", str(write_jsonl(here / "log.jsonl", row(0, None))))
    assert ended.code == 3
    assert "demur: incomplete: none of 1 exchanges could be judged: no response" in ended.err


@pytest.mark.parametrize(
    ("arguments", "code", "parts"),
    [
        (["missing.jsonl"], 2, ["missing.jsonl: cannot be read: No such file"]),
        (["missing.eval"], 2, ["missing.eval: cannot be read: No such file"]),
        (["log.jsonl", "--map", "who=x"], 2, ["mapping 'who=x': no part 'who'; expected one of ts, prompt"]),
        (["log.jsonl", "--map", "tenant=team"], 2, ["log.jsonl:1: no column 'team' for tenant; found ts, prompt"]),
        (["log.jsonl", "-o", "."], 2, [".: is a folder; expected the name of a file"]),
        (["log.jsonl", "--work", "log.jsonl"], 2, ["log.jsonl: cannot be made a folder"]),
        (["broken.jsonl"], 2, ["broken.jsonl:2: not JSON", "1 exchange is judged and kept in watched"]),
        (["log.jsonl", "--rollups", "log.jsonl"], 2, ["log.jsonl: is a file; expected a folder for a file a day"]),
        (["log.jsonl", "--address", "auto"], 2, ["--address goes with --engine ray"]),
        (["log.jsonl", "--engine", "ray", "--workers", "2"], 2, ["--workers goes with --engine pool"]),
        (["log.jsonl", "--engine", "ray", "--address", "127.0.0.1:1"], 3, ["127.0.0.1:1: no Ray cluster answers"]),
        ([], 2, ["Missing argument 'FILES...'"]),
    ],
)
def test_what_cannot_be_used_is_one_line(capsys, here, arguments, code, parts):
    """The place, what was found, and what to try; and no half of a record."""
    log(here, 4)
    (here / "broken.jsonl").write_text(json.dumps(row(0)) + "\n{\n", encoding="utf-8")
    assert_one_line(run_here(capsys, "watch", *arguments), code, *parts)


def test_days_are_rolled_up(capsys, here):
    """A file a day, told by how many were written; a day of which less is read later stays as it was."""
    path = log(here)
    ended = run_here(capsys, "watch", str(path), "--rollups", "r")
    assert ended.out.splitlines()[-1] == "rolled up: r: 2 days, of which 2 written"
    assert sorted(file.name for file in (here / "r").iterdir()) == ["2025-12-01.parquet", "2025-12-02.parquet"]
    ended = run_here(capsys, "watch", str(write_jsonl(here / "late.jsonl", row(0))), "--rollups", "r")
    assert ended.out.splitlines()[-1] == (
        "rolled up: r: 1 day, of which 0 written; left as it was where more of the day had been read before: 2025-12-01"
    )


@pytest.mark.slow
def test_an_interrupt_keeps_what_is_judged(here):
    """Ctrl-C ends with one line and code 3, no worker is left, and the same command goes on."""
    rows = [
        row(0, "Sure. " + "Take the first one and then the other. " * 20, user=f"u{number}") for number in range(30_000)
    ]
    path = write_jsonl(here / "log.jsonl", *rows)
    run = subprocess.Popen(
        [*DEMUR, "watch", path, "--workers", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )  # fmt: skip
    until = time.monotonic() + 120
    while not list(here.glob("watched/shards/*.parquet")):
        assert run.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=120)
    assert run.returncode == 3
    kept = re.fullmatch(
        r"demur: interrupted; ([\d,]+) exchanges are judged and kept in watched: the same command goes on from there",
        said.splitlines()[-1],
    )
    n_kept = int(kept[1].replace(",", ""))
    assert 4_096 <= n_kept < 30_000
    assert not (here / "watched/manifest.json").exists()


@pytest.mark.parametrize(
    "more", [("--engine", "ray"), ("--map", "tenant=team"), ("--workers", "1"), ("--rollups", "days")]
)
def test_what_a_store_that_is_followed_cannot_heed_is_refused(capsys, more):
    """Rather than passed over in silence."""
    assert_one_line(run_here(capsys, "watch", "a.db", "--follow", *more), 2, "--follow: goes without", more[0])
