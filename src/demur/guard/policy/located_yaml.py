"""YAML with the line of every value, so that what is wrong with a policy can be pointed at."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

from demur.errors import DataError

__all__ = ["Located", "Path", "read_yaml"]

_MOST_VALUES = 500_000
"""Of a document, with those that aliases repeat: ten aliases of ten aliases, ten times over, are ten thousand million."""
_DEEPEST = 64
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's, ten times as quick, where PyYAML was built with it."""

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
        DataError: it is not YAML, a key is given twice, or it is deeper or larger than any policy; the message begins with the place and the line.
    """
    lines: dict[Path, int] = {}
    try:
        _check_depth(text, where)
        loader = _Loader(text)  # it keeps the nodes that it has read
        node = loader.get_single_node()
        value = None if node is None else _build(node, (), lines, where, loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataError(f"{where}:{line}: not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise DataError(f"{where}: not YAML: {' '.join(str(error).split())}") from None
    return Located(value, lines)


def _check_depth(text: str, where: str) -> None:
    """See that it is no deeper than any policy, before libyaml makes nodes of it, which ends the process where the stack ends."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise _too_deep(where, event.start_mark.line + 1 if event.start_mark else 1)


def _too_deep(where: str, line: int) -> DataError:
    return DataError(f"{where}:{line}: nested more than {_DEEPEST} deep, or an alias of itself")


def _build(node: yaml.Node, path: Path, lines: dict[Path, int], where: str, loader: yaml.SafeLoader) -> Any:
    line = lines[path] = node.start_mark.line + 1
    if len(path) > _DEEPEST:
        raise _too_deep(where, line)
    if len(lines) > _MOST_VALUES:
        raise DataError(f"{where}:{line}: more than {_MOST_VALUES:,} values, those that aliases repeat with them")
    if isinstance(node, yaml.MappingNode):
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise DataError(
                    f"{where}:{key_node.start_mark.line + 1}: found a key that is a list or has keys itself"
                )
            key = str(key_node.value)
            if key in built:
                raise DataError(f"{where}:{key_node.start_mark.line + 1}: {key}: given twice")
            built[key] = _build(value_node, (*path, key), lines, where, loader)
        return built
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, number), lines, where, loader) for number, item in enumerate(node.value)]
    try:
        value = loader.construct_object(node)
        str(value)  # no number is so long that it cannot be told of
    except (ArithmeticError, AttributeError, LookupError, ValueError):  # it looks like a date or a number, and is none
        raise DataError(
            f"{where}:{line}: found {str(node.value)!r:.60}; expected a value, or a text in quotes"
        ) from None
    return value
