"""Reading a policy's text, every value of it checked."""

import re
from collections.abc import Mapping
from typing import get_args

from demur.guard.crisis import About
from demur.guard.decision import Rail
from demur.guard.limits.rules import Limit, Penalty, Rules
from demur.guard.limits.who import Scope
from demur.guard.policy.located_yaml import read_yaml
from demur.guard.policy.policy import (
    OFF,
    FailMode,
    FailModes,
    Key,
    Policy,
    PolicyRule,
    ReplyJudging,
    RuleAction,
    Thresholds,
    Unguarded,
)
from demur.guard.policy.table import Table
from demur.guard.rules.expression import read_expression
from demur.records import content_hash
from demur.refusals import CATEGORIES

__all__ = ["parse_policy"]

_KEYS = (
    "rules", "persona", "scope", "country", "tell", "intent", "judge", "unguarded", "fail", "limits", "penalty", "keys",
)  # fmt: skip
_RULE_KEYS = ("name", "category", "action", "at", "phrases", "patterns")


def parse_policy(text: str, where: str) -> Policy:
    """Read a policy; those of its tenants are files beside it, and are not read here.

    Raises:
        DataError: it is not YAML, or something in it is none of what it may be; the line begins with the place and the line number.
    """
    document = read_yaml(text, where)
    whole = Table(document, where, (), document.value if document.value is not None else {})
    whole.check_keys(_KEYS)
    country = whole.text("country")
    if country is not None and not re.fullmatch("[A-Za-z]{2}", country):
        raise whole.error(f"country: found {country!r}; expected two letters (ISO 3166), as in DE", "country")
    return Policy(
        rules=_parse_rules(whole),
        persona=whole.text("persona"),
        scope=whole.text("scope"),
        country=country,
        tell=whole.flag("tell", default=True),
        intent=_parse_thresholds(whole),
        judge=_parse_judging(whole),
        unguarded=whole.one_of("unguarded", get_args(Unguarded), default="pass"),
        fail=_parse_fail(whole.table("fail")),
        limits=_parse_limits(whole),
        keys=_parse_keys(whole),
        fingerprint=content_hash(text),
    )


def _parse_rules(whole: Table) -> tuple[PolicyRule, ...]:
    parsed = tuple(_parse_rule(rule) for rule in whole.tables("rules"))
    _check_unique(whole, "rules", [rule.name for rule in parsed], "rule")
    return parsed


def _parse_rule(rule: Table) -> PolicyRule:
    if not isinstance(rule.values, Mapping):
        raise rule.error(f"found {rule.values!r}; expected a rule with name, category and action")
    rule.check_keys(_RULE_KEYS)
    action: RuleAction = rule.one_of("action", get_args(RuleAction))
    name = _parse_name(rule, "rule")
    parsed = PolicyRule(
        name=name,
        category=rule.one_of("category", get_args(About) if action == "escalate" else tuple(CATEGORIES)),
        action=action,
        at=rule.texts("at", get_args(Rail)) or (("input",) if action == "escalate" else get_args(Rail)),
        phrases=rule.texts("phrases"),
        patterns=rule.texts("patterns"),
    )
    if not parsed.phrases and not parsed.patterns:
        raise rule.error(f"{name}: nothing to look for; expected phrases or patterns")
    for number, pattern in enumerate(parsed.patterns):
        with rule.at("patterns", number):
            read_expression(
                pattern
            )  # here its line is known; what the whole set cannot be is found when it is compiled
    if action == "escalate" and "output" in parsed.at:
        raise rule.error(f"{name}: a person is helped for what they say, not a reply; expected at: [input]", "at")
    return parsed


def _parse_name(table: Table, what: str) -> str:
    name = table.text("name")
    if name is None:
        raise table.error(f"name: missing; expected a name of its own in every {what}")
    if not name.isprintable():
        raise table.error(f"name: found {name!r}; expected one line that can be printed", "name")
    return name


