"""``demur watch``: what live traffic is answered, from anyone's logs."""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click

from demur.errors import UsageError

if TYPE_CHECKING:
    from demur.watch.pool import Engine
    from demur.watch.rollups import Rollups

__all__ = ["watch"]


@click.command
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write all of it as JSON.")
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="PART=COLUMN",
    help="Which column is which, as in tenant=metadata.team; may be given again.",
)
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default="watched",
    show_default=True,
    metavar="FOLDER",
    help="Where judged exchanges are kept: another run judges only what is missing.",
)
@click.option(
    "--run-length",
    type=click.FloatRange(min=1, min_open=True),
    default=1_000_000,
    show_default=True,
    metavar="N",
    help="Exchanges in which one false alarm is to be expected at most.",
)
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes that judge.  [default: the cores]")
@click.option(
    "--engine",
    type=click.Choice(["pool", "ray"]),
    default="pool",
    show_default=True,
    help="Who judges: processes here, or a Ray cluster whose machines share the work folder.",
)
@click.option(
    "--address", help="Of the Ray cluster: HOST:PORT of its head, or local.  [default: the one this machine is in]"
)
@click.option(
    "--rollups",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Write counts by the hour there, a Parquet file a day, without anything that was said.",
)
@click.option("--follow", "follows", is_flag=True, help="Go on with the store of a gateway as it is written.")
@click.option("--webhook", metavar="URL", help="With --follow: where each alarm is posted as JSON.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="With --follow: of this machine, where the dashboard is served."
)
def watch(
    *,
    files: tuple[str, ...],
    out: Path | None,
    pairs: tuple[str, ...],
    work: Path,
    run_length: float,
    workers: int | None,
    engine: str,
    address: str | None,
    rollups: Path | None,
    follows: bool,
    webhook: str | None,
    port: int | None,
) -> int:
    """Tell how much of live traffic is refused, by whom, in which words, and what changed.

    FILES are logs: JSON Lines with OpenAI's requests and responses, exports of Langfuse or OpenTelemetry, logs of Inspect, or
    tables (JSONL, JSON, CSV, TSV, Parquet) with prompt or messages and response, and where known ts, model, lang, tenant,
    category, user, conversation, stop_reason, reasoning, expect. - reads JSON Lines from standard input. The gateway's audit
    store is one too: a path that ends in .db or .sqlite, sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/DATABASE.

    With --follow it is one such store, from its beginning on: each alarm is a line as it comes, and in OUT a line of JSON.
    """
    if follows:
        if pairs or workers or address or rollups or engine != "pool":
            raise UsageError("--follow: goes without --map, --workers, --engine, --address and --rollups")
        from demur.cli.watch_follow import follow

        return follow(files, work=work, run_length=run_length, out=out, webhook=webhook, port=port)
    if webhook is not None or port is not None:
        raise UsageError("found --webhook or --port without --follow; expected both, or neither")
    from demur.cli.progress import show_judging
    from demur.cli.watch_tables import print_watched
    from demur.watch import DriftSettings, ShardFolder, parse_log_mapping
    from demur.watch.rollups import check_rollups, write_rollups
    from demur.watching import check_out, watch_files, write_record

    if out is not None:
        check_out(out)
    if rollups is not None:
        check_rollups(rollups)
    run = _engine(engine, address, workers, work)
    mapping = parse_log_mapping(pairs)
    # Ray says on standard output which machines it lost: that is no part of what was found.
    with redirect_stdout(sys.stderr), show_judging() as tell:
        found = watch_files(
            files,
            work=work,
            mapping=mapping,
            n_workers=workers,
            engine=run,
            settings=DriftSettings(run_length=run_length),
            on_progress=tell,
        )
    print_watched(found)
    if out is not None:
        write_record(found, out)
        click.echo(f"written: {out}")
    if rollups is not None:
        click.echo(_describe_rollups(write_rollups(ShardFolder(work), rollups), rollups))
    if found.rates[0].refused.n:
        return 0
    reason = next(iter(found.unjudged), "no verdict")
    click.echo(f"demur: incomplete: none of {found.n:,} exchanges could be judged: {reason}", err=True)
    return 3


def _engine(name: str, address: str | None, workers: int | None, work: Path) -> "Engine | None":
    """Make the engine that was asked for; None is the pool of `watch_files`."""
    if name == "pool":
        if address is not None:
            raise UsageError("--address goes with --engine ray")
        return None
    if workers is not None:
        raise UsageError("--workers goes with --engine pool; a Ray cluster judges on all its processors")
    from demur.watch.ray_engine import ray_engine

    return ray_engine(address or "auto", shared=work)


def _describe_rollups(made: "Rollups", out: Path) -> str:
    n_days = made.n_made + made.n_kept + len(made.fuller)
    told = f"rolled up: {out}: {n_days} {'day' if n_days == 1 else 'days'}, of which {made.n_made} written"
    if made.fuller:
        told += f"; left as it was where more of the day had been read before: {', '.join(made.fuller)}"
    return told
