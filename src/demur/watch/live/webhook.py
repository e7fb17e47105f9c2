"""Alarms posted to a URL, in a thread of their own: whoever does not answer is asked again, and holds nobody up."""

import http.client
import json
import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from demur.errors import DataError, UsageError
from demur.records import content_hash, to_plain, write_atomically
from demur.watch.live.raised import Raised

__all__ = ["Webhook", "parse_webhook"]

_LOG = logging.getLogger("demur.watch")

_TIMEOUT_S = 10.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 300.0
_TRY_AGAIN = frozenset({408, 425, 429})
"""Of the statuses below 500, those that say not now; every other says no for good."""
_SERVER_ERROR = 500


def parse_webhook(url: str) -> str:
    """Check that alarms can be posted to a URL, and give it.

    Raises:
        UsageError: they cannot. The message does not quote it: such addresses have their secret in them.
    """
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        is_usable = False
    if not is_usable or any(character <= " " for character in url) or not url.isascii():
        raise UsageError("--webhook: found no URL that can be posted to; expected http://HOST/... or https://HOST/...")
    return url


class Webhook:
    """Posts each alarm once it is raised, in order; after a restart those that nobody has taken.

    An alarm may arrive twice, if the watch is killed between the answer and the note of it; its ``id`` is the same then.

    Args:
        url: as `parse_webhook` gave it.
        note: file in which it is kept how many were taken.
        first_pause_s: before it is tried again the first time; twice as long each time after.
    """

    def __init__(self, url: str, note: Path, *, first_pause_s: float = _FIRST_PAUSE_S) -> None:
        self._url, self._note, self._first_pause_s = url, note, first_pause_s
        self._shown = urlsplit(url).hostname or ""
        self._alarms: Sequence[Raised] = ()
        self._opener = urllib.request.build_opener(_NoRedirect)
        self.n_taken = self._read_note()
        self.n_failures = 0
        """Times that an alarm could not be posted."""
        self._news, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="demur-webhook", daemon=True)

    @property
    def n_waiting(self) -> int:
        """Alarms that nobody has taken yet."""
        return max(0, len(self._alarms) - self.n_taken)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def tell(self, alarms: Sequence[Raised]) -> None:
        """Give all alarms so far; those that were not posted before are posted. Returns at once."""
        self._alarms = alarms
        self._news.set()

    def close(self, timeout_s: float = 2.0) -> None:
        """Stop; what is on its way may still arrive, and what is not is posted when the watch goes on."""
        self._stop.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            while self.n_taken < len(self._alarms):
                if self._stop.is_set() or not self._deliver(self._alarms[self.n_taken]):
                    return
                self.n_taken += 1
                self._write_note()
            if self._stop.is_set():
                return

    def _deliver(self, raised: Raised) -> bool:
        """Post an alarm until it is taken, or refused for good; tell whether that is over, and the watch not."""
        pause_s, is_down = self._first_pause_s, False
        while (objection := self._post(raised)) is not None:
            self.n_failures += 1
            if objection.is_final:
                _LOG.error("%s does not take alarm %d: %s", self._shown, raised.number, objection.reason)
                return True
            if not is_down:
                is_down = True
                _LOG.error("%s: %s; alarms are kept, and posted when it answers", self._shown, objection.reason)
            if self._stop.wait(pause_s):
                return False
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        if is_down:
            _LOG.info("%s takes alarms again", self._shown)
        return True

    def _post(self, raised: Raised) -> "_Objection | None":
        """Post an alarm once; say what is wrong if it was not taken."""
        body = json.dumps(to_plain(raised), ensure_ascii=True, allow_nan=False).encode()
        headers = {"content-type": "application/json", "user-agent": "demur"}
        request = urllib.request.Request(self._url, data=body, headers=headers, method="POST")  # noqa: S310 -- http alone: `parse_webhook`
        try:
            with self._opener.open(request, timeout=_TIMEOUT_S):
                return None
        except urllib.error.HTTPError as error:
            with error:
                is_final = error.code < _SERVER_ERROR and error.code not in _TRY_AGAIN
                return _Objection(f"answered {error.code}", is_final=is_final)
        except urllib.error.URLError as error:
            return _Objection(f"cannot be reached ({_reason(error.reason)})")
        except (OSError, http.client.HTTPException) as error:
            return _Objection(f"did not answer ({_reason(error)})")

    def _read_note(self) -> int:
        try:
            noted = json.loads(self._note.read_text(encoding="utf-8"))
            return int(noted.get(content_hash(self._url), 0))
        except FileNotFoundError:
            return 0
        except (OSError, ValueError, AttributeError, TypeError):
            raise DataError(f"{self._note}: not a note of posted alarms; delete it, and all are posted again") from None

    def _write_note(self) -> None:
        """Note how many were taken; the URL is not written down."""
        try:
            write_atomically(self._note, json.dumps({content_hash(self._url): self.n_taken}) + "\n")
        except OSError as error:
            _LOG.error("%s: cannot be written: %s", self._note, error.strerror or error)


class _Objection:
    """Why an alarm was not taken."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        self.reason, self.is_final = reason, is_final


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nobody elsewhere: an alarm goes where it was told to go."""

    def redirect_request(self, *_: Any) -> None:
        """Say no."""
        return


def _reason(error: object) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
