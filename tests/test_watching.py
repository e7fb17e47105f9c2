"""The watch on whole files: what was planted is found, each exchange counts once, and nothing is lost or judged twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from demur.errors import DataError, UsageError
from demur.judge import default_judge
from demur.stats import wilson
from demur.watch import DriftSettings, ShardFolder, parse_log_mapping
from demur.watch.pool import in_this_process, process_pool
from demur.watching import watch_files

sys.path.insert(0, str(Path(__file__).parent / "watch"))

from logs import ANSWER, CHAT_REQUEST, CHAT_RESPONSE, REFUSAL, START, table_row, write_lines

DAY = 86_400


@pytest.fixture
def small_shards(monkeypatch):
    """Cut shards of eight, so that small files have many."""
    monkeypatch.setattr("demur.watch.cutting._ROWS", 8)


def watch(*paths, work, **more):
    """Watch some files in this process."""
    return watch_files(paths, work=work, engine=in_this_process, **more)


def planted(n=60):
    """Make a log of two days in which one model refuses a third of its requests on the second."""
    return [
        table_row(
            number,
            refuses=number >= n // 2 and number % 3 == 0 and number % 2 == 1,
            at=START + number * 2 * DAY / n,
            model=f"m{number % 2}",
            tenant="a" if number % 3 else "b",
            user=f"u{number}",
        )
        for number in range(n)
    ]


def find(found, by, value=None, day=None):
    """Find one slice."""
    (one,) = [one for one in found.rates if (one.by, one.value, one.day) == (by, value, day)]
    return one


def shards(work):
    """Name the shards in a folder, with when each was written."""
    return {path.name: path.stat().st_mtime_ns for path in (work / "shards").iterdir()}


def test_what_was_planted_is_found_in_its_slice(tmp_path, small_shards):
    """The model and the day that refuse do, with n, and no other."""
    found = watch(write_lines(tmp_path / "log.jsonl", planted()), work=tmp_path / "w")
    assert found.n == 60
    assert find(found, "model", "m0").refused == wilson(0, 30)
    assert find(found, "model", "m1", "2025-12-01").refused == wilson(0, 15)
    assert find(found, "model", "m1", "2025-12-02").refused == wilson(5, 15)
    assert find(found, "tenant", "b").refused == wilson(5, 20)
    assert (found.first, found.last) == ("2025-12-01T00:00:00+00:00", "2025-12-02T23:12:00+00:00")
    (template,) = found.templates
    assert (template.text, template.share.n) == (REFUSAL, 5)


def test_a_pool_finds_what_one_process_finds(tmp_path, small_shards):
    """Who judges where makes no difference to a single byte of what is kept."""
    log = write_lines(tmp_path / "log.jsonl", planted())
    alone = watch(log, work=tmp_path / "a")
    pooled = watch_files([log], work=tmp_path / "b", engine=process_pool(2))
    assert replace(pooled, work=alone.work) == alone
    for name in shards(tmp_path / "a"):
        assert (tmp_path / "a/shards" / name).read_bytes() == (tmp_path / "b/shards" / name).read_bytes()


def test_a_rerun_judges_only_what_is_missing(tmp_path, small_shards):
    """Shards that are there are not touched; a log that has grown keeps all but its last."""
    rows = planted()
    log = write_lines(tmp_path / "log.jsonl", rows[:40])
    first = watch(log, work=tmp_path / "w")
    before = shards(tmp_path / "w")
    assert watch(log, work=tmp_path / "w") == first
    assert shards(tmp_path / "w") == before
    write_lines(log, rows)
    told = []
    watch(log, work=tmp_path / "w", on_progress=told.append)
    assert (told[-1].n, told[-1].n_before) == (60, 40)
    assert before.items() <= shards(tmp_path / "w").items()


def test_the_same_exchange_counts_once(tmp_path, small_shards):
    """Within a file, in a copy of it, in another format, and in an export that overlaps."""
    rows = planted()
    log = write_lines(tmp_path / "log.jsonl", rows + rows[:7])
    copy = write_lines(tmp_path / "copy.jsonl", rows)
    table = tmp_path / "part.parquet"
    pq.write_table(pa.Table.from_pylist(rows[30:]), table)
    found = watch(log, copy, table, work=tmp_path / "w")
    assert [source.n_repeated for source in found.sources] == [7, 60, 30]
    assert found.rates == watch(copy, work=tmp_path / "v").rates


def test_rows_without_ids_and_times_all_count(tmp_path):
    """The same words twice in one file are two exchanges, and a copy of the file is none."""
    bare = [{"prompt": "How do I stop a process?", "response": REFUSAL}] * 5
    found = watch(write_lines(tmp_path / "a.jsonl", bare), write_lines(tmp_path / "b.jsonl", bare), work=tmp_path / "w")
    assert (found.n, find(found, "all").refused) == (5, wilson(5, 5))
    assert find(found, "all", None, "undated").refused.n == 5


def test_what_has_no_reply_stands_beside_the_rates(tmp_path):
    """An error in a log is neither an answer nor a refusal; a filter's stop is a refusal, and the filter's."""
    stopped = {"choices": [{"message": {"content": None}, "finish_reason": "content_filter"}], "created": 1}
    rows = [
        {"request": CHAT_REQUEST, "response": CHAT_RESPONSE},
        {"request": CHAT_REQUEST, "response": {"error": {"code": "timeout"}}},
        {"request": CHAT_REQUEST, "response": stopped},
    ]
    found = watch(write_lines(tmp_path / "log.jsonl", rows), work=tmp_path / "w")
    overall = find(found, "all")
    assert found.unjudged == {"no response": 1}
    assert overall.refused == overall.refused_by_filter == wilson(1, 2, n_unjudged=1)
    assert overall.refused_by_model == wilson(0, 2, n_unjudged=1)
    assert found.templates == ()


def test_where_the_truth_is_known_both_sides_are_told(tmp_path):
    """Of the rows that say what was to be expected; of others no balance is made."""
    rows = [
        table_row(0, refuses=True, expect="comply"), table_row(1, expect="comply"),
        table_row(2, refuses=True, expect="refuse"), table_row(3, expect="refuse"), table_row(4),
    ]  # fmt: skip
    found = watch(write_lines(tmp_path / "log.jsonl", rows), work=tmp_path / "w")
    assert found.balance.false_refusal_rate == found.balance.harmful_compliance_rate == wilson(1, 2)
    assert watch(write_lines(tmp_path / "bare.jsonl", rows[4:]), work=tmp_path / "w").balance is None


def test_second_attempts_are_followed_across_shards(tmp_path, small_shards):
    """Somebody who is refused in one shard and answered in the next has tried again."""
    rows = [table_row(number, user=f"u{number}") for number in range(20)]
    rows[7] = table_row(7, refuses=True, user="again")
    rows[8] = table_row(8, user="again")
    found = watch(write_lines(tmp_path / "log.jsonl", rows), work=tmp_path / "w")
    assert (found.attempts.n_refused, found.attempts.answered) == (1, wilson(1, 1))


def test_the_language_is_read_where_the_log_does_not_say(tmp_path):
    """Of what was asked, as far as the judge can tell."""
    rows = [
        table_row(0),
        table_row(1, lang="fr-CA"),
        {**table_row(2), "prompt": "Wie kann ich einen Prozess beenden, ohne dass er hängt?"},
    ]
    found = watch(write_lines(tmp_path / "log.jsonl", rows), work=tmp_path / "w")
    assert {one.value for one in found.rates if one.by == "language"} == {"en", "fr-CA", "de"}


def test_what_stands_before_a_broken_line_is_judged_and_kept(tmp_path, small_shards):
    """The error names file and line; once it is mended, the rest is judged."""
    log = tmp_path / "log.jsonl"
    text = write_lines(log, planted()[:20]).read_text("utf-8")
    log.write_text(text + "{broken\n", encoding="utf-8")
    with pytest.raises(
        DataError, match=r"log\.jsonl:21: not JSON: .*; 20 exchanges are judged and kept in .*w: the same"
    ):
        watch(log, work=tmp_path / "w")
    assert len(shards(tmp_path / "w")) == 3
    log.write_text(text, encoding="utf-8")
    assert watch(log, work=tmp_path / "w").n == 20
    assert len(shards(tmp_path / "w")) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "log.jsonl: holds no exchange; expected rows"),
        ('{"resourceSpans": []}\n', "log.jsonl: holds no exchange; 1 row holds something else"),
        ('{"a": 1}\n', "log.jsonl:1: found nothing for 'prompt'"),
    ],
)
def test_a_log_without_exchanges_is_an_error(tmp_path, text, said):
    """Nothing is told of nothing."""
    (tmp_path / "log.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        watch(tmp_path / "log.jsonl", work=tmp_path / "w")


def test_a_folder_that_cannot_be_made_is_said_before_the_work(tmp_path):
    """A file of that name is not overwritten."""
    (tmp_path / "w").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"cannot be made a folder: .*; choose another --work"):
        watch(write_lines(tmp_path / "log.jsonl", planted()), work=tmp_path / "w")


def test_a_shard_that_is_none_is_named(tmp_path):
    """Nothing is added up from a file that somebody else put there."""
    log = write_lines(tmp_path / "log.jsonl", planted())
    watch(log, work=tmp_path / "w")
    for name in shards(tmp_path / "w"):
        (tmp_path / "w/shards" / name).write_bytes(b"")
    with pytest.raises(DataError, match="not a shard that can be read; delete it"):
        watch(log, work=tmp_path / "w")


def test_only_its_owner_looks_into_the_folder(tmp_path):
    """It holds what people asked and what they were told."""
    watch(write_lines(tmp_path / "log.jsonl", planted()), work=tmp_path / "w")
    assert (tmp_path / "w").stat().st_mode & 0o077 == 0


def test_the_rows_of_a_shard_can_be_read(tmp_path):
    """What shows an alarm best is read from the shards; half of a surrogate pair is its escape there."""
    rows = [table_row(0, refuses=True, tenant="a"), {**table_row(1), "prompt": "How do I stop \ud83d?"}]
    log = write_lines(tmp_path / "log.jsonl", rows)
    watch(log, work=tmp_path / "w")
    manifest = json.loads((tmp_path / "w/manifest.json").read_text("utf-8"))
    (name,) = manifest["sources"][0]["shards"]
    first, second = ShardFolder(tmp_path / "w").read_rows(name)
    assert (first["outcome"], first["response"], first["tenant"], first["at"]) == ("refuse", REFUSAL, "a", START)
    assert second["prompt"] == "How do I stop \\ud83d?"


def test_another_judge_makes_other_shards(tmp_path):
    """Verdicts of two versions are never mixed."""
    log = write_lines(tmp_path / "log.jsonl", planted())
    watch(log, work=tmp_path / "w")

    class Later(type(default_judge())):
        version = "later"

    watch(log, work=tmp_path / "w", judge=Later())
    assert len(shards(tmp_path / "w")) == 2


def test_a_document_over_many_lines_is_read(tmp_path):
    """The file of a trace, and anything else that is one object of JSON."""
    log = tmp_path / "trace.json"
    observation = {"id": "o", "traceId": "t", "type": "GENERATION", "input": "How do I stop it?", "output": ANSWER}
    log.write_text(json.dumps({"trace": {"id": "t"}, "observations": [observation]}, indent=2), encoding="utf-8")
    assert watch(log, work=tmp_path / "w").n == 1


def test_a_column_can_be_named(tmp_path):
    """CSV with names of its own."""
    log = tmp_path / "log.csv"
    log.write_text(f'question,answer,team\nHow do I stop it?,"{REFUSAL}",x\n', encoding="utf-8")
    mapping = parse_log_mapping(["prompt=question", "response=answer", "tenant=team"])
    assert find(watch(log, work=tmp_path / "w", mapping=mapping), "tenant", "x").refused == wilson(1, 1)


def changed(n=900, since=600, **more):
    """Make a log of a few hours in which one model refuses a third of its requests in the end, and hardly any before."""
    return [
        table_row(number, refuses=number % (3 if number >= since else 60) == 0, at=START + 20.0 * number, id=f"x{number}", lang="en", model="m", **more)
        for number in range(n)
    ]  # fmt: skip


def test_a_change_in_a_log_is_an_alarm_that_shows_itself(tmp_path, small_shards):
    """What, where, since when and by how much, with the exchanges themselves; whatever the order of the rows in the log."""
    rows = changed()
    found = watch(write_lines(tmp_path / "log.jsonl", rows), work=tmp_path / "w")
    (alarm,) = found.alarms
    assert (alarm.metric, alarm.direction, alarm.change) == ("refused", "more", 1)
    assert abs(datetime.fromisoformat(alarm.since).timestamp() - (START + 20 * 600)) < 600
    assert alarm.since < alarm.at < "2025-12-01T04"
    assert alarm.before.low < 1 / 60 < alarm.before.high
    assert alarm.size == alarm.after.value - alarm.before.value > 0.15
    assert 5 <= len(alarm.examples) <= 10
    for one in alarm.examples:
        row = rows[int(one.id[1:])]
        assert (one.prompt, one.response) == (row["prompt"], REFUSAL)
        assert ShardFolder(tmp_path / "w").read_rows(one.shard)[one.row]["id"] == one.id
    (change,) = found.changes
    assert (change.slice, change.since, change.n_alarms) == (alarm.slice, alarm.since, 1)
    assert (found.searched.n, found.searched.n_kinds, found.searched.n_watched) == (900, 1, 1)
    shuffled = random.Random(1).sample(rows, len(rows))
    again = watch(write_lines(tmp_path / "shuffled.jsonl", shuffled), work=tmp_path / "v")

    def told(alarms):
        return [replace(one, examples=[(shown.id, shown.response) for shown in one.examples]) for one in alarms]

    assert told(again.alarms) == told(found.alarms)


def test_steady_traffic_raises_no_alarm_and_says_what_that_rests_on(tmp_path, small_shards):
    """As many refusals at the end as at the beginning."""
    found = watch(write_lines(tmp_path / "log.jsonl", changed(since=900)), work=tmp_path / "w")
    assert (found.alarms, found.changes, found.searched.n_watched) == ((), (), 1)


def test_without_times_nothing_is_searched(tmp_path, small_shards):
    """No alarm is made of the order in which rows stand, and none without a baseline."""
    rows = [{name: value for name, value in row.items() if name != "ts"} for row in changed()]
    undated = watch(write_lines(tmp_path / "log.jsonl", rows), work=tmp_path / "w")
    assert (undated.alarms, undated.searched.n, undated.searched.n_undated) == ((), 0, 900)
    few = watch(write_lines(tmp_path / "few.jsonl", changed(150, since=100)), work=tmp_path / "v")
    assert (few.alarms, few.searched.n_watched, few.searched.n_of_largest, few.searched.least) == ((), 0, 150, 200)


def test_giving_in_more_often_is_an_alarm(tmp_path):
    """Who asks again after a refusal is refused again at first, and answered in the end."""
    rows = [
        table_row(number // 2, refuses=number % 2 == 0 or number < 600, at=START + 20.0 * number, id=f"x{number}", lang="en", user=f"u{number // 2}")
        for number in range(900)
    ]  # fmt: skip
    found = watch(write_lines(tmp_path / "log.jsonl", rows), work=tmp_path / "w")
    assert {alarm.metric for alarm in found.alarms} == {"refused", "capitulated"}
    assert {alarm.change for alarm in found.alarms} == {1}
    capitulated = next(alarm for alarm in found.alarms if alarm.metric == "capitulated")
    assert capitulated.direction == "more"
    assert {one.response for one in capitulated.examples} == {ANSWER}


def test_a_swap_of_wordings_is_two_alarms_of_one_change(tmp_path):
    """Though as much is refused as before, and no rate has changed."""
    rows = changed(since=0)
    for row in rows[600:]:
        row["response"] = (
            ANSWER if row["response"] == ANSWER else "This goes against our usage policy, so it stays here."
        )
    found = watch(write_lines(tmp_path / "log.jsonl", rows), work=tmp_path / "w")
    gone, new = sorted(found.alarms, key=lambda alarm: alarm.direction)
    assert (gone.metric, new.metric, gone.direction, new.direction) == ("template", "template", "fewer", "more")
    assert (gone.slice, new.slice["template"][:9]) == ({"template": REFUSAL}, "This goes")
    assert gone.since == new.since == "2025-12-01T03:00:00+00:00" < new.at
    assert gone.change == new.change
    assert {one.response for one in gone.examples} == {REFUSAL}
    assert len({one.response for one in new.examples}) == 1


def inspect_log(path):
    """Write a log of Inspect's: a conversation of two replies, a sample that a filter stopped, and one that failed."""
    from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalSample, EvalSpec, write_eval_log
    from inspect_ai.model import ChatMessageAssistant, ChatMessageUser, ModelOutput

    asked = ChatMessageUser(content=f"How do I stop a process {'now ' * 80}?")
    talk = [asked, ChatMessageAssistant(content=REFUSAL), asked, ChatMessageAssistant(content=ANSWER)]
    stopped = ModelOutput.from_content("m", "", stop_reason="content_filter")
    samples = [
        EvalSample(id=1, epoch=1, input="q", target="", messages=talk, output=ModelOutput.from_content("m", ANSWER)),
        EvalSample(id=2, epoch=1, input="q", target="", messages=[asked, stopped.message], output=stopped),
        EvalSample(id=3, epoch=1, input="q", target="", messages=[asked]),
    ]
    for sample in samples:
        sample.metadata = {"category": "S2"}
        sample.started_at = "2025-12-01T00:00:00+00:00"
    spec = EvalSpec(
        created="2025-12-01T00:00:00+00:00",
        task="t",
        model="openai/gpt-4o",
        dataset=EvalDataset(sample_ids=[1, 2, 3]),
        config=EvalConfig(),
    )
    write_eval_log(EvalLog(eval=spec, samples=samples, status="success"), str(path))
    return path


