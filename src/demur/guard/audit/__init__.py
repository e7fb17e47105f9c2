"""The audit store: what was asked, decided and done, one row an exchange."""

from demur.database import StoreDownError
from demur.guard.audit.event import Event, RailRun, new_event_id
from demur.guard.audit.failure import RowRefusedError
from demur.guard.audit.reading import has_events, read_events
from demur.guard.audit.redaction import redact
from demur.guard.audit.store import AuditStore, StoreState, open_store

__all__ = [
    "AuditStore",
    "Event",
    "RailRun",
    "RowRefusedError",
    "StoreDownError",
    "StoreState",
    "has_events",
    "new_event_id",
    "open_store",
    "read_events",
    "redact",
]
