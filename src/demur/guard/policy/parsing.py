"""The policy: one file that says what is looked for, what follows, and in whose name the guard speaks.

persona: Ada                    # the name the assistant answers under
scope: questions about your order
country: DE                     # whose help lines a person in crisis is given where nothing else says; ISO 3166
tell: true                      # whether headers tell the caller what was decided
rules:
  - name: other-peoples-orders  # unique
    category: privacy           # one of demur.guard.refusal.CATEGORIES; of an escalation: self, other, danger or violence
    action: block               # block, warn or escalate
    at: [input, output]         # both, where it is left out
    phrases: [whole words, in any case]
    patterns: ['RE2, and bounded: a.{0,40}b']
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal, get_args

from demur.errors import DataError
from demur.guard.crisis.help import About
from demur.guard.decision import Rail
from demur.guard.located_yaml import Located, Path, read_yaml
from demur.guard.refusals.refusal import CATEGORIES

__all__ = ["Policy", "PolicyRule", "default_policy", "parse_policy"]

RuleAction = Literal["block", "warn", "escalate"]

_KEYS = ("persona", "scope", "country", "tell", "rules")
_RULE_KEYS = ("name", "category", "action", "at", "phrases", "patterns")


@dataclass(frozen=True)
class PolicyRule:
    """What is looked for, where, and what follows."""

    name: str
    category: str
    action: RuleAction
    at: tuple[Rail, ...]
    phrases: tuple[str, ...]
    patterns: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """What the guard does."""

    rules: tuple[PolicyRule, ...]
    persona: str | None = None
    scope: str | None = None
    country: str | None = None
    tell: bool = True


def default_policy() -> Policy:
    """Give the policy that ships with demur."""
    text = resources.files("demur.guard").joinpath("policy.yaml").read_text(encoding="utf-8")
    return parse_policy(text, "the default policy")


def parse_policy(text: str, where: str) -> Policy:
    """Read a policy.

    Raises:
        DataError: it is not YAML, or something in it is none of what it may be; the line begins with the place and the line number.
    """
    document = read_yaml(text, where)
    whole = _Table(document, where, (), document.value if document.value is not None else {})
    if not isinstance(whole.values, Mapping):
        raise whole.error(f"found {whole.values!r}; expected keys such as rules:")
    whole.check_keys(_KEYS)
    rules = whole.values.get("rules", [])
    if not isinstance(rules, list):
        raise whole.error(f"rules: found {rules!r}; expected a list", "rules")
    parsed = tuple(_parse_rule(_Table(document, where, ("rules", number), rule)) for number, rule in enumerate(rules))
    names = [rule.name for rule in parsed]
    twice = next((number for number, name in enumerate(names) if name in names[:number]), None)
    if twice is not None:
        raise whole.error(f"name: '{names[twice]}' is the name of an earlier rule", "rules", twice, "name")
    tell = whole.values.get("tell", True)
    if not isinstance(tell, bool):
        raise whole.error(f"tell: found {tell!r}; expected true or false", "tell")
    country = whole.text("country")
    if country is not None and not re.fullmatch("[A-Za-z]{2}", country):
        raise whole.error(f"country: found {country!r}; expected two letters (ISO 3166), as in DE", "country")
    return Policy(rules=parsed, persona=whole.text("persona"), scope=whole.text("scope"), country=country, tell=tell)


def _parse_rule(rule: "_Table") -> PolicyRule:
    if not isinstance(rule.values, Mapping):
        raise rule.error(f"found {rule.values!r}; expected a rule with name, category and action")
    rule.check_keys(_RULE_KEYS)
    action: RuleAction = rule.one_of("action", get_args(RuleAction))
    name = rule.text("name")
    if name is None:
        raise rule.error("name: missing; expected a name of its own in every rule")
    parsed = PolicyRule(
        name=name,
        category=rule.one_of("category", get_args(About) if action == "escalate" else tuple(CATEGORIES)),
        action=action,
        at=rule.texts("at", get_args(Rail)) or (get_args(Rail) if action == "block" else ("input",)),
        phrases=rule.texts("phrases"),
        patterns=rule.texts("patterns"),
    )
    if not parsed.phrases and not parsed.patterns:
        raise rule.error(f"{name}: nothing to look for; expected phrases or patterns")
    if action != "block" and "output" in parsed.at:
        raise rule.error(f"{name}: only a block is looked for in replies; expected at: [input]", "at")
    if not name.isprintable():
        raise rule.error(f"name: found {name!r}; expected one line that can be printed", "name")
    return parsed


@dataclass(frozen=True)
class _Table:
    """A mapping of the policy, and where it stands."""

    document: Located
    where: str
    path: Path
    values: Any

    def error(self, message: str, *path: str | int) -> DataError:
        """Make the error of something at a path below."""
        return DataError(f"{self.where}:{self.document.line((*self.path, *path))}: {message}")

    def check_keys(self, known: Sequence[str]) -> None:
        """Raise DataError if a key is none of these."""
        unknown = next((key for key in self.values if key not in known), None)
        if unknown is not None:
            raise self.error(f"{unknown}: unknown; expected one of {', '.join(known)}", unknown)

    def one_of(self, key: str, allowed: Sequence[str]) -> Any:
        """Give a value that must be there and be one of these."""
        value = self.values.get(key)
        if value not in allowed:
            found = "missing" if key not in self.values else f"found {value!r}"
            raise self.error(f"{key}: {found}; expected one of {', '.join(allowed)}", key)
        return value

    def text(self, key: str) -> str | None:
        """Give a text; None where there is none."""
        value = self.values.get(key)
        if key not in self.values:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"{key}: found {value!r}; expected text, in quotes if need be", key)
        return value.strip()

    def texts(self, key: str, allowed: Sequence[str] | None = None) -> tuple[Any, ...]:
        """Give a list of texts, each one of those allowed; none where there is none."""
        found = self.values.get(key, [])
        if not isinstance(found, list):
            raise self.error(f"{key}: found {found!r}; expected a list", key)
        for number, item in enumerate(found):
            if not isinstance(item, str) or not item.strip() or (allowed is not None and item not in allowed):
                expected = f"one of {', '.join(allowed)}" if allowed else "text, in quotes if need be"
                raise self.error(f"{key}: found {item!r}; expected {expected}", key, number)
        return tuple(found)
