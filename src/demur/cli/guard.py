"""``demur guard``: a gateway in front of a model."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from demur.guard import Policy

__all__ = ["check", "guard", "lint", "serve"]

_POLICY = click.option(
    "--policy", type=click.Path(path_type=Path), metavar="FILE", help="What is looked for and what follows.  [default: the one that ships]"
)  # fmt: skip


@click.group
def guard() -> None:
    """Stand between callers and a model: say no well, and only when it should be said."""


@guard.command
@click.option(
    "--upstream",
    required=True,
    metavar="URL",
    help="An OpenAI-compatible server, with or without /v1, or demur/smollm2.",
)
@_POLICY
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Likewise.")
@click.option("--shadow", is_flag=True, help="Decide and tell, but enforce nothing.")
def serve(upstream: str, policy: Path | None, host: str, port: int, shadow: bool) -> None:
    """Serve OpenAI's protocol in front of UPSTREAM.

    Chat completions are checked, streamed or not; everything else is passed on as it is.
    """
    from demur.guard import Guard
    from demur.guarding import serve_gateway

    serve_gateway(upstream, Guard(_read(policy)), host=host, port=port, is_shadow=shadow)


@guard.command
@click.argument("text")
@_POLICY
def check(text: str, policy: Path | None) -> None:
    """Say what would happen to TEXT as a request, and why."""
    from demur.guard import Guard
    from demur.guard.wire.conversation import Conversation
    from demur.report.passage import make_visible
    from demur.types import Turn

    found = Guard(_read(policy))
    asked = Conversation((Turn("user", text),), model="", is_stream=False)
    decision = found.decide(asked)
    click.echo(decision.action)
    if decision.rule is not None:
        click.echo(f"rule {decision.rule}, category {decision.category}, in the view {decision.view}")
        click.echo(f"characters {decision.start} to {decision.end}: {make_visible(decision.text)}")
    answer = found.answer(asked, decision)
    if answer is not None:
        click.echo(f"\n{answer}")


@guard.command
@click.argument("policy", type=click.Path(path_type=Path))
def lint(policy: Path) -> None:
    """Read POLICY and compile it: exit 0 if it can be used, else one line with the place."""
    from demur.guard import Guard

    found = _read(policy)
    Guard(found)
    click.echo(f"{policy}: {len(found.rules)} rules, no error")


def _read(policy: Path | None) -> "Policy":
    from demur.guard import default_policy, parse_policy
    from demur.records import read_text

    return default_policy() if policy is None else parse_policy(read_text(policy), str(policy))
