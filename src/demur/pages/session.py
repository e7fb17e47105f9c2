"""Sessions: who a browser was signed in as, said by a cookie that only this key can have signed."""

import base64
import hmac
import json
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from demur.errors import UsageError
from demur.pages.people import Person

__all__ = ["SESSION_KEY", "Session", "Sessions", "session_key"]

SESSION_KEY = "DEMUR_SESSION_KEY"
"""Environment: the secret that sessions are signed with, where they are to outlive the process or to hold for several."""
_SHORTEST_KEY = 32
_LASTS_S = 8 * 3600.0


@dataclass(frozen=True)
class Session:
    """What a cookie says."""

    id: str
    person: Person | None
    """None of somebody who is about to sign in."""
    until: float
    """When it ends, in seconds since 1970 UTC."""


class Sessions:
    """Signs sessions, and opens those that it has signed.

    Args:
        key: of 32 bytes or more.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._ended: dict[str, float] = {}
        """Sessions that were signed out of, until they would have ended by themselves."""

    def begin(self, person: Person | None) -> Session:
        """Begin a session."""
        return Session(secrets.token_urlsafe(18), person, time.time() + _LASTS_S)

    def seal(self, session: Session) -> str:
        """Write a session as the value of a cookie."""
        said: list[object] = [session.id, session.until]
        if session.person is not None:
            said += [session.person.name, session.person.role]
        payload = base64.urlsafe_b64encode(json.dumps(said).encode())
        return f"{payload.decode()}.{self._sign(b'session', payload)}"

    def open(self, cookie: str | None, *, now: float | None = None) -> Session | None:
        """Read a session; None where this key has not signed it, it is over, or somebody has signed out of it."""
        payload, _, signature = (cookie or "").partition(".")
        raw = payload.encode("utf-8", "replace")
        if not hmac.compare_digest(self._sign(b"session", raw).encode(), signature.encode("utf-8", "replace")):
            return None
        said = json.loads(base64.urlsafe_b64decode(raw))
        session = Session(said[0], Person(*said[2:]) if said[2:] else None, said[1])
        now = time.time() if now is None else now
        return session if now < session.until and session.id not in self._ended else None

    def end(self, session: Session) -> None:
        """Sign out: the cookie opens nothing any more, in this process."""
        now = time.time()
        self._ended = {one: until for one, until in self._ended.items() if until > now}
        self._ended[session.id] = session.until

    def form_token(self, session: Session) -> str:
        """Give what a form of this session carries, and no other site can know."""
        return self._sign(b"form", session.id.encode())

    def is_own_form(self, session: Session, token: str) -> bool:
        """Tell whether a form comes from a page of this session."""
        return hmac.compare_digest(self.form_token(session).encode(), token.encode("utf-8", "replace"))

    def _sign(self, purpose: bytes, value: bytes) -> str:
        return hmac.new(self._key, purpose + b"\0" + value, sha256).hexdigest()


def session_key(environment: Mapping[str, str] = os.environ) -> bytes:
    """Give the key that sessions are signed with: that of the environment, or a random one, with which they end with the process.

    Raises:
        UsageError: the one in the environment is too short to be safe.
    """
    key = environment.get(SESSION_KEY, "").encode("utf-8", "surrogateescape")
    if key and len(key) < _SHORTEST_KEY:
        raise UsageError(
            f"{SESSION_KEY}: {len(key)} bytes; expected {_SHORTEST_KEY} or more, such as openssl rand -hex 32"
        )
    return key or secrets.token_bytes(_SHORTEST_KEY)
