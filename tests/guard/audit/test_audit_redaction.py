"""A preview shows what was said and not who said it."""

import random
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from demur.guard.audit import redact

KINDS = {
    "[e-mail]": ["jane.doe+x@example.co.uk", "müller@bücher.example", "a@b.co", "o'neil_1@mail.example.org"],
    "[phone]": ["+49 170 1234567", "+1 (415) 555-0123", "0049 30 123456", "0170 1234567", "030/1234567", "06 12 34 56 78", "(415) 555-0123", "415-555-0123", "+380501234567"],
    "[card]": ["4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "3782 822463 10005", "5555 – 5555 5555 4444", "٤١١١ ١١١١ ١١١١ ١١١١"],
    "[IBAN]": ["DE89 3704 0044 0532 0130 00", "de89370400440532013000", "NO93 8601 1117 947", "MT84 MALT 0110 0001 2345 MTLC AST0 01S", "GB29-NWBK-6016-1331-9268-19"],
    "[key]": [
        "sk-proj-abcdefghij0123456789", "sk-ABCDEFGHIJKLMNOPQRSTUVWX", "ghp_" + "a1" * 18, "AKIAABCDEFGHIJKLMNOP", "xoxb-1234567890-abc",
        "hf_" + "Ab" * 17, "gsk_" + "A1b" * 10, "xai-" + "A1b" * 10, "demur-" + ("A_-b" * 11)[:43], "xai-" + "A" * 60 + "1", "eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "Bearer abcdefghijklmnop.qrs", "password: correct-horse", 'API_KEY="abcdefgh"',
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE+/=\n-----END RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\nMIIE",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("marker", "secret"), [(marker, secret) for marker, all_ in KINDS.items() for secret in all_])
def test_each_form_is_found(marker, secret):
    """An address, a number or a key goes, whatever stands around it, and the words stay."""
    shown = redact(f"Please take {secret}, that is mine")
    assert shown.startswith("Please take ")
    assert marker in shown
    assert secret[:12] not in shown
    assert secret[-6:] not in shown
    if "BEGIN" not in secret or "END" in secret:
        assert shown.endswith("that is mine")


@pytest.mark.parametrize(
    "text",
    [
        "On 2024-01-15 10:30:00, 01.02.2024 10:30 or 01/02/2024 at 12:00",
        "task-management-software-tools and desk-internationalization",
        "It costs 12,000.50 for 1000 x 2000, 3.14159265 each, since 1998",
        "the token was lost; my secret is safe; bearer of good news",
        "192.168.0.1 and 10.0.0.255, version 3.11.12, see §§ 12-14",
        "@someone wrote about a@b",
        "xai-explainable-artificial-intelligence-for-covid19-detection and gsk_pharmaceutical_annual_report",
        "demur-refusal-benchmark-for-language-models",
    ],
)
def test_ordinary_text_is_left_alone(text):
    """Dates, prices, versions and words in a row are shown as they are."""
    assert redact(text) == text


def passes_luhn(digits):
    """Check a card number as the standard says: every second digit from the right doubled, its digits summed."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value // 10 + value % 10
    return total % 10 == 0


def cards_in(text):
    """Find all 13 to 19 digits in a row, with no more than one space or dash between two, that pass the check."""
    rows, row, gap = [], "", 0
    for character in text:
        if character.isdecimal():
            row, gap = row + character, 0
        elif character in " -" and row and not gap:
            gap = 1
        else:
            rows, row, gap = [*rows, row], "", 0
    return [
        row[start : start + length]
        for row in (*rows, row)
        for length in range(13, 20)
        for start in range(len(row) - length + 1)
        if passes_luhn(row[start : start + length])
    ]


@st.composite
def cards(draw):
    """Draw a card number that is valid, with spaces or dashes anywhere."""
    digits = draw(st.text("0123456789", min_size=12, max_size=18))
    check = next(str(digit) for digit in range(10) if passes_luhn(digits + str(digit)))
    gaps = draw(st.lists(st.sampled_from(["", "", " ", "-"]), min_size=len(digits), max_size=len(digits)))
    return "".join(digit + gap for digit, gap in zip(digits, gaps, strict=True)) + check


PIECES = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=12),
    st.text("0123456789 -+()./", max_size=24),
    st.text("abc@.-_[]…]", max_size=12),
    st.sampled_from([secret for secrets in KINDS.values() for secret in secrets] + list(KINDS)),
    cards(),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)


@settings(max_examples=1_000)
@given(TEXTS, st.integers(0, 120))
@example("00000000000000000000", 19)
@example("11111111111111111111 1234567890123sk-proj-abcdefghij0123456789", 60)
@example("+1234567890123450049170123456", 60)
def test_a_preview_is_bounded_stable_and_holds_no_card(text, most):
    """It is never longer than asked for, does not change when redacted again, and no card number is left in it."""
    shown = redact(text, most)
    assert len(shown) <= most
    assert redact(shown, most) == shown
    assert redact(shown, 10_000) == shown
    assert not cards_in(shown)


@settings(max_examples=300)
@given(TEXTS, cards(), TEXTS)
def test_a_card_is_found_wherever_it_stands(before, card, after):
    """A valid card number is not shown, be it at the end of the preview or beyond it."""
    for most in (len(before) + 8, len(before) + len(card), 1_000):
        assert card not in redact(before + card + after, most)
        assert not cards_in(redact(before + card + after, most))


@given(
    st.sampled_from([s for kind in ("[e-mail]", "[IBAN]", "[phone]", "[card]") for s in KINDS[kind]]),
    st.integers(0, 400),
)
def test_nothing_is_shown_of_what_is_cut_off(secret, n):
    """However the end of a preview falls, what it would have cut in two is not shown in part."""
    text = "word " * (n // 5) + "." * (n % 5) + " " + secret + " and " + "more " * 200
    for most in range(max(1, n - 2), n + len(secret) + 10):
        shown = redact(text, most)
        assert secret[:4] not in shown.replace("[e-mail]", "").replace("word", "").replace("more", "")


@pytest.mark.parametrize("length", range(12, 21))
def test_cards_have_13_to_19_digits(length):
    """A number is a card by its whole length alone, from the shortest to the longest, and none that is shorter or longer."""
    draw = random.Random(length)
    number = next(
        digits
        for digits in ("".join(draw.choices("0123456789", k=length)) for _ in range(100_000))
        if digits[0] in "456" and passes_luhn(digits) and not cards_in(digits[1:]) and not cards_in(digits[:-1])
    )
    assert ("[card]" in redact(f"no. {number}")) == (13 <= length <= 19)


def test_markers_at_the_end_leave_no_piece_of_what_follows():
    """What the markers make room for is not filled with the beginning of a number that was cut off."""
    text = "a@example-company.com " * 40
    number = "4111 1111 1111 1111"
    for place in range(600, 760):
        shown = redact(text[:place] + number + " x" * 400)
        assert "4111" not in shown
        assert len(shown) <= 500


@pytest.mark.parametrize(
    "text", ["1" * 10**6, "a@" * 10**6, "AA11" * 10**6, "0 " * 10**6, "-----BEGIN PRIVATE KEY-----" * 10**5]
)
def test_time_does_not_grow_with_the_text(text):
    """A text of millions of characters takes no longer than its beginning, and that takes milliseconds."""
    redact(text)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        redact(text)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.02


@pytest.mark.parametrize("unit", ["1", "12 ", "a@b.c ", "AA11", "+1 ", "eyJ", "0-"])
def test_time_grows_no_faster_than_the_preview(unit):
    """Sixteen times the preview takes no more than some sixteen times the time, on texts made to be slow."""
    text = unit * 40_000
    short, long = (min(_seconds(text, most) for _ in range(5)) for most in (1_000, 16_000))
    assert long < 60 * short + 0.001


def _seconds(text, most):
    start = time.perf_counter()
    redact(text, most)
    return time.perf_counter() - start


def test_random_numbers_are_taken_for_cards_no_more_often_than_they_must():
    """Of random numbers of 13 digits the tenth part that passes the check goes, and the others stay."""
    draw = random.Random(5)
    n = 1_000
    found = sum("[card]" in redact(f"no {draw.randrange(10**13)} ") for _ in range(n))
    assert 0.05 < found / n < 0.2
