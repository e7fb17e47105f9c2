"""Contamination: how much of a suite's cases is in training or red-team corpora, by wording and by what is asked."""

from demur.contamination.corpus import Document, list_files, read_documents
from demur.contamination.measure import (
    KINDS,
    Contamination,
    Corpus,
    Pair,
    Shares,
    distances_between,
    measure_contamination,
    texts_of_case,
)
from demur.contamination.overlap import Kind

__all__ = [
    "KINDS",
    "Contamination",
    "Corpus",
    "Document",
    "Kind",
    "Pair",
    "Shares",
    "distances_between",
    "list_files",
    "measure_contamination",
    "read_documents",
    "texts_of_case",
]
