"""``demur watch --follow``, and the same in the gateway: started, interrupted and started again, as whoever runs it does."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from command_line import DEMUR, assert_one_line, run_here

sys.path.insert(0, str(Path(__file__).parents[1] / "watch"))
sys.path.insert(0, str(Path(__file__).parents[1] / "guard"))

from live_traffic import fill, make_traffic
from serving import Model
from serving import serve as serve_model

TOKEN = "a-token-of-sixteen-or-more"


def free_port():
    """Find a port that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for(is_so, process):
    """Wait until something is so, as long as the process runs."""
    for _ in range(600):
        try:
            if found := is_so():
                return found
        except httpx.TransportError:
            pass
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.1)
    raise AssertionError


def start(*arguments, cwd, **environment):
    """Start demur in a process of its own."""
    return subprocess.Popen(
        [*DEMUR, *arguments], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )  # fmt: skip


@pytest.mark.slow
def test_alarms_are_printed_and_written_once_and_the_dashboard_is_served(tmp_path):
    """A line of words each and a line of JSON; interrupted it ends with 0, and started again it goes on."""
    fill(str(tmp_path / "a.db"), make_traffic(2_400))
    port = free_port()
    command = ("watch", "a.db", "--follow", "-o", "alarms.jsonl", "--port", str(port))
    process = start(*command, cwd=tmp_path)
    metrics = f"http://127.0.0.1:{port}/metrics"
    wait_for(lambda: "demur_watched_exchanges_total 2400.0" in httpx.get(metrics).text, process)
    assert "changes in the last day" in (page := httpx.get(f"http://127.0.0.1:{port}/").text) or "1 change in" in page
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    rows = [json.loads(line) for line in (tmp_path / "alarms.jsonl").read_text(encoding="utf-8").splitlines()]
    assert any(row["metric"] == "refused" and row["slice"] == {"language": "de"} for row in rows)
    assert [line.partition("Z  ")[2] for line in out.splitlines()] == [row["text"] for row in rows]
    assert f"http://127.0.0.1:{port}/ shows it" in err
    again = start(*command, cwd=tmp_path)
    wait_for(lambda: "demur_watched_exchanges_total 2400.0" in httpx.get(metrics).text, again)
    again.send_signal(signal.SIGTERM)
    out, err = again.communicate(timeout=60)
    assert (again.returncode, out) == (0, "")
    assert "watching, after 2,400 exchanges" in err
    assert len((tmp_path / "alarms.jsonl").read_text(encoding="utf-8").splitlines()) == len(rows)


@pytest.mark.slow
def test_the_gateway_watches_and_shows_it_to_leads_alone(tmp_path):
    """What passes the gateway is on the page under /admin/watch a moment later, behind the sign-in."""
    port = free_port()
    with serve_model(Model(pieces=["I'm sorry, but I can't help with that."])) as upstream:
        process = start(
            "guard", "serve", "--upstream", upstream, "--store", "a.db", "--watch", "w", "--port", str(port),
            cwd=tmp_path, DEMUR_LEAD_TOKEN=TOKEN, DEMUR_REVIEW_TOKEN=f"{TOKEN}-2", DEMUR_ADMIN_TOKEN="metrics-token",
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(lambda: httpx.get(f"{address}/healthz").status_code == 200, process)
            body = {"model": "m", "messages": [{"role": "user", "content": "How do I kill a process?"}]}
            for _ in range(3):
                assert httpx.post(f"{address}/v1/chat/completions", json=body, timeout=30).status_code == 200
            assert httpx.get(f"{address}/admin/watch").status_code == 303
            assert httpx.get(f"{address}/admin/watch/parts").status_code == 303
            with signed_in(address, f"{TOKEN}-2") as reviewer:
                assert reviewer.get(f"{address}/admin/watch").status_code == 403
            with signed_in(address, TOKEN) as lead:
                wait_for(lambda: "3 exchanges in the last day" in lead.get(f"{address}/admin/watch").text, process)
                page = lead.get(f"{address}/admin/watch")
                assert 'data-parts="/admin/watch/parts?span=day"' in page.text
                assert "connect-src" in page.headers["content-security-policy"]
                assert lead.get(f"{address}/admin/watch/parts").status_code == 200
                assert "Sign out" in page.text
            shown = httpx.get(f"{address}/admin/metrics", headers={"authorization": "Bearer metrics-token"}).text
            assert "demur_watched_exchanges_total 3.0" in shown
            assert 'demur_refusals_total{by="model"' in shown
        finally:
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert (tmp_path / "w" / "live.json").exists()


@contextmanager
def signed_in(address, token):
    """Sign in, and give the client with its session."""
    with httpx.Client() as client:
        sign_in(client, address, token)
        yield client


def sign_in(client, address, token):
    """Send the form."""
    door = client.get(f"{address}/admin/sign-in").text
    (form_token,) = re.findall(r'name="form_token" value="([^"]+)"', door)
    sent = {"name": "Kim", "token": token, "form_token": form_token, "to": "/admin/review"}
    assert client.post(f"{address}/admin/sign-in", data=sent).status_code == 303


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("a.db", "b.db", "--follow"), ("--follow", "found 2 stores")),
        (("log.jsonl", "--follow"), ("does not end in .db",)),
        (("none.db", "--follow"), ("none.db", "no such file")),
        (("a.db", "--port", "8090"), ("--port without --follow",)),
        (("a.db", "--webhook", "http://x/y"), ("--webhook", "without --follow")),
        (("a.db", "--follow", "--webhook", "nowhere"), ("--webhook", "expected http://")),
    ],
)
def test_what_cannot_be_followed_is_one_line(capsys, tmp_path, monkeypatch, arguments, parts):
    """What was found, and what was expected."""
    monkeypatch.chdir(tmp_path)
    assert_one_line(run_here(capsys, "watch", *arguments), 2, *parts)
