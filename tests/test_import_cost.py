"""Importing demur is free."""

import subprocess
import sys

HEAVY = (
    "torch",
    "transformers",
    "inspect_ai",
    "openai",
    "numpy",
    "scipy",
    "pydantic",
    "rich",
    "click",
    "jinja2",
    "pyarrow",
    "starlette",
)


def test_import_loads_nothing_heavy_and_writes_nothing(tmp_path):
    """``import demur`` loads none of the heavy libraries and writes no file."""
    script = f"import sys, demur; print([name for name in {HEAVY!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
    assert not list(tmp_path.iterdir())


def test_help_needs_no_engine(tmp_path):
    """``demur --help`` answers without loading Inspect, numpy or pydantic."""
    script = (
        "import sys\nfrom demur.cli.main import cli\ncli.main(['--help'], standalone_mode=False)\n"
        "print([name for name in ('inspect_ai', 'numpy', 'pydantic') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.strip().splitlines()[-1] == "[]"


def test_the_guard_loads_no_pages(tmp_path):
    """A gateway without pages loads neither Starlette nor Jinja, nor what the report is made of."""
    script = (
        "import sys\nimport demur.guard, demur.guarding\n"
        "print([name for name in ('starlette', 'jinja2', 'demur.pages', 'demur.report') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
