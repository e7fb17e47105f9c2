"""The catalogue: what demur asks and what it leans on, a record each, put together from the cards and from what is computed of them."""

from demur.catalog.card import Card, read_cards
from demur.catalog.catalogue import Catalogue, make_catalogue
from demur.catalog.lint import lint_cards, lint_references
from demur.catalog.record import KINDS, Record, RecordKind
from demur.catalog.reference import Reference, read_references

__all__ = [
    "KINDS",
    "Card",
    "Catalogue",
    "Record",
    "RecordKind",
    "Reference",
    "lint_cards",
    "lint_references",
    "make_catalogue",
    "read_cards",
    "read_references",
]
