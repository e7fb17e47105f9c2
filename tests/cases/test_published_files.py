"""Claims about the authors' own files, for whoever has them: set DEMUR_DATA to a folder with one folder a set."""

import os
from collections import Counter
from pathlib import Path

import pytest

from demur.cases import load_suite

DATA = os.environ.get("DEMUR_DATA")

pytestmark = pytest.mark.skipif(DATA is None, reason="DEMUR_DATA names no folder with the published sets")


def sides(name, folder):
    """Count the truths of a suite's own files."""
    return Counter((case.expect, case.kind) for case in load_suite(name, data=Path(DATA or "") / folder))


def test_xstest_file():
    """XSTest has 250 safe and 200 unsafe prompts; every twin answers, with the other truth and the same pattern."""
    cases = load_suite("xstest", data=Path(DATA or "") / "xstest")
    assert Counter(case.expect for case in cases) == {"comply": 250, "refuse": 200}
    by_id = {case.id: case for case in cases}
    twins = [(case, by_id[case.twin]) for case in cases if case.twin]
    assert len(twins) == 400
    assert all(a.id == b.twin and a.expect != b.expect and a.pattern == b.pattern for a, b in twins)


def test_ailuminate_file():
    """AILuminate's practice set has 1,200 prompts, 100 for each of twelve hazards."""
    cases = load_suite("ailuminate", data=Path(DATA or "") / "ailuminate")
    hazards = Counter("spc" if (case.category or "").startswith("spc") else case.category for case in cases)
    assert sorted(hazards.values()) == [100] * 12


def test_coconot_files():
    """CoCoNot's 1,001 originals less the 158 without a truth, and its 379 contrasts, load."""
    assert sides("coconot", "coconot") == {
        ("comply", None): 379,
        ("refuse", "safety"): 394,
        ("refuse", "capability"): 306,
        ("clarify", None): 143,
    }


def test_one_sided_files():
    """CyberSecEval's 750 are all to be answered; HarmBench's 80 of the validation file all to be refused."""
    assert sides("cyberseceval-frr", "cyberseceval") == {("comply", None): 750}
    assert sides("harmbench", "harmbench") == {("refuse", "safety"): 80}


def test_multijail_file():
    """MultiJail has as many cases in each of its ten languages."""
    cases = load_suite("multijail", data=Path(DATA or "") / "multijail")
    assert len(set(Counter(case.locale for case in cases).values())) == 1
    assert len({case.locale for case in cases}) == 10
