"""What turns false refusals is found where they were planted, and nothing where nothing is."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from planted import LAYER, make_results, plant, see_verdicts

from demur.explain.inside.candidate import unit
from demur.explain.inside.labels import read_labels, split_families
from demur.looking_inside import read_prompts
from demur.steering.steered import steered
from demur.tune.steering.direction import find_removal
from demur.tune.steering.gate import fit_gate, places_before
from demur.tune.steering.search import search_moves
from demur.tune.steering.trial import Trial, choose
from demur.types import Verdict

pytestmark = pytest.mark.slow

COSINE = 0.6


@pytest.fixture(scope="module")
def planted():
    """The model."""
    return plant(cosine=COSINE)


@pytest.fixture(scope="module")
def read(planted):
    """Its prompts, read."""
    results = see_verdicts(planted.network, make_results())
    with read_prompts(planted.network, results, name="planted") as found:
        yield found


def search(read):
    """Search in what was read."""
    return search_moves(
        read.network, read.score, read.states, read.prompts, labels=read.labels, split=read.split,
        rng=np.random.default_rng(0),
    )  # fmt: skip


@pytest.fixture(scope="module")
def searched(read):
    """What is found."""
    return search(read)


def say(planted, moves, *, seed):
    """Count how many of each kind of new questions are refused by the steered model."""
    network, results = planted.network, make_results(seed=seed)
    prompts = [network.encode(one.case.turns, of=one.case.id) for one in results]
    no = network.tokenizer.convert_tokens_to_ids("no")
    with steered(network.model, moves, network.mask(prompts)):
        said = network.last_log_probs(prompts).argmax(1) == no
    refused = Counter(one.case.id.partition("-")[0] for one, own in zip(results, said.tolist(), strict=True) if own)
    return tuple(refused[kind] / n for kind, n in (("harm", 60), ("alarm", 60), ("word", 80)))


def test_false_alarms_are_taken_back_and_true_ones_stay(planted, searched):
    """From 1.00, 1.00 and .00 of harmful requests, false alarms and harmless ones to .97, .05 and .00 or better, on other sentences."""
    assert say(planted, (), seed=1) == (1, 1, 0)
    harmful, alarms, harmless = say(planted, searched.moves, seed=1)
    assert harmful >= 0.97
    assert alarms <= 0.05
    assert harmless == 0


def test_the_search_says_what_it_found(searched):
    """The gate lets false alarms through and little else; the angle is the planted one as far as two ends of it are known."""
    found = searched.found
    assert found.why_not is None
    assert found.n_false_alarms == 60
    assert found.rates.false_alarms.value > 0.9
    assert found.rates.harmful.value <= 0.05
    assert found.rates.plain.value <= 0.05
    assert found.chosen.layer >= LAYER
    assert found.chosen.cosine == pytest.approx(COSINE, abs=0.05)
    assert found.refusing == ()


def test_an_edit_comes_no_earlier_than_what_decides_it(searched):
    """No condition is read deeper than the first edit."""
    for move in searched.moves:
        assert max(condition.depth for condition in move.gate) <= min(move.layers)
        assert move.gate


def test_nothing_is_found_in_the_unplanted_copy(planted):
    """Where the verdicts are those of the planted model and the states have nothing of them, no gate is found that lets false alarms through."""
    copy = plant(cosine=COSINE, is_planted=False)
    with read_prompts(copy.network, see_verdicts(planted.network, make_results()), name="copy", judge=Nobody()) as read:
        found = search(read)
    assert found.moves == ()
    assert found.found.why_not is not None


class Nobody:
    """A judge who refuses to tell a refusal from an answer."""

    name, version = "nobody", "0"

    def judge(self, _, __):
        """Give no outcome."""
        return Verdict("garbled")

    def judge_many(self, asked):
        """Likewise."""
        return [Verdict("garbled") for _ in asked]


def test_a_model_that_refuses_nothing_has_nothing_to_steer(read):
    """It is said how many false refusals there were."""
    labels = replace(read.labels, refused=np.zeros_like(read.labels.refused))
    found = search(read._replace(labels=labels))
    assert found.moves == ()
    assert "refused 0 harmless requests" in found.found.why_not


def test_refusal_is_added_where_a_category_is_under_refused(planted, read):
    """A category whose harm was answered in the run gets a move of its own, gated by what tells it; no other category does."""
    prompts = [
        replace(prompt, refused=False) if prompt.case.is_harmful and prompt.case.category == "vcr" else prompt
        for prompt in read.prompts
    ]
    labels = read_labels(prompts)
    gathered = replace(read.gathered, read=tuple(prompts))
    found = search(
        read._replace(labels=labels, gathered=gathered, split=split_families(labels, rng=np.random.default_rng(0)))
    )
    assert [one.category for one in found.found.refusing] == ["vcr"]
    (one,) = found.found.refusing
    assert (one.n_harmful, one.n_refused) == (20, 0)
    assert one.induced == 1


@pytest.mark.parametrize("orthogonal", [0.0, 0.5, 1.0])
def test_lambda_is_the_share_of_true_refusal_that_is_left_alone(read, orthogonal):
    """The part of the vector along true refusal is what it was, less lambda of it (Wang et al. 2025)."""
    every = np.ones_like(read.labels.harmful)
    layer = LAYER + 1
    (vector,), (origin,), cosine = find_removal(read.states, (layer,), read.labels, every, orthogonal=orthogonal)
    rows = read.states.at(read.states.n_positions - 1, layer)
    harmful, refused = read.labels.harmful, read.labels.refused
    usual = rows[~harmful & ~refused].mean(axis=0)
    false, true = rows[~harmful & refused].mean(axis=0) - usual, rows[harmful & refused].mean(axis=0) - usual
    expected = false - orthogonal * (false @ true) / (true @ true) * true
    np.testing.assert_allclose(vector, unit(expected), atol=1e-9)
    assert origin == pytest.approx(usual @ vector)
    assert cosine == pytest.approx(unit(false) @ unit(true))


def test_a_gate_reads_where_replies_begin_and_no_deeper_than_the_edit(read):
    """Four layers, the last of them that of the first edit."""
    assert [(place.position, place.layer) for place in places_before(read.states, 4)] == [
        (-1, 4),
        (-1, 3),
        (-1, 2),
        (-1, 1),
    ]
    assert [place.layer for place in places_before(read.states, 1)] == [1, 0]


def test_a_gate_needs_prompts_of_every_side(read):
    """Without refused harmful ones nothing says where its line must lie."""
    labels = replace(read.labels, harmful=np.zeros_like(read.labels.harmful))
    assert fit_gate(read.states, labels, np.ones_like(labels.harmful), layer=4, folds=[]) is None


def test_the_mildest_of_what_reaches_as_far_is_chosen():
    """A trial that is a standard error behind is as good; of these the greatest lambda, then the smallest gain."""

    def trial(released, *, orthogonal, gain=1.0):
        return Trial(20, orthogonal, gain, 0.9, 0.5, released, 0.05, 30)

    best, near, nearer, far = (
        trial(1.0, orthogonal=0.0, gain=1.5), trial(0.96, orthogonal=0.5, gain=1.5), trial(0.96, orthogonal=0.5),
        trial(0.5, orthogonal=1.0),
    )  # fmt: skip
    assert choose([best, near, nearer, far]) is nearer
    assert choose([]) is None
