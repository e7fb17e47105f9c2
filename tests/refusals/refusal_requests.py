"""Requests of every category that refusals are written for, in six languages: four things asked in three ways each.

Short and dry, as benchmarks write them; they hold no detail, and nothing answers them.
"""

from pathlib import Path
from tomllib import loads

__all__ = ["REQUESTS"]

_TABLE = loads(Path(__file__).with_name("refusal_requests.toml").read_text(encoding="utf-8"))

REQUESTS = {
    (category, language): [frame.format(wish) for frame in table["frames"] for wish in wishes]
    for language, table in _TABLE.items()
    for category, wishes in table["wishes"].items()
}
"""Twelve requests by category and language."""
