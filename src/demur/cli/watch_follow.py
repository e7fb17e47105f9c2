"""``demur watch --follow``: a gateway's store watched as it is written."""

from collections.abc import Sequence
from pathlib import Path

import click

from demur.errors import UsageError

__all__ = ["follow"]


def follow(
    stores: Sequence[str], *, work: Path, run_length: float, out: Path | None, webhook: str | None, port: int | None
) -> int:
    """Follow a store until interrupted, and print each alarm as it comes.

    Raises:
        UsageError: there is not exactly one store.
    """
    from demur.following import follow_store
    from demur.report.passage import make_visible
    from demur.watch import DriftSettings
    from demur.watch.live import Raised

    if len(stores) != 1:
        raise UsageError(f"--follow: found {len(stores)} stores; expected one: a file.db, or postgresql://...")

    def ready(n: int, address: str | None) -> None:
        known = f", after {n:,} exchanges" if n else ""
        shown = f"; {address}/ shows it" if address else ""
        click.echo(f"watching{known}{shown}", err=True)

    def tell(raised: Raised) -> None:
        click.echo(f"{raised.at[:19]}Z  {make_visible(raised.text)}")

    settings = DriftSettings(run_length)
    follow_store(
        stores[0], work=work, settings=settings, out=out, webhook=webhook, port=port, on_alarm=tell, on_ready=ready
    )
    return 0
