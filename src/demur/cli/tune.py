"""``demur tune``: treatments of a subject, what they are made from, and what they did."""

import click

from demur.cli.tune_calibrate import calibrate
from demur.cli.tune_constitution import constitution
from demur.cli.tune_pairs import pairs
from demur.cli.tune_prompt import prompt
from demur.cli.tune_steer import steer
from demur.cli.tune_sweep import sweep
from demur.cli.tune_train import train

__all__ = ["tune"]


@click.group
def tune() -> None:
    """Mend the calibration, and show both sides."""


for _command in (calibrate, prompt, pairs, constitution, train, steer, sweep):
    tune.add_command(_command)
