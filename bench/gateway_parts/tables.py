"""Figures of several rounds, told as a median with the range, and the state of the machine they were measured on."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

__all__ = ["median", "percentile", "print_table", "spread", "tell_machine", "write_json"]


def median(values: Sequence[float]) -> float:
    """Give the middle one."""
    return float(statistics.median(values))


def percentile(values: Sequence[float], share: float) -> float:
    """Give the least value that so large a share of them does not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Show a median with its range."""
    if not values:
        return "-"
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns, the first to the left and the others to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        print("  ".join(cells), flush=True)


def tell_machine() -> dict[str, Any]:
    """Say what else the machine does, which changes every figure here."""
    return {
        "cores": os.cpu_count(),
        "load_1min": os.getloadavg()[0],
        "cpu_percent_now": psutil.cpu_percent(interval=1.0),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }


def write_json(path: Path | None, figures: Any) -> None:
    """Write figures to a file, if there is one."""
    if path is not None:
        path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
        print(f"written to {path}")
