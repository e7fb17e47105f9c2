"""The documentation says what the code does."""

import re
import runpy
from dataclasses import fields
from pathlib import Path

import pytest

from demur.cases import HAZARDS, PATTERNS
from demur.run import Counts, RunRecord
from demur.scorecard import FIGURES, Axes, Scorecard
from demur.types import Estimate

ROOT = Path(__file__).parents[1]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def test_the_command_line_page_is_up_to_date():
    """``docs/cli.md`` is what ``make docs`` would write."""
    page = runpy.run_path(str(ROOT / "docs" / "make_cli.py"))["make_page"]()
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == page


def test_every_figure_has_words_and_a_glossary_entry():
    """Each estimate of the scorecard is named in plain words and in the glossary."""
    figures = [
        field.name for kind in (Scorecard, Axes) for field in fields(kind) if field.type in (Estimate, "Estimate")
    ]
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


@pytest.mark.slow
def test_the_python_in_the_readme_runs(tmp_path, monkeypatch, capsys):
    """The README's Python example does what it says, with a scripted subject in the model's place."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "replies.jsonl").write_text(
        '{"prompt": "Hi", "response": "Hello!", "expect": "comply"}\n', encoding="utf-8"
    )
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    exec(block.replace("demur/smollm2", "demur/scripted/ideal"), {})  # noqa: S102 -- it is the README's own
    assert capsys.readouterr().out.count("Estimate(") == 4
    assert (tmp_path / "judged.jsonl").exists()
    assert list((tmp_path / "runs").glob("*/report.html"))
