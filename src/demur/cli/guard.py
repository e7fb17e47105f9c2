"""``demur guard``: a gateway in front of a model."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from demur.cli.guard_measures import stress, test, tune_threshold

if TYPE_CHECKING:
    from demur.guard import Policy

__all__ = ["check", "guard", "key", "lint", "queue", "serve"]

_POLICY = click.option(
    "--policy", type=click.Path(path_type=Path), metavar="FILE", help="What is looked for and what follows.  [default: the one that ships]"
)  # fmt: skip


@click.group
def guard() -> None:
    """Stand between callers and a model: say no well, and only when it should be said."""


for _measure in (test, tune_threshold, stress):
    guard.add_command(_measure)


@guard.command
@click.option(
    "--upstream",
    required=True,
    metavar="URL",
    help="An OpenAI-compatible server, with or without /v1, or a model of demur's own, such as demur/smollm2.",
)
@_POLICY
@click.option("--store", metavar="URL", help="Where exchanges are recorded: a file.db of SQLite, or postgresql://...")
@click.option(
    "--limits", metavar="URL", help="Where use is counted for several gateways together: redis://...  [default: in this process]"
)  # fmt: skip
@click.option(
    "--reviewers",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Who may sign in under /admin/review, as demur review token writes them.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Likewise.")
@click.option(
    "--trusted-proxies",
    "proxies",
    default="",
    metavar="LIST",
    help="Addresses or networks of load balancers whose X-Forwarded-For is believed.  [default: nobody's]",
)
@click.option("--shadow", is_flag=True, help="Decide, record and tell, but enforce nothing.")
def serve(
    *,
    upstream: str,
    policy: Path | None,
    store: str | None,
    limits: str | None,
    reviewers: Path | None,
    host: str,
    port: int,
    proxies: str,
    shadow: bool,
) -> None:
    """Serve OpenAI's protocol in front of UPSTREAM.

    Chat completions and responses are guarded, streamed or not; everything else is passed on as it is. The policy is read
    again when its file changes. Where the policy has keys, the model is shown the key in DEMUR_UPSTREAM_KEY. DEMUR_ADMIN_TOKEN
    opens /admin/metrics to who sends it; with a --store, DEMUR_REVIEW_TOKEN, DEMUR_LEAD_TOKEN and --reviewers let people sign in
    to the queue under /admin/review.
    """
    import os

    # Before numpy is loaded: its threads cost more to wake than a request's small products take.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from demur.guarding import serve_gateway

    def ready() -> None:
        click.echo(f"listening on http://{host}:{port}/v1, in front of {upstream}", err=True)

    serve_gateway(
        upstream,
        policy,
        place=(host, port),
        store=store,
        limits=limits,
        is_shadow=shadow,
        reviewers=reviewers,
        proxies=proxies,
        on_ready=ready,
    )


@guard.command
@click.argument("text")
@_POLICY
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="For a file: JSONL, CSV or Parquet.  [default: JSONL on standard output]"
)  # fmt: skip
def check(text: str, policy: Path | None, out: Path | None) -> None:
    """Say what would happen to TEXT as a request, and why.

    If TEXT is the name of a file (JSONL, JSON, CSV, TSV, Parquet; - reads JSON Lines from standard input), every row of it
    comes back with decision, category, rule, view and score added; a row has a prompt, or messages.
    """
    if text == "-" or Path(text).suffix.lower() in _SUFFIXES:
        _check_file(Path(text), policy, out)
    else:
        _check_text(text, policy)


_SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")


def _check_file(file: Path, policy: Path | None, out: Path | None) -> None:
    from contextlib import nullcontext
    from sys import stdout

    from demur.checking import check_file
    from demur.cli.progress import show_rows
    from demur.guard import Guard

    is_free = out is not None or not stdout.isatty()
    with show_rows("checked") if is_free else nullcontext(lambda *_: None) as tell:
        found = check_file(Guard(_read(policy)), file, out, on_progress=tell)
    counted = ", ".join(f"{n:,} {decision}" for decision, n in found.decisions.items())
    click.echo(f"{found.n:,} checked: {counted}", err=True)


def _check_text(text: str, policy: Path | None) -> None:
    from demur.guard import Guard
    from demur.guard.wire import Conversation
    from demur.report.passage import make_visible
    from demur.types import Turn

    found = Guard(_read(policy))
    asked = Conversation((Turn("user", text),), model="", is_stream=False)
    seen = found.see(asked)
    decision = seen.decision
    click.echo(decision.action)
    if decision.rule is not None:
        click.echo(f"rule {decision.rule}, category {decision.category}, in the view {decision.view}")
    if decision.text:
        click.echo(f"characters {decision.start} to {decision.end}: {make_visible(decision.text)}")
    if seen.harm is not None:
        limit = found.policy.intent.block
        click.echo(
            f"probability of harm {seen.harm:.3f}; " + ("never blocked" if limit is None else f"blocked from {limit:g}")
        )
    answer = found.answer(asked, decision)
    if answer is not None:
        click.echo(f"\n{answer}")


@guard.command
@click.argument("policy", type=click.Path(path_type=Path))
def lint(policy: Path) -> int:
    """Read POLICY and compile it, and say what is doubtful in it and what each rail does with a stream.

    Exit 0 if it can be used, 1 if something in it has expired, 2 with one line and the place if it cannot be read.
    """
    from datetime import UTC, datetime

    from demur.guard import Guard
    from demur.guard.linting import find_faults, modes_of

    found = _read(policy)
    compiled = Guard(found)
    for mode in modes_of(compiled):
        held = "to the end" if mode.reach is None else f"at most {mode.reach} characters"
        click.echo(f"{mode.rail:<14} {mode.way:<12} holds a stream {held}; {mode.when}")
    findings = list(find_faults(found, day=datetime.now(UTC).date()))
    for finding in findings:
        click.echo(f"{policy}: {finding.level}: {finding.message}")
    n_errors = sum(finding.level == "error" for finding in findings)
    n_warnings = len(findings) - n_errors
    click.echo(f"{policy}: {len(found.rules)} rules, {n_errors} errors, {n_warnings} warnings", err=True)
    return 1 if n_errors else 0


@guard.command
@click.argument("store", metavar="URL")
@click.option("--kind", type=click.Choice(["crisis", "disagreement"]), help="Only these.  [default: all, crises first]")
@click.option("-n", "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="At most so many.")
def queue(store: str, kind: str | None, limit: int) -> None:
    """Give the exchanges in the store at URL that wait for a person, the newest first, as JSON Lines."""
    import heapq

    from demur.guard.audit import read_events
    from demur.output import to_json_line
    from demur.records import to_plain

    waiting = (event for event in read_events(store) if event.review is not None and kind in (None, event.review))
    newest = heapq.nlargest(limit, waiting, key=lambda event: (event.review == "crisis", event.at))
    for event in newest:
        click.echo(to_json_line(to_plain(event)), nl=False)


@guard.command
@click.argument("name")
def key(name: str) -> None:
    """Make a key for the caller NAME: the key itself once, and the lines that a policy knows it by."""
    import secrets

    from demur.guard.callers import hash_key

    made = f"demur-{secrets.token_urlsafe(32)}"
    click.echo(made)
    click.echo("the policy's lines; the key is not kept anywhere:", err=True)
    click.echo(f"keys:\n  - name: {name}\n    sha256: {hash_key(made)}", err=True)


def _read(policy: Path | None) -> "Policy":
    from demur.guard import default_policy
    from demur.guard.policy import read_policy

    return default_policy() if policy is None else read_policy(policy)
