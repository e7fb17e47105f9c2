"""The folder of a treatment."""

import json
from dataclasses import replace

import pytest
from treatments import treatment

from demur.errors import DataError, IncompleteError
from demur.subjects.adapter import CANDIDATE, MEASURED
from demur.tune.folder import read_treatment, save_candidate, save_treatment

GOOD = treatment(90, 95)


def test_what_is_written_is_read_again(tmp_path):
    """A treatment is the same after it was saved."""
    save_treatment(tmp_path / "new", GOOD)
    assert read_treatment(tmp_path / "new") == GOOD


def test_a_measured_treatment_is_no_candidate_any_more(tmp_path):
    """What stood in for the panel goes when the panel is there."""
    save_candidate(tmp_path, model="demur/smollm2", base_sha256="0", files={})
    assert (tmp_path / CANDIDATE).exists()
    save_treatment(tmp_path, GOOD)
    assert [path.name for path in tmp_path.iterdir()] == [MEASURED]


@pytest.mark.parametrize("side", ["safety_rate", "utility_rate"])
def test_nothing_is_saved_without_both_sides(tmp_path, side):
    """A treatment whose panel lacks a side cannot be written by mistake."""
    changes = {name: change for name, change in GOOD.panel.changes.items() if name != side}
    with pytest.raises(ValueError, match=side):
        save_treatment(tmp_path, replace(GOOD, panel=replace(GOOD.panel, changes=changes)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (None, "has no treatment"),
        ("{", "not JSON"),
        ("[]", "schema_version None"),
        ('{"schema_version": 99}', "schema_version 99"),
        ('{"schema_version": 1}', "sort"),
    ],
)
def test_what_is_no_treatment_is_one_line(tmp_path, text, named):
    """The message says what was found."""
    if text is not None:
        (tmp_path / MEASURED).write_text(text)
    with pytest.raises(DataError, match=named):
        read_treatment(tmp_path)


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    """And nothing half-written is left."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(IncompleteError, match="cannot be written"):
        save_treatment(tmp_path / "taken" / "folder", GOOD)


def test_the_record_can_be_read_by_anybody(tmp_path):
    """It is JSON with both sides, before and after, under their names."""
    save_treatment(tmp_path, GOOD)
    said = json.loads((tmp_path / MEASURED).read_text())
    assert said["panel"]["changes"]["safety_rate"]["after"]["value"] == pytest.approx(0.9)
    assert said["panel"]["changes"]["utility_rate"]["after"]["value"] == pytest.approx(0.95)
