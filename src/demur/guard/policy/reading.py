"""A policy from its file, with those of its tenants."""

from dataclasses import replace
from importlib import resources
from pathlib import Path

from demur.errors import DataError
from demur.guard.policy.parsing import parse_policy
from demur.guard.policy.policy import Key, Policy
from demur.records import content_hash, read_text

__all__ = ["default_policy", "files_of", "read_policy"]


def default_policy() -> Policy:
    """Give the policy that ships with demur."""
    text = resources.files("demur.guard.policy").joinpath("default.yaml").read_text(encoding="utf-8")
    return parse_policy(text, "the default policy")


def read_policy(path: Path) -> Policy:
    """Read a policy and the policies of its tenants.

    Raises:
        DataError: a file cannot be read, or is no policy; the line names the place.
    """
    policy = parse_policy(read_text(path), str(path))
    tenants = {key.name: _read_tenant(path, key) for key in policy.keys if key.policy is not None}
    prints = [policy.fingerprint, *(tenant.fingerprint for tenant in tenants.values())]
    return replace(policy, tenants=tenants, fingerprint=content_hash(prints))


def files_of(path: Path, policy: Policy) -> tuple[Path, ...]:
    """Give the files that a policy was read from."""
    return (path, *(path.parent / key.policy for key in policy.keys if key.policy is not None))


def _read_tenant(path: Path, key: Key) -> Policy:
    place = path.parent / (key.policy or "")
    tenant = parse_policy(read_text(place), str(place))
    if tenant.keys:
        raise DataError(f"{place}: keys: only {path} says who is let in; leave them out here")
    return tenant
