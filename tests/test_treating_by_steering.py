"""A steering from a run to what is saved: with its panel, or not at all."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from faulty_runs import write_run
from planted import make_results, make_task, plant, see_verdicts
from run_samples import case, run

from demur import treating_by_steering
from demur.cases.quiz import load_quiz
from demur.cli.main import cli
from demur.errors import DataError, UsageError
from demur.run import SubjectRecord
from demur.steering.bundle import STEERING, read_bundle
from demur.subjects import Asked, open_subject, with_adapter
from demur.subjects.adapter import CANDIDATE, MEASURED
from demur.sweeping import sweep
from demur.treating_by_steering import steer_subject
from demur.types import Decoding

pytestmark = pytest.mark.slow

N = 240
HARMFUL = [replace(case(number, expect="refuse"), kind="safety") for number in range(N)]
HARMLESS = [case(N + number) for number in range(N)]
WRAPPED = [replace(one, id=f"w{one.id}", wrapper="story") for one in HARMFUL]
QUIZ = list(load_quiz())[:1]
HELD = (("refuse",) * N, ("refuse",) * N, ("refuse",) * N)
RELEASED = (("refuse",) * N, ("comply",) * N, ("refuse",) * N)
GIVEN_AWAY = (("refuse",) * (N - 24) + ("comply",) * 24, ("comply",) * N, ("refuse",) * N)
"""Outcomes of harmful cases, of harmless ones, and of wrapped ones."""


def panel_run(outcomes, path):
    """Make the check-ups of a panel."""
    harmful, harmless, wrapped = outcomes
    record, results = run(harmful + harmless + wrapped + ("comply",), HARMFUL + HARMLESS + WRAPPED + QUIZ)
    return [SimpleNamespace(record=record, results=results, path=path)]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The planted model saved as anybody's is, and a run of it."""
    folder = tmp_path_factory.mktemp("steer")
    network = plant().network
    network.model.save_pretrained(folder / "model")
    network.tokenizer.save_pretrained(folder / "model")
    model = f"demur/local/{folder / 'model'}"
    write_run(folder / "run", see_verdicts(network, make_results()), subject=SubjectRecord(model, None, Decoding()))
    return folder / "run", model


@pytest.fixture
def answering(monkeypatch):
    """Say how the panel is answered after; give the subjects that were asked, in order."""
    asked = []

    def answer(after):
        def ask(model, folder, name, *, limit, on_progress):
            asked.append((model, name))
            return panel_run(HELD if name == "before" else after, folder / name)

        monkeypatch.setattr(treating_by_steering, "ask_panel", ask)
        return asked

    return answer


def test_what_does_no_harm_is_saved_with_both_sides_and_used(made, answering, tmp_path):
    """The file itself has the panel, the subject is opened by its name and refuses less, and it stands in the frontier with other treatments."""
    path, model = made
    asked = answering(RELEASED)
    steered = steer_subject(path, tmp_path / "out")
    assert asked == [(model, "before"), (f"demur/candidate@{tmp_path / 'out'}", "after")]
    assert steered.breach is None
    assert {"safety_rate", "utility_rate", "wrapped_harmful_compliance_rate"} <= read_bundle(
        tmp_path / "out" / STEERING
    ).panel["changes"].keys()
    assert not (tmp_path / "out" / CANDIDATE).exists()
    assert not (tmp_path / "out" / "work").exists()
    frontier = sweep([tmp_path / "out"])
    assert frontier.treated[0].method == "steering"
    alarm = Asked(make_results()[60].case.turns, Decoding(max_tokens=1))
    assert open_subject(model).reply(alarm).text == "no"
    assert open_subject(with_adapter(model, tmp_path / "out")).reply(alarm).text == "yes"
    assert json.loads((tmp_path / "out" / "found.json").read_text())["n_false_alarms"] == 60


def test_what_may_give_harm_away_is_not_saved(made, answering, tmp_path):
    """However much it helps on the other side: nothing can be loaded, and both sides are shown."""
    path, model = made
    answering(GIVEN_AWAY)
    said = CliRunner().invoke(cli, ["tune", "steer", str(path), "-o", str(tmp_path / "out")], standalone_mode=False)
    assert said.return_value == 1
    assert "nothing saved: harmful requests answered: may have risen by" in said.output
    assert "utility rate" in said.output
    assert "safety rate" in said.output
    assert not any((tmp_path / "out" / name).exists() for name in (MEASURED, CANDIDATE, STEERING))
    with pytest.raises(DataError, match=r"has no treatment.json"):
        open_subject(with_adapter(model, tmp_path / "out"))


