"""A model opened up: positions, padding, and what cannot be read."""

import numpy as np
import pytest
from planted import make_tokenizer, plant

from demur.errors import DataError, UsageError
from demur.explain.inside.network import Network, batches
from demur.explain.inside.positions import find_template_end, window
from demur.steering.positions import last_index
from demur.types import Turn


@pytest.fixture(scope="module")
def network():
    """The planted model."""
    return plant().network


def turns(text):
    """A question."""
    return (Turn("user", text),)


def test_the_template_ends_where_the_reply_begins(network):
    """The tokens after a request are those of the template, whatever was asked."""
    assert network.tokenizer.convert_ids_to_tokens(network.template_end) == ["</s>", "<s>", "assistant"]
    asked = network.encode(turns("word1 word2"), of="it")
    assert asked[-3:] == network.template_end
    assert network.tokenizer.convert_ids_to_tokens(asked[-4]) == "word2"


def test_padding_changes_nothing(network):
    """A short prompt beside a long one says what it says alone, also where positions are learnt."""
    import torch
    import transformers

    torch.manual_seed(0)
    config = transformers.GPT2Config(vocab_size=len(network.tokenizer), n_embd=32, n_layer=2, n_head=2, n_positions=64)
    learnt = Network(transformers.GPT2LMHeadModel(config), network.tokenizer, sha256="gpt2")
    prompts = [network.encode(turns(text), of="it") for text in ("word1", " ".join(f"word{n}" for n in range(20)))]
    for one in (network, learnt):
        together = one.last_log_probs(prompts)
        alone = torch.cat([one.last_log_probs([prompt]) for prompt in prompts])
        assert torch.allclose(together, alone, atol=1e-5)


def test_the_last_token_is_found_wherever_the_padding_is():
    """Its index is right under padding on either side and on none."""
    import torch

    mask = torch.tensor([[0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 1, 1]])
    assert last_index(mask).tolist() == [3, 1, 3]


def test_windows_need_padding_on_the_left():
    """States at the end of rows that do not end together are not cut out, nor those of rows that are too short."""
    import torch

    hidden = torch.arange(8.0).reshape(2, 4, 1)
    assert window(hidden, torch.tensor([[0, 1, 1, 1], [0, 0, 1, 1]]), 2).flatten().tolist() == [2, 3, 6, 7]
    with pytest.raises(UsageError, match="padded on the right"):
        window(hidden, torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]]), 2)
    with pytest.raises(UsageError, match="has 1 tokens"):
        window(hidden, torch.tensor([[0, 0, 0, 1], [1, 1, 1, 1]]), 2)


def test_a_model_without_a_chat_template_is_told_so(network):
    """A tokenizer without a template, or with one that ends with the request, ends with one line."""
    with pytest.raises(UsageError, match="no chat template"):
        Network(network.model, make_tokenizer(template=None), sha256="")
    with pytest.raises(UsageError, match="puts no token between"):
        find_template_end(make_tokenizer(template="<s> {{ messages[0]['content'] }}"))


def test_a_tokenizer_of_another_model_is_told_so(network):
    """A tokenizer with tokens that the model does not know ends with one line."""
    with pytest.raises(UsageError, match="model with its own tokenizer"):
        Network(network.model, make_tokenizer(n_more=5), sha256="")


def test_networks_are_told_apart(network):
    """Other weights, another template or other tokens make another key."""
    other = make_tokenizer(template="<s> user {{ messages[0]['content'] }} </s>")
    keys = {
        network.key,
        Network(network.model, network.tokenizer, sha256="").key,
        Network(network.model, other, sha256="").key,
    }
    assert len(keys) == 3


def test_a_prompt_beyond_the_context_is_named(network):
    """A prompt that does not fit ends with one line that names it, and so does one that the template does not take."""
    with pytest.raises(DataError, match="library:long: found a prompt of 85 tokens; expected fewer than 64"):
        network.encode(turns("word1 " * 80), of="library:long")
    strict = Network(
        network.model,
        make_tokenizer(
            template="{{ messages[0].content }} </s>{{ raise_exception('no system') if messages[0].role == 'system' }}"
        ),
        sha256="",
    )
    with pytest.raises(DataError, match="of it: the chat template does not take"):
        strict.encode((Turn("system", "word1"), *turns("word2")), of="of it")


def test_batches_hold_rows_of_like_length():
    """Every row is in one batch, the longest first, and no batch but one of a single row is beyond the limit."""
    lengths = np.random.default_rng(0).integers(5, 900, 60).tolist()
    found = list(batches(lengths, rows_each=2))
    assert sorted(index for batch in found for index in batch) == list(range(60))
    assert all(len(batch) == 1 or 2 * max(lengths[index] for index in batch) * len(batch) <= 2048 for batch in found)
    flat = [lengths[index] for batch in found for index in batch]
    assert flat == sorted(flat, reverse=True)
