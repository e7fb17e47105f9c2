"""What a module offers is written down, in order, and documented."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
MODULES = sorted(
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__") for path in SOURCE.rglob("*.py")
)


def definitions(name):
    """Give the public functions and classes that a module defines."""
    path = SOURCE / Path(*name.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return [
        node
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_")
    ]


@pytest.mark.parametrize("name", MODULES)
def test_public_names_are_listed_and_documented(name):
    """Every module has a docstring and an ``__all__`` of names that exist and are documented; the linter sorts it."""
    module = import_module(name)
    assert module.__doc__
    assert len(set(module.__all__)) == len(module.__all__)
    for public in module.__all__:
        assert hasattr(module, public), f"{name}.{public} does not exist"
    # Read from the source: a decorator, as Inspect's, may keep the docstring to itself.
    for node in definitions(name):
        assert ast.get_docstring(node), f"{name}.{node.name} has no docstring"


@pytest.mark.parametrize("name", MODULES)
def test_nothing_public_is_left_out(name):
    """A function or class without an underscore that the module defines is in its ``__all__``."""
    assert {node.name for node in definitions(name)} <= set(import_module(name).__all__)
