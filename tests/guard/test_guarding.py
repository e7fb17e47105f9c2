"""The running server: a changed policy is in force without losing a request, a broken one is not, and figures are for whoever has the token."""

import asyncio
import threading
import time
from pathlib import Path

import httpx
import pytest
from serving import Model, serve

from demur.errors import UsageError
from demur.guard.admin import Admin
from demur.guard.callers import Callers
from demur.guard.gateway import Gateway
from demur.guard.metrics import Metrics
from demur.guard.policy import read_policy
from demur.guard.recorder import Recorder
from demur.guard.wire import Upstream
from demur.guarding import reload_when_changed

POLICY = "intent: off\nrules: [{name: a, category: scope, action: block, phrases: [%s]}]\n"
REQUEST = {"model": "m", "messages": [{"role": "user", "content": "A cake and a pie"}]}


def finish(url, request=None):
    """Ask, and say how the answer finished."""
    answer = httpx.post(f"{url}/v1/chat/completions", json=request or REQUEST)
    assert answer.status_code == 200
    return answer.json()["choices"][0]["finish_reason"]


def wait_for(is_so):
    """Wait for something to come true, for five seconds at most."""
    for _ in range(100):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError


@pytest.fixture
def reloading(tmp_path: Path):
    """Serve a gateway whose policy is watched; give its address, the policy's file, and the failures that were told."""
    file, failures = tmp_path / "policy.yaml", []
    file.write_text(POLICY % "tart")
    with serve(Model(pieces=["ok"], pause_s=0.01)) as upstream:
        gateway = Gateway(Upstream(upstream), Callers(read_policy(file)))
        stop = asyncio.Event()

        async def watch():
            watching = asyncio.ensure_future(
                reload_when_changed(gateway, file, every_s=0.02, on_failure=lambda: failures.append(1))
            )
            await stop.wait()
            watching.cancel()

        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=lambda: loop.run_until_complete(watch()))
        thread.start()
        with serve(gateway) as url:
            yield url, file, failures
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def test_a_changed_policy_is_in_force_without_a_restart(reloading):
    """What was allowed is blocked a moment later, and every request meanwhile has an answer."""
    url, file, failures = reloading
    assert finish(url) == "stop"
    file.write_text(POLICY % "cake")
    wait_for(lambda: finish(url) == "content_filter")
    assert failures == []


def test_a_broken_policy_leaves_the_old_one_in_force(reloading, caplog):
    """The line with the place is logged and counted, and the next whole file is taken."""
    url, file, failures = reloading
    file.write_text("rules: [")
    wait_for(lambda: failures)
    assert finish(url) == "stop"
    assert f"{file}:2: not YAML" in caplog.text
    file.write_text(POLICY % "cake or so")
    file.write_text(POLICY % "pie")
    wait_for(lambda: finish(url) == "content_filter")


def test_figures_are_there_for_whoever_has_the_token():
    """Requests, refusals and times in Prometheus' format; to anybody else, nothing is there."""
    metrics = Metrics()
    with serve(Model()) as upstream:
        callers = Callers(read_policy_text(POLICY % "cake"))
        recorder = Recorder(watchers=[metrics.observe])
        app = Gateway(Upstream(upstream), callers, recorder=recorder, admin=Admin("token", metrics))
        with serve(app) as url:
            finish(url)
            finish(url, {"model": "m", "messages": [{"role": "user", "content": "Bread"}]})
            for headers in ({}, {"authorization": "Bearer wrong"}):
                assert httpx.get(f"{url}/admin/metrics", headers=headers).status_code == 404
            text = httpx.get(f"{url}/admin/metrics", headers={"authorization": "Bearer token"}).text
    assert (
        'demur_requests_total{category="scope",enforced="true",rail="input",status="200",tenant="",verdict="block"} 1.0'
        in text
    )
    assert 'demur_refusals_total{by="input",tenant=""} 1.0' in text
    assert 'demur_guardrail_duration_seconds_count{guardrail="input",phase="input",result="allow"} 1.0' in text
    assert 'demur_tokens_total{kind="output"} 2.0' in text


def test_without_a_token_the_admin_routes_are_closed():
    """Also to who sends an empty one."""
    with serve(
        Gateway(Upstream("http://127.0.0.1:9"), Callers(read_policy_text("")), admin=Admin(None, Metrics()))
    ) as url:
        assert httpx.get(f"{url}/admin/metrics", headers={"authorization": "Bearer"}).status_code == 404
        assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}


def read_policy_text(text):
    """Read a policy from its text."""
    from demur.guard import parse_policy

    return parse_policy(text, "policy.yaml")


@pytest.mark.parametrize("url", ["nonsense", "localhost:8000", "http://", "http://x:1/v1?a=1", "http:// x"])
def test_an_upstream_that_is_no_address_is_said_before_anything_listens(url):
    """What was found is named, and what is expected."""
    with pytest.raises(UsageError, match="expected the base of a server"):
        Upstream(url)
