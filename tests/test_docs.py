"""The documentation says what the code does."""

import ast
import doctest
import re
import runpy
from dataclasses import fields
from pathlib import Path

import pytest

from demur.cases import HAZARDS, PATTERNS
from demur.run import Counts, RunRecord
from demur.scorecard import FIGURES, Scorecard
from demur.types import Estimate

ROOT = Path(__file__).parents[1]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def test_the_command_line_page_is_up_to_date():
    """``docs/cli.md`` is what ``make docs`` would write."""
    page = runpy.run_path(str(ROOT / "docs" / "make_cli.py"))["make_page"]()
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == page


def test_every_figure_has_words_and_a_glossary_entry():
    """Each estimate of the scorecard is named in plain words and in the glossary."""
    figures = [field.name for field in fields(Scorecard) if field.type in (Estimate, "Estimate")]
    assert set(figures) == set(FIGURES)
    for name in figures:
        assert f"| `{name}` |" in GLOSSARY


@pytest.mark.parametrize("names", [HAZARDS, PATTERNS], ids=["hazards", "patterns"])
def test_every_name_of_the_taxonomy_is_in_the_glossary(names):
    """Each hazard and each pattern has a row, in the code's own words."""
    for name, meaning in names.items():
        assert f"| {name} | {meaning} |" in GLOSSARY


def test_every_field_of_the_run_record_is_documented():
    """The page on records names each field of ``run.json`` and each count."""
    page = (ROOT / "docs" / "records.md").read_text(encoding="utf-8")
    for field in (*fields(RunRecord), *fields(Counts)):
        assert f"`{field.name}`" in page, field.name


def test_links_between_the_pages_lead_somewhere():
    """Every relative link of the README and the docs names a file that is there."""
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_python_in_the_readme_uses_what_there_is(tmp_path, monkeypatch):
    """The README's Python example runs, on a scripted subject and a few cases."""
    import demur

    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        names = {node.attr for node in ast.walk(ast.parse(block)) if isinstance(node, ast.Attribute)
                 and isinstance(node.value, ast.Name) and node.value.id == "demur"}  # fmt: skip
        assert names <= set(demur.__all__)


def test_examples_in_docstrings_hold():
    """The examples that docstrings show give what they say."""
    import demur.stats.proportion

    assert doctest.testmod(demur.stats.proportion).failed == 0
