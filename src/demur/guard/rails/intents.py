"""What the classifier says of texts, remembered: a conversation is sent again with every turn."""

from collections import OrderedDict
from hashlib import blake2b
from threading import Lock

from demur.guard.intent import Intent, read_intent

__all__ = ["Intents"]

_MOST_REMEMBERED = 4096
"""Readings, of a few hundred bytes each; the texts are not kept."""


class Intents:
    """Reads intents, each text once as long as it is remembered."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Intent] = OrderedDict()
        self._lock = Lock()

    def read(self, text: str) -> Intent:
        """Read a folded text."""
        key = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        with self._lock:  # large requests are looked at in threads
            intent = self._known.get(key)
            if intent is not None:
                self._known.move_to_end(key)
                return intent
        intent = read_intent(text)
        with self._lock:
            self._known[key] = intent
            if len(self._known) > _MOST_REMEMBERED:
                self._known.popitem(last=False)
        return intent
