"""The network in numpy against a slow reading of one reply, word by word and sentence by sentence, and the weights that ship."""

import io
import json

import numpy as np
import pytest
from scipy.special import expit

from demur.judge.local.alphabet import ALONE
from demur.judge.local.inputs import read_inputs
from demur.judge.local.verdicts import FLAGS, OUTCOMES
from demur.judge.local.vocabulary import Vocabulary, half_of, part_rows, slot_of
from demur.judge.local.weights import ROOM, read_reader, write_reader
from demur.types import Turn

READER = read_reader()
REPLIES = [
    ("I'm sorry, but I can't help with that.\n\n1. Ask a locksmith.\n2. Or call the landlord!", (Turn("user", "How do I open a lock?"),)),
    ("", ()),
    ("申し訳ありませんが、お手伝いできません。", (Turn("system", "You help."), Turn("user", "鍵の開け方は?"))),
    ("Qwxzyvv blorptang! Frumiousest?", (Turn("user", "Say something"), Turn("assistant", "What?"), Turn("user", "Anything"))),
    ("Sure. Here is how: take it, turn it, done. " * 9, (Turn("user", "How do I open it?"),)),
]  # fmt: skip


def sigmoid(values):
    """Turn logits into probabilities."""
    return expit(np.asarray(values, np.float64))


def softmax(values):
    """Turn logits into probabilities that sum to 1."""
    powers = np.exp(values - np.max(values))
    return powers / powers.sum()


def layer(name, values):
    """Apply a layer."""
    return values @ READER.weights[f"{name}.weight"].astype(np.float64) + READER.weights[f"{name}.bias"]


def vectors_of(tokens, rows):
    """Give the vector of each token; a known word's holds its beginning and end, but for characters that stand alone."""
    stem, ending = part_rows(tokens.stem, tokens.ending)
    found = []
    for row, begin, end, kind in zip(rows, stem, ending, tokens.kind, strict=True):
        vector = READER.weights["word"][row].astype(np.float64)
        if row == 0 or kind == ALONE:
            vector = vector + READER.weights["stem"][begin] * (begin > 0) + READER.weights["ending"][end] * (end > 0)
        found.append(vector)
    return np.array(found)


def phrases_of(name, tokens, rows):
    """Run the convolution over one text, whose first token stands before it and behind it."""
    vectors = vectors_of(tokens, rows)
    around = np.concatenate([np.zeros_like(vectors[:1]), vectors, vectors[:1]])
    width = vectors.shape[1]
    weights = READER.weights[f"{name}.weight"].astype(np.float64).reshape(3, width, -1)
    return sum(around[n : n + len(vectors)] @ weights[n] for n in range(3)) + READER.weights[f"{name}.bias"]


def side_of(name, side):
    """Sum up a question."""
    taps = np.maximum(phrases_of("side", side.tokens, side.rows)[1:], 0)
    strongest = taps.max(axis=0) if len(taps) else np.zeros(len(READER.weights["side.bias"]))
    return np.maximum(layer(name, strongest), 0)


def gated(name, read):
    """Run a gated recurrent unit over sentences."""
    state, states = np.zeros(len(READER.weights[f"{name}_state.weight"])), []
    size = len(state)
    for sentence in read:
        told, old = layer(f"{name}_in", sentence), layer(f"{name}_state", state)
        reset, update = sigmoid(told[:size] + old[:size]), sigmoid(told[size : 2 * size] + old[size : 2 * size])
        proposed = np.tanh(told[2 * size :] + reset * old[2 * size :])
        state = (1 - update) * proposed + update * state
        states.append(state)
    return np.array(states)


def pooled(rows, n_tokens):
    """Pool sentences."""
    second = rows[1] if len(rows) > 1 else np.zeros_like(rows[0])
    return [rows[0], second, rows[-1], rows.max(axis=0), (rows * n_tokens[:, None]).sum(axis=0) / n_tokens.sum()]


