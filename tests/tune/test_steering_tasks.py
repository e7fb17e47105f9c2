"""Tasks are known by their trajectory where their marks were planted, and false refusals are taken back in these tasks alone."""

from dataclasses import replace

import numpy as np
import pytest
from planted import make_results, make_task, plant, see_verdicts

from demur.explain.inside.states import read_states
from demur.looking_inside import read_prompts
from demur.steering.steered import steered
from demur.tune.steering.gate import score_conditions
from demur.tune.steering.search import search_moves
from demur.tune.steering.task_examples import Examples, encode_examples
from demur.tune.steering.task_gate import trajectory

pytestmark = pytest.mark.slow

ALIKE = 0.97
"""Cosine of false refusals and true ones at which no vector can part them: what is selective is the gate alone."""


@pytest.fixture(scope="module")
def planted():
    """A model with two tasks."""
    return plant(cosine=ALIKE, n_tasks=2)


def read_examples(network, cases, folder):
    """Give examples with their states."""
    prompts = encode_examples(network, cases)
    return Examples(prompts, read_states(network, [prompt.tokens for prompt in prompts], folder))


def search(network, verdicts, cases, folder):
    """Search in a network what the verdicts of another may be about."""
    with read_prompts(network, verdicts, name="planted", cache=folder) as read:
        return search_moves(
            network, read.score, read.states, read.prompts, labels=read.labels, split=read.split,
            rng=np.random.default_rng(0), examples=read_examples(network, cases, folder) if cases else None,
        )  # fmt: skip


UNMARKED = [replace(case, suite="no task") for case in make_task(7, is_marked=False)]
EXAMPLES = [*make_task(0), *make_task(1), *UNMARKED]


@pytest.fixture(scope="module")
def searched(planted, tmp_path_factory):
    """What is found for two tasks, and one that is none."""
    results = see_verdicts(planted.network, make_results())
    return search(planted.network, results, EXAMPLES, tmp_path_factory.mktemp("states"))


def say(network, cases, moves):
    """Give the shares that are refused, and in which some gate holds."""
    no = network.tokenizer.convert_tokens_to_ids("no")
    prompts = [network.encode(case.turns, of=case.id) for case in cases]
    with steered(network.model, moves, network.mask(prompts)) as done:
        refused = (network.last_log_probs(prompts).argmax(1) == no).float().mean().item()
    return refused, float(np.any(done.fired, axis=0).mean())


def test_a_task_is_known_and_nothing_else_is_taken_for_it(searched):
    """By probes that have not seen them: .95 of its examples or more, of the other tasks and of the run's harm .02 at most."""
    first, second, none = searched.found.tasks
    assert [first.task, second.task] == ["task0", "task1"]
    for one in (first, second):
        assert one.is_recognised
        assert one.recognised.own.value >= 0.95
        assert one.recognised.own.n == 60
        assert one.recognised.others.value <= 0.02
        assert one.recognised.run.harmful.value <= 0.02
        assert one.recognised.run.plain.value <= 0.03
        assert one.plain_gate.run == searched.found.rates
    assert not none.is_recognised
    assert none.recognised.own.value <= 0.05
    assert [move.name for move in searched.moves] == ["task: task0", "task: task1"]


@pytest.mark.parametrize("task", [0, 1])
def test_false_alarms_are_taken_back_inside_a_task(planted, searched, task):
    """On sentences that were not learnt from; its harmless requests are answered as before, and its harmful ones are still refused."""
    for kind, before, after in (("alarm", 1, (0, 0.05)), ("harm", 1, (0.95, 1)), ("word", 0, (0, 0))):
        cases = make_task(task, kind=kind, seed=5)
        assert say(planted.network, cases, ())[0] == before
        assert after[0] <= say(planted.network, cases, searched.moves)[0] <= after[1]


@pytest.mark.parametrize("kind", ["alarm", "harm"])
def test_what_is_outside_the_tasks_stays_refused(planted, searched, kind):
    """False alarms that the plain gate would have let through as well."""
    cases = make_task(9, kind=kind, seed=5, is_marked=False)
    refused, fired = say(planted.network, cases, searched.moves)
    assert refused == 1
    assert fired <= 0.02
    assert searched.found.rates.false_alarms.value > 0.9
    assert searched.found.in_tasks.false_alarms.value <= 0.05


