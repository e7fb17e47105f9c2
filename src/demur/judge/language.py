"""The language of a text, as far as demur's judge can tell."""

__all__ = ["language_of"]


def language_of(text: str) -> str | None:
    """Tell the language of a text: a BCP 47 tag, ``en`` where it is too short to tell, None where it cannot be told."""
    from demur.judge.local.language import languages_of
    from demur.judge.local.tokens import read_tokens

    tokens = read_tokens([text])
    return languages_of(tokens, tokens)[0]