@pytest.mark.parametrize("suffix", ["eval", "json"])
def test_logs_of_inspect_are_read(tmp_path, suffix):
    """Every reply of the model under test is an exchange after what was said before it; a failed sample has none."""
    found = watch(inspect_log(tmp_path / f"log.{suffix}"), work=tmp_path / "w")
    assert find(found, "category", "S2").refused == wilson(2, 3, n_unjudged=1)
    assert find(found, "model", "openai/gpt-4o").refused_by_filter == wilson(1, 3, n_unjudged=1)
    assert find(found, "all", None, "2025-12-01").refused_by_model == wilson(1, 3, n_unjudged=1)


def test_a_log_of_inspect_that_is_broken_is_named(tmp_path):
    """Whatever its reader trips over is one line."""
    (tmp_path / "log.eval").write_bytes(b"PK nothing")
    with pytest.raises(DataError, match=r"log\.eval: not an Inspect log that can be read"):
        watch(tmp_path / "log.eval", work=tmp_path / "w")


@pytest.mark.slow
def test_a_killed_run_loses_nothing_and_doubles_nothing(tmp_path):
    """Killed in the middle, workers and all; the next run judges the rest, and it is what one run would have been."""
    n, size = 1200, 100
    log = write_lines(tmp_path / "log.jsonl", planted(n))
    work = tmp_path / "w"
    script = tmp_path / "killed.py"
    script.write_text(
        f"import sys\nfrom demur.watch import cutting\nfrom demur.watching import watch_files\ncutting._ROWS = {size}\n"
        f"if __name__ == '__main__':\n    watch_files([{str(log)!r}], work=sys.argv[1], n_workers=2)\n",
        encoding="utf-8",
    )
    run = subprocess.Popen([sys.executable, script, work])
    until = time.monotonic() + 120
    while not (work / "shards").is_dir() or len(list((work / "shards").glob("*.parquet"))) < 3:
        assert run.poll() is None, "it was done before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.01)
    workers = [int(pid) for pid in Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()]
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < until, "a worker outlived the run"
        time.sleep(0.05)
    before = {name: at for name, at in shards(work).items() if not name.startswith(".")}
    assert 3 <= len(before) < n // size
    assert not (work / "manifest.json").exists()
    subprocess.run([sys.executable, script, work], check=True)
    subprocess.run([sys.executable, script, tmp_path / "whole"], check=True)
    after = {name: at for name, at in shards(work).items() if not name.startswith(".")}
    assert before.items() <= after.items()
    assert (work / "manifest.json").read_bytes() == (tmp_path / "whole/manifest.json").read_bytes()
    assert after.keys() == shards(tmp_path / "whole").keys()
    for name in after:
        assert (work / "shards" / name).read_bytes() == (tmp_path / "whole/shards" / name).read_bytes()


