"""Harvest: what people said about live traffic, made ready to be asked again. Everything here is pure, or reads."""

from demur.watch.harvest.card import UNSAID, Proposal, case_of, write_card
from demur.watch.harvest.labelled import Labelled, read_labelled_lines
from demur.watch.harvest.ledger import LEDGER, Entry, read_ledger
from demur.watch.harvest.request import Clean, Request, clean_text, gather_requests, hash_id, request_id
from demur.watch.harvest.settled import LeftOut, Settled, settle

__all__ = [
    "LEDGER",
    "UNSAID",
    "Clean",
    "Entry",
    "Labelled",
    "LeftOut",
    "Proposal",
    "Request",
    "Settled",
    "case_of",
    "clean_text",
    "gather_requests",
    "hash_id",
    "read_labelled_lines",
    "read_ledger",
    "request_id",
    "settle",
    "write_card",
]