def read_slowly(reply):
    """Read one reply step by step: outcome, flags, and the outcome the settlers give."""
    inputs = read_inputs([reply], READER.vocabulary)
    taps = phrases_of("phrase", inputs.tokens, inputs.rows) + READER.weights["look.weight"][inputs.look]
    taps[0] = 0
    taps = np.maximum(taps, 0)
    strongest = np.array([taps[inputs.tokens.sentence == n].max(axis=0) for n in range(int(inputs.n_sentences[0]))])
    hidden = np.maximum(layer("cue_hidden", strongest), 0)
    cues = sigmoid(layer("cue", np.concatenate([strongest, hidden], axis=1)))
    earlier = np.array([cues[:n].max(axis=0) if n else np.zeros_like(cues[0]) for n in range(len(cues))])
    asked, before = side_of("asked", inputs.asked), side_of("before", inputs.before)
    told = np.concatenate([cues, earlier, inputs.sentence_looks], axis=1)
    read = np.maximum(layer("sentence", np.concatenate([strongest, told, np.tile(asked, (len(cues), 1))], axis=1)), 0)
    passed = np.concatenate([gated("forth", read), gated("back", read[::-1])[::-1]], axis=1)
    whole = np.concatenate([*pooled(passed, inputs.n_tokens), read.max(axis=0), asked, before, inputs.whole[0]])
    reply_read = np.maximum(layer("reply", whole), 0)
    both = np.concatenate([passed, read], axis=1)
    outcome = softmax(layer("outcome", reply_read) + np.logaddexp.reduce(layer("outcome_sentence", both)))
    flags = sigmoid(layer("flag", reply_read) + np.logaddexp.reduce(layer("flag_sentence", both)))
    request = sigmoid(layer("request", asked))
    settled = []
    for number in range(READER.n_settlers):
        width = len(READER.weights["settled_sentence.bias"]) // READER.n_settlers
        seen = np.maximum(layer("settled_sentence", told), 0)[:, number * width : (number + 1) * width]
        joined = np.concatenate([*pooled(seen, inputs.n_tokens), seen.mean(axis=0), inputs.whole[0], request])
        settled.append(
            softmax(layer(f"settled_outcome_{number}", np.maximum(layer(f"settled_reply_{number}", joined), 0)))
        )
    return outcome, flags, np.mean(settled, axis=0)


def test_a_batch_is_read_as_each_reply_is_read_slowly():
    """Blocks, distinct words and steps through all texts at once change nothing but the last digits."""
    inputs = read_inputs(REPLIES, READER.vocabulary)
    read = READER.read(inputs)
    settled = READER.settle(inputs, read, np.ones(len(REPLIES), bool))
    for index, reply in enumerate(REPLIES):
        slow = read_slowly(reply)
        for fast, expected in zip((read.outcome[index], read.flags[index], settled[index]), slow, strict=True):
            assert fast == pytest.approx(expected, abs=2e-4)


def test_some_of_a_batch_are_settled_as_all_are():
    """Which replies are chosen does not matter to any of them."""
    inputs = read_inputs(REPLIES, READER.vocabulary)
    read = READER.read(inputs)
    chosen = np.array([True, False, True, False, True])
    everything = READER.settle(inputs, read, np.ones(len(REPLIES), bool))
    assert READER.settle(inputs, read, chosen) == pytest.approx(everything[chosen], abs=1e-6)


def test_weights_come_back_as_they_were_written():
    """What is written in 16 bits is read in 16 bits, and reads a reply the same."""
    file = io.BytesIO()
    write_reader(READER, file)
    with np.load(io.BytesIO(file.getvalue())) as arrays:
        assert all((arrays[name].astype(np.float32) == values).all() for name, values in READER.weights.items())
    assert len(file.getvalue()) < 5_000_000


def test_the_weights_are_those_of_their_record():
    """The record beside the weights counts the words they know, and their heads are as wide as the verdict."""
    record = json.loads((ROOM / "reader.json").read_text(encoding="utf-8"))
    assert len(READER.vocabulary) - 1 == record["words"]
    assert READER.n_settlers == record["settlers"]
    assert len(READER.weights["cue.bias"]) == len(record["cue_classes"])
    assert (len(READER.weights["outcome.bias"]), len(READER.weights["flag.bias"])) == (len(OUTCOMES), len(FLAGS))


def test_a_word_is_found_and_another_of_its_slot_is_not():
    """A slot holds one word; the rest of the hash tells another one from it."""
    words = np.array([0x1234_5678_9ABC_DEF1, 0x1234_5600_0000_0001, 0xFFFF_0000_0000_0001], np.uint64)
    vocabulary = Vocabulary(slot_of(words[[0, 2]]).astype(np.uint32), half_of(words[[0, 2]]))
    assert slot_of(words)[0] == slot_of(words)[1]
    assert vocabulary.find(words).tolist() == [1, 0, 2]
    assert len(vocabulary) == 3
