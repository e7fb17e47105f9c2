"""The gateway as a server: started, told where it listens, its policy read again when the file changes, and ended."""

import asyncio
import gc
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demur.errors import DemurError, IncompleteError, MissingExtraError
from demur.guard.admin import Admin
from demur.guard.audit import open_store
from demur.guard.callers import Callers
from demur.guard.gateway import Gateway
from demur.guard.limits import open_limiter
from demur.guard.metrics import Metrics
from demur.guard.policy import Policy, default_policy, read_policy
from demur.guard.policy.reading import files_of
from demur.guard.recorder import Recorder
from demur.guard.tracing import find_tracer
from demur.guard.wire.upstream import Upstream
from demur.serving import Place, served

if TYPE_CHECKING:
    import uvicorn

    from demur.pages.alone import LazySite

__all__ = ["reload_when_changed", "serve_gateway"]

_OWN = "demur/"
"""How an upstream's name begins that is a model of demur's own, served for the gateway alone."""
ADMIN_TOKEN, SALT, UPSTREAM_KEY = "DEMUR_ADMIN_TOKEN", "DEMUR_SALT", "DEMUR_UPSTREAM_KEY"
"""Environment: what opens /admin; the secret of the hashes; the key that the model is shown where callers have the gateway's."""
_PAGE_TOKENS = ("DEMUR_REVIEW_TOKEN", "DEMUR_LEAD_TOKEN")
"""Environment: with which people sign in to the pages, by role."""
_LOOK_EVERY_S, _READY_S = 1.0, 0.02
_GATHER_S = (0.05, 0.002)
_SWITCH_S = 0.0005
"""After which a thread that reads replies lets the requests on; Python's own 5 ms would be the whole of a guard's latency."""

_LOG = logging.getLogger("demur.guard")


