"""The guard itself: a policy compiled, asked about requests and replies."""

from demur.guard.crisis import About, find_help, word_help
from demur.guard.decision import Decision
from demur.guard.policy import Policy
from demur.guard.rails import InputRail, OutputRail, Seen
from demur.guard.wire.conversation import Conversation
from demur.judge.language import language_of
from demur.refusals import write_clarification, write_refusal

__all__ = ["Guard"]


class Guard:
    """Decides by a policy.

    Raises:
        DataError: a rule of the policy cannot be compiled. MissingExtraError: a library is not installed.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.input, self.output = InputRail(policy), OutputRail(policy)

    def see(self, asked: Conversation) -> Seen:
        """Look at a request, and say what else was seen beside the decision."""
        return self.input.see(asked)

    def decide(self, asked: Conversation) -> Decision:
        """Decide about a request."""
        return self.input.see(asked).decision

    def answer(self, asked: Conversation, decision: Decision) -> str | None:
        """Say what the guard says in the model's place, in the language of the request; None where the model is to be asked."""
        if decision.action == "escalate":
            locale = language_of(asked.asked)
            return word_help(find_help(self.policy.country, locale), locale, about=_about(decision))
        if decision.action == "block":
            return self.refuse(decision.category, asked)
        if decision.action == "clarify":
            return write_clarification(
                decision.category or "crime",
                locale=language_of(asked.asked) or "en",
                request=asked.asked,
                persona=self.policy.persona,
            )
        return None

    def refuse(self, category: str | None, asked: Conversation) -> str:
        """Write a refusal of a request, or of what was said to it."""
        return write_refusal(
            category or "crime",
            locale=language_of(asked.asked) or "en",
            request=asked.asked,
            persona=self.policy.persona,
            scope=self.policy.scope,
        )


def _about(decision: Decision) -> About:
    about: About = decision.category or "self"  # type: ignore[assignment]  # the policy has checked it
    return about
