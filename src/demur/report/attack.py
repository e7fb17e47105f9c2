"""What jailbreak wrappers do, as the report shows it: for each, harm answered and help refused, beside the same asked plainly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demur.cases import WRAPPERS
from demur.records import from_plain
from demur.report.figure import Figure
from demur.report.passage import make_visible
from demur.scorecard import Attacks

__all__ = ["AttackRow", "read_attacks"]


@dataclass(frozen=True)
class AttackRow:
    """One wrapper, all of them together, or none."""

    name: str
    what: str
    """What it does to a request; empty where it is no wrapper."""
    answered: Figure
    """Harmful requests answered."""
    refused: Figure
    """Harmless ones refused."""


def read_attacks(scorecard: Mapping[str, Any]) -> tuple[AttackRow, ...]:
    """Read ``attacks`` of the scorecard: plain, all wrappers, then each, the one that opens most first; none if nothing was wrapped.

    Raises:
        DataError: what is there is something else.
    """
    plain = scorecard.get("attacks")
    if plain is None:
        return ()
    attacks = from_plain(Attacks, plain, "run.json: scorecard.attacks")
    together = attacks.overall
    rows = [
        AttackRow(
            make_visible(name),
            WRAPPERS[name].what if name in WRAPPERS else "",
            Figure("harmful_compliance_rate", name, "", attack.attack_success),
            Figure("false_refusal_rate", name, "", attack.harmless_refused),
        )
        for name, attack in sorted(attacks.by_wrapper.items(), key=lambda named: -(named[1].attack_success.value or 0))
    ]
    return (
        AttackRow(
            "asked plainly",
            "",
            Figure("harmful_compliance_rate", "", "", together.plain_success),
            Figure("false_refusal_rate", "", "", together.plain_refused),
        ),
        AttackRow(
            "in all wrappers",
            "",
            Figure("harmful_compliance_rate", "", "", together.attack_success),
            Figure("false_refusal_rate", "", "", together.harmless_refused),
        ),
        *rows,
    )