def _check_unique(whole: Table, key: str, names: list[str], what: str) -> None:
    twice = next((number for number, name in enumerate(names) if name in names[:number]), None)
    if twice is not None:
        raise whole.error(f"name: '{names[twice]}' is the name of an earlier {what}", key, twice, "name")


def _parse_thresholds(whole: Table) -> Thresholds:
    if whole.values.get("intent") in ("off", False):  # YAML reads a bare off as false
        return OFF
    table, known = whole.table("intent"), Thresholds()
    table.check_keys(("block", "clarify", "crisis", "suspect"))
    block = table.number("block", default=known.block, above=0, most=1)
    suspect = known.suspect if block is None or known.suspect is None else min(known.suspect, block)
    found = Thresholds(
        block=block,
        clarify=table.number("clarify", default=known.clarify, above=0, most=1),
        crisis=table.number("crisis", default=known.crisis, above=0, most=1),
        suspect=table.number("suspect", default=suspect, above=0, most=1),
    )
    if found.clarify is not None and found.block is not None and found.clarify >= found.block:
        raise table.error(f"clarify: found {found.clarify:g}; expected less than block, {found.block:g}", "clarify")
    return found


def _parse_judging(whole: Table) -> ReplyJudging:
    if whole.values.get("judge") is False:  # YAML reads a bare off as false
        return "off"
    judging: ReplyJudging = whole.one_of("judge", get_args(ReplyJudging), default="block")
    return judging


def _parse_fail(table: Table) -> FailModes:
    known = FailModes()
    table.check_keys(("input", "output", "limits", "audit"))

    def mode(key: str, default: FailMode) -> FailMode:
        found: FailMode = table.one_of(key, get_args(FailMode), default=default)
        return found

    return FailModes(
        input=mode("input", known.input),
        output=mode("output", known.output),
        limits=mode("limits", known.limits),
        audit=mode("audit", known.audit),
    )


def _parse_limits(whole: Table) -> Rules:
    limits = tuple(_parse_limit(limit) for limit in whole.tables("limits"))
    penalty = _parse_penalty(whole.table("penalty")) if "penalty" in whole.values else None
    with whole.at("limits"):
        return Rules(limits, penalty)


def _parse_limit(limit: Table) -> Limit:
    limit.check_keys(("per", "requests", "tokens"))
    scope: Scope = limit.one_of("per", get_args(Scope))
    requests, tokens = limit.count("requests"), limit.count("tokens")
    with limit.at():
        return Limit(scope, requests_per_minute=requests, tokens_per_minute=tokens)


def _parse_penalty(penalty: Table) -> Penalty:
    penalty.check_keys(("per", "after", "within_s", "first_s", "factor", "most_s"))
    known = Penalty()
    with penalty.at():
        return Penalty(
            scopes=penalty.texts("per", get_args(Scope)) or known.scopes,
            after=penalty.count("after") or known.after,
            within_s=_positive(penalty, "within_s", known.within_s),
            first_s=_positive(penalty, "first_s", known.first_s),
            factor=_positive(penalty, "factor", known.factor),
            most_s=_positive(penalty, "most_s", known.most_s),
        )


def _positive(table: Table, key: str, default: float) -> float:
    found = table.number(key, default=default, above=0, most=1e7)
    if found is None:
        raise table.error(f"{key}: found off; expected a number", key)
    return found


def _parse_keys(whole: Table) -> tuple[Key, ...]:
    parsed = tuple(_parse_key(key) for key in whole.tables("keys"))
    _check_unique(whole, "keys", [key.name for key in parsed], "key")
    return parsed


def _parse_key(key: Table) -> Key:
    key.check_keys(("name", "sha256", "policy"))
    digest = key.text("sha256") or ""
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise key.error("sha256: expected the 64 hexadecimal digits that `demur guard key NAME` prints", "sha256")
    return Key(_parse_name(key, "key"), digest, key.text("policy"))
