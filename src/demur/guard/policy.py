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
from demur.guard.crisis import About
from demur.guard.decision import Rail
from demur.guard.located_yaml import Located, Path, read_yaml
from demur.guard.refusal import CATEGORIES

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
    values = document.value if document.value is not None else {}
    if not isinstance(values, Mapping):
        raise _error(document, (), where, f"found {values!r}; expected keys such as rules:")
    _check_keys(document, values, (), _KEYS, where)
    rules = values.get("rules", [])
    if not isinstance(rules, list):
        raise _error(document, ("rules",), where, f"rules: found {rules!r}; expected a list")
    parsed = tuple(_parse_rule(document, rule, ("rules", number), where) for number, rule in enumerate(rules))
    names = [rule.name for rule in parsed]
    twice = next((number for number, name in enumerate(names) if name in names[:number]), None)
    if twice is not None:
        raise _error(
            document, ("rules", twice, "name"), where, f"name: '{names[twice]}' is the name of an earlier rule"
        )
    tell = values.get("tell", True)
    if not isinstance(tell, bool):
        raise _error(document, ("tell",), where, f"tell: found {tell!r}; expected true or false")
    return Policy(
        rules=parsed,
        persona=_text(document, values, (), "persona", where),
        scope=_text(document, values, (), "scope", where),
        country=_country(document, values, where),
        tell=tell,
    )


def _country(document: Located, values: Mapping[str, Any], where: str) -> str | None:
    code = _text(document, values, (), "country", where)
    if code is not None and not re.fullmatch("[A-Za-z]{2}", code):
        raise _error(
            document, ("country",), where, f"country: found {code!r}; expected two letters (ISO 3166), as in DE"
        )
    return code


def _parse_rule(document: Located, rule: Any, path: Path, where: str) -> PolicyRule:
    if not isinstance(rule, Mapping):
        raise _error(document, path, where, f"found {rule!r}; expected a rule with name, category and action")
    _check_keys(document, rule, path, _RULE_KEYS, where)
    action: RuleAction = _one_of(document, rule, path, "action", get_args(RuleAction), where)
    known = get_args(About) if action == "escalate" else tuple(CATEGORIES)
    name = _text(document, rule, path, "name", where)
    if name is None:
        raise _error(document, path, where, "name: missing; expected a name of its own in every rule")
    parsed = PolicyRule(
        name=name,
        category=_one_of(document, rule, path, "category", known, where),
        action=action,
        at=_texts(document, rule, path, "at", where, allowed=get_args(Rail))
        or (get_args(Rail) if action == "block" else ("input",)),
        phrases=_texts(document, rule, path, "phrases", where),
        patterns=_texts(document, rule, path, "patterns", where),
    )
    if not parsed.phrases and not parsed.patterns:
        raise _error(document, path, where, f"{name}: nothing to look for; expected phrases or patterns")
    if action != "block" and "output" in parsed.at:
        raise _error(
            document, (*path, "at"), where, f"{name}: only a block is looked for in replies; expected at: [input]"
        )
    if not name.isprintable():
        raise _error(document, (*path, "name"), where, f"name: found {name!r}; expected one line that can be printed")
    return parsed


def _check_keys(document: Located, values: Mapping[str, Any], path: Path, known: Sequence[str], where: str) -> None:
    unknown = next((key for key in values if key not in known), None)
    if unknown is not None:
        raise _error(document, (*path, unknown), where, f"{unknown}: unknown; expected one of {', '.join(known)}")


def _one_of(  # noqa: PLR0917 -- where a value stands takes three to say
    document: Located, values: Mapping[str, Any], path: Path, key: str, allowed: Sequence[str], where: str
) -> Any:
    value = values.get(key)
    if value not in allowed:
        found = "missing" if key not in values else f"found {value!r}"
        raise _error(document, (*path, key), where, f"{key}: {found}; expected one of {', '.join(allowed)}")
    return value


def _text(document: Located, values: Mapping[str, Any], path: Path, key: str, where: str) -> str | None:
    value = values.get(key)
    if value is None and key not in values:
        return None
    if not isinstance(value, str) or not value.strip():
        raise _error(document, (*path, key), where, f"{key}: found {value!r}; expected text, in quotes if need be")
    return value.strip()


def _texts(
    document: Located,
    values: Mapping[str, Any],
    path: Path,
    key: str,
    where: str,
    *,
    allowed: Sequence[str] | None = None,
) -> tuple[Any, ...]:
    found = values.get(key, [])
    if not isinstance(found, list):
        raise _error(document, (*path, key), where, f"{key}: found {found!r}; expected a list")
    for number, item in enumerate(found):
        if not isinstance(item, str) or not item.strip() or (allowed is not None and item not in allowed):
            expected = f"one of {', '.join(allowed)}" if allowed else "text, in quotes if need be"
            raise _error(document, (*path, key, number), where, f"{key}: found {item!r}; expected {expected}")
    return tuple(found)


def _error(document: Located, path: Path, where: str, message: str) -> DataError:
    return DataError(f"{where}:{document.line(path)}: {message}")
