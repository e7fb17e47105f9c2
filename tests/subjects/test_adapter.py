"""Which adapters of the bundled subject are loaded."""

from functools import partial

import pytest
from adapters import record_adapter, rewrite

from demur.errors import DataError
from demur.subjects import open_subject
from demur.subjects.adapter import CANDIDATE, GGUF, MEASURED, check_adapter, file_sha256


@pytest.fixture
def base(tmp_path):
    """Give a file that stands for weights."""
    path = tmp_path / "base.gguf"
    path.write_bytes(b"weights")
    return path


@pytest.fixture
def adapter(tmp_path, base):
    """Give the folder of a measured adapter."""
    folder = tmp_path / "adapter"
    folder.mkdir()
    (folder / GGUF).write_bytes(b"low rank")
    return record_adapter(folder, base=base)


def test_an_adapter_with_its_panel_is_loaded(adapter, base):
    """The file for llama.cpp is given."""
    assert check_adapter(adapter, hash_base=partial(file_sha256, base), treated="demur/smollm2") == adapter / GGUF


def test_without_a_record_nothing_is_loaded(adapter, base):
    """A folder that training has not finished with is no adapter."""
    (adapter / MEASURED).unlink()
    with pytest.raises(DataError, match=r"has no treatment\.json; expected an adapter with its panel"):
        check_adapter(adapter, hash_base=partial(file_sha256, base), treated="demur/smollm2")


@pytest.mark.parametrize(
    "panel", [None, {}, {"changes": None}, {"changes": {"safety_rate": {}}}, {"changes": {"utility_rate": {}}}]
)
def test_an_adapter_with_half_a_panel_is_refused(adapter, base, panel):
    """Both sides must have been measured."""
    rewrite(adapter, panel=panel)
    with pytest.raises(DataError, match=r"its panel has no (safety|utility)_rate"):
        check_adapter(adapter, hash_base=partial(file_sha256, base), treated="demur/smollm2")


def test_an_adapter_for_other_weights_is_refused(adapter, base):
    """It would change who knows what."""
    base.write_bytes(b"other weights")
    with pytest.raises(DataError, match="made for demur/smollm2 with other weights than are there now"):
        check_adapter(adapter, hash_base=partial(file_sha256, base), treated="demur/smollm2")


def test_an_adapter_of_another_subject_is_refused_with_its_name(adapter, base):
    """It holds all that was done to that subject, and its panel speaks of that one."""
    rewrite(adapter, model="demur/smollm2-blunt")
    said = rf"adapter: was made for demur/smollm2-blunt; ask for it as demur/smollm2-blunt@{adapter}$"
    with pytest.raises(DataError, match=said):
        check_adapter(adapter, hash_base=partial(file_sha256, base), treated="demur/smollm2")
    assert check_adapter(adapter, hash_base=partial(file_sha256, base), treated="demur/smollm2-blunt") == adapter / GGUF


def test_a_file_that_was_not_measured_is_refused(adapter, base):
    """A panel speaks for the weights that were measured, and for no others."""
    (adapter / GGUF).write_bytes(b"something else")
    with pytest.raises(DataError, match=r"adapter\.gguf: is not the file that was measured"):
        check_adapter(adapter, hash_base=partial(file_sha256, base), treated="demur/smollm2")
    (adapter / GGUF).unlink()
    with pytest.raises(DataError, match=r"adapter\.gguf: is not the file that was measured"):
        check_adapter(adapter, hash_base=partial(file_sha256, base), treated="demur/smollm2")


@pytest.mark.parametrize("files", [None, {}, [], {"other": "0"}])
def test_a_record_without_the_weights_is_refused(adapter, base, files):
    """One line says what is missing."""
    rewrite(adapter, files=files)
    with pytest.raises(DataError, match=r"names no adapter\.gguf"):
        check_adapter(adapter, hash_base=partial(file_sha256, base), treated="demur/smollm2")


@pytest.mark.parametrize("text", ["", "{", "[]", "3"])
def test_a_broken_record_is_one_line(adapter, base, text):
    """Never a traceback."""
    (adapter / MEASURED).write_text(text)
    with pytest.raises(DataError, match=r"treatment\.json: .*expected what demur tune train wrote"):
        check_adapter(adapter, hash_base=partial(file_sha256, base), treated="demur/smollm2")


def test_a_candidate_is_loaded_as_such_alone(adapter, base):
    """While its panel is measured an adapter has another name, and under its own it is not there."""
    (adapter / MEASURED).rename(adapter / CANDIDATE)
    rewrite(adapter, CANDIDATE, panel=None, model="demur/smollm2-blunt")
    assert check_adapter(adapter, hash_base=partial(file_sha256, base), treated=None) == adapter / GGUF
    with pytest.raises(DataError, match=r"has no treatment\.json"):
        check_adapter(adapter, hash_base=partial(file_sha256, base), treated="demur/smollm2")


@pytest.mark.parametrize("name", ["demur/smollm2@{}", "smollm2@{}", "demur/candidate@{}"])
def test_a_folder_that_is_none_is_said(name, tmp_path):
    """A wrong path is one line, before the model is loaded."""
    with pytest.raises(DataError, match=r"nowhere: has no (treatment|candidate)\.json"):
        open_subject(name.format(tmp_path / "nowhere"))
