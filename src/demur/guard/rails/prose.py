"""What of a text a judge of replies can read: the strings of JSON as its reader has them, and whether there is prose at all."""

import json
import re
from collections.abc import Iterator
from typing import Any

__all__ = ["is_prose", "read_prose"]

_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|([nrtbf])|(["\\/]))')
_WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]{2}|(?<!\S)[^\w\s]*[^\W\d_]{2,}")
"""A word of two letters or more between spaces, or two signs of a script that has no spaces: so Base64 and names have none."""
_LEAST = 14
"""Words of a text that says something: some 80 letters. The queries, addresses and cities that tools are told have fewer, and to the
judge, who takes whatever refuses nothing for an answer, they would be one."""


def is_prose(text: str) -> bool:
    """Tell whether a text is long enough for what it says to be told from what it is."""
    return len(_WORD.findall(text)) >= _LEAST


def read_prose(text: str) -> str:
    """Give the strings of JSON, each on a line, and any other text as it is, without the escapes that hide what it says."""
    if not text.lstrip().startswith(("{", "[", '"')):
        return text
    try:
        strings = list(_strings(json.loads(text, strict=False, object_pairs_hook=tuple)))
    except (ValueError, RecursionError):  # cut in the middle, or no JSON
        return _unescape(text)
    return "\n".join(strings) or text


def _strings(value: Any) -> Iterator[str]:
    """Give the strings in a value: an object is a tuple of its pairs, for a key that is there twice would hide the first."""
    if isinstance(value, str):
        yield read_prose(value)  # JSON in JSON
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, tuple):
        for key, inner in value:
            if is_prose(key):
                yield key
            yield from _strings(inner)


def _unescape(text: str) -> str:
    """Undo the escapes of JSON; a pair of surrogates is one character again."""
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[3] or " ", text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
