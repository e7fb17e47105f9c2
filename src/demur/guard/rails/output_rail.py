"""The output rail: what a model says, by rules as it comes, and by the judge when it is there."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from demur.guard.decision import ALLOW, Decision
from demur.guard.policy.policy import Policy, PolicyRule
from demur.guard.rails.judging import shared_judge
from demur.guard.rails.prose import is_prose, read_prose
from demur.guard.rules.holdback import GoesOn, HoldBack
from demur.guard.rules.patterns import Match, Rule, RuleSet
from demur.guard.wire.said import Said
from demur.types import Outcome, Reply, Turn, Verdict

__all__ = ["Judged", "OutputRail"]

_ANSWERS: frozenset[Outcome | None] = frozenset({"comply", "partial"})


class Judged(NamedTuple):
    """What the judge says of a reply, and what follows."""

    verdict: Verdict
    decision: Decision
    text: str
    """Of the reply's texts the one that decided."""


class OutputRail:
    """Decides about replies.

    Its rules are incremental: they hold text back as far as the longest match of a blocking one reaches. Its judge needs the
    whole reply, and is asked where the request was suspect.

    Raises:
        DataError: a rule cannot be compiled. MissingExtraError: a library is not installed.
    """

    def __init__(self, policy: Policy) -> None:
        rules = [rule for rule in policy.rules if "output" in rule.at]
        self._rules: Mapping[str, PolicyRule] = {rule.name: rule for rule in rules}
        self._set = RuleSet(_incremental(rule) for rule in rules)
        _ = self._set.frontier  # compiled now: what cannot be is to be heard of before a reply has begun
        self._suspect, self._judging = policy.intent.suspect, policy.judge

    @property
    def reach(self) -> int:
        """Characters that a stream can be held at most, on account of the rules."""
        return self._set.furthest("block")

    def hold_back(self, goes_on: GoesOn = lambda _: False) -> HoldBack:
        """Make the hold-back of one channel of a reply; `goes_on` says whether that goes on where the rules break."""
        return HoldBack(self._set, goes_on)

    def decision(self, match: Match) -> Decision:
        """Say what a match in a reply means."""
        rule = self._rules[match.rule]
        return Decision(rule.action, rule.category, rule.name, "raw", match.start, match.end)

    def is_suspect(self, harm: float | None) -> bool:
        """Tell whether the judge reads the reply to a request.

        Args:
            harm: the probability that the request is harmful; None where nobody looked.
        """
        return self._judging != "off" and self._suspect is not None and harm is not None and harm >= self._suspect

    def needs_whole(self, harm: float | None) -> bool:
        """Tell whether the reply to a request is judged before any of it leaves."""
        return self._judging == "block" and self.is_suspect(harm)

    def judge(self, said: Said, turns: Sequence[Turn], harm: float | None) -> Judged:
        """Judge a whole reply.

        Args:
            said: what the model said.
            turns: the conversation up to the question.
            harm: the probability that the request is harmful.

        Returns:
            The verdict, and the decision: where a suspect request was answered, or a refusal gives the thing after all, the reply
            is blocked or warned of, as the policy has it. They are of the first text that is not to stay; else of the first choice's.
        """
        texts = _texts_of(said)
        verdicts = shared_judge().judge_many([(Reply(read_prose(text)), turns) for text in texts])
        judged = [
            Judged(verdict, self._follows(verdict, harm), text) for verdict, text in zip(verdicts, texts, strict=True)
        ]
        first = next((one for one in judged if one.decision.action != "allow"), judged[0])
        if first.decision.action == "allow" and said.is_cut and self.needs_whole(harm):
            return first._replace(decision=Decision("block", None, "judge: more than is read", "raw", score=harm))
        return first

    def _follows(self, verdict: Verdict, harm: float | None) -> Decision:
        is_leak = "leakage" in verdict.failure_modes
        is_answer = is_leak or verdict.outcome in _ANSWERS
        if self._judging == "off" or not self.is_suspect(harm) or not is_answer:
            return ALLOW
        rule = "judge: leak after refusal" if is_leak else "judge: answered"
        return Decision(self._judging, None, rule, "raw", score=harm)


def _texts_of(said: Said) -> list[str]:
    """Give what is to be judged: each choice, and of what stands beside them whatever is prose; nothing twice."""
    beside = ("\n".join(map(read_prose, parts)) for parts in said.beside)
    return list(dict.fromkeys([said.text, *said.further, *filter(is_prose, beside)]))


def _incremental(rule: PolicyRule) -> Rule:
    patterns = tuple(f"(?i){pattern}" for pattern in rule.patterns)
    return Rule(rule.name, rule.category, "block" if rule.action == "block" else "warn", patterns, rule.phrases)
