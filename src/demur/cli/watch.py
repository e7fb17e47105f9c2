"""``demur watch``: what live traffic is answered, from anyone's logs."""

from pathlib import Path

import click

__all__ = ["watch"]


@click.command
@click.argument("files", nargs=-1, required=True, metavar="FILES...", type=click.Path(path_type=Path, allow_dash=True))
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
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes that judge.  [default: the cores]")
def watch(*, files: tuple[Path, ...], out: Path | None, pairs: tuple[str, ...], work: Path, workers: int | None) -> int:
    """Tell how much of live traffic is refused, by whom, in which words, and what became of it.

    FILES are logs: JSON Lines with OpenAI's requests and responses, exports of Langfuse or OpenTelemetry, logs of Inspect, or
    tables (JSONL, JSON, CSV, TSV, Parquet) with prompt or messages and response, and where known ts, model, lang, tenant,
    category, user, conversation, stop_reason, reasoning, expect. - reads JSON Lines from standard input.
    """
    from demur.cli.progress import show_judging
    from demur.cli.watch_tables import print_watched
    from demur.watch import parse_log_mapping
    from demur.watching import check_out, watch_files, write_record

    if out is not None:
        check_out(out)
    with show_judging() as tell:
        found = watch_files(files, work=work, mapping=parse_log_mapping(pairs), n_workers=workers, on_progress=tell)
    print_watched(found)
    if out is not None:
        write_record(found, out)
        click.echo(f"written: {out}")
    if found.rates[0].refused.n:
        return 0
    reason = next(iter(found.unjudged), "no verdict")
    click.echo(f"demur: incomplete: none of {found.n:,} exchanges could be judged: {reason}", err=True)
    return 3
