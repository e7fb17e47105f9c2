"""YAML front matter: the block between two ``---`` lines that opens a Markdown card."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from demur.errors import DataError

__all__ = ["FrontMatter", "parse_front_matter", "text_at", "texts_at"]

_FENCE = "---"


@dataclass(frozen=True)
class FrontMatter:
    """A card taken apart."""

    values: dict[str, Any]
    """What the YAML says, by key."""
    body: str
    """The text after the block, without the blank lines around it."""


class _StrictLoader(yaml.SafeLoader):
    """YAML's safe subset, where a key that is given twice is an error and not a silent replacement."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key '{key.value}' is given twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def parse_front_matter(text: str, where: str) -> FrontMatter:
    """Split a card into its front matter and its body.

    Args:
        text: The whole card. Its first line is ``---``; the block ends at the next line that is ``---``.
        where: The card's path; every message starts with it.

    Raises:
        DataError: there is no such block, it is not YAML, or it is not a mapping of names to values.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() != _FENCE:
        found = repr(lines[0][:40]) if text else "an empty file"
        raise DataError(f"{where}:1: found {found}; expected front matter that starts with a line '---'")
    end = next((index for index, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), None)
    if end is None:
        raise DataError(f"{where}: the front matter is not closed; end it with a line '---' before the text")
    values = _load("\n".join(lines[1:end]), where)
    return FrontMatter(values, "\n".join(lines[end + 1 :]).strip())


def text_at(values: Mapping[str, Any], key: str, where: str) -> str:
    """Give the text that stands under a key.

    Raises:
        DataError: what stands there is no text.
    """
    value = values[key]
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"{where}: {key}: found {value!r}; expected text, in quotes if YAML reads it as something else")
    return value.strip()


def texts_at(values: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    """Give the list of texts that stands under a key; none where there is no such key.

    Raises:
        DataError: what stands there is no list of texts.
    """
    found = values.get(key, [])
    if not isinstance(found, list):
        raise DataError(f"{where}: {key}: found {found!r}; expected a list, as in [one, two]")
    return tuple(text_at({key: item}, key, where) for item in found)


def _load(block: str, where: str) -> dict[str, Any]:
    try:
        values = yaml.load(block, Loader=_StrictLoader)  # noqa: S506 the loader extends SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise DataError(f"{where}:{line}: the front matter is not YAML: {error.problem}{_advise(error)}") from None
    except (yaml.YAMLError, ValueError) as error:
        # ValueError: a scalar that looks like a date and is none, such as 2026-13-01
        raise DataError(f"{where}: the front matter cannot be read: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise DataError(f"{where}: the front matter is no list of 'key: value' lines")
    return values


def _advise(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or ""
    if "\\t" in problem:
        return "; indent with spaces"
    if "mapping values are not allowed" in problem:
        return "; quote values with ':'"
    if "end of stream" in problem or "found ':'" in problem or "expected" in problem:
        return "; a quote or a bracket may be left open before that"
    return ""
