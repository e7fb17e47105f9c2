"""Previews of texts, without what identifies a person or opens a door.

Redaction is a net, not a proof. It knows e-mail addresses, telephone numbers (written with + or 00, with a leading 0, or in
the groups of North America), card numbers, IBANs, keys and passwords by their form, and nothing by its meaning.

A form is found by its own characters, none of which is a bracket, and by nothing that a marker or a cut in its
neighbourhood would change. So what is left between two markers holds nothing more to be found, nor does any beginning of
it: a preview can be cut anywhere, and redacted again without change.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any

from demur.errors import MissingExtraError
from demur.guard.audit.row import clean_text

__all__ = ["redact"]

_MARGIN = 160
"""Characters beyond a preview that are read with it, so that nothing stands cut off at its end: no number or address is
longer, and keys are known by their beginnings."""
_CUT = "…"

_SECRETS = (
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[^\[\]]*?-----END [A-Z ]{0,40}PRIVATE KEY-----|[^\[\]]*)",
    r"sk-(?:proj|ant|or-v1|svcacct|admin)-[0-9A-Za-z_-]{16,}|sk-[0-9A-Za-z]{24,}",  # OpenAI, Anthropic and others
    r"(?:gsk_|xai-)(?:\w{12,}[0-9]\w*|\w*[0-9]\w{12,})",  # Groq, xAI; with a digit, which words do not have
    r"demur-[0-9A-Za-z_-]{43,}",  # the gateway's own
    r"(?:sk|rk|pk)_(?:live|test)_[0-9A-Za-z]{16,}",  # Stripe
    r"gh[opsur]_[0-9A-Za-z]{30,}|github_pat_[0-9A-Za-z_]{30,}|glpat-[0-9A-Za-z_-]{16,}",
    r"hf_[0-9A-Za-z]{30,}|npm_[0-9A-Za-z]{30,}|pypi-[0-9A-Za-z_-]{30,}|xox[abeoprs]-[0-9A-Za-z-]{10,}",
    r"(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}",  # Amazon, Google
    r"eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}(?:\.[0-9A-Za-z_-]*)?",  # JSON Web Tokens
    r"(?i:bearer)\s{1,3}[0-9A-Za-z._~+/-]{16,}=*",
    r"""(?i:api[_ -]?key|token|secret|password|passwd|passwort|pwd)["']?\s?[:=]\s?["']?[^\s"'\[\],;]{8,}""",
    r"://[^\s/@:\[\]]+:[^\s/@\[\]]+@",  # user and password of a URL
)
_MAIL = r"[\pL\pM\pN._%+-]+@[\pL\pM\pN-]+(?:\.[\pL\pM\pN-]+)+"
_SHORTEST_IBAN = 11
"""Characters after the check digits: Norway's."""
_IBAN = r"[A-Za-z]{2}[0-9]{2}(?:[ -]?[0-9A-Za-z]){11,30}"
_CARD = r"\p{Nd}(?:[ \x{A0}\x{2009}\x{202F}\x{2010}-\x{2015}-]{0,3}\p{Nd}){12,}"
_LONGEST_NUMBER = 80
"""Characters of digits in a row that are looked at one by one."""
_PHONE = "|".join(
    f"(?:{number})[0-9]*"  # all digits that follow: what is left over is no number of its own
    for number in (
        r"\+[ (]{0,2}[1-9](?:[ ./()-]{0,3}[0-9]){6,14}",
        r"\b00[1-9](?:[ ./()-]{0,3}[0-9]){7,13}",
        r"\(?\b0[1-9][0-9]{1,4}\)?[ /.-]{0,2}[0-9](?:[ -]?[0-9]){4,9}",
        r"\b0[1-9](?:[ .-][0-9]{2}){4}",
        r"(?:\([0-9]{3}\) ?|\b[0-9]{3}[ .-])[0-9]{3}[ .-][0-9]{4}",
    )
)


