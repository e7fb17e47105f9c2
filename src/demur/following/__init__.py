"""The live watch as a whole: a gateway's store followed, alarms told to a terminal, a file, a webhook and Prometheus, and the dashboard."""

from demur.following.follow import Following, each_once, follow_store, following
from demur.following.follower import Follower, open_follower

__all__ = ["Follower", "Following", "each_once", "follow_store", "following", "open_follower"]
