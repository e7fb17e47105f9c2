"""The watch: what live traffic is answered, from anyone's logs, told as rates; and what changed in it, since when, where and by how much."""

from demur.watch.alarm import Alarm, Change, gather_changes
from demur.watch.attempts import Attempts
from demur.watch.drift import DriftSettings, DriftWatch
from demur.watch.exchange import Exchange
from demur.watch.folder import ShardFolder
from demur.watch.found_alarm import FoundAlarm, FoundChange
from demur.watch.mapping import LogMapping, parse_log_mapping
from demur.watch.observation import METRICS, Observation
from demur.watch.observing import observation_of
from demur.watch.rates import SliceRates
from demur.watch.shard import JudgedExchange, judge_shard
from demur.watch.templates import TemplateShare

__all__ = [
    "METRICS",
    "Alarm",
    "Attempts",
    "Change",
    "DriftSettings",
    "DriftWatch",
    "Exchange",
    "FoundAlarm",
    "FoundChange",
    "JudgedExchange",
    "LogMapping",
    "Observation",
    "ShardFolder",
    "SliceRates",
    "TemplateShare",
    "gather_changes",
    "judge_shard",
    "observation_of",
    "parse_log_mapping",
]
