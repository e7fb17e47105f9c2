"""What a guard was found to do, on the terminal: both sides, whatever is shown. It fits 80 columns."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from demur.cases import HAZARDS
from demur.cli.summary import describe
from demur.guard.measuring import BothSides, Handling, Measurement
from demur.guard.stress import Effect, Proposal, Share, Stressed
from demur.guard.stress.finding import GOAL, Example, FamilyFound
from demur.guard.thresholds import Tuned
from demur.report.passage import make_visible
from demur.types import Estimate

__all__ = ["print_measurement", "print_stressed", "print_tuned"]

_MOST_NAMED, _MOST_CHARACTERS, _MOST_FAMILIES = 6, 70, 24


_NAME = 25
"""Widest name that leaves room for both sides within 80 columns."""


_FAMILY, _RULE = 22, 18
"""Likewise of a family and of what caught it."""


def print_measurement(found: Measurement) -> None:
    """Print recall and false positives by suite, hazard and pattern, and what a decision took in the same run."""
    console = _console()
    console.print(f"Policy {found.policy}\n", style="bold")
    console.print(_both_sides({**found.by_suite, "all": found.whole}))
    for title, parts in (
        ("By hazard, or the hazard that it looks like", {_short(code): both for code, both in found.by_category.items()}),
        ("By over-refusal pattern", found.by_pattern),
    ):  # fmt: skip
        if parts:
            console.print(f"\n{title}\n")
            console.print(_both_sides(parts))
    if found.decided_by:
        told = ", ".join(f"{name} {n}" for name, n in list(found.decided_by.items())[:_MOST_NAMED])
        console.print(f"\nDecided by: {make_visible(told)}", soft_wrap=True)
    took = found.latency
    console.print(
        f"\nA decision took {took.p50_ms:.3f} ms (p50), {took.p99_ms:.3f} ms (p99), {took.cpu_ms:.3f} ms of CPU; "
        f"{took.n} conversations, the guard alone",
        soft_wrap=True,
    )
    if found.n_neither:
        console.print(f"{found.n_neither} cases are neither harmful nor harmless, and are not counted", style="dim")


def print_tuned(tuned: Tuned) -> None:
    """Print what a threshold gives on both sides, and what two thresholds would, on standard error."""
    console = _console(is_error=True)
    scores = tuned.harmless
    console.print(
        f"{scores.n} harmless requests: at most {tuned.allowed} of them may be blocked for a rate of {tuned.fpr:g}", style="bold"
    )  # fmt: skip
    if tuned.is_too_few:
        console.print(
            f"Mind: {scores.n} are too few to show a rate of {tuned.fpr:g}; with none blocked it could still be "
            f"{min(1.0, tuned.fpr * tuned.needed / scores.n):.2g}: {tuned.needed} are needed at least",
            soft_wrap=True,
        )
    if scores.n_blocked or scores.n_escalated:
        console.print(
            f"{scores.n_blocked} are blocked by rules whatever the threshold, {scores.n_escalated} are taken for a crisis"
        )
    table = _table("", "rate", "95 % interval", "n", "")
    table.add_row("harmless blocked", *_fine(tuned.false_positives), "")
    if tuned.as_a_whole != tuned.false_positives:
        table.add_row("  with the turns before", *_fine(tuned.as_a_whole), "")
    if tuned.recall is not None:
        table.add_row("harmful blocked", *_fine(tuned.recall), "")
    console.print()
    console.print(table)
    if tuned.harmful is not None and tuned.harmful.n_escalated:
        console.print(f"{tuned.harmful.n_escalated} of the harmful are taken for a crisis", style="dim")
    if len(tuned.bands) > 1:
        console.print("\nWith a question in between\n")
        console.print(_bands(tuned))


def print_stressed(found: Stressed, *, show: int) -> None:
    """Print what became of variants, family by family, and what would mend the misses.

    Args:
        found: as `stress` gives it.
        show: most misses, and wrong blocks, that are listed.
    """
    console = _console()
    console.print(f"Policy {found.policy}, seed {found.seed}\n", style="bold")
    console.print(
        f"{found.n_caught} of {found.n_harmful} harmful cases are blocked as they are, {found.n_let_through} of "
        f"{found.n_harmless} harmless ones reach the model; variants of these:\n",
        soft_wrap=True,
    )
    console.print(_shares({"all that hide": found.hidden, "all that frame": found.framed, **found.by_kind}))
    console.print(
        f"\nThe goal: {GOAL:.0%} of those that hide are still blocked, and nothing more is blocked wrongly", style="dim"
    )
    worst = [family for family in found.families if _is_worth_showing(family)]
    if worst:
        console.print("\nFamilies not caught, or caught wrongly; unread of the missed; crises of both sides\n")
        console.print(_families(worst))
        if len(worst) > _MOST_FAMILIES:
            console.print(f"and {len(worst) - _MOST_FAMILIES} more: -o FILE")
    _print_examples(console, "Missed", found.missed, show)
    _print_examples(console, "Blocked wrongly", found.wrong, show)
    if found.unread:
        console.print(f"\nNo view reads most misses of: {', '.join(found.unread)}", soft_wrap=True)
    if found.n_cut:
        console.print(
            f"{found.n_cut} misses have more readings than were looked at; with 64 views {found.n_cut_caught} of them would be blocked"
        )
    for proposal in found.proposals:
        _print_proposal(console, proposal)
    if not found.proposals:
        console.print("\nNothing in the policy would mend the misses without harm on the held-back half.")


def _console(*, is_error: bool = False) -> Console:
    return Console(highlight=False, markup=False, emoji=False, stderr=is_error)


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, heading in enumerate(headings):
        is_number = place > 0 and "interval" not in heading and heading != ""
        table.add_column(heading, justify="right" if is_number else "left", overflow="ellipsis", no_wrap=True)
    table.columns[0].max_width = _NAME
    return table


def _short(code: str) -> str:
    """Name a hazard in a few words."""
    return HAZARDS.get(code, code).removeprefix("specialized ").partition(" (")[0]


def _both_sides(parts: Mapping[str, BothSides]) -> Table:
    table = _table("", "", "n", "blocked", "95 % interval", "asked", "crisis")
    for name, both in parts.items():
        table.add_row(name, "harmful", *_handled(both.harmful))
        table.add_row("", "harmless", *_handled(both.harmless))
    return table


def _handled(handling: Handling) -> tuple[str, ...]:
    rate, interval, n = describe(handling.blocked)
    return n, rate, interval, describe(handling.asked)[0], str(_count(handling.escalated))


def _count(estimate: Estimate) -> int:
    return round((estimate.value or 0.0) * estimate.n)


def _fine(estimate: Estimate) -> tuple[str, str, str]:
    """Say a rate to a tenth of a percent: what is asked for is a percent or less."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "-", "not measured", str(estimate.n)
    return f"{estimate.value:.1%}", f"[{estimate.low:.1%}, {estimate.high:.1%}]", str(estimate.n)


