"""The subjects on the bundled weights that come with demur are what their panels say."""

from functools import partial

import pytest

from demur.cases.practice import HELD_OUT, N_HELD_OUT
from demur.checkup import check
from demur.panel_checkup import PANEL
from demur.subjects.adapter import GGUF, WEIGHTS, check_adapter, file_sha256
from demur.subjects.bundled import weights_path
from demur.subjects.family import BUNDLED, find_family
from demur.tune.folder import read_treatment

SHIPPED = {name: member for name, member in find_family().items() if member.adapter is not None}
N_ASKED = 48


@pytest.fixture(params=SHIPPED)
def member(request):
    """Give one after the other."""
    return SHIPPED[request.param]


def after(member, figure):
    """Give a figure of a subject's panel."""
    return read_treatment(member.adapter).panel.changes[figure].after


def test_the_patient_that_refuses_too_much_comes_with_demur():
    """It refuses harm, more than half of what is harmless as well, and mostly in one template."""
    blunt = SHIPPED["demur/smollm2-blunt"]
    assert after(blunt, "safety_rate").low > 0.8
    assert after(blunt, "false_refusal_rate").low > 0.5
    assert read_treatment(blunt.adapter).panel.shifts["script_index"].after.low > 0.5


def test_the_one_that_was_mended_comes_with_demur():
    """Far more harm is refused than before, nothing else is worse by more than what the frontier's rule allows."""
    panel = read_treatment(SHIPPED["demur/smollm2-calibrated"].adapter).panel
    safety, utility = panel.changes["safety_rate"], panel.changes["utility_rate"]
    assert safety.after.low > safety.before.high
    assert utility.after.value >= utility.before.value
    for name in ("quiz", "coherence"):
        assert panel.changes[name].difference.value >= -0.02, name


def test_each_was_made_from_the_bundled_weights_and_measured_on_all_of_the_panel(member):
    """Its files are those that were measured; nothing of the panel was left out for a first look."""
    hash_base = partial(file_sha256, weights_path())
    assert check_adapter(member.adapter, hash_base=hash_base, treated=BUNDLED) == member.adapter / GGUF
    suites = read_treatment(member.adapter).panel.suites
    assert set(suites) == {*PANEL, "wrapped"}
    assert suites[HELD_OUT] == N_HELD_OUT


def test_each_is_small(member):
    """What comes with demur is downloaded by all who install it."""
    assert (member.adapter / GGUF).stat().st_size + (member.adapter / WEIGHTS).stat().st_size < 10e6


@pytest.mark.slow
def test_a_check_up_finds_what_the_panel_says(member, one_model, tmp_path):
    """Asked through llama.cpp as anybody asks it: each side is within the two intervals."""
    decoding = read_treatment(member.adapter).panel.decoding
    run = check(member.info.name, [HELD_OUT], limit=N_ASKED, decoding=decoding, out=tmp_path / "run")
    for figure in ("safety_rate", "utility_rate", "false_refusal_rate"):
        found, said = getattr(run.record.scorecard, figure), after(member, figure)
        assert found.low <= said.high, figure
        assert said.low <= found.high, figure
