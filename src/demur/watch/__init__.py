"""The watch: what changed in live traffic, since when, where and by how much."""

from demur.watch.alarm import Alarm, Change, gather_changes
from demur.watch.drift import DriftSettings, DriftWatch
from demur.watch.observation import METRICS, Observation

__all__ = ["METRICS", "Alarm", "Change", "DriftSettings", "DriftWatch", "Observation", "gather_changes"]
