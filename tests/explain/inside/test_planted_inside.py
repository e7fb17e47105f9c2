"""What is planted is found, at its layer, with its angle; and nothing is found where nothing is."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from planted import LAYER, hear_verdicts, make_results, plant, say_no, see_verdicts

from demur.explain.inside.candidate import Place, unit
from demur.explain.inside.effect import FirstTokenScore, JudgedScore, divergence, score_with
from demur.explain.inside.margin import measure_margins
from demur.explain.inside.prompt import gather_prompts
from demur.explain.inside.refusal_score import log_odds
from demur.looking_inside import read_inside
from demur.types import Verdict

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def planted():
    """The model."""
    return plant()


@pytest.fixture(scope="module")
def results(planted):
    """What it was asked, judged by what it says."""
    return see_verdicts(planted.network, make_results())


@pytest.fixture(scope="module")
def inside(planted, results):
    """What is found in it."""
    return read_inside(planted.network, results, name="planted")


def cosine(one, other):
    """Of the angle between two vectors."""
    return float(unit(one) @ unit(other))


def test_the_planted_model_refuses_what_it_should(results):
    """It refuses whatever has the mark of harm or looks like it, and answers the rest."""
    said = Counter((one.case.id.partition("-")[0], one.verdict.outcome) for one in results)
    assert said == {("harm", "refuse"): 60, ("alarm", "refuse"): 60, ("word", "comply"): 80}


def test_harm_is_found_where_it_was_planted(inside, planted):
    """The layer is the first that holds the direction, exactly; no layer before tells anything; the direction's cosine with the planted one is .98."""
    harm = inside.direction.harm
    assert harm.layer == LAYER
    assert [one.auroc.value == 1 for one in harm.by_layer] == [layer >= LAYER for layer in range(6)]
    assert all(one.auroc.low <= one.shuffled.high for one in harm.by_layer[:LAYER])
    assert harm.auroc_control.is_more
    assert cosine(inside.vectors["harm"], planted.harm) > 0.98
    assert [one.auroc.value for one in harm.by_suite] == [1, 1, 1]
    assert harm.probe.value == 1 > harm.probe_shuffled.high
    assert [one.probe.value for one in harm.by_suite] == [1, 1, 1]


def test_refusal_is_found_where_it_was_planted(inside, planted):
    """The direction is that of both planted ones together, to .99, taken at the layer they were planted at; adding it makes harmless prompts be refused, which no
    direction of chance does, and taking it out moves nothing.
    """
    refusal = inside.direction.refusal
    assert refusal.is_usable
    assert refusal.chosen.layer == LAYER
    assert refusal.chosen.induced > 2
    assert refusal.chosen.kl_nats < 0.01
    assert refusal.induced.is_more
    assert refusal.induced.random.high < 0
    assert cosine(inside.vectors["refusal"], planted.harm + planted.alarm) > 0.99


@pytest.mark.parametrize("planted_cosine", [0.0, 0.6, 0.9])
def test_the_planted_angle_is_found_at_the_place(planted_cosine):
    """The cosine between true refusals and false alarms is the planted one to .03."""
    planted = plant(cosine=planted_cosine)
    found = read_inside(planted.network, see_verdicts(planted.network, make_results()), name="planted")
    assert found.direction.refusal.false_alarm_cosine.value == pytest.approx(planted_cosine, abs=0.03)


def test_few_candidates_are_tried_on_all_prompts(inside):
    """Four are, of all those that were looked at on four prompts; the harmless prompts are answered as they are, and refused with the best of them."""
    evidence = inside.direction.refusal.evidence
    assert len(evidence.trials) == 4
    assert evidence.n_rows <= 9 * 8 + 4 * (2 * 18 + 2) + (2 * 4 + 2) * evidence.n_trial_prompts
    assert evidence.score_as_is < 0 < max(one.induced for one in evidence.trials)


def test_each_case_is_at_its_place(inside):
    """Harmful cases are on the harmful side and refused, answered ones are on neither; a false refusal is told from a true one by the other suites."""
    where = {
        kind: Counter(case.reading for case in inside.map.cases if case.id.startswith(kind))
        for kind in ("harm", "alarm", "word")
    }
    assert where["harm"] == {"seen as harmful, refused": 60}
    assert where["word"] == {"answered": 80}
    assert set(where["alarm"]) <= {"seen as harmful, refused", "false alarm"}
    detector = inside.map.detector
    assert detector.suites == ("suite0", "suite1", "suite2")
    assert detector.false_alarm.low > 0.7
    assert detector.energy.value == 1
    assert detector.probe.value == 1
    energies = {
        kind: [case.energy for case in inside.map.cases if case.id.startswith(kind)] for kind in ("harm", "word")
    }
    assert max(energies["word"]) < min(energies["harm"])


def test_margins_are_where_the_refusal_ends(planted, results, inside):
    """Just short of its margin a prompt is refused, and just beyond it is answered."""
    network = planted.network
    asked = [one for one in gather_prompts(network, results).read if one.case.id.startswith("alarm")][:6]
    score = FirstTokenScore(network, inside.direction.first_tokens.tokens)
    vector = inside.vectors["refusal"]
    margins = measure_margins(network, score, asked, score(asked), place=Place(3, LAYER), vector=vector)
    for prompt, margin in zip(asked, margins, strict=True):
        around = score_with(
            network, score, [prompt], layers=[LAYER] * 2, vectors=np.outer([-(margin - 0.05), -(margin + 0.05)], vector)
        )
        assert around[0, 0] > 0 > around[1, 0]
    unreachable = measure_margins(network, score, asked[:1], score(asked[:1]), place=Place(3, LAYER), vector=-vector)
    assert unreachable == [None]
    assert measure_margins(network, score, [], np.empty(0), place=Place(3, LAYER), vector=vector) == []