def test_harm_inside_a_task_is_given_away_without_the_condition_on_harm(planted, searched):
    """Why it stays in the gate: where vectors cannot part true and false refusals, the task and the refusal alone let all such harm through."""
    lax = [replace(move, gate=tuple(one for one in move.gate if one.name != "not harmful")) for move in searched.moves]
    for task in (0, 1):
        refused, fired = say(planted.network, make_task(task, kind="harm", seed=5), lax)
        assert fired == 1
        assert refused < 0.5


def test_a_line_is_raised_where_a_task_lies_to_its_harmless_side(planted, searched, tmp_path):
    """Never lowered; with the plain gate's own lines the harm of one of the tasks would be given away."""
    plain = search(planted.network, see_verdicts(planted.network, make_results()), None, tmp_path).moves[0].gate
    for move in searched.moves:
        for raised, own in zip(move.gate[1:], plain, strict=True):
            np.testing.assert_array_equal(raised.weights, own.weights)
            assert raised.bias <= own.bias
    unraised = [replace(move, gate=(move.gate[0], *plain)) for move in searched.moves]
    refused = [say(planted.network, make_task(task, kind="harm", seed=5), unraised)[0] for task in (0, 1)]
    assert min(refused) < 0.5


def test_refusals_of_the_examples_themselves_are_counted_before_and_after(planted, tmp_path):
    """Half of the examples are refused without need; with the move next to none is."""
    cases = [*make_task(0)[:30], *make_task(0, kind="alarm")[30:]]
    found = search(planted.network, see_verdicts(planted.network, make_results()), cases, tmp_path).found
    (one,) = found.tasks
    assert one.refused.value == 0.5
    assert one.still_refused.value <= 0.05
    assert one.steered.own.value == pytest.approx(0.5, abs=0.05)
    assert one.recognised.others.n == 0


def test_nothing_is_recognised_in_the_unplanted_copy(planted, tmp_path):
    """No move, and it is said; neither where tasks alone have no marks."""
    verdicts = see_verdicts(planted.network, make_results())
    copy = plant(cosine=ALIKE, n_tasks=2, is_planted=False)
    moves, found = search(copy.network, verdicts, EXAMPLES, tmp_path / "copy")
    assert moves == ()
    assert found.why_not is not None
    moves, found = search(planted.network, verdicts, UNMARKED, tmp_path / "states")
    assert moves == ()
    assert "no task is recognised by half of its examples: no task (" in found.why_not


def test_the_search_without_tasks_is_what_it_was(planted, searched, tmp_path):
    """The plain gate that tasks are compared with is the one that is made without them."""
    moves, found = search(planted.network, see_verdicts(planted.network, make_results()), None, tmp_path)
    assert [move.name for move in moves] == ["false alarms"]
    assert (found.rates, found.chosen, found.tasks) == (searched.found.rates, searched.found.chosen, ())


def test_what_the_steered_model_decides_is_what_was_rated(planted, searched, tmp_path):
    """Of each prompt the gate holds in the model where the sum over places, taken one by one from its states, is above 0."""
    examples = read_examples(planted.network, make_task(1, kind="alarm", seed=5), tmp_path)
    rows = [prompt.tokens for prompt in examples.prompts]
    for move in searched.moves:
        with steered(planted.network.model, [move], planted.network.mask(rows)) as done:
            planted.network.last_log_probs(rows)
        task = move.gate[0]
        expected = np.full(len(rows), task.bias)
        for number in range(len(rows)):
            for (position, layer), mean, weights in zip(task.places, task.mean, task.weights, strict=True):
                way = examples.states.at(examples.states.n_positions + position, layer)[number] - mean
                expected[number] += way @ weights / np.sqrt(way @ way)
        scores = score_conditions(move.gate, examples.states)
        np.testing.assert_allclose(scores[0], expected, atol=1e-9)
        assert done.fired[0] == (scores > 0).all(axis=0).tolist()


def test_a_trajectory_ends_at_the_first_edit():
    """Spread over the layers up to it, without the first, whose input is the same of every prompt."""
    assert [place.layer for place in trajectory(20)] == [1, 4, 6, 9, 12, 15, 17, 20]
    assert [place.layer for place in trajectory(3)] == [1, 2, 3]
    assert {place.position for place in trajectory(20)} == {-1}
