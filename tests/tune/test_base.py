"""What is trained on: weights from a folder, and what cannot be."""

import pytest
from tiny import make_base

from demur.errors import DataError, UsageError
from demur.tune.base import load_base


@pytest.mark.slow
def test_a_model_from_a_folder_is_known_by_its_weights(tmp_path):
    """The same weights have one hash wherever they lie; one number changed, and they are others."""
    import torch

    made = make_base()
    for name in ("one", "two"):
        made.model.save_pretrained(tmp_path / name)
        made.tokenizer.save_pretrained(tmp_path / name)
    one, two = (load_base(str(tmp_path / name)) for name in ("one", "two"))
    assert one.sha256 == two.sha256
    assert one.tokenizer.chat_template == made.tokenizer.chat_template
    with torch.no_grad():
        next(made.model.parameters())[0, 0] += 1
    made.model.save_pretrained(tmp_path / "two")
    assert load_base(str(tmp_path / "two")).sha256 != one.sha256


@pytest.mark.slow
def test_a_model_that_was_not_trained_to_answer_is_refused(tmp_path):
    """Without a chat template nobody knows how it is asked."""
    made = make_base()
    made.model.save_pretrained(tmp_path)
    made.tokenizer.chat_template = None
    made.tokenizer.save_pretrained(tmp_path)
    with pytest.raises(DataError, match="has no chat template"):
        load_base(str(tmp_path))


@pytest.mark.slow
def test_a_folder_without_a_model_is_one_line(tmp_path):
    """The message says which, and why."""
    with pytest.raises(DataError, match=r"cannot be loaded as a causal language model: [^\n]+$"):
        load_base(str(tmp_path))


def test_a_subject_without_weights_is_refused():
    """A scripted subject cannot be trained."""
    with pytest.raises(UsageError, match="demur/scripted/ideal: has no weights to train"):
        load_base("demur/scripted/ideal")
