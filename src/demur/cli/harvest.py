"""``demur harvest``: what reviewers labelled, as cases for the next check-up and as preference pairs."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from demur.cli.file_or_verb import FileOrVerb

if TYPE_CHECKING:
    from collections import Counter

    from demur.harvesting import Gathered, Harvest
    from demur.types import Expect

__all__ = ["accept", "harvest"]

_MOST_SHOWN = 10
"""Left-out exchanges of a reason that are named."""


@click.command
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("ids", nargs=-1, metavar="[ID]...")
def accept(folder: Path, ids: tuple[str, ...]) -> int:
    """Accept the proposals in FOLDER/proposed, or those named: they move to FOLDER, and demur check --suite FOLDER/ asks them.

    One that does not say why its truth is right, or cannot be read, stays; each fault is one line. Exit 1 if there is one.
    """
    from demur.accepting import accept as accept_proposals

    found = accept_proposals(folder, ids)
    for fault in found.faults:
        click.echo(str(fault))
    click.echo(f"{len(found.cards):,} accepted, {len({fault.where for fault in found.faults}):,} not yet", err=True)
    if found.cards:
        click.echo(f"ask them: demur check --suite {str(folder).rstrip('/')}/")
    return 1 if found.faults else 0


@click.group(cls=FileOrVerb, commands={"accept": accept}, invoke_without_command=True, subcommand_metavar="")
@click.argument("store")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), metavar="FOLDER", required=True,
    help="Folder of the cards; those proposed now go into FOLDER/proposed.",
)  # fmt: skip
@click.option("--pairs", type=click.Path(path_type=Path), metavar="FILE", help="Write preference pairs too: a file.jsonl.")  # fmt: skip
@click.option(
    "--answers", multiple=True, type=click.Path(path_type=Path), metavar="RUN",
    help="A check-up of the cards by a teacher: its right answers are chosen where the model refused. May be given several times.",
)  # fmt: skip
def harvest(*, store: str, out: Path, pairs: Path | None, answers: tuple[Path, ...]) -> int:
    """Propose a card of each request that reviewers of STORE labelled, without what identifies anybody.

    STORE is where demur review keeps its labels, or JSON Lines of them. A person reads what is proposed, mends it, and accepts it with demur
    harvest accept FOLDER. The same command again adds what is new: a card that is there, was edited, moved or thrown away stays as it is.
    """
    from demur.harvesting import gather, open_labelled, propose

    if answers and pairs is None:
        raise click.UsageError("--answers goes with --pairs FILE")
    if pairs is not None:
        from demur.pairing_traffic import check_pairs

        check_pairs(pairs)
    gathered = gather(store, open_labelled(store))
    _print(propose(gathered, out))
    return 0 if pairs is None else _pair(gathered, pairs, answers)


def _print(found: "Harvest") -> None:
    from collections import Counter

    from demur.report.passage import make_visible

    sides: Counter[Expect | None] = Counter(one.request.expect for one in found.proposed)
    click.echo(
        f"{found.n_labelled:,} labelled: {len(found.proposed):,} cards proposed ({_count_sides(sides)}), "
        f"{found.n_before:,} proposed before"
    )
    if found.left_out:
        click.echo(f"{len(found.left_out):>7,} exchanges left out:")
    for why, counts in found.reasons.items():
        click.echo(f"{counts.total():>9,} {why} ({_count_sides(counts)})")
        named = [one for one in found.left_out if one.why == why]
        for one in named[:_MOST_SHOWN]:
            click.echo(f"            {make_visible(one.item)}{f': {one.like}' if one.like else ''}")
        if len(named) > _MOST_SHOWN:
            click.echo(f"            and {len(named) - _MOST_SHOWN:,} more")
    if found.proposed:
        click.echo(f"read them, mend them, and accept them: {found.folder}, demur harvest accept {found.folder.parent}")


def _count_sides(counts: "Counter[Expect | None]") -> str:
    words: dict[Expect | None, str] = {"comply": "to be answered", "refuse": "to be refused"}
    if counts["clarify"]:
        words["clarify"] = "to ask back"
    if counts[None]:
        words[None] = "not settled"
    return ", ".join(f"{counts[expect]:,} {said}" for expect, said in words.items())


def _pair(gathered: "Gathered", out: Path, answers: tuple[Path, ...]) -> int:
    from demur.cli.tune_pairs import print_pairing, show_steps
    from demur.pairing import write_pairing
    from demur.pairing_traffic import pair_traffic

    with show_steps() as tell:
        made = pair_traffic(gathered, answers=answers, on_progress=tell)
    beside = write_pairing(made, out)
    print_pairing(made)
    click.echo(f"written: {out}, and where it comes from: {beside}")
    click.echo(
        "cards and pairs ask the same: whoever learns from these pairs is measured on other suites, or with --home FOLDER/"
    )
    return 0