def serve_gateway(
    upstream: str,
    policy: Path | None,
    *,
    place: Place,
    store: str | None = None,
    limits: str | None = None,
    is_shadow: bool = False,
    reviewers: Path | None = None,
    proxies: str = "",
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until interrupted.

    Args:
        upstream: base of an OpenAI-compatible server, or a model that `served` serves, such as ``demur/smollm2``.
        policy: file; the one that ships where there is none.
        place: where to listen.
        store: of the audit events; a file of SQLite or the URL of a PostgreSQL.
        limits: where they are counted; in this process, or the URL of a Redis.
        is_shadow: whether nothing is enforced.
        reviewers: file of who may sign in to the pages below ``/admin/``, beside those with a token of the environment.
        on_ready: told when it listens.
        proxies: addresses and networks, with commas between, whose word about whom they ask for is believed.

    Raises:
        DataError: the policy cannot be used. UsageError: the upstream is no server's base, and no model that can be served.
        MissingExtraError: the server's libraries are not installed. IncompleteError: the port or the store cannot be had.
    """
    try:
        import uvicorn  # noqa: F401 -- said before anything is opened
    except ImportError:
        raise MissingExtraError("the gateway needs uvicorn and aiohttp: pip install 'demur[guard]'") from None
    sys.setswitchinterval(_SWITCH_S)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    callers = Callers(default_policy() if policy is None else read_policy(policy))
    salt = os.environ.get(SALT, "")
    kept = open_store(store, gather_s=_gather_s(callers.policy), on_change=_tell_store) if store else None
    if kept is None:
        _LOG.warning("nothing is recorded, and a person in crisis is seen by nobody: give --store")
    metrics, trace = Metrics(kept), find_tracer()
    with (
        served(upstream) if upstream.startswith(_OWN) else nullcontext(upstream) as address,
        _pages(store, reviewers) as pages,
    ):
        gateway = Gateway(
            Upstream(address, key=os.environ.get(UPSTREAM_KEY)),
            callers,
            recorder=Recorder(kept, [metrics.observe, *([trace] if trace else [])]),
            limiter=open_limiter(limits, pepper=salt),
            admin=Admin(os.environ.get(ADMIN_TOKEN), metrics),
            pages=pages,
            is_shadow=is_shadow,
            salt=salt.encode(),
        )
        watch = None
        if policy is not None:
            watch = reload_when_changed(gateway, policy, on_failure=metrics.policy_failures.inc)
        _run(gateway, place, proxies=proxies, watch=watch, on_ready=on_ready)


@contextmanager
def _pages(store: str | None, reviewers: Path | None) -> Iterator["LazySite | None"]:
    """Open the pages for people; there are none without a store, or where nobody may sign in."""
    is_asked = reviewers is not None or any(os.environ.get(name) for name in _PAGE_TOKENS)
    if store is None or not is_asked:
        yield None
        return
    # Not before it is known that they are wanted: Starlette and the report are more to load than the gateway.
    from demur.pages.alone import LazySite
    from demur.pages.people import read_people
    from demur.pages.session import session_key

    site = LazySite(store, read_people(reviewers), session_key())
    try:
        yield site
    finally:
        site.close()


def _run(
    gateway: Gateway,
    place: Place,
    *,
    proxies: str,
    watch: Coroutine[Any, Any, None] | None,
    on_ready: Callable[[], None],
) -> None:
    import uvicorn

    host, port = place
    config = uvicorn.Config(
        gateway,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
    )
    try:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_serve(uvicorn.Server(config), watch, on_ready))
    except SystemExit:
        raise IncompleteError(f"{host}:{port}: cannot listen there; choose another --port") from None
    except KeyboardInterrupt:
        return


def _tell_store(reason: str | None) -> None:
    if reason is None:
        _LOG.info("the audit store is back")
    else:
        _LOG.error("the audit store is down: %s", reason)


def _gather_s(policy: Policy) -> float:
    """Give how long rows are gathered before they are written: hardly at all where somebody waits for them."""
    is_waited_for = any(some.fail.audit == "closed" for some in (policy, *policy.tenants.values()))
    return _GATHER_S[is_waited_for]


async def _serve(
    server: "uvicorn.Server", watch: Coroutine[Any, Any, None] | None, on_ready: Callable[[], None]
) -> None:
    gc.collect()
    gc.freeze()  # rules and weights stay: a collection that looked at them all would hold up requests for 50 ms
    beside = [asyncio.ensure_future(_tell_ready(server, on_ready))]
    if watch is not None:
        beside.append(asyncio.ensure_future(watch))
    try:
        await server.serve()
    finally:
        for task in beside:
            task.cancel()


async def _tell_ready(server: "uvicorn.Server", on_ready: Callable[[], None]) -> None:
    while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for it
        await asyncio.sleep(_READY_S)
    on_ready()


async def reload_when_changed(
    gateway: Gateway, policy: Path, *, every_s: float = _LOOK_EVERY_S, on_failure: Callable[[], None] = lambda: None
) -> None:
    """Put a new policy into a running gateway when its file, or one it names, changes; requests under way keep the old one.

    A policy that cannot be used is said to be so, and the old one stays. Runs until it is cancelled.

    Args:
        gateway: that is running.
        policy: its file.
        every_s: how often the file is looked at.
        on_failure: told of a policy that cannot be used.
    """
    files = files_of(policy, gateway.callers.policy)
    seen = stamps = _stamps(files)
    while True:
        await asyncio.sleep(every_s)
        before, stamps = stamps, _stamps(files)
        if stamps == seen or stamps != before:
            continue  # as it was, or still being written
        seen = stamps  # before it is read: what changes meanwhile is seen the next time
        try:
            found = await asyncio.to_thread(read_policy, policy)
            gateway.callers = await asyncio.to_thread(Callers, found)
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with it, the next one is to be read
            _LOG.error("%s; the policy before stays in force", _word(error))
            on_failure()
            continue
        if (named := files_of(policy, found)) != files:
            files, seen = named, _stamps(named)
        _LOG.info("%s: read again, %s", policy, found.fingerprint)


def _word(error: Exception) -> str:
    return str(error) if isinstance(error, DemurError) else f"{type(error).__name__}: {error}"


def _stamps(files: Sequence[Path]) -> list[tuple[int, int] | None]:
    """Give what tells a changed file: the time of its last change, and its size."""
    stamps: list[tuple[int, int] | None] = []
    for file in files:
        stamps.append(None)
        with suppress(OSError):
            status = file.stat()
            stamps[-1] = (status.st_mtime_ns, status.st_size)
    return stamps
