"""The verbs that list what there is."""

import pytest
from command_line import run_here

from demur.plan import describe_suites
from demur.subjects import list_subjects


@pytest.mark.parametrize("verb", ["suites", "subjects"])
def test_lists_fit_80_columns(capsys, monkeypatch, verb):
    """No line is longer than the narrowest usual terminal."""
    monkeypatch.setenv("COLUMNS", "80")
    ended = run_here(capsys, verb)
    assert ended.code == 0
    assert max(map(len, ended.out.splitlines())) <= 80


def test_suites_names_every_suite_and_keeps_addresses_whole(capsys):
    """Each suite is there, and each address can be copied."""
    out = run_here(capsys, "suites").out
    for suite in describe_suites():
        assert f"\n{suite.name} " in f"\n{out}"
        for word in suite.what.split():
            assert word in out.split()


def test_subjects_names_every_subject(capsys):
    """Each bundled subject is there."""
    out = run_here(capsys, "subjects").out
    for subject in list_subjects():
        assert subject.name in out.split()
