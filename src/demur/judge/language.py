"""The language of a text, as far as demur's judge can tell."""

import re

__all__ = ["language_of"]

_SHARED = re.compile(r"\b(?:a|in)\b", re.IGNORECASE)
"""Small words of English that are small words of Portuguese, Italian or German too, and may be all there are in a short request."""


def language_of(text: str) -> str | None:
    """Tell the language of a text: a BCP 47 tag, ``en`` where it is too short to tell, None where it cannot be told."""
    from demur.judge.local.language import languages_of
    from demur.judge.local.tokens import read_tokens

    tokens = read_tokens([text, _SHARED.sub(" ", text)])
    whole, without = languages_of(tokens, tokens)
    return without if without == "en" else whole
