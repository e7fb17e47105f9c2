"""How much of a suite is in corpora, on the terminal. It fits 80 columns."""

from rich.console import Console
from rich.table import Table

from demur.cli.summary import describe
from demur.contamination import KINDS, Contamination, Pair
from demur.report.passage import make_visible

__all__ = ["print_contamination"]

_MOST_PAIRS, _WIDTH = 10, 76


def print_contamination(found: Contamination) -> None:
    """Print the four shares and the ten nearest pairs, each of another case."""
    console = Console(highlight=False, markup=False, emoji=False)
    for corpus in found.against:
        unread = f", {corpus.n_files_unread} files of other formats not read" if corpus.n_files_unread else ""
        console.print(f"{make_visible(corpus.path)}: {corpus.n_documents:,} documents{unread}", soft_wrap=True)
    console.print(f"\nCases of {found.suite} found there\n", style="bold")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, is_number in (("", False), ("share", True), ("95 % interval", False), ("cases", True)):
        table.add_column(heading, justify="right" if is_number else "left")
    for kind, words in KINDS.items():
        table.add_row(words, *describe(getattr(found, kind)))
    console.print(table)
    if found.ngram.n_unjudged:
        console.print(
            f"{found.ngram.n_unjudged} of {found.n_cases} cases have fewer than 8 words in a row.", style="dim"
        )
    pairs = list({pair.case: pair for pair in reversed(found.nearest)}.values())[::-1][:_MOST_PAIRS]
    console.print("\nNearest pairs" if pairs else "\nNo case has a word in common with a document.")
    for pair in pairs:
        _print_pair(console, pair)


def _print_pair(console: Console, pair: Pair) -> None:
    console.print(f"\n{pair.similarity:.2f} {KINDS[pair.kind]}: {pair.case}", soft_wrap=True)
    console.print(f"  {_cut(pair.prompt)}")
    console.print(f"  {_cut(pair.document)}")
    console.print(f"  {make_visible(pair.where)}", style="dim", soft_wrap=True)


def _cut(text: str) -> str:
    shown = make_visible(" ".join(text.split()))
    return shown if len(shown) <= _WIDTH else f"{shown[: _WIDTH - 1]}…"
