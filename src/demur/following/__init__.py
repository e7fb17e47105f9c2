"""The live watch as a whole: a gateway's store followed, alarms told to a terminal, a file, a webhook and Prometheus, and the dashboard."""

from demur.following.follow import Following, follow_store, following
from demur.following.follower import Follower, open_follower

__all__ = ["Follower", "Following", "follow_store", "following", "open_follower"]
