"""The pages behind the gateway: theirs are the paths below /admin/, everything else is the guard's; and killed, they lose nothing."""

import re
import time
from contextlib import ExitStack, closing, suppress
from threading import Thread

import httpx
import pytest
from reviewing_site import KEY, TOKENS, fill, item, refusing_model, served, sign_in, token_in

from demur.guard import parse_policy
from demur.guard.callers import Callers
from demur.guard.gateway import Gateway
from demur.guard.wire.upstream import Upstream
from demur.pages.alone import LazySite
from demur.pages.people import People
from demur.serving.running import listen, running
from demur.watch.review import read_labelled

KEYS = "intent: off\nkeys:\n  - {name: shop, sha256: '" + "0" * 64 + "'}\n"


@pytest.mark.parametrize("policy", ["intent: off", KEYS])
def test_the_gateway_gives_its_pages_what_is_theirs(tmp_path, enter, policy):
    """With and without keys: people sign in and label; the metrics, the model's paths and what is not plain stay the guard's."""
    url = str(tmp_path / "store.db")
    fill(url, item("a", "crisis"), item("b", "unsure"))
    site = LazySite(url, People((), TOKENS), KEY)
    app = Gateway(Upstream("http://127.0.0.1:9"), Callers(parse_policy(policy, "p")), pages=site)
    with listen(("127.0.0.1", 0)) as listener, running(app, listener) as address:
        client = enter(address)
        page = client.get("/admin/review").text
        assert "question of a" in page
        client.post("/admin/review/label", data={"item": "a", "expect": "comply", "form_token": token_in(page)})
        assert [one.id for one, _ in read_labelled(url)] == ["a"]
        assert client.get("/admin/metrics").json()["error"]["message"] == "nothing is here"
        assert client.get("/healthz").json() == {"status": "ok"}
        status = client.post("/v1/chat/completions/../../../admin/review").status_code
        assert status in (200, 400, 401, 403, 405)
        assert client.get("/v1/models").status_code in (401, 502)
    site.close()


def test_without_pages_nothing_is_there(tmp_path):
    """A gateway that was given none answers as it always did."""
    app = Gateway(Upstream("http://127.0.0.1:9"), Callers(parse_policy("intent: off", "p")))
    with listen(("127.0.0.1", 0)) as listener, running(app, listener) as address:
        answer = httpx.get(f"{address}/admin/review")
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "nothing is here")


def label_until_killed(client, acknowledged):
    """Label whatever comes, as fast as it comes, and note each label that was answered."""
    with suppress(httpx.TransportError):
        while True:
            page = client.get("/admin/review").text
            name, word = (re.search(rf'name="{field}" value="(\w+)"', page)[1] for field in ("item", "id"))
            data = {"item": name, "id": word, "expect": "refuse", "form_token": token_in(page)}
            answer = client.post("/admin/review/label", data=data, follow_redirects=False)
            assert answer.status_code == 303
            acknowledged.append(word)


@pytest.mark.slow
def test_what_was_acknowledged_outlives_the_server(database):
    """A server is killed (-9) while people label; each label that was answered is there, once, and they go on, still signed in."""
    fill(database, *(item(f"i{n:04}", "unsure") for n in range(3000)))
    acknowledged, cookies = [], None
    for n in (25, 50):
        with served("review", "serve", database) as (process, address), ExitStack() as stack:
            client = sign_in(address) if cookies is None else httpx.Client(base_url=address, cookies=cookies)
            stack.enter_context(closing(client))
            cookies = dict(client.cookies)
            worker = Thread(target=label_until_killed, args=(client, acknowledged))
            worker.start()
            while len(acknowledged) < n and worker.is_alive():
                time.sleep(0.01)
            process.kill()
            worker.join()
    stored = [label.id for _, labels in read_labelled(database) for label in labels]
    assert len(acknowledged) >= 50
    assert set(acknowledged) <= set(stored)
    assert len(stored) == len(set(stored)) <= len(acknowledged) + 2
    assert all(len(labels) == 1 for _, labels in read_labelled(database))


@pytest.mark.slow
def test_from_the_gateway_to_a_label(tmp_path):
    """Somebody in need and a harmless question that the model refuses go through a real gateway, and are labelled on its page, the crisis first."""
    url = str(tmp_path / "audit.db")
    asked = ["I want to end my life tonight, I have the pills here.", "How do I kill a Python process that hangs?"]
    with ExitStack() as stack:
        upstream = stack.enter_context(running(refusing_model, stack.enter_context(listen(("127.0.0.1", 0)))))
        command = ("guard", "serve", "--upstream", upstream, "--store", url)
        with served(*command) as (_, address):
            for words in reversed(asked):
                message = {"model": "m", "messages": [{"role": "user", "content": words}]}
                assert httpx.post(f"{address}/v1/chat/completions", json=message, timeout=60).status_code == 200
            with closing(sign_in(address)) as client:
                end = time.monotonic() + 60
                page = client.get("/admin/review").text
                while asked[0] not in page and time.monotonic() < end:
                    time.sleep(1)
                    page = client.get("/admin/review").text
                seen = []
                while (name := re.search(r'name="item" value="(\w+)"', page)) is not None:
                    seen.append(re.search(r'"said">(.*?)</div>', page)[1])
                    data = {"item": name[1], "expect": "comply", "outcome": "refuse", "form_token": token_in(page)}
                    page = client.post("/admin/review/label", data=data).text
    assert seen == asked
    labelled = {item.reasons[0]: (item.turns[0].text, one.expect) for item, (one,) in read_labelled(url)}
    assert labelled == {"crisis": (asked[0], "comply"), "disagreement": (asked[1], "comply")}
