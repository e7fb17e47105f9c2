"""What a request is after: a small trained classifier that weighs the words of a request in their context."""

from demur.guard.intent.intent import About, Hazard, Intent
from demur.guard.intent.reading import glance, read_closely, read_intent

__all__ = ["About", "Hazard", "Intent", "glance", "read_closely", "read_intent"]
