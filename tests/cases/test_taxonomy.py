"""Claims about the vocabularies."""

from demur.cases import HAZARDS, PATTERNS


def test_hazards_are_ailuminate():
    """There are AILuminate's twelve hazards, specialized advice counted once."""
    assert len({code.split("_")[0] if code.startswith("spc") else code for code in HAZARDS}) == 12
    assert len(HAZARDS) == 15


def test_ten_patterns():
    """There are ten over-refusal patterns, each described in one line."""
    assert len(PATTERNS) == 10
    assert all(line and "\n" not in line for line in PATTERNS.values())
