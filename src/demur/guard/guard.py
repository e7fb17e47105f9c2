"""The guard itself: a policy compiled, asked about requests and replies."""

from collections.abc import Iterable
from dataclasses import replace

from demur.guard.crisis.help import About, find_help, word_help
from demur.guard.decision import ALLOW, Action, Decision
from demur.guard.policy import Policy, PolicyRule
from demur.guard.refusals.refusal import write_refusal
from demur.guard.rules.holdback import HoldBack
from demur.guard.rules.patterns import Match, Rule, RuleSet
from demur.guard.views.folding import fold
from demur.guard.views.reading import read_views
from demur.guard.wire.conversation import Conversation
from demur.guard.wire.reply_rail import ReplyRail, StreamRail
from demur.guard.wire.upstream import Header
from demur.judge.language import language_of

__all__ = ["Guard"]

_ORDER: tuple[Action, ...] = ("escalate", "block", "warn")
"""Of what is found the first of these is done: a person in crisis is helped, whatever else they said."""


class Guard:
    """Decides by a policy.

    Raises:
        DataError: a rule of the policy cannot be compiled. MissingExtraError: a library is not installed.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._rules = {rule.name: rule for rule in policy.rules}
        self._input = _compile(_for_views(rule) for rule in policy.rules if "input" in rule.at)
        self._output = _compile(rule for rule in policy.rules if "output" in rule.at and rule.action != "escalate")
        _ = self._output.frontier  # compiled now: what cannot be is to be heard of before a reply has begun

    def decide(self, asked: Conversation) -> Decision:
        """Decide about a request, by the last thing the user says, in every view of it."""
        text = asked.asked
        found: dict[Action, Decision] = {}
        for view in read_views(text):
            for match in self._input.find(view.text):
                rule = self._rules[match.rule]
                if rule.action not in found:
                    start, end = view.origin(match.start, match.end)
                    found[rule.action] = Decision(
                        rule.action, rule.category, rule.name, view.name, start, end, text[start:end]
                    )
        return next((found[action] for action in _ORDER if action in found), ALLOW)

    def answer(self, asked: Conversation, decision: Decision) -> str | None:
        """Say what the guard says in the model's place, in the language of the request; None where the model is to be asked."""
        if decision.action == "escalate":
            locale = language_of(asked.asked)
            return word_help(find_help(self.policy.country, locale), locale, about=_about(decision))
        if decision.action == "block":
            return self._refuse(decision.category or "", asked)
        return None

    def reply_rail(self, asked: Conversation) -> ReplyRail:
        """Make the rail for a reply that is read as a whole."""
        return ReplyRail(lambda: HoldBack(self._output), lambda match: self._refuse_reply(match, asked))

    def stream_rail(self, asked: Conversation) -> StreamRail:
        """Make the rail for a reply that is streamed."""
        return StreamRail(
            lambda: HoldBack(self._output), lambda match: self._refuse_reply(match, asked), asked.n_choices
        )

    def headers(self, decision: Decision) -> tuple[Header, ...]:
        """Give the headers that tell the caller what was decided about a request; none if the policy does not want it."""
        if not self.policy.tell:
            return ()
        told: list[tuple[bytes, str]] = [(b"x-demur-decision", decision.action)]
        told += [(b"x-demur-category", decision.category)] if decision.category else []
        told += [(b"x-demur-rule", decision.rule)] if decision.rule else []
        return tuple((name, value.encode("ascii", "replace")) for name, value in told)

    def _refuse_reply(self, match: Match, asked: Conversation) -> str:
        return self._refuse(self._rules[match.rule].category, asked)

    def _refuse(self, category: str, asked: Conversation) -> str:
        return write_refusal(
            category,
            locale=language_of(asked.asked) or "en",
            request=asked.asked,
            persona=self.policy.persona,
            scope=self.policy.scope,
        )


def _about(decision: Decision) -> About:
    about: About = decision.category or "self"  # type: ignore[assignment]  # the policy has checked it
    return about


def _for_views(rule: PolicyRule) -> PolicyRule:
    """Put a rule as it is found in views, all but the first of which are folded."""
    phrases = dict.fromkeys((*rule.phrases, *map(fold, rule.phrases)))
    return replace(rule, phrases=tuple(phrases), patterns=tuple(f"(?i){pattern}" for pattern in rule.patterns))


def _compile(rules: Iterable[PolicyRule]) -> RuleSet:
    # An escalation answers a request, which is there as a whole: for the set it is a rule that holds nothing back.
    return RuleSet(
        Rule(rule.name, rule.category, "block" if rule.action == "block" else "warn", rule.patterns, rule.phrases)
        for rule in rules
    )
