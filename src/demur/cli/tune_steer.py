"""``demur tune steer``."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from demur.treating_by_steering import Steering
    from demur.tune.steering.gate import GateRates
    from demur.tune.steering.search import Found
    from demur.tune.steering.task_gate import TaskFound
    from demur.types import Estimate

__all__ = ["steer"]


@click.command
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--model", metavar="MODEL",
    help="Whose weights are steered: demur/smollm2, demur/smollm2-blunt, or demur/local/NAME.  [default: the model of RUN]",
)  # fmt: skip
@click.option(
    "--task", "tasks", multiple=True, metavar="NAME=FILE",
    help="Examples of a harmless task, a request a line (.txt) or a row: false refusals are taken back in such tasks alone. May be given again.",
)  # fmt: skip
@click.option("--in-code", is_flag=True, help="Steer inside code and tool calls too.")
@click.option("--limit", type=click.IntRange(min=1), help="Most cases of the panel, for a first look.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="Folder of the treatment."
)
def steer(
    *, run: Path, model: str | None, tasks: tuple[str, ...], in_code: bool, limit: int | None, seed: int, out: Path
) -> int:
    """Turn the false refusals of RUN where they are decided: in the states of the model, while it runs.

    RUN is the folder of a check-up. What is about to be refused and is not seen as harmful is steered, and nothing else; where harm of one category is answered,
    refusal is added to that. With --task, what is steered is in one of these tasks too. Both sides are measured before and after on cases that RUN has not seen; what may raise harmful compliance by
    more than .05 (upper end of 95 %) is not saved. Interrupted, the same command goes on.

    Ends with 0 if a steering was saved, 1 if there was nothing to steer or it was not to be saved, 3 if something could not be asked.
    """
    from demur.cli.treatment import print_panel, print_treated, show_treating
    from demur.treating_by_steering import steer_subject
    from demur.tune.steering.task_examples import parse_tasks

    with show_treating() as progress:
        made = steer_subject(
            run, out, model=model, tasks=parse_tasks(tasks), limit=limit, seed=seed, in_code=in_code, progress=progress
        )
    _print_found(made.found)
    if made.treated is None:
        if made.panel is not None:
            print_panel(made.panel)
        click.echo(f"\nnothing saved: {made.breach or made.found.why_not}")
        return 1
    print_treated(made.treated)
    _print_use(made, made.treated.folder)
    return 0


def _print_found(found: "Found") -> None:
    """Say what is done, and whom the gates let through; both sides."""
    chosen, rates = found.chosen, found.rates
    if chosen is not None and rates is not None:
        click.echo(
            f"\nfrom layer {chosen.layer} on: lambda {chosen.orthogonal:g}, gain {chosen.gain:g}; false refusals and true ones have a cosine of "
            f"{chosen.cosine:.2f} there; of {chosen.n} false refusals that pass the gate {chosen.released:.0%} are taken back"
        )
        _print_gate(f"the {'plain ' if found.tasks else ''}gate lets through", rates)
    if found.in_tasks is not None:
        _print_gate("the gates of the tasks let through", found.in_tasks)
    for task in found.tasks:
        _print_task(task)
    for one in found.refusing:
        done = "refusal is added" if one.is_worth_having else "adding refusal does not do"
        click.echo(
            f"  {one.category}: {one.n_refused} of {one.n_harmful} harmful requests were refused; {done}: {one.induced:.0%} of {one.n} answered "
            f"ones are refused then; the gate lets {one.passed:.0%} through"
        )


def _name_groups(rates: "GateRates") -> "dict[str, Estimate]":
    return {"false refusals": rates.false_alarms, "harmful requests": rates.harmful, "plain tasks": rates.plain}


def _print_gate(lets: str, rates: "GateRates") -> None:
    from demur.cli.summary import describe

    for what, rate in _name_groups(rates).items():
        value, interval, n = describe(rate)
        click.echo(f"  {lets} of {what:17} {value:>6}  {interval}  n {n}")


def _print_task(task: "TaskFound") -> None:
    """Say how well a task is known, and whom its gate lets through beside the plain one."""
    from demur.cli.summary import describe

    refused, still = describe(task.refused), describe(task.still_refused)
    done = "steered in" if task.is_recognised else "not recognised by half of its examples, and left alone"
    click.echo(
        f"\ntask {task.task}: {done}; of its examples {refused[0]} are refused, {still[0]} steered (n {still[2]})"
    )
    click.echo(f"  {'let through':21}{'its condition':18}{'its gate':18}{'the plain gate':18}")
    gates = (task.recognised, task.steered, task.plain_gate)
    groups = [{"its examples": one.own, "other tasks": one.others, **_name_groups(one.run)} for one in gates]
    for what in groups[0]:
        shown = [describe(group[what]) for group in groups]
        figures = "".join(f"{value:>4} {interval:13}" for value, interval, _ in shown)
        click.echo(f"  {what:19}{figures} n {shown[0][2]}")


def _print_use(made: "Steering", folder: Path) -> None:
    from demur.subjects import with_adapter

    if made.treated is None:
        return
    model = made.treated.treatment.model
    for what, command in (
        ("to check it", ["demur", "check", "--model", with_adapter(model, folder)]),
        ("to serve it", ["demur", "serve", "--model", model, "--steer", str(folder)]),
        ("beside others", ["demur", "tune", "sweep", str(folder), "-o", "frontier.html"]),
    ):
        click.echo(f"{what}: {shlex.join(command)}")
