"""A shard: some exchanges of a log, judged by one pure function, which runs as it is here or on a cluster."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from demur.judge import Judge
from demur.judge.language import languages_of_texts
from demur.judge.logged import judge_replies
from demur.types import Verdict
from demur.watch.exchange import Exchange

__all__ = ["JudgedExchange", "judge_shard", "name_shard"]

_FORMAT = "2"
"""Raised with every change of what a shard holds for the same exchanges and the same judge."""


@dataclass(frozen=True, slots=True)
class JudgedExchange:
    """An exchange, and what its reply is."""

    exchange: Exchange
    verdict: Verdict
    language: str | None
    """Of what was asked: as the log says, or else as it reads; None where it cannot be told."""

    @property
    def is_leak(self) -> bool:
        """Whether the reply refuses and gives it anyway."""
        return "leakage" in self.verdict.failure_modes

    @property
    def is_own_refusal(self) -> bool:
        """Whether the model itself refused, whole."""
        return self.verdict.outcome == "refuse" and self.verdict.layer != "filter"


def judge_shard(exchanges: Sequence[Exchange], judge: Judge) -> list[JudgedExchange]:
    """Judge a shard: the same exchanges and the same judge give the same, in the same order."""
    verdicts = judge_replies([(exchange.reply, exchange.turns) for exchange in exchanges], judge)
    untold = [exchange.prompt for exchange in exchanges if exchange.language is None]
    read = iter(languages_of_texts(untold))
    return [
        JudgedExchange(exchange, verdict, next(read) if exchange.language is None else exchange.language)
        for exchange, verdict in zip(exchanges, verdicts, strict=True)
    ]


def name_shard(digests: Sequence[bytes], judge: Judge) -> str:
    """Name a shard by all that decides what it holds: its exchanges, who judges them, and how it is written."""
    content = hashlib.blake2b(f"{_FORMAT}\n{judge.name}\n{judge.version}\n".encode(), digest_size=16)
    for digest in digests:
        content.update(digest)
    return content.hexdigest()
