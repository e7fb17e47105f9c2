"""A review with a few exchanges in it, served on this machine for as long as a test lasts."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx

from demur.pages.alone import LazySite
from demur.pages.people import NamedToken, People, hash_token
from demur.serving.running import listen, running
from demur.types import Turn
from demur.watch.review import Item, ReviewStore

__all__ = ["KEY", "TOKENS", "fill", "item", "refusing_model", "reviewing", "served", "sign_in", "token_in"]

KEY = b"k" * 32
TOKENS = {"reviewer": "the token of reviewers", "lead": "the token of leads"}


def item(name: str, *reasons: str, at: float = 0.0, **more) -> Item:
    """Make an item that the judge has read as a refusal."""
    more = {"turns": (Turn("user", f"question of {name}"),), "reply": f"reply to {name}"} | more
    chance = 0.1 if "sample" in reasons else None
    return Item(
        id=name, at=at, reasons=reasons, why="because", outcome="refuse", confidence=0.93, decision="allow",
        refused_by=("model",), chance=chance, model="m", **more,
    )  # fmt: skip


def fill(url: str, *items: Item, double: float = 0.0) -> None:
    """Put items into the queue of a store."""
    store = ReviewStore(url, double=double)
    store.add(items)
    store.close()


@contextlib.contextmanager
def reviewing(url: str) -> Iterator[str]:
    """Serve the review of a store, and give its address."""
    people = People([NamedToken("eve", "reviewer", hash_token("the token of eve"))], TOKENS)
    site = LazySite(url, people, KEY)
    with listen(("127.0.0.1", 0)) as listener, running(site, listener) as address:
        yield address
    site.close()


def sign_in(address: str, name: str = "ada", role: str = "reviewer") -> httpx.Client:
    """Sign somebody in, as a browser does."""
    client = httpx.Client(base_url=address, follow_redirects=True, timeout=20)
    form = {"name": name, "token": TOKENS[role], "form_token": token_in(client.get("/admin/review").text)}
    answer = client.post("/admin/sign-in", data=form)
    assert answer.status_code == 200, answer.text
    return client


def token_in(page: str) -> str:
    """Find the form token of a page."""
    return re.search(r'name="form_token" value="(\w+)"', page)[1]


@contextlib.contextmanager
def served(*command):
    """Run a server of demur's in a process of its own; give it and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    whole = ["-c", "from demur.cli.main import main; main()", *command, "--port", str(port)]
    tokens = {"DEMUR_REVIEW_TOKEN": TOKENS["reviewer"], "DEMUR_SESSION_KEY": KEY.decode()}
    with subprocess.Popen(
        [sys.executable, *whole], env=os.environ | tokens, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            said = process.stderr.readline()
            while said.startswith(("INFO", "WARNING")):
                said = process.stderr.readline()
            assert said.startswith("listening on http://127.0.0.1:"), said
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()


async def refusing_model(scope, receive, send):
    """Answer every chat with a refusal."""
    assert scope["type"] in ("http", "lifespan")
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    while (await receive()).get("more_body"):
        pass
    said = {"role": "assistant", "content": "I'm sorry, but I can't help with that.", "refusal": None}
    choice = {"index": 0, "message": said, "finish_reason": "stop", "logprobs": None}
    body = {"id": "c", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