def redact(text: str, most: int = 500) -> str:
    """Give a preview: the beginning of a text, with markers such as ``[e-mail]`` in the place of what it must not hold.

    Args:
        text: any text; only its beginning is looked at, so that its length costs nothing.
        most: characters of the preview.

    Raises:
        MissingExtraError: RE2 is not installed.
    """
    if most < 1:
        return ""
    seen = clean_text(text[: most + _MARGIN])
    preview = _redact(seen)
    if len(seen) < len(text):
        # What is cut off at the end stands after the last marker, and within the margin.
        end = max(len(preview) - _MARGIN, preview.rfind("]") + 1)
        return preview[: min(end, most - 1)] + _CUT
    return preview if len(preview) <= most else preview[: most - 1] + _CUT


@dataclass(frozen=True)
class _Form:
    """Something to be found."""

    marker: bytes
    pattern: Any
    measure: Callable[[str], int] | None = None
    """How many characters of a match are to go; 0 where it only looks like one. None: all of every match."""
    steps: bool = False
    """Whether another may begin within a match that only looks like one."""


@cache
def _forms() -> tuple[Any, tuple[_Form, ...]]:
    """Compile a pattern that finds any of the forms, and the forms, in the order in which they are looked for."""
    try:
        import re2
    except ImportError:
        raise MissingExtraError("redaction needs RE2: pip install 'demur[guard]'") from None
    options = re2.Options()
    options.never_capture = True
    secrets = "|".join(f"(?:{secret})" for secret in _SECRETS)
    forms = (
        _Form(b"[key]", re2.compile(secrets, options)),
        _Form(b"[e-mail]", re2.compile(_MAIL, options)),
        _Form(b"[IBAN]", re2.compile(_IBAN, options), _measure_iban, steps=True),
        _Form(b"[card]", re2.compile(_CARD, options), _measure_card),
        _Form(b"[phone]", re2.compile(_PHONE, options)),
    )
    anything = "|".join(f"(?:{pattern})" for pattern in (secrets, _MAIL, _IBAN, _CARD, _PHONE))
    return re2.compile(anything, options), forms


def _redact(text: str) -> str:
    anything, forms = _forms()
    data = text.encode()
    # Most texts hold nothing, and one search tells.
    if anything.search(data) is None:
        return text
    for form in forms:
        data = _mark(data, form)
    return data.decode()


def _mark(data: bytes, form: _Form) -> bytes:
    pieces: list[bytes] = []
    done = place = 0
    while (found := form.pattern.search(data, place)) is not None:
        start, end = found.span()
        match = data[start:end].decode()
        n_taken = len(match) if form.measure is None else form.measure(match)
        if n_taken:
            pieces += data[done:start], form.marker
            done = place = start + len(match[:n_taken].encode())
        else:
            place = start + 1 if form.steps else end
    return b"".join((*pieces, data[done:]))


def _measure_iban(match: str) -> int:
    """Find the longest beginning with the right check digits (ISO 13616: the number, rearranged, is 1 modulo 97)."""
    country = int("".join(str(int(letter, 36)) for letter in match[:2]))
    head = country * 100 + int(match[2:4])
    taken = rest = length = 0
    for place, character in enumerate(match[4:], 5):
        if character in " -":
            continue
        for digit in str(int(character, 36)):
            rest = (rest * 10 + int(digit)) % 97
        length += 1
        if length >= _SHORTEST_IBAN and (rest * 1_000_000 + head) % 97 == 1:
            taken = place
    return taken


def _measure_card(match: str) -> int:
    """Take all digits in a row where 13 to 19 of them, wherever they begin, pass Luhn's check (ISO/IEC 7812-1)."""
    # Of more digits some are as good as sure to pass, and looking takes time.
    if len(match) > _LONGEST_NUMBER:
        return len(match)
    digits = [unicodedata.decimal(character) for character in match if character.isdecimal()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits]
    # Sums up to a place if every digit at an even place is doubled, and if every one at an odd place is.
    even = list(accumulate((pair[n % 2] for n, pair in enumerate(zip(doubled, digits, strict=True))), initial=0))
    odd = list(accumulate((pair[n % 2] for n, pair in enumerate(zip(digits, doubled, strict=True))), initial=0))
    for end in range(13, len(digits) + 1):
        sums = even if end % 2 == 0 else odd  # the last digit is not doubled, the one before it is
        if any((sums[end] - sums[end - length]) % 10 == 0 for length in range(13, min(19, end) + 1)):
            return len(match)
    return 0
