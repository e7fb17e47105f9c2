"""``demur review``: the queue of live traffic, in the terminal and as a page; what people said, counted and handed on."""

from pathlib import Path

import click

__all__ = ["add", "export", "label", "review", "serve", "status", "token"]

_STORE = click.argument("store", metavar="STORE")


class _Labelling(click.Group):
    """Takes what is none of its commands for a store to label."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``label`` before a store."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["label", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Labelling, subcommand_metavar="STORE | COMMAND [ARGS]...")
def review() -> None:
    """Look at what live traffic was answered, and say what would have been right.

    STORE is that of the gateway: a file.db of SQLite, or postgresql://... Its events come into the queue by themselves: crises, then what
    guard and model differ on, what the judge is not sure of, and a random sample, on which the judge's error is measured. demur review
    STORE labels in the terminal.
    """


@review.command
@_STORE
@click.option("--name", metavar="NAME", help="Who labels.  [default: the name you are logged in under]")
def label(store: str, name: str | None) -> None:
    """Label in the terminal, one key at a time (the same as demur review STORE)."""
    from getpass import getuser

    from demur.cli.review_labelling import label_in_terminal
    from demur.cli.review_tables import gather

    with gather(store) as queue:
        label_in_terminal(queue, name or getuser())


@review.command
@_STORE
@click.option(
    "--reviewers", type=click.Path(path_type=Path), metavar="FILE", help="Who may sign in, as demur review token writes them."
)  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(1, 65535), default=8090, show_default=True, help="Likewise.")
def serve(store: str, *, reviewers: Path | None, host: str, port: int) -> None:
    """Serve the page of the queue by itself; demur guard serve has the same under /admin/review.

    People sign in with a name and the token in DEMUR_REVIEW_TOKEN, or that in DEMUR_LEAD_TOKEN, with which they also see the figures;
    or as the file of --reviewers has it. With DEMUR_SESSION_KEY they stay signed in when it is started anew.
    """
    from demur.pages.alone import serve_review

    def ready(address: str) -> None:
        click.echo(f"listening on {address}", err=True)

    serve_review(store, place=(host, port), reviewers=reviewers, on_ready=ready)


@review.command
@_STORE
@click.argument("record", type=click.Path(path_type=Path))
def add(store: str, record: Path) -> None:
    """Put the examples of alarms into the queue, from a RECORD that demur watch -o has written."""
    from demur.reviewing import add_alarms
    from demur.watch.review import ReviewStore

    queue = ReviewStore(store)
    try:
        found = add_alarms(record, queue)
    finally:
        queue.close()
    click.echo(f"{found.n:,} examples, {found.n_new:,} of them new in the queue")
    if found.n_unknown:
        click.echo(f"{found.n_unknown:,} are known by their id alone, and not in this store", err=True)


@review.command
@_STORE
def status(store: str) -> None:
    """Say what waits, how far reviewers agree, and how often the judge is right, measured on the random sample."""
    from demur.cli.review_tables import gather, print_status
    from demur.watch.review import read_labelled
    from demur.watch.review.figures import measure_review

    with gather(store) as queue:
        print_status(queue.waiting(), measure_review(read_labelled(store)))


@review.command
@_STORE
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="JSON Lines.")
def export(store: str, out: Path) -> int:
    """Write the labels of the random sample for demur judge validate, whose record --validation takes."""
    from demur.reviewing import export_sample

    found = export_sample(store, out)
    click.echo(f"{found.n:,} labelled replies of the random sample: {out}")
    if found.n_unsettled:
        click.echo(
            f"{found.n_unsettled:,} left out: reviewers differ, or nobody has said what the reply does", err=True
        )
    if not found.has_one_chance:
        click.echo(
            "they were drawn with different chances: demur review status weighs them, demur judge validate does not",
            err=True,
        )
    return 0 if found.n else 3


@review.command
@click.argument("name")
@click.option(
    "--role", type=click.Choice(["reviewer", "lead"]), default="reviewer", show_default=True, help="What NAME may do."
)
def token(name: str, role: str) -> None:
    """Make a token for NAME: the token itself once, and the line that the file of --reviewers knows it by."""
    from demur.errors import UsageError
    from demur.pages.people import hash_token, make_token, read_name

    known = read_name(name)
    if known is None:
        raise UsageError(f"name: found {name[:60]!r}; expected 1 to 40 characters that can be seen")
    made = make_token()
    click.echo(made)
    click.echo("the file's line; the token is not kept anywhere:", err=True)
    click.echo(f"- {{name: {known!r}, role: {role}, sha256: {hash_token(made)}}}", err=True)
