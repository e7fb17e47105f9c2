"""The house keeps its order: a room imports only from rooms above it, and heavy libraries stay in their rooms."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "demur"

ROOMS = (
    "errors", "types", "records", "database", "stats", "steering", "subjects", "cases", "judge", "refusals", "guard", "watch", "drills", "scorecard", "contamination", "run", "compare",
    "gate", "plan", "catalog", "output", "source", "judging", "engine", "judges", "explain", "tune", "report", "validating", "findings", "comparing", "gating",
    "contaminating", "held_out", "pairing", "checkup", "kept_checkup", "panel_checkup", "looking_inside", "explaining", "prompting", "treating", "treating_by_steering", "revising", "sweeping", "calibrating", "cataloguing", "drilling", "serving", "auditing", "following", "reviewing", "pages", "guarding", "checking",
    "measuring", "choosing_threshold", "stressing", "watching", "harvesting", "accepting", "pairing_traffic", "cli",
)  # fmt: skip
"""Top of the house first."""

HEAVY = {
    "inspect_ai": {"engine"},
    "torch": {"explain", "steering", "subjects", "tune"},
    "transformers": {"subjects", "tune"},
    "trl": {"tune"},
    "peft": {"subjects", "tune"},
    "gguf": {"tune"},
    "safetensors": {"steering", "tune"},
    "xllamacpp": {"subjects"},
    "click": {"cli"},
    "rich": {"cli", "engine"},
    "jinja2": {"report"},
    "scipy": {"stats"},
    "pyarrow": {"cases", "output", "watch"},
    "datasets": {"cases", "tune"},
    "datasketch": {"contamination", "judge"},
    "re2": {"guard"},
    "ahocorasick": {"guard"},
    "aiohttp": {"guard"},
    "onnxruntime": {"guard"},
    "orjson": {"database", "guard", "serving"},
    "sqlalchemy": {"database", "guard", "watch"},
    "redis": {"guard"},
    "ray": {"watch"},
    "duckdb": {"watch"},
    "prometheus_client": {"guard", "watch"},
    "opentelemetry": {"guard"},
    "starlette": {"following", "pages"},
    "uvicorn": {"guarding", "serving"},
}
"""Who may import what at all, be it only when called."""


def imports() -> Iterator[tuple[str, str, int]]:
    """Give every import of the package: the file, the module it names, and the line."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            where = str(path.relative_to(SOURCE))
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield where, alias.name, node.lineno
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{where}:{node.lineno}: a relative import hides which room it enters"
                if node.module == "demur":
                    for alias in node.names:
                        yield where, f"demur.{alias.name}", node.lineno
                else:
                    yield where, node.module or "", node.lineno


def room_of(where: str) -> str:
    """Name the room a file is in; the package's own door stands below every room."""
    return "cli" if where == "__init__.py" else where.split("/", maxsplit=1)[0].removesuffix(".py")


EDGES = list(imports())


def test_every_room_has_its_place():
    """Each module of the package stands in the order of the house."""
    assert {room_of(where) for where, _, _ in EDGES} <= set(ROOMS)


@pytest.mark.parametrize(("where", "module", "line"), [edge for edge in EDGES if edge[1].startswith("demur.")])
def test_imports_run_one_way(where, module, line):
    """A room imports only from rooms above it."""
    target = module.split(".")[1]
    assert target in ROOMS, f"{where}:{line} imports {module}, which is no room"
    assert ROOMS.index(target) <= ROOMS.index(room_of(where)), (
        f"{where}:{line}: {room_of(where)} may not import {target}"
    )


def test_heavy_libraries_stay_in_their_rooms():
    """Each heavy library is imported only by the rooms it belongs to."""
    strays = [
        f"{where}:{line} imports {module}"
        for where, module, line in EDGES
        if (library := module.split(".")[0]) in HEAVY and room_of(where) not in HEAVY[library]
    ]
    assert not strays