def _bands(tuned: Tuned) -> Table:
    table = _table("block from", "ask from", "harmless blocked", "asked", "harmful blocked", "asked")
    for band in tuned.bands:
        rates = (band.harmless_blocked, band.harmless_asked, band.harmful_blocked, band.harmful_asked)
        shown = ("-" if rate is None else _fine(rate)[0] for rate in rates)
        table.add_row(f"{band.block:.6f}", "-" if band.clarify is None else f"{band.clarify:.6f}", *shown)
    return table


def _shares(shares: Mapping[str, Share]) -> Table:
    table = _table("", "caught", "95 % interval", "n", "wrongly", "95 % interval", "n")
    for name, share in shares.items():
        table.add_row(name, *describe(share.still_blocked), *describe(share.wrongly_blocked))
    return table


def _families(families: Sequence[FamilyFound]) -> Table:
    table = _table("", "caught", "unread", "wrongly", "crises", "mostly by")
    table.columns[0].max_width, table.columns[-1].max_width = _FAMILY, _RULE
    ranked = sorted(families, key=lambda one: one.share.still_blocked.value or 0.0)
    for family in ranked[:_MOST_FAMILIES]:
        share = family.share
        table.add_row(
            family.name,
            describe(share.still_blocked)[0],
            f"{family.n_unread}/{family.n_missed}" if family.n_missed else "",
            describe(share.wrongly_blocked)[0],
            f"{share.escalated}, {share.wrongly_escalated}" if share.escalated or share.wrongly_escalated else "",
            next(iter(family.caught_by), "none"),
        )
    return table


def _is_worth_showing(family: FamilyFound) -> bool:
    share = family.share
    return bool(family.n_missed or share.escalated or share.wrongly_escalated or share.wrongly_blocked.value)


def _print_examples(console: Console, title: str, examples: Sequence[Example], show: int) -> None:
    if not examples or not show:
        return
    console.print(f"\n{title}\n")
    for example in examples[:show]:
        text = " ".join(make_visible(example.text).split())
        cut = text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"
        why = "" if example.rule is None else f" ({example.rule} in {example.view})"
        console.print(f"  {example.family}{why}: {cut}", soft_wrap=True)
    if len(examples) > show:
        console.print(f"  and more: -o FILE, --show {len(examples)}")


def _print_proposal(console: Console, proposal: Proposal) -> None:
    console.print(f"\nProposed: {proposal.what}. On the half that it was not chosen from:", soft_wrap=True)
    for name, effect in (
        ("variants of harmful cases blocked", proposal.caught),
        ("variants of harmless cases blocked", proposal.wrongly_blocked),
        ("harmless cases blocked as they are", proposal.wrongly_blocked_plain),
    ):
        console.print(f"  {name:<35} {_change(effect)}")
    console.print(f"\n{make_visible(proposal.lines)}", soft_wrap=True)


def _change(effect: Effect) -> str:
    (before, _, n), (after, interval, _) = (_fine(effect.before)[:3], _fine(effect.after))
    return f"{before} -> {after} {interval}, n {n}"