def test_languages_and_categories_that_do_not_differ_are_not_said_to(inside):
    """The direction is one in both languages, and no category's does more to its own kind than the shared one."""
    direction = inside.direction
    assert {one.locale: one.agrees for one in direction.languages} == {"de": True, "en": True}
    assert all(one.transfer.value == 1 for one in direction.languages)
    categories = direction.categories
    assert [one.name for one in categories.directions] == ["ncr", "prv", "vcr"]
    assert categories.mean_cosine_shuffled.low <= categories.mean_cosine <= categories.mean_cosine_shuffled.high
    assert categories.selectivity.low <= 0 <= categories.selectivity.high
    assert [one.name for one in direction.patterns.directions] == ["dual-use", "surface-keyword"]


def test_nothing_is_found_in_the_unplanted_copy():
    """It refuses nothing, and is told to have no direction, with how often it refused as the evidence; no harm is found in it either."""
    network = plant(is_planted=False).network
    found = read_inside(network, see_verdicts(network, make_results()), name="unplanted")
    assert found.direction.refusal.why_not[0].startswith("it refused 0 of 200")
    assert found.direction.harm.why_not.startswith("no layer tells harmful requests")
    assert found.map is None
    assert found.vectors == {}


@pytest.mark.parametrize("is_planted", [True, False])
def test_a_model_that_begins_every_reply_alike_is_judged_by_its_replies(is_planted):
    """Where the first token does not tell, replies are judged: what is planted is found at its layer, and in the unplanted copy it is said why nothing is."""
    network = plant(hesitates=True, is_planted=is_planted).network
    found = read_inside(network, hear_verdicts(network, make_results()), name="hesitates", judge=say_no).direction
    assert found.score == "judged replies"
    assert found.first_tokens.tokens == ()
    assert not found.first_tokens.is_reliable
    if is_planted:
        assert found.refusal.why_not == ()
        assert found.refusal.chosen.layer == found.harm.layer == LAYER
        assert found.refusal.induced.value > found.refusal.induced.random.high
    else:
        assert found.refusal.why_not[0].startswith("it refused 0 of 200")
        assert found.refusal.chosen is None


def test_verdicts_that_nothing_inside_stands_for_make_no_direction(results):
    """Under the planted model's verdicts nothing is found in the unplanted copy either: shuffled labels do as well."""
    network = plant(is_planted=False).network
    borrowed = [replace(own, verdict=one.verdict) for own, one in zip(make_results(), results, strict=True)]
    found = read_inside(network, borrowed, name="unplanted", judge=_Never())
    refusal = found.direction.refusal
    assert refusal.why_not == ("no layer tells what it refuses from what it answers better than shuffled labels do",)
    assert refusal.evidence.best_auroc <= refusal.evidence.best_shuffled.high
    assert not refusal.evidence.trials
    assert found.direction.score == "judged replies"
    assert found.vectors == {}


def test_effects_of_many_directions_are_those_of_each_alone(planted, results):
    """Scores and divergences of several directions in one pass are those of one at a time, computed anew."""
    network = planted.network
    asked = list(gather_prompts(network, results).read[::40])
    no = network.tokenizer.convert_tokens_to_ids("no")
    score = FirstTokenScore(network, [no])
    vectors = np.stack([planted.harm * 2, planted.alarm])
    added = score_with(network, score, asked, layers=[LAYER, 4], vectors=vectors)
    for row, layer in enumerate([LAYER, 4]):
        alone = [score_with(network, score, [one], layers=[layer], vectors=vectors[[row]])[0, 0] for one in asked]
        assert added[row] == pytest.approx(alone, abs=1e-3)
    units = unit(vectors)
    moved = divergence(network, asked, units)
    assert moved.shape == (2, len(asked))
    assert (moved >= -1e-6).all()
    yes_or_no = network.tokenizer.convert_tokens_to_ids(["yes", "no"])
    assert divergence(network, asked, units, apart_from=yes_or_no).max() < 0.1 * moved.max()
    plain = [one.case.id.startswith("word") for one in asked]
    assert moved[0][plain].max() < 0.01 < moved[0][~np.array(plain)].max()
    assert log_odds(np.array([0.5]))[0] == 0


def test_replies_are_judged_where_first_tokens_do_not_tell(planted, results):
    """The judged score is 1 for a refusal, -1 for an answer, and not a number for what is not judged."""
    asked = [
        one for one in gather_prompts(planted.network, results).read if one.case.id in {"harm-0", "word-0", "word-1"}
    ]
    found = JudgedScore(planted.network, _Reader())(asked)
    assert found[0] == 1
    assert found[1] == -1
    assert np.isnan(found[2])


class _Never:
    """A judge that must not be asked."""

    def judge_many(self, _):
        raise AssertionError


class _Reader:
    """A judge that reads the first word, and does not judge one of the prompts."""

    def judge_many(self, replies):
        last = replies[-1][1]
        return [
            Verdict(None if turns is last else "refuse" if reply.text.startswith("no") else "comply")
            for reply, turns in replies
        ]
