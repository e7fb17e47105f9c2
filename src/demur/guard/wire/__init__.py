"""The wire: what callers and models send, read and written without changing what is not understood."""

from demur.guard.wire.conversation import Conversation
from demur.guard.wire.upstream import Limits, Upstream

__all__ = ["Conversation", "Limits", "Upstream"]
