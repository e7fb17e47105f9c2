"""What the classifier says of texts, remembered: a conversation is sent again with every turn."""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from threading import Lock

from demur.guard.intent import Intent, glance, read_closely

__all__ = ["Intents"]

_MOST_REMEMBERED = 4096
"""Readings, of a few hundred bytes each; the texts are not kept."""
_MOST_CLOSELY = 6
"""Texts of one request that are read closely, the most alarming ones: many disguises in one text would hold up everybody else."""


class Intents:
    """Reads intents, each text once as long as it is remembered."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Intent] = OrderedDict()
        self._lock = Lock()

    def read(self, text: str) -> Intent:
        """Read a folded text."""
        return self.read_all([text])[0]

    def read_all(self, texts: Sequence[str]) -> list[Intent]:
        """Read folded texts of one request."""
        keys = [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]
        known = self._recall(keys)
        new = {key: glance(text) for key, text in zip(keys, texts, strict=True) if key not in known}
        for number, (key, seen) in enumerate(sorted(new.items(), key=lambda item: -item[1].alarm)):
            known[key] = read_closely(seen) if number < _MOST_CLOSELY else seen.intent
            self._remember(key, known[key])
        return [known[key] for key in keys]

    def _recall(self, keys: Sequence[bytes]) -> dict[bytes, Intent]:
        with self._lock:  # large requests are looked at in threads
            found = {key: self._known[key] for key in keys if key in self._known}
            for key in found:
                self._known.move_to_end(key)
        return found

    def _remember(self, key: bytes, intent: Intent) -> None:
        with self._lock:
            self._known[key] = intent
            if len(self._known) > _MOST_REMEMBERED:
                self._known.popitem(last=False)
