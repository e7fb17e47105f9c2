"""The headers of limits: OpenAI's client understands them, and so does whoever reads OpenAI's."""

import re
import time

import openai
import pytest
from endpoints import Answer
from hypothesis import given
from hypothesis import strategies as st

from demur.guard.limits import Allowance, Standing, headers
from demur.guard.limits.headers import duration

REFUSED = Allowance(
    is_allowed=False,
    requests=Standing("address", 60, 0, 60.0),
    tokens=Standing("key", 150_000, 149_984, 0.007),
    retry_after_s=0.601,
    which="address.requests",
)


def as_text(allowance):
    """Give the headers as text."""
    return {name.decode(): value.decode() for name, value in headers(allowance)}


def test_every_reply_says_what_is_left():
    """Limits, what remains and when all is back stand under OpenAI's names, for what is limited and nothing else."""
    allowed = Allowance(is_allowed=True, tokens=Standing("key", 150_000, 149_984, 360.0))
    assert as_text(allowed) == {
        "x-ratelimit-limit-tokens": "150000",
        "x-ratelimit-remaining-tokens": "149984",
        "x-ratelimit-reset-tokens": "6m0s",
    }
    assert as_text(Allowance(is_allowed=True)) == {}


def test_a_refusal_says_when_to_come_back():
    """Whole seconds, rounded up so that nobody comes too early, and milliseconds beside them."""
    assert as_text(REFUSED) == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1m0s",
        "x-ratelimit-limit-tokens": "150000",
        "x-ratelimit-remaining-tokens": "149984",
        "x-ratelimit-reset-tokens": "7ms",
        "retry-after": "1",
        "retry-after-ms": "601",
    }


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0s"), (0.012, "12ms"), (1, "1s"), (7.66, "7.66s"), (59.999, "59.999s"), (60, "1m0s"), (86.4, "1m26.4s"),
        (360, "6m0s"), (3600, "1h0m0s"), (43200.5, "12h0m0.5s"),
    ],
)  # fmt: skip
def test_times_are_written_as_openai_writes_them(seconds, written):
    """The samples of its documentation, 1s and 6m0s, and what Go writes for the others."""
    assert duration(seconds) == written


@given(st.integers(0, 13 * 3600 * 1000))
def test_a_written_time_reads_back(ms):
    """Whoever parses a duration as Go does gets the milliseconds that were meant."""
    units = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
    parts = re.findall(r"([0-9.]+)(ms|[hms])", duration(ms / 1000))
    assert "".join(number + unit for number, unit in parts) == duration(ms / 1000)
    assert round(sum(float(number) * units[unit] for number, unit in parts)) == ms


def test_openais_client_waits_as_long_as_it_is_told(endpoint):
    """Refused, it comes back after the milliseconds of the header, and not before."""
    refusal = Answer(status=429, error={"message": "slow down"}, headers=as_text(REFUSED))
    endpoint.answer = lambda _request, n: refusal if n == 1 else Answer()
    began = time.monotonic()
    with openai.OpenAI(base_url=endpoint.url, api_key="k", max_retries=1) as client:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])
    assert len(endpoint.requests) == 2
    # Without the header it waits for 0.375 to 0.5 s.
    assert time.monotonic() - began >= 0.6


def test_openais_client_does_not_ask_again_for_what_waiting_does_not_help(endpoint):
    """Refused for more tokens than a minute has, it gives up at once."""
    hopeless = Allowance(False, None, Standing("key", 100, 100, 0.0), retry_after_s=None, which="key.tokens")
    assert "retry-after" not in as_text(hopeless)
    endpoint.answer = lambda _request, _n: Answer(status=429, error={"message": "too large"}, headers=as_text(hopeless))
    with (
        openai.OpenAI(base_url=endpoint.url, api_key="k", max_retries=3) as client,
        pytest.raises(openai.RateLimitError),
    ):
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])
    assert len(endpoint.requests) == 1
