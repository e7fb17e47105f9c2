"""A review with a few exchanges in it, served on this machine for as long as a test lasts."""

import contextlib
import re
from collections.abc import Iterator

import httpx

from demur.pages.alone import LazySite
from demur.pages.people import NamedToken, People, hash_token
from demur.serving.running import listen, running
from demur.types import Turn
from demur.watch.review import Item, ReviewStore

__all__ = ["KEY", "TOKENS", "fill", "item", "reviewing", "sign_in", "token_in"]

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