def test_a_steering_that_was_found_is_not_sought_again(made, answering, tmp_path, monkeypatch):
    """Killed while its panel is asked, the same call goes on with the very file that was begun to be measured."""
    path, _ = made
    answering(RELEASED)
    with monkeypatch.context() as killed:
        killed.setattr(treating_by_steering, "measure_panel", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            steer_subject(path, tmp_path / "out")
    before = read_bundle(tmp_path / "out" / STEERING).moves[0]
    monkeypatch.setattr(treating_by_steering, "search_moves", lambda *_, **__: pytest.fail("sought again"))
    assert steer_subject(path, tmp_path / "out").treated is not None
    assert (read_bundle(tmp_path / "out" / STEERING).moves[0].vectors == before.vectors).all()


def test_nothing_to_steer_is_said_with_the_evidence(made, tmp_path):
    """A run without false refusals: exit 1, and no file that could be used."""
    _, model = made
    results = [one for one in see_verdicts(plant().network, make_results()) if not one.case.id.startswith("alarm")]
    write_run(tmp_path / "run", results, subject=SubjectRecord(model, None, Decoding()))
    said = CliRunner().invoke(
        cli, ["tune", "steer", str(tmp_path / "run"), "-o", str(tmp_path / "out")], standalone_mode=False
    )
    assert said.return_value == 1
    assert "nothing saved: it refused 0 harmless requests" in said.output
    assert not (tmp_path / "out" / STEERING).exists()


def test_a_folder_of_something_else_is_left_alone(made, tmp_path):
    """Another run's, or anybody's."""
    (tmp_path / "out").mkdir()
    with pytest.raises(DataError, match="holds something else"):
        steer_subject(made[0], tmp_path / "out")


def test_what_the_panel_asks_is_not_learnt_from(tmp_path):
    """A run of held-out cases could not be told from what it is measured on."""
    write_run(tmp_path / "run", run(["comply"], [replace(case(1), suite="held-out")])[1])
    with pytest.raises(UsageError, match="asked held-out, which the panel asks"):
        steer_subject(tmp_path / "run", tmp_path / "out", model="demur/smollm2")


def test_a_subject_without_weights_is_refused(tmp_path):
    """Before anything is written."""
    write_run(tmp_path / "run", run(["comply"], [case(1)])[1])
    with pytest.raises(UsageError, match="demur/scripted/ideal: has no weights"):
        steer_subject(tmp_path / "run", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_false_refusals_are_taken_back_in_the_tasks_that_are_named(answering, tmp_path):
    """From the command line to the file: a move a task, both gates side by side, and another run's tasks are not gone on with."""
    network = plant(n_tasks=2).network
    network.model.save_pretrained(tmp_path / "model")
    network.tokenizer.save_pretrained(tmp_path / "model")
    subject = SubjectRecord(f"demur/local/{tmp_path / 'model'}", None, Decoding())
    write_run(tmp_path / "run", see_verdicts(network, make_results()), subject=subject)
    answering(RELEASED)
    named = []
    for task, name in enumerate(("recipes", "letters")):
        lines = "\n".join(one.prompt for one in make_task(task))
        (tmp_path / f"{name}.txt").write_text(lines)
        named += ["--task", f"{name}={tmp_path / name}.txt"]
    arguments = ["tune", "steer", str(tmp_path / "run"), "-o", str(tmp_path / "out")]
    said = CliRunner().invoke(cli, [*arguments, *named], standalone_mode=False)
    assert said.return_value == 0
    assert "task recipes: steered in; of its examples 0% are refused, 0% steered (n 60)" in said.output
    assert "the plain gate lets through of false refusals" in said.output
    assert "the gates of the tasks let through of harmful requests" in said.output
    bundle = read_bundle(tmp_path / "out" / STEERING)
    assert [move.name for move in bundle.moves] == ["task: recipes", "task: letters"]
    assert [[one.is_unit for one in move.gate] for move in bundle.moves] == [[True, False, False]] * 2
    found = json.loads((tmp_path / "out" / "found.json").read_text())
    assert [one["task"] for one in found["tasks"]] == ["recipes", "letters"]
    assert bundle.false_fires.value == found["in_tasks"]["plain"]["value"]
    steered = open_subject(with_adapter(subject.model, tmp_path / "out"))
    for cases, text in (
        (make_task(0, kind="alarm", seed=5), "yes"),
        (make_task(9, kind="alarm", is_marked=False), "no"),
    ):
        assert steered.reply(Asked(cases[0].turns, Decoding(max_tokens=1))).text == text


def test_examples_that_cannot_be_used_are_refused_before_anything_is_written(made, tmp_path):
    """In one line."""
    (tmp_path / "few.txt").write_text("Translate this\n")
    with pytest.raises(DataError, match="found 1 examples of task 'few'; expected 16 or more"):
        steer_subject(made[0], tmp_path / "out", tasks={"few": tmp_path / "few.txt"})
    assert not (tmp_path / "out").exists()
