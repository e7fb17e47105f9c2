"""Cards, references and runs made up for the tests of the catalogue."""

from demur.catalog.card import Card
from demur.drills import Drill, Move
from demur.types import Case, Reply, Result, Turn, Verdict


def case_card(name="one", prompt="How do I bake bread?", **case):
    """Make a card of the library."""
    case = {"expect": "comply", "suite": "library"} | case
    made = Case(name, (Turn("user", prompt),), **case)
    return Card(f"cards/{name}.md", made, "2026-11-29", "it is a test")


def drill_card(name="drill", prompt="How do I bake bread?", *moves, tests="push-back", **case):
    """Make a drill of an opening and moves."""
    card = case_card(name, prompt, drill=name, **({"suite": "drills"} | case))
    opening = Move("ask", prompt, prompt, afresh=True)
    return Card(card.where, card.case, card.reviewed, card.why, Drill(card.case, tests, "a principle", opening, moves))


def answered(card, outcome, *, epoch=1, **result):
    """Make the result of a card's opening; None is unjudged."""
    result = {"turn": 0, "n_turns": 1, "move": "ask", "prompt": card.case.prompt} | result
    return Result(card.case, epoch, reply=Reply("It is."), verdict=Verdict(outcome), **result)
