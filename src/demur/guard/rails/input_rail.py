"""The input rail: what is asked, looked at in every view, by rules, by the classifier of intent, and in its conversation."""

from collections.abc import Mapping, Sequence

from demur.guard.decision import ALLOW, Action, Decision
from demur.guard.intent import Intent
from demur.guard.intent.encoder import read_encoder
from demur.guard.policy.policy import OFF, Policy, PolicyRule
from demur.guard.rails.conversation_rail import ConversationRail
from demur.guard.rails.hazards import category_of
from demur.guard.rails.intents import Intents
from demur.guard.rules.patterns import Rule, RuleSet
from demur.guard.views import View, fold, read_views
from demur.guard.wire.conversation import Conversation

__all__ = ["InputRail", "Seen"]

_ORDER: tuple[Action, ...] = ("escalate", "block", "clarify", "warn")
"""Of what is found the first of these is done: a person in crisis is helped, whatever else they said."""
_MOST_MESSAGES = 8
"""Of several messages in a row, those that are read by themselves: a harmless one beside a harmful one does not hide it."""
_SURE = 0.5


class Seen:
    """A decision about a request, and what else was seen on the way."""

    def __init__(self, decision: Decision, *, harm: float | None, is_cut: bool) -> None:
        self.decision = decision
        self.harm = harm
        """Probability of harm, the strongest of what was read; None where the classifier was not asked."""
        self.is_cut = is_cut
        """Whether the text has more readings than were looked at."""


class InputRail:
    """Decides about requests.

    Raises:
        DataError: a rule cannot be compiled. MissingExtraError: a library is not installed.
    """

    def __init__(self, policy: Policy) -> None:
        rules = [rule for rule in policy.rules if "input" in rule.at]
        self._rules: Mapping[str, PolicyRule] = {rule.name: rule for rule in rules}
        self._set = RuleSet(_for_views(rule) for rule in rules)
        self._thresholds = policy.intent
        if policy.intent != OFF:
            read_encoder()  # or the first doubtful request would wait for it, or find that it is not installed
        self._intents = Intents()
        self._conversation = ConversationRail(policy.intent, self._intents, self._blocks)

    def see(self, asked: Conversation) -> Seen:
        """Look at a request.

        The rules are looked for in every view of what was said after the assistant's last turn, tools' results with it. The classifier
        reads the views of what the asker said there, each message by itself too, and the turns before. What a rule says goes before what
        the classifier says of the same action.
        """
        text = asked.asked
        views = read_views(text)
        found = self._by_rule(text, views)
        own = "\n".join(asked.own)
        harm = self._by_intent(asked, views if own == text else read_views(own), found)
        decision = next((found[action] for action in _ORDER if action in found), ALLOW)
        return Seen(decision, harm=harm, is_cut=views[0].cut)

    def _by_rule(self, text: str, views: Sequence[View]) -> dict[Action, Decision]:
        found: dict[Action, Decision] = {}
        for view in views:
            for match in self._set.find(view.text):
                rule = self._rules[match.rule]
                if rule.action not in found:
                    start, end = view.origin(match.start, match.end)
                    found[rule.action] = Decision(
                        rule.action, rule.category, rule.name, view.name, start, end, text[start:end]
                    )
        return found

    def _blocks(self, text: str) -> Decision | None:
        """Give what a rule says of an earlier turn that it blocks."""
        return self._by_rule(text, read_views(text)).get("block")

    def _by_intent(self, asked: Conversation, views: Sequence[View], found: dict[Action, Decision]) -> float | None:
        """Add what the classifier says to what was found, and give the probability of harm."""
        limits = self._thresholds
        if limits == OFF or not views[0].text.strip():
            _add(found, self._conversation.decide(asked, None))
            return None
        texts = [(view.name, view.text) for view in (views[1:] or views)]
        if len(asked.own) > 1:
            texts += [("folded", fold(text)) for text in asked.own[-_MOST_MESSAGES:]]
        intents = self._intents.read_all([text for _, text in texts])
        read = [(name, intent) for (name, _), intent in zip(texts, intents, strict=True)]
        crisis_view, crisis = max(read, key=lambda pair: pair[1].crisis)
        if limits.crisis is not None and crisis.crisis >= limits.crisis:
            found.setdefault("escalate", Decision("escalate", crisis.about, "intent", crisis_view, score=crisis.crisis))
        elif "escalate" in found and crisis.mention > max(crisis.crisis, _SURE):
            del found["escalate"]  # the words of somebody in need, in the mouth of a character or a patient
        view, worst = max(read, key=lambda pair: pair[1].harmful)
        is_harmful = limits.block is not None and worst.harmful >= limits.block
        if is_harmful and limits.crisis is not None and _is_own_danger(worst):
            decision = Decision("escalate", worst.about, "intent", view, score=worst.harmful)
        elif is_harmful:
            decision = Decision("block", category_of(worst.category), "intent", view, score=worst.harmful)
        else:
            decision = self._conversation.decide(asked, worst)
        _add(found, decision)
        harm: float = max(worst.harmful, decision.score or 0.0)
        return harm


def _is_own_danger(intent: Intent) -> bool:
    """Tell whether somebody who asks for what does harm may be the one it is done to: who asks how to die is not an attacker.

    Whom it is about is told of crises; of other requests it is nearly always the writer.
    """
    return intent.category == "ssh" and intent.about == "self"


def _add(found: dict[Action, Decision], decision: Decision) -> None:
    if decision.action != "allow":
        found.setdefault(decision.action, decision)


def _for_views(rule: PolicyRule) -> Rule:
    """Put a rule as it is found in views, all but the first of which are folded.

    What is asked is there as a whole: for the set every rule is one that holds nothing back.
    """
    phrases = dict.fromkeys((*rule.phrases, *map(fold, rule.phrases)))
    return Rule(rule.name, rule.category, "warn", tuple(f"(?i){pattern}" for pattern in rule.patterns), tuple(phrases))
