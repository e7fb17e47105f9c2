"""What is measured: demur with more or fewer of its rails, and a bare proxy; and the model behind them."""

import sys
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from gateway_parts.policy import Part, write_policy
from gateway_parts.processes import Server, serve

__all__ = ["AUDIT", "serve_bare", "serve_demur", "serve_policy", "serve_upstream"]

AUDIT = "audit.db"
"""The audit store, in the gateway's folder."""


def serve_upstream(core: int | None = None) -> AbstractContextManager[Server]:
    """Serve the model that costs nothing."""
    program = [sys.executable, "-m", "gateway_parts.upstream"]
    return serve("the upstream", lambda port: [*program, str(port)], ready="/", core=core)


def serve_bare(upstream: str, core: int | None = None) -> AbstractContextManager[Server]:
    """Serve a proxy that only passes on."""
    program = [sys.executable, "-m", "gateway_parts.bare_proxy"]
    return serve("bare proxy", lambda port: [*program, str(port), upstream], core=core)


@contextmanager
def serve_demur(
    upstream: str,
    folder: Path,
    *,
    name: str,
    without: Collection[Part] = (),
    has_store: bool = True,
    core: int | None = None,
) -> Iterator[Server]:
    """Serve the gateway as its command line does.

    Args:
        upstream: the model's address.
        folder: for the policy and the store.
        name: of the measurement.
        without: parts of the policy that are left out.
        has_store: whether there is an audit store, in SQLite.
        core: on which it runs; None for any.
    """
    own = folder / name.replace(" ", "-")
    own.mkdir()
    policy = own / "policy.yaml"
    policy.write_text(write_policy(without), encoding="utf-8")
    store = own / AUDIT if has_store else None
    with serve_policy(upstream, policy, name=name, folder=own, store=store, core=core) as server:
        yield server


def serve_policy(
    upstream: str, policy: Path | None, *, name: str, folder: Path, store: Path | None, core: int | None = None
) -> AbstractContextManager[Server]:
    """Serve the gateway in a folder, with a policy: the one that ships where there is none."""
    options = ["--policy", str(policy)] if policy is not None else []
    options += ["--store", str(store)] if store is not None else []
    program = [sys.executable, "-m", "demur.cli.main", "guard", "serve", "--upstream", f"{upstream}/v1"]
    return serve(
        name,
        lambda port: [*program, "--port", str(port), "--limits", "memory://", *options],
        folder=folder,
        core=core,
    )
