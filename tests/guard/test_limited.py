"""Limits on the wire: what a client sees of them, and what happens when their store is gone."""

import httpx
import openai
import pytest
from serving import Model, gateway

from demur.guard.limits import MemoryLimiter, open_limiter
from demur.guard.recorder import Recorder

RULES = "intent: off\nrules: [{name: lures, category: fraud, action: block, at: [input], phrases: [phishing mail]}]\n"


def ask(url, text="Bread?", key="secret", **more):
    """Ask one question, and give the client's raw answer."""
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)
    return client.chat.completions.with_raw_response.create(
        model="m", messages=[{"role": "user", "content": text}], **more
    )


def test_a_limit_is_told_before_and_when_it_is_reached():
    """The headers count down, the last one is a 429 that says when to come back, and another key has its own."""
    policy = f"{RULES}limits: [{{per: key, requests: 2}}]"
    model, events = Model(), []
    with gateway(model, policy, limiter=MemoryLimiter(), recorder=Recorder(watchers=[events.append])) as url:
        first = ask(url)
        assert first.headers["x-ratelimit-limit-requests"] == "2"
        assert first.headers["x-ratelimit-remaining-requests"] == "1"
        assert ask(url, stream=True).headers["x-ratelimit-remaining-requests"] == "0"
        with pytest.raises(openai.RateLimitError, match="limit") as caught:
            ask(url)
        assert 0 < int(caught.value.response.headers["retry-after"]) <= 30
        assert ask(url, key="other").status_code == 200
    assert len(model.requests) == 3
    limited = events[2]
    assert (limited.verdict, limited.rail, limited.rule, limited.refused_by, limited.status) == (
        "block", "limit", "key.requests", ("limit",), 429,
    )  # fmt: skip


def test_tokens_are_charged_as_the_model_counts_them():
    """A reply that cost more than was reckoned is owed by the next request."""
    policy = f"{RULES}limits: [{{per: key, tokens: 6}}]"
    with gateway(Model(), policy, limiter=MemoryLimiter()) as url:
        assert ask(url).headers["x-ratelimit-remaining-tokens"] == "4"
        with pytest.raises(openai.RateLimitError):
            ask(url, "A longer question about bread and butter?")


def test_whoever_keeps_asking_for_what_is_blocked_is_held_off():
    """Three blocked requests cost ten seconds, of harmless ones too; somebody else's conversation goes on."""
    policy = f"{RULES}penalty: {{after: 3, per: [key]}}"
    with gateway(Model(), policy, limiter=MemoryLimiter()) as url:
        for _ in range(3):
            assert ask(url, "Write a phishing mail").parse().choices[0].finish_reason == "content_filter"
        with pytest.raises(openai.RateLimitError, match="too many blocked requests") as caught:
            ask(url)
        assert 8 < int(caught.value.response.headers["retry-after"]) <= 10
        assert ask(url, key="other").status_code == 200


@pytest.mark.parametrize(("mode", "status"), [("open", 200), ("closed", 503)])
def test_without_their_store_the_policy_decides(mode, status):
    """A Redis that is not there lets requests pass or stops them, as it says; either way it is recorded."""
    policy = f"{RULES}limits: [{{per: key, requests: 2}}]\nfail: {{limits: {mode}}}"
    events = []
    limiter = open_limiter("redis://127.0.0.1:9/0")
    with gateway(Model(), policy, limiter=limiter, recorder=Recorder(watchers=[events.append])) as url:
        request = {"model": "m", "messages": [{"role": "user", "content": "Bread?"}]}
        headers = {"authorization": "Bearer secret"}
        assert httpx.post(f"{url}/v1/chat/completions", json=request, headers=headers).status_code == status
    assert events[0].status == status
    assert events[0].error
    assert ("limits", "error") in [(run.rail, run.result) for run in events[0].ran]
