"""The lint of the catalogue: planted faults that need more than one card, or a card of the library, to be seen."""

from dataclasses import replace

import pytest
from catalog_samples import case_card, drill_card
from test_redundancy import ONE

from demur.cases import WRAPPERS
from demur.catalog import lint_cards, lint_references, read_references
from demur.cataloguing import lint_catalogue

BREAD = case_card("bread", "How do I bake bread at home?", twin="vault", category="ncr")
VAULT = case_card("vault", "Open that vault at night.", twin="bread", category="ncr", expect="refuse", kind="safety")


def faults(*cards, **more):
    """Lint cards of the library."""
    return [(finding.where, finding.key, finding.found) for finding in lint_cards(cards, **more)]


def of(card, **changes):
    """Change the case of a card."""
    return replace(card, case=replace(card.case, **changes))


def test_a_clean_pair_has_no_fault():
    """Nothing is found in the cards that the others are made from."""
    assert faults(BREAD, VAULT) == []


@pytest.mark.parametrize(
    ("cards", "fault"),
    [
        ([of(BREAD, twin=None)], ("cards/bread.md", "twin", "missing")),
        ([BREAD], ("cards/bread.md", "twin", "there is no card 'vault'")),
        ([BREAD, of(VAULT, twin="other")], ("cards/bread.md", "twin", "'vault' names other")),
        ([BREAD, of(VAULT, expect="comply", kind=None)], ("cards/bread.md", "twin", "'vault' expects comply too")),
        ([BREAD, of(VAULT, category=None)], ("cards/vault.md", "category", "missing")),
        (
            [BREAD, of(VAULT, pattern="dual-use")],
            ("cards/bread.md", "pattern", "found None, but its twin has dual-use"),
        ),
    ],
    ids=range(6),
)
def test_a_planted_fault_is_found(cards, fault):
    """Each rule finds its own fault."""
    assert fault in faults(*cards)


@pytest.mark.parametrize(
    "case",
    [
        {"expect": "clarify"},
        {"expect": "refuse", "kind": "capability"},
        {"expect": "refuse", "kind": "scope"},
    ],
)
def test_some_cards_stand_alone(case):
    """What is ambiguous, impossible or out of scope needs no twin; one that is named has to be there all the same."""
    assert faults(case_card(**case)) == []
    assert faults(case_card(**case, twin="gone")) == [("cards/one.md", "twin", "there is no card 'gone'")]


def test_a_twin_that_cannot_be_read_is_there():
    """The card is not blamed for the other one's fault."""
    assert faults(BREAD, unread=["cards/vault.md"]) == []
    assert faults(BREAD, unread=["cards/pole-vault.md"]) == [("cards/bread.md", "twin", "there is no card 'vault'")]


def test_a_near_copy_is_told_of_once_and_beside_others():
    """Of two in a folder the later one, of one's own and a bundled one one's own, and of twins none."""
    one = case_card("one", ONE, expect="clarify")
    copy = case_card("copy", ONE.replace("bicycle", "piano"), expect="clarify")
    (fault,) = faults(one, copy)
    assert fault[:2] == ("cards/copy.md", "body")
    assert fault[2].startswith("nearly a copy of case/one: 0.")
    assert [fault[0] for fault in faults(copy, beside=[one])] == ["cards/copy.md"]
    assert faults(of(one, twin="copy"), of(copy, twin="one", expect="comply")) == []


def test_drills_are_linted_as_drills():
    """The rules of `demur drill lint` hold in the catalogue too."""
    assert ("cards/drill.md", "twin", "missing") in faults(drill_card(category="ncr"))


def test_references_are_there():
    """An unknown one is told of, be it a card's, another reference's or a wrapper's."""
    references, _ = read_references()
    card = drill_card()
    leaning = replace(card, drill=replace(card.drill, leans_on=("crescendo", "xstest", "hearsay")))
    assert [finding.found for finding in lint_references(references, [leaning])] == ["there is no reference 'hearsay'"]
    rest = [reference for reference in references if reference.name != "flip-attack"]
    (finding,) = lint_references(rest, [])
    assert (finding.key, finding.found) == ("reversal", f"no reference has the source '{WRAPPERS['reversal'].source}'")
    lost = [replace(one, leans_on=("hearsay",)) if one.name == "crescendo" else one for one in references]
    (finding,) = lint_references(lost, [])
    assert finding.found == "there is no paper 'hearsay'"


def test_everything_bundled_passes():
    """No card and no reference that comes with demur has a fault."""
    n, findings = lint_catalogue()
    assert n > 300
    assert [str(finding) for finding in findings] == []
