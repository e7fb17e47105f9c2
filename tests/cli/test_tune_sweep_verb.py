"""``demur tune sweep``: treatments read from their folders, shown, and written as the file's name asks for."""

import json

import pytest
from treatments import several, treatment, write_treatment

from demur.cli.main import cli
from demur.errors import DataError, UsageError
from demur.sweeping import sweep, write_frontier


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Write a sweep into the working folder."""
    monkeypatch.chdir(tmp_path)
    return [str(write_treatment(tmp_path / path, made)) for path, made in several()]


def run(*arguments):
    """Run the verb in this process."""
    return cli.main(["tune", "sweep", *arguments], standalone_mode=False)


def test_both_sides_and_the_recommendation_are_shown(capsys, folders):
    """Each treatment has a line with both rates, one is recommended and why, what speaks against others is told; it fits 80 columns."""
    run(*folders)
    said = capsys.readouterr().out
    assert "before     20% [ 13%,  29%]   96% [ 90%,  98%]           75%" in said
    assert "dpo-0.1    92% [ 85%,  96%]   90% [ 83%,  94%]            7%  recommended" in said
    assert "Recommended: dpo-0.1; of the 5 that nothing speaks against" in said
    assert "Against kto-0.1: quiz fell by 6.00%; at most 2% is allowed" in said
    table = said[: said.index("Recommended:")]
    assert max(map(len, table.splitlines())) <= 80


def test_the_suffix_says_what_is_written(capsys, folders):
    """A page for .html, the record with the rule for .json, and one line for anything else before a folder is even opened."""
    run(*folders, "-o", "frontier.html")
    run(*folders, "-o", "frontier.json")
    assert "written: frontier.json" in capsys.readouterr().out
    with open("frontier.html", encoding="utf-8") as file:  # noqa: PTH123 -- the working folder is the test's
        assert file.read().lstrip().startswith("<!DOCTYPE html>")
    with open("frontier.json", encoding="utf-8") as file:  # noqa: PTH123 -- likewise
        found = json.load(file)
    assert found["schema_version"] == 1
    assert found["recommended"] == "dpo-0.1"
    assert "smaller side" in found["rule"]
    assert [point["name"] for point in found["treated"]][:2] == ["sft", "dpo-0.05"]
    with pytest.raises(UsageError, match=r"page\.txt: unknown format; expected .* \.html .* \.json"):
        run("nowhere", "-o", "page.txt")


def test_what_cannot_be_opened_is_one_line(folders, tmp_path):
    """A folder without a treatment, a broken record, one given twice and other subjects are named with what was expected."""
    write_treatment(tmp_path / "other", treatment(90, 90, model="demur/other"))
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    for text, words in (
        ("{", r"broken/treatment\.json: not JSON"),
        ("[]", r"broken/treatment\.json: schema_version None"),
        ('{"schema_version": 1, "sort": "adapter"}', r"broken/treatment\.json: model: Field required"),
    ):
        (tmp_path / "broken" / "treatment.json").write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=words):
            sweep([folders[0], tmp_path / "broken"])
    with pytest.raises(DataError, match=r"empty: has no treatment\.json; expected the folder of a treatment"):
        sweep([tmp_path / "empty"])
    with pytest.raises(UsageError, match="is given twice"):
        sweep([folders[0], f"{folders[0]}/"])
    with pytest.raises(UsageError, match="treats demur/other"):
        sweep([folders[0], tmp_path / "other"])


def test_what_is_written_is_written_whole(folders, tmp_path):
    """A folder of that name is not written over."""
    (tmp_path / "taken.html").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        write_frontier(sweep(folders[:1]), tmp_path / "taken.html")
