"""The queue worked through in the terminal, one key at a time."""

import time
from dataclasses import dataclass, field
from typing import get_args

import click

from demur.cases import HAZARDS
from demur.report.passage import make_visible
from demur.report.wording import EXPECT_WORDS, OUTCOME_WORDS
from demur.types import Expect, Outcome
from demur.watch.review import Item, Label, ReviewStore, new_label_id

__all__ = ["label_in_terminal"]

_EXPECTS: dict[str, Expect] = {"a": "comply", "r": "refuse", "q": "clarify"}
_OUTCOMES: dict[str, Outcome] = {str(n): outcome for n, outcome in enumerate(get_args(Outcome), 1)}
_SPEAKERS = {"system": "System", "user": "User", "assistant": "Assistant"}
_HELP = (
    "a answer, r refuse, q ask back: what would have been right\n"
    + "  ".join(f"{key} {OUTCOME_WORDS[outcome]}" for key, outcome in _OUTCOMES.items())
    + ": what the reply does\nc category, n note, Enter save and next, s skip, u undo, x end, ? this"
)


@dataclass
class _Draft:
    """What is said so far of one item."""

    expect: Expect | None = None
    outcome: Outcome | None = None
    category: str | None = None
    note: str = ""
    id: str = field(default_factory=new_label_id)

    def describe(self) -> str:
        parts = [
            EXPECT_WORDS[self.expect] if self.expect else "to be answered, refused or asked back: a r q",
            OUTCOME_WORDS[self.outcome] if self.outcome else "the reply: 1-6",
            self.category or "",
            self.note and f"note: {self.note}",
        ]
        return " | ".join(part for part in parts if part)


def label_in_terminal(queue: ReviewStore, reviewer: str) -> None:
    """Show one item after another, and store what is said of it, until nothing waits or the reviewer ends it."""
    click.echo("? shows the keys\n", err=True)
    while (item := queue.take(reviewer)) is not None:
        _show(item)
        if not _work(queue, item, reviewer):
            return
    click.echo("nothing waits for you")


def _work(queue: ReviewStore, item: Item, reviewer: str) -> bool:
    """Read keys until something is done with the item; False ends the work."""
    draft = _Draft()
    while True:
        click.echo(f"[{draft.describe()}] ", nl=False)
        key = click.getchar()
        click.echo()
        if key in _EXPECTS:
            draft.expect = _EXPECTS[key]
        elif key in _OUTCOMES:
            draft.outcome = _OUTCOMES[key]
        elif key in "\r\n" and draft.expect is None:
            click.echo("say first what would have been right: a, r or q")
        elif key in "\r\n":
            _store(queue, item, draft, reviewer)
            return True
        elif key == "s":
            queue.skip(item.id, reviewer)
            click.echo("passed over; it goes to somebody else\n")
            return True
        elif key == "u":
            if queue.undo(reviewer) is not None:
                click.echo("taken back\n")
                return True
            click.echo("there is nothing to take back")
        elif key in ("x", "\x04", ""):
            return False
        else:
            _ask_more(key, draft)


def _ask_more(key: str, draft: _Draft) -> None:
    if key == "c":
        for code, words in HAZARDS.items():
            click.echo(f"  {code:<8} {words}")
        code = click.prompt("category", default="", show_default=False).strip()
        if code and code not in HAZARDS:
            click.echo(f"no category {code!r}")
        else:
            draft.category = code or None
    elif key == "n":
        draft.note = click.prompt("note", default="", show_default=False).strip()
    else:
        click.echo(_HELP)


def _store(queue: ReviewStore, item: Item, draft: _Draft, reviewer: str) -> None:
    said = Label(
        id=draft.id, item=item.id, reviewer=reviewer, at=time.time(), expect=draft.expect, outcome=draft.outcome,
        category=draft.category, note=draft.note,
    )  # fmt: skip
    queue.say(said)
    confidence = "" if item.confidence is None else f" ({item.confidence:.2f})"
    guard = "" if item.decision is None else f"; guard: {item.decision}"
    click.echo(f"stored. judge: {OUTCOME_WORDS[item.outcome]}{confidence}{guard}\n")


def _show(item: Item) -> None:
    click.echo(click.style(f"{item.reasons[0]}: {make_visible(item.why)}", bold=True))
    for turn in item.turns:
        click.echo(f"{click.style(_SPEAKERS[turn.role], dim=True)}  {make_visible(turn.text)}")
    click.echo(f"{click.style('Reply', dim=True)}  {make_visible(item.reply) or '(nothing was said)'}")
