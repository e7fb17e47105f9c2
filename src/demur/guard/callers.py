"""Who may ask: callers known by their keys, each with the guard of their tenant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from demur.guard.guard import Guard
from demur.guard.policy import Policy
from demur.guard.wire.upstream import Header

__all__ = ["Caller", "Callers", "hash_key"]


@dataclass(frozen=True)
class Caller:
    """Somebody who was let in."""

    name: str | None
    """Of the key; None where the policy has no keys, and everybody is let in."""
    guard: Guard
    tenant: str | None = None
    """Name of the key that has a policy of its own; None where it is that of everybody."""
    identity: str | None = None
    """What tells this caller's key from others, where one was sent: the key's name, or the first digits of its hash."""


class Callers:
    """Lets callers in by their keys, and compiles the policy of each tenant.

    Raises:
        DataError: a policy cannot be compiled. MissingExtraError: a library is not installed.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._everybody = Guard(policy)
        self._tenants: Mapping[str, Guard] = {name: Guard(tenant) for name, tenant in policy.tenants.items()}

    @property
    def has_keys(self) -> bool:
        """Whether a key is needed; it is then this gateway's, and not the model's."""
        return bool(self.policy.keys)

    def admit(self, headers: Iterable[Header]) -> Caller | None:
        """Let a caller in by the headers of the request; None where the key is missing or unknown."""
        key = _key_in(headers)
        digest = hash_key(key)
        if not self.has_keys:
            return Caller(None, self._everybody, identity=digest[:16] if key else None)
        found = None
        for known in self.policy.keys:  # all of them, so that the time it takes tells nothing
            if compare_digest(known.sha256, digest):
                found = known.name
        if found is None:
            return None
        guard = self._tenants.get(found, self._everybody)
        return Caller(found, guard, tenant=found if found in self._tenants else None, identity=found)


def hash_key(key: str) -> str:
    """Give what a policy knows of a key: keys are long and random, so that a plain SHA-256 is as good as a slow hash."""
    return sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def _key_in(headers: Iterable[Header]) -> str:
    """Find the key as OpenAI's clients send it, or as Azure's do."""
    for name, value in headers:
        if name.lower() == b"authorization" and value[:7].lower() == b"bearer ":
            return value[7:].strip().decode("latin-1")
        if name.lower() == b"api-key":
            return value.strip().decode("latin-1")
    return ""
