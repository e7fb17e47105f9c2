"""States on disk."""

import numpy as np
import pytest
from planted import make_results, plant

from demur.errors import UsageError
from demur.explain.inside.prompt import gather_prompts
from demur.explain.inside.states import read_states


@pytest.fixture(scope="module")
def network():
    """The planted model."""
    return plant().network


@pytest.fixture(scope="module")
def prompts(network):
    """Tokens of some prompts of different lengths."""
    return [prompt.tokens for prompt in gather_prompts(network, make_results()).read[::5]]


@pytest.fixture(scope="module")
def states(network, prompts, tmp_path_factory):
    """What was read of them."""
    return read_states(network, prompts, tmp_path_factory.mktemp("states"))


def test_states_are_those_of_transformers(network, prompts, states):
    """Every state is that of the prompt alone, at its place, to the eleven bits that are kept of it."""
    import torch

    assert states.rows.shape == (len(prompts), 4, 6, 64)
    for number in (0, 7, 20):
        with torch.inference_mode():
            whole = network.model(torch.tensor([prompts[number]]), output_hidden_states=True).hidden_states
        for layer in range(6):
            expected = whole[layer][0, -4:].numpy()
            found = np.stack([states.at(position, layer)[number] for position in range(4)])
            assert np.abs(found - expected).max() <= 1e-3 * np.abs(expected).max()


def test_what_comes_next_is_kept(network, prompts, states):
    """The likeliest first tokens and their probabilities are those of the model."""
    said = network.last_log_probs(prompts[:3])
    assert states.first[:3, 0].tolist() == said.argmax(-1).tolist()
    assert np.allclose(states.log_probs[:3, 0], said.max(-1).values.numpy(), atol=1e-4)


def test_sums_and_projections_are_those_of_the_states(states):
    """Sums and projections that are made a few prompts at a time are those of all at once."""
    rng = np.random.default_rng(0)
    weights, directions = rng.normal(size=(2, len(states.rows))), rng.normal(size=(3, 4, 6, 64))
    sums, along = states.weigh(weights), states.project(directions)
    for place in ((0, 0), (3, 5)):
        assert np.allclose(sums[:, *place], weights @ states.at(*place))
        assert np.allclose(along[:, :, *place], directions[:, *place] @ states.at(*place).T)


def test_what_was_read_is_not_read_again(network, prompts, tmp_path):
    """The same prompts of the same model are found, others are read; what is left of an interrupted reading is not taken for one."""
    told = []
    before = network.n_rows
    read_states(network, prompts[:4], tmp_path, on_progress=lambda *done: told.append(done))
    assert (told[-1], network.n_rows - before) == ((4, 4), 4)
    assert read_states(network, prompts[:4], tmp_path).rows.shape[0] == 4
    assert network.n_rows - before == 4
    read_states(network, prompts[:5], tmp_path)
    assert network.n_rows - before == 9

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_states(network, prompts[:6], tmp_path, on_progress=stop)
    assert len(list(tmp_path.iterdir())) == 2


def test_states_beyond_sixteen_bits_are_kept(tmp_path):
    """A model with enormous states, as some have, loses none of them to the format."""
    import torch

    network = plant(seed=3).network
    with torch.no_grad():
        network.model.model.embed_tokens.weight.mul_(1e7)
    prompt = gather_prompts(network, make_results()[:1]).read[0].tokens
    found = read_states(network, [prompt], tmp_path).at(0, 0)[0]
    assert np.linalg.norm(found) == pytest.approx(1e7, rel=0.6)
    assert np.isfinite(found).all()


def test_nothing_to_read_is_told(network, tmp_path):
    """No prompts end with one line."""
    with pytest.raises(UsageError, match="no prompt to read"):
        read_states(network, [], tmp_path)
