"""YAML with the line of every value, so that what is wrong with a policy can be pointed at."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

from demur.errors import DataError

__all__ = ["Located", "Path", "read_yaml"]

Path = tuple[str | int, ...]
"""Keys and indices that lead to a value, from the outermost."""


class Located(NamedTuple):
    """A document, and where its values stand."""

    value: Any
    lines: Mapping[Path, int]
    """Of each value, from 1."""

    def line(self, path: Path) -> int:
        """Give the line of a value, or of the innermost one around it that is there."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(text: str, where: str) -> Located:
    """Read one document of YAML's safe subset.

    Raises:
        DataError: it is not YAML, or a key is given twice; the message begins with the place and the line.
    """
    lines: dict[Path, int] = {}
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        value = None if node is None else _build(node, (), lines, where)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataError(f"{where}:{line}: not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise DataError(f"{where}: not YAML: {' '.join(str(error).split())}") from None
    return Located(value, lines)


def _build(node: yaml.Node, path: Path, lines: dict[Path, int], where: str) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in built:
                raise DataError(f"{where}:{key_node.start_mark.line + 1}: {key}: given twice")
            built[key] = _build(value_node, (*path, key), lines, where)
        return built
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, number), lines, where) for number, item in enumerate(node.value)]
    return yaml.SafeLoader("").construct_object(node)
