"""The name of a model with an adapter on it."""

from pathlib import Path

import pytest

from demur.errors import UsageError
from demur.subjects import with_adapter


@pytest.mark.parametrize("model", ["demur/smollm2", "smollm2"])
def test_a_model_and_an_adapter_have_one_name(model):
    """It is what `open_subject` takes, with or without the leading ``demur/``."""
    assert with_adapter(model, Path("out/blunt")) == f"{model}@out/blunt"


@pytest.mark.parametrize("model", ["openai/gpt-4o", "demur/scripted/keyword", "demur/smollm2@out/first"])
def test_a_model_that_takes_no_adapter_is_refused(model):
    """One line names both, and a model that takes one."""
    with pytest.raises(UsageError, match=f"{model}: found out to put on it; expected demur/smollm2"):
        with_adapter(model, Path("out"))
