"""Keys: who has none of the policy's is not let in, each tenant has a guard of its own, and no key travels further than it must."""

from pathlib import Path

import httpx
import openai
import pytest
from serving import Model, serve

from demur.errors import DataError
from demur.guard.callers import Callers, hash_key
from demur.guard.gateway import Gateway
from demur.guard.policy import read_policy
from demur.guard.recorder import Recorder
from demur.guard.wire import Upstream

TENANT = """
persona: Bo
intent: off
rules: [{name: cakes, category: scope, action: block, phrases: [cake]}]
"""


def write_policies(folder: Path) -> Path:
    """Write a policy with two keys, one of which has a policy of its own."""
    (folder / "team.yaml").write_text(TENANT)
    policy = folder / "policy.yaml"
    policy.write_text(f"""
intent: off
keys:
  - {{name: plain, sha256: {hash_key("key-plain")}}}
  - {{name: team, sha256: {hash_key("key-team")}, policy: team.yaml}}
""")
    return policy


@pytest.fixture
def keyed(tmp_path):
    """Serve a gateway with keys; give its address, the model behind it and the events."""
    model, events = Model(), []
    callers = Callers(read_policy(write_policies(tmp_path)))
    with serve(model) as url:
        gateway = Gateway(Upstream(url, key="upstream-secret"), callers, recorder=Recorder(watchers=[events.append]))
        with serve(gateway) as address:
            yield address, model, events


def ask(url, key, text="A cake, please"):
    """Ask one question with a key."""
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)
    return client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}])


def test_without_a_key_of_the_policy_nobody_is_let_in(keyed):
    """It is OpenAI's error for a wrong key, on every path."""
    url, model, _ = keyed
    with pytest.raises(openai.AuthenticationError, match="Incorrect API key provided"):  # which LiteLLM looks for
        ask(url, "wrong")
    assert httpx.get(f"{url}/v1/models").status_code == 401
    assert model.requests == []


def test_each_tenant_has_its_own_guard(keyed):
    """The same request is answered for one and blocked for the other, and the record says whose it was."""
    url, model, events = keyed
    assert ask(url, "key-plain").choices[0].message.content == "Hello there."
    assert ask(url, "key-team").choices[0].finish_reason == "content_filter"
    assert [(event.key, event.tenant, event.verdict) for event in events] == [
        ("plain", None, "allow"),
        ("team", "team", "block"),
    ]
    assert len(model.requests) == 1


def test_the_model_gets_its_own_key_and_the_record_none(keyed):
    """The caller's key stays here, also in Azure's header; neither it nor the model's is in any event."""
    url, model, events = keyed
    ask(url, "key-plain", "Bread?")
    request = {"model": "m", "messages": [{"role": "user", "content": "Bread?"}]}
    assert httpx.post(f"{url}/v1/chat/completions", json=request, headers={"api-key": "key-plain"}).status_code == 200
    for headers in model.headers:
        assert headers["authorization"] == "Bearer upstream-secret"
        assert "api-key" not in headers
    assert not any(secret in str(event) for event in events for secret in ("key-plain", "upstream-secret"))


@pytest.mark.parametrize(
    ("tenant", "message"),
    [
        ("persona: [1]", "team.yaml:1: persona: found"),
        ('keys: [{name: x, sha256: "' + "0" * 64 + '"}]', "team.yaml: keys: only"),
        (None, "team.yaml: cannot be read"),
    ],
)
def test_a_broken_policy_of_a_tenant_is_pointed_at(tmp_path, tenant, message):
    """The line names the tenant's file."""
    policy = write_policies(tmp_path)
    if tenant is None:
        (tmp_path / "team.yaml").unlink()
    else:
        (tmp_path / "team.yaml").write_text(tenant)
    with pytest.raises(DataError) as caught:
        read_policy(policy)
    assert message in str(caught.value)
