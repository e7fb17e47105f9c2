"""The networks: the arithmetic against a literal oracle, the shipped weights against the inputs and the record."""

import json
import math
from importlib import resources

import numpy as np
import pytest
from trained_texts import READ_RIGHT

from demur.judge.local.cues import cue_classes
from demur.judge.local.features import Features, extract, n_reply_inputs, n_sentence_inputs
from demur.judge.local.local_judge import FLAGS, KINDS, OUTCOMES, TONES
from demur.judge.local.network import Network, read_networks
from demur.judge.sentences import blank_shown, split
from demur.types import Turn

HEADS = {"outcome": 4, "kind": 4, "tone": 4, "flag": 9}


def random_network(seed, n_inputs=7, n_whole=3, width=5):
    """Make a network of small random weights."""
    rng = np.random.default_rng(seed)
    sizes = {
        "sentence": (n_inputs, width),
        "reply": (6 * width + n_whole, width),
        "flag_sentence": (width, 9),
        **{head: (width, n) for head, n in HEADS.items()},
    }
    weights = {}
    for name, (rows, columns) in sizes.items():
        weights[f"{name}.weight"] = rng.normal(0, 0.4, size=(rows, columns)).astype(np.float32)
        weights[f"{name}.bias"] = rng.normal(size=columns).astype(np.float32)
    return Network(weights)


def random_features(seed, n_sentences, n_inputs=7, n_whole=3):
    """Make the inputs of a reply."""
    rng = np.random.default_rng(seed)
    shares = rng.random(n_sentences).astype(np.float32)
    rows, whole = rng.normal(size=(n_sentences, n_inputs)), rng.normal(size=n_whole)
    return Features(rows.astype(np.float32), shares / shares.sum(), whole.astype(np.float32), (), 0.0)


def layer(network, name, inputs):
    """Multiply by hand: one output after another."""
    weight, bias = network.weights[f"{name}.weight"], network.weights[f"{name}.bias"]
    return [
        float(bias[j]) + sum(float(x) * float(weight[i, j]) for i, x in enumerate(inputs)) for j in range(len(bias))
    ]


def softmax(logits):
    """Turn logits into probabilities."""
    powers = [math.exp(logit - max(logits)) for logit in logits]
    return [power / sum(powers) for power in powers]


def oracle(network, features):
    """Read one reply sentence by sentence."""
    sentences = [[max(0.0, x) for x in layer(network, "sentence", row)] for row in features.sentences]
    n, width = len(sentences), len(sentences[0])
    units = range(width)
    pooled = [
        *sentences[0],
        *(sentences[1] if n > 1 else [0.0] * width),
        *sentences[-1],
        *(max(sentence[unit] for sentence in sentences) for unit in units),
        *(sum(sentence[unit] * float(share) for sentence, share in zip(sentences, features.shares, strict=True)) for unit in units),
        *(sum(sentence[unit] for sentence in sentences) / n for unit in units),
        *features.whole,
    ]  # fmt: skip
    hidden = [max(0.0, x) for x in layer(network, "reply", pooled)]
    shown = [layer(network, "flag_sentence", sentence) for sentence in sentences]
    flags = []
    for flag, own in enumerate(layer(network, "flag", hidden)):
        told = math.log(sum(math.exp(sentence[flag]) for sentence in shown))
        flags.append(1 / (1 + math.exp(-(own + told))))
    return [*(softmax(layer(network, head, hidden)) for head in ("outcome", "kind", "tone")), flags, shown]


def assert_as_the_oracle(network, batch, *, padding):
    """Compare a batch with the oracle, reply by reply; `padding` is how much a sentence that is not there may add."""
    scores = network.score(batch)
    for index, features in enumerate(batch):
        outcome, kind, tone, flags, shown = oracle(network, features)
        np.testing.assert_allclose(scores.outcome[index], outcome, atol=1e-4)
        np.testing.assert_allclose(scores.kind[index], kind, atol=1e-4)
        np.testing.assert_allclose(scores.tone[index], tone, atol=1e-4)
        np.testing.assert_allclose(scores.flags[index], flags, atol=padding)
        np.testing.assert_allclose(scores.flags_shown[index][: len(shown)], shown, atol=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_one_reply_is_read_as_by_hand(seed):
    """One sentence, two, or many: the forward pass is the sum written out."""
    for n_sentences in (1, 2, 3, 24):
        assert_as_the_oracle(random_network(seed), [random_features(seed, n_sentences)], padding=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_replies_of_a_batch_do_not_touch(seed):
    """Read beside longer and shorter replies, each one gets what it gets alone."""
    batch = [random_features(10 * seed + n, n) for n in (3, 1, 24, 2, 7)]
    network = random_network(seed)
    together = network.score(batch)
    for index, features in enumerate(batch):
        alone = network.score([features])
        for name in ("outcome", "kind", "tone"):
            np.testing.assert_allclose(getattr(together, name)[index], getattr(alone, name)[0], atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("purpose", ["all", "long", "quality"])
def test_the_shipped_networks_read_as_by_hand(purpose):
    """The weights that ship, on real replies, do the sum written out."""
    batch = [
        extract(sentences, (Turn("user", prompt),), "en")
        for prompt, text, _ in READ_RIGHT[::25]
        if (sentences := split(blank_shown(text)))
    ]
    assert_as_the_oracle(read_networks()[purpose][0], batch, padding=2e-2)


def test_probabilities_are_probabilities():
    """Each head's classes add up to one; a flag is between none and one."""
    scores = random_network(3).score([random_features(n, n + 1) for n in range(6)])
    for name in ("outcome", "kind", "tone"):
        assert getattr(scores, name).sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert ((scores.flags >= 0) & (scores.flags <= 1)).all()


def test_the_weights_take_the_inputs_there_are():
    """Every shipped network is as wide as the features, and has a head for every class in use."""
    assert set(read_networks()) >= {"all", "long", "quality"}
    for networks in read_networks().values():
        assert networks
        for network in networks:
            weights = network.weights
            width = weights["sentence.weight"].shape[1]
            assert weights["sentence.weight"].shape[0] == n_sentence_inputs()
            assert weights["reply.weight"].shape[0] == 6 * width + n_reply_inputs()
            assert weights["outcome.weight"].shape[1] == len(OUTCOMES)
            assert weights["kind.weight"].shape[1] == len(KINDS)
            assert weights["tone.weight"].shape[1] == len(TONES)
            assert weights["flag.weight"].shape[1] == weights["flag_sentence.weight"].shape[1] == len(FLAGS)
            assert all(np.isfinite(array).all() for array in weights.values())


def test_the_training_record_names_the_classes_in_the_order_in_use():
    """The networks were trained on the cues that are read today, numbered as they are today."""
    record = json.loads(resources.files("demur.judge.local").joinpath("networks.json").read_text(encoding="utf-8"))
    assert record["cue_classes"] == list(cue_classes())
    assert {purpose: len(networks) for purpose, networks in read_networks().items()} == record["networks"]
    assert set(record["outcomes"]) <= set(OUTCOMES)
