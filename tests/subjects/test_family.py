"""Subjects on the bundled weights: there if their adapter is, and asked under it and no other."""

from pathlib import Path

import pytest
from adapters import record_adapter

from demur.errors import DataError, UsageError
from demur.subjects import bundled, family, list_subjects, open_subject, with_adapter
from demur.subjects.adapter import GGUF


@pytest.fixture
def base(tmp_path, monkeypatch):
    """Put a file in the place of the weights, and in that of the model what it would be loaded with."""
    path = tmp_path / "base.gguf"
    path.write_bytes(b"weights")
    monkeypatch.setattr(bundled, "weights_path", lambda: path)
    monkeypatch.setattr(bundled, "SmolLM2", lambda adapter, *, name: (name, adapter))
    return path


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """Give the folder where adapters that come with demur are looked for; there are none."""
    folder = tmp_path / "adapters"
    folder.mkdir()
    monkeypatch.setattr(family, "_ADAPTERS", folder)
    return folder


def add(parent: Path, base: Path, name: str = "blunt", **more) -> Path:
    """Add an adapter, and give its folder."""
    folder = parent / name
    folder.mkdir()
    (folder / GGUF).write_bytes(name.encode())
    return record_adapter(folder, base=base, **more)


def names():
    """Give the names of the real models."""
    return [info.name for info in list_subjects() if "scripted" not in info.name]


def test_a_subject_without_its_adapter_is_not_there(shipped):
    """It is not listed, and who asks for it, with or without an adapter, hears what of any name that does not exist."""
    assert names() == ["demur/smollm2"]
    for name in ("demur/smollm2-blunt", "demur/smollm2-calibrated", "demur/smollm2-blunt@out/sft"):
        with pytest.raises(UsageError, match=f"no subject named {name}; demur subjects lists them"):
            open_subject(name)
    with pytest.raises(UsageError, match="expected demur/smollm2 or demur/local/NAME, which"):
        with_adapter("demur/smollm2-blunt", Path("out"))


def test_a_subject_is_the_weights_under_its_adapter(shipped, base):
    """Listed with what is wrong with it, and loaded with the adapter of its name; the plain model is loaded without."""
    for name in ("blunt", "calibrated"):
        adapter = add(shipped, base, name)
        for asked in (f"demur/smollm2-{name}", f"smollm2-{name}"):
            assert open_subject(asked) == (f"demur/smollm2-{name}", adapter / GGUF)
    assert names() == ["demur/smollm2", "demur/smollm2-blunt", "demur/smollm2-calibrated"]
    assert open_subject("demur/smollm2") == ("demur/smollm2", None)


def test_an_adapter_that_comes_with_demur_is_checked_like_any_other(shipped, base):
    """Changed after it was measured, or measured on other weights, it is not loaded."""
    adapter = add(shipped, base)
    base.write_bytes(b"other weights")
    with pytest.raises(DataError, match="made for demur/smollm2 with other weights"):
        open_subject("demur/smollm2-blunt")
    base.write_bytes(b"weights")
    (adapter / GGUF).write_bytes(b"other")
    with pytest.raises(DataError, match="is not the file that was measured"):
        open_subject("demur/smollm2-blunt")


def test_an_adapter_is_asked_for_by_the_subject_that_was_treated(shipped, base, tmp_path):
    """It takes the place of the subject's own, which it contains; under another name it is refused with the right one."""
    add(shipped, base)
    mended = add(tmp_path, base, "mended", model="demur/smollm2-blunt")
    name = with_adapter("demur/smollm2-blunt", mended)
    assert open_subject(name) == (f"demur/smollm2-blunt@{mended}", mended / GGUF)
    with pytest.raises(DataError, match=f"was made for demur/smollm2-blunt; ask for it as {name}"):
        open_subject(f"demur/smollm2@{mended}")
    with pytest.raises(DataError, match="was made for demur/smollm2; ask for it as demur/smollm2@"):
        open_subject(f"demur/smollm2-blunt@{add(tmp_path, base, 'other')}")
