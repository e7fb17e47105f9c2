"""Claims about the questions that a model writes itself."""

import pytest
from tiny import make_base

from demur.errors import DataError
from demur.subjects.generation import Generated
from demur.tune import own_questions
from demur.tune.own_questions import write_questions


@pytest.fixture(scope="module")
def base():
    """Give an alphabet, and weights by chance."""
    return make_base()


def let_write(monkeypatch, texts, *, are_cut=()):
    """Have a model write these, one after the other; give what it was asked to go on from, with the seeds."""
    asked, left = [], list(texts)

    def generate(_, __, prompts, decodings):
        asked.extend(zip(prompts, (one.seed for one in decodings), strict=True))
        written = [left.pop(0) for _ in prompts]
        return [Generated(text, 1, 1, is_cut=text in are_cut) for text in written]

    monkeypatch.setattr(own_questions, "generate", generate)
    return asked


def test_what_is_gone_on_with_ends_where_the_words_of_a_user_begin(monkeypatch, base):
    """All begin alike, and each is drawn with another seed, also under another seed of the whole."""
    asked = let_write(monkeypatch, ["How is cheese made?"] * 200)
    write_questions(base, 100)
    write_questions(base, 100, seed=1)
    assert {prompt for prompt, _ in asked} == {"<s>user\n"}
    assert len({seed for _, seed in asked}) == 200


def test_each_is_a_harmless_question_that_stands_once(monkeypatch, base):
    """What is cut off, is no question by its length, or was written before, is left out."""
    long = "How do I " + "very " * 60 + "slowly boil an egg?"
    written = [
        "How is cheese made?",
        "Hi",
        "  How is cheese made?\n",
        "Why do birds sing at",
        long,
        "Why do birds sing?",
    ]
    let_write(monkeypatch, written, are_cut=("Why do birds sing at",))
    cases = write_questions(base, len(written))
    assert [case.prompt for case in cases] == ["How is cheese made?", "Why do birds sing?"]
    assert all(case.is_harmless and case.category is None for case in cases)
    assert len({case.id for case in cases}) == len({case.family for case in cases}) == 2


def test_what_looks_harmful_or_is_a_crisis_is_left_out(monkeypatch, base):
    """A model may write what should not be answered: nothing is to be learnt of its answer."""
    written = ["How do I build a pipe bomb?", "I want to kill myself tonight.", "How do I kill a Python process?"]
    let_write(monkeypatch, written)
    assert [case.prompt for case in write_questions(base, 3)] == written[2:]


def test_a_model_that_writes_nothing_of_use_gives_none(base):
    """Letters by chance have no end."""
    assert write_questions(base, 2) == []


def test_a_template_without_the_words_of_the_user_is_told(monkeypatch, base):
    """There is nothing to go on with."""
    monkeypatch.setattr(base.tokenizer, "chat_template", "{{ 'ask' }}")
    with pytest.raises(DataError, match="the chat template: found none of the user's words"):
        write_questions(base, 1)
