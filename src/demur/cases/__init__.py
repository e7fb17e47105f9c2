"""Cases: the bundled library of cards, readers of the published sets, and anyone's own data."""

from demur.cases.custom import ColumnMapping, load_custom, parse_mapping
from demur.cases.hub import HUB_PREFIX
from demur.cases.library import load_library
from demur.cases.registry import Suite
from demur.cases.selection import select
from demur.cases.suites import find_suite, list_suites, load_suite
from demur.cases.tabular import Row, read_jsonl, read_rows
from demur.cases.taxonomy import HAZARDS, PATTERNS
from demur.cases.wrapped import N_PAIRS, WRAPPED, load_wrapped
from demur.cases.wrappers import WRAPPERS, Wrapper, wrap_case, wrap_cases

__all__ = [
    "HAZARDS",
    "HUB_PREFIX",
    "N_PAIRS",
    "PATTERNS",
    "WRAPPED",
    "WRAPPERS",
    "ColumnMapping",
    "Row",
    "Suite",
    "Wrapper",
    "find_suite",
    "list_suites",
    "load_custom",
    "load_library",
    "load_suite",
    "load_wrapped",
    "parse_mapping",
    "read_jsonl",
    "read_rows",
    "select",
    "wrap_case",
    "wrap_cases",
]
