"""A test that may not run says why, where people look."""

import re
from pathlib import Path

TESTS = Path(__file__).parent


def test_every_skip_is_registered():
    """Each file that skips or expects a failure has a row in ``tests/SKIPS.md``."""
    register = (TESTS / "SKIPS.md").read_text(encoding="utf-8")
    skipping = [
        path.relative_to(TESTS).as_posix()
        for path in TESTS.rglob("test_*.py")
        if path.name != Path(__file__).name
        and re.search(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)\b", path.read_text(encoding="utf-8"))
    ]
    unregistered = [name for name in skipping if f"| tests/{name}" not in register]
    assert not unregistered
