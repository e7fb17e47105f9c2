"""The watch: what live traffic is answered, from anyone's logs, judged a shard at a time and told as rates."""

from demur.watch.attempts import Attempts
from demur.watch.exchange import Exchange
from demur.watch.folder import ShardFolder
from demur.watch.mapping import LogMapping, parse_log_mapping
from demur.watch.rates import SliceRates
from demur.watch.shard import JudgedExchange, judge_shard
from demur.watch.templates import TemplateShare

__all__ = [
    "Attempts",
    "Exchange",
    "JudgedExchange",
    "LogMapping",
    "ShardFolder",
    "SliceRates",
    "TemplateShare",
    "judge_shard",
    "parse_log_mapping",
]
