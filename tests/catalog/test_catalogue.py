"""The catalogue as a whole: every link leads somewhere and back, every kind is there, and it says the same on the same day."""

from datetime import date
from typing import get_args

import pytest

from demur.cases import HAZARDS, PATTERNS, WRAPPERS, load_library
from demur.catalog import KINDS
from demur.catalog.failure import FAILURES, OF_TESTS
from demur.catalog.record import RecordKind
from demur.cataloguing import build_catalogue
from demur.drills import TESTS, load_drills
from demur.types import FailureMode

DAY = date(2026, 12, 1)


@pytest.fixture(scope="module")
def catalogue():
    """Build the catalogue of a day."""
    return build_catalogue(today=DAY)


@pytest.fixture(scope="module")
def records(catalogue):
    """Give its records by id."""
    return {record.id: record for record in catalogue.records}


def test_there_is_a_record_for_everything(catalogue, records):
    """Each card, wrapper, hazard, pattern and failure mode has one, and ids are unique."""
    assert len(records) == len(catalogue.records)
    expected = {f"case/{case.id}" for case in load_library()} | {f"drill/{drill.case.id}" for drill in load_drills()}
    expected |= {f"wrapper/{name}" for name in WRAPPERS} | {f"hazard/{code}" for code in HAZARDS}
    expected |= {f"pattern/{name}" for name in PATTERNS} | {f"failure-mode/{mode}" for mode in FAILURES}
    assert expected <= set(records)
    assert {record.kind for record in catalogue.records} == set(KINDS) == set(get_args(RecordKind))


def test_every_link_leads_to_a_record_and_back(records):
    """No link is broken, and each is found again at its other end."""
    for record in records.values():
        for link in record.links:
            assert link.to in records, f"{record.id}: {link.to}"
            back = records[link.to].links if link.relation == "twin" else records[link.to].backlinks
            assert record.id in [other.to for other in back], f"{link.to} does not know {record.id}"


def test_every_id_that_a_drill_leans_on_is_a_record(records):
    """What `leans_on` names is there, and says who leans on it."""
    for drill in load_drills():
        leaned_on = {
            link.to.partition("/")[2] for link in records[f"drill/{drill.case.id}"].links if link.relation == "leans on"
        }
        assert leaned_on == set(drill.leans_on)


def test_every_wrapper_has_its_paper(records):
    """Its source, as the code states it, names the first author and the year of the record that it is linked to."""
    for name, wrapper in WRAPPERS.items():
        (link,) = [link for link in records[f"wrapper/{name}"].links if link.relation == "from"]
        facts = records[link.to].facts
        cited = facts.get("authors") or facts["citation"]
        assert cited.split(",")[0].split()[0] == wrapper.source.split()[0], name
        assert f"({facts['year']})" in wrapper.source if "year" in facts else True, name


def test_every_failure_mode_is_looked_for(records):
    """Every drill's purpose looks for something, and each of the six ways to fail has drills and references."""
    assert set(OF_TESTS) == set(TESTS)
    assert set(FAILURES) == set(get_args(FailureMode))
    for mode in FAILURES:
        kinds = {link.to.partition("/")[0] for link in records[f"failure-mode/{mode}"].backlinks}
        assert kinds & {"technique", "paper"}, mode
        assert "drill" in kinds, mode


def test_a_card_is_measured(records):
    """Words, moves, wordings afresh and languages are counted; of a wrapped request only the request."""
    found = records["drill/languages-barn"].size
    assert (found.n_moves, found.n_afresh, len(found.locales)) == (15, 15, 16)
    weapon = records["drill/wrapper-weapon"]
    assert weapon.size.n_words == len(weapon.said[0].text.split())
    assert records["case/surface-keyword/bomb-open-mic"].size.n_moves == 0


def test_freshness_is_told_for_the_day(catalogue):
    """On the day of the build everything bundled is fresh; two years later nothing that is reviewed is."""
    reviewed = [record.freshness.state for record in catalogue.records if record.freshness is not None]
    assert set(reviewed) == {"fresh"}
    later = build_catalogue(today=date(2028, 12, 1))
    assert {record.freshness.state for record in later.records if record.freshness is not None} == {"overdue"}


def test_the_same_day_gives_the_same_catalogue(catalogue):
    """Nothing in it depends on when it is made but the day."""
    assert build_catalogue(today=DAY) == catalogue