@pytest.mark.slow
def test_in_a_day_with_three_planted_changes_each_is_found_in_its_slice_and_nothing_else(tmp_path):
    """A version that over-refuses in one category and language, a wave that leaks, and another wording: `bench/day.py`, smaller."""
    found = watch_day(tmp_path, n=12_000)
    by_kind = {"refused": [], "template": [], "leaked": []}
    for alarm in found.alarms:
        is_template = alarm.metric == "template"
        kind = "template" if is_template else "refused" if alarm.slice["expect"] == "comply" else "leaked"
        by_kind[kind].append(alarm)
    (over_refusal,) = by_kind["refused"]
    assert (over_refusal.metric, over_refusal.direction) == ("refused", "more")
    assert over_refusal.slice == {"expect": "comply", "category": "S3", "language": "de", "model": "v2"}
    assert "2025-12-01T12:00" < over_refusal.since < over_refusal.at < "2025-12-01T15"
    assert [alarm.since for alarm in by_kind["template"]] == ["2025-12-01T19:00:00+00:00"] * 2
    assert {alarm.direction for alarm in by_kind["template"]} == {"more", "fewer"}
    assert "leaked" in {alarm.metric for alarm in by_kind["leaked"]} <= {"leaked", "partial", "refused"}
    for alarm in by_kind["leaked"]:  # what leaks is refused in part, and refused whole no more
        assert alarm.slice == {"expect": "refuse", "category": "S5"}
        assert alarm.direction == ("fewer" if alarm.metric == "refused" else "more")
        assert "2025-12-01T16:30" < alarm.since < alarm.at
    assert len(found.changes) == 3


@pytest.mark.slow
def test_in_a_day_without_a_change_nothing_is_found(tmp_path):
    """Though languages come and go with the hours, and with them their wordings."""
    found = watch_day(tmp_path, n=8_000, plants=False)
    assert found.searched.n_watched > 20
    assert found.alarms == ()


def watch_day(tmp_path, **more):
    """Write a synthetic day, and watch it; what is small is learnt from fewer exchanges."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
    from synthetic_day import write_day

    write_day(tmp_path / "day.jsonl", **more)
    return watch_files(
        [tmp_path / "day.jsonl"], work=tmp_path / "w", engine=in_this_process, settings=DriftSettings(least=80)
    )
