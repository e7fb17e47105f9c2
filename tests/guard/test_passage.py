"""What no rail knows: stored replies are read again only if nothing in them is to be blocked, and only by whom they were for."""

import httpx
import openai
import pytest
from responses_model import ResponsesModel
from serving import Model, gateway

from demur.guard.callers import hash_key

ORDERS = (
    "intent: off\nrules: [{name: a, category: privacy, action: block, at: [output], phrases: [someone else's order]}]\n"
)
KEYS = "keys: [{{name: one, sha256: {}}}, {{name: two, sha256: {}}}]\n".format(hash_key("one"), hash_key("two"))


def client(url, key):
    """Give OpenAI's client of a gateway."""
    return openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)


@pytest.mark.parametrize("path", ["/v1/responses/resp_1", "/v1/chat/completions/c1", "/v1/conversations/c/items"])
def test_a_blocked_reply_cannot_be_fetched_a_moment_later(path):
    """The server has it as the model gave it; what may be read comes back as it is."""
    stored = b'{"id": "x", "data": [{"text": "Here is someone else\'s order."}]}'
    with gateway(Model(raw=stored), ORDERS) as url:
        answer = httpx.get(f"{url}{path}")
        assert answer.status_code == 403
        assert "order" not in answer.text
        assert httpx.get(f"{url}{path}?stream=true").status_code == 400
    harmless = b'{"id": "x", "data": [{"text": "Here is your order."}]}'
    with gateway(Model(raw=harmless), ORDERS) as url:
        assert httpx.get(f"{url}{path}").content == harmless


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_where_nothing_unguarded_is_open_no_method_is(method):
    """But for the list of models."""
    model = Model(raw=b"{}")
    with gateway(model, "unguarded: refuse") as url:
        assert httpx.request(method, f"{url}/v1/files/f1").status_code == 403
        assert httpx.get(f"{url}/v1/models").status_code == 200
    assert len(model.requests) == 1


def test_with_keys_nobody_reads_what_another_has_stored():
    """They share the upstream's account: files, lists and other callers' replies are closed, one's own reply is open."""
    model = ResponsesModel()
    with gateway(model, f"intent: off\n{KEYS}") as url:
        mine = client(url, "one").responses.create(model="m", input="Hello")
        assert client(url, "one").responses.retrieve(mine.id).output_text == mine.output_text
        for attempt in (
            lambda: client(url, "two").responses.retrieve(mine.id),
            lambda: client(url, "two").responses.delete(mine.id),
            client(url, "two").files.list,
        ):
            with pytest.raises(openai.PermissionDeniedError):
                attempt()
        with pytest.raises(openai.BadRequestError, match="not known to be yours"):
            client(url, "two").responses.create(model="m", input="And?", previous_response_id=mine.id)
        client(url, "one").responses.create(model="m", input="And?", previous_response_id=mine.id)
