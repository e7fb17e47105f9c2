"""The watch on traffic as it comes: counts of the last days, alarms, and all of it kept so that a killed watch goes on as if it had not been."""

from demur.watch.live.live_watch import LiveWatch
from demur.watch.live.raised import Raised, describe_alarm
from demur.watch.live.seen import Guarded, Modelled, Seen

__all__ = ["Guarded", "LiveWatch", "Modelled", "Raised", "Seen", "describe_alarm"]
