"""Data sets of the Hugging Face hub, through the `datasets` library."""

import re
from collections.abc import Iterator
from typing import Any

from demur.cases.tabular import Row
from demur.errors import DataError, IncompleteError, MissingExtraError

__all__ = ["HUB_PREFIX", "read_hub"]

HUB_PREFIX = "hub:"

_ADDRESS = re.compile(r"hub:(?P<name>[\w.-]+(/[\w.-]+)?)(:(?P<config>[\w.-]+))?(@(?P<split>[\w.\[\]:%+-]+))?")


def read_hub(address: str) -> Iterator[Row]:
    """Give the rows of a data set on the hub, downloaded once and then kept in that library's cache.

    Args:
        address: ``hub:OWNER/NAME[:config][@split]``. The split may be left out where the data set has only one.

    Raises:
        DataError: the address is none, there is no such data set, config or split, or it may not be read.
        IncompleteError: the hub cannot be reached.
        MissingExtraError: `datasets` is not installed.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise DataError(f"{address}: not an address; expected hub:OWNER/NAME[:config][@split]")
    table = _load(address, match["name"], match["config"], match["split"])
    if isinstance(table, dict):
        if len(table) != 1:
            raise DataError(
                f"{address}: has the splits {', '.join(table)}; add one of them, as in {address}@{min(table)}"
            )
        (table,) = table.values()
    for number, values in enumerate(table, 1):
        yield Row(f"{address}: row {number}", number, values)


def _load(address: str, name: str, config: str | None, split: str | None) -> Any:
    try:
        from datasets import load_dataset
    except ImportError:
        raise MissingExtraError(f"{address}: needs the datasets library: pip install 'demur[datasets]'") from None
    try:
        return load_dataset(name, config, split=split)
    except ConnectionError as error:
        raise IncompleteError(f"{address}: the hub cannot be reached: {_first_line(error)}") from None
    except Exception as error:  # noqa: BLE001 the library raises its own errors, KeyError, ValueError, OSError and more
        raise DataError(f"{address}: cannot be loaded: {type(error).__name__}: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["no reason given"])[0]
