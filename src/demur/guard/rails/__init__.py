"""The rails: what decides about a request, and what decides about a reply."""

from demur.guard.rails.input_rail import InputRail, Seen
from demur.guard.rails.output_rail import Judged, OutputRail

__all__ = ["InputRail", "Judged", "OutputRail", "Seen"]
