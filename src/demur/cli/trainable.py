"""Options of the verbs that train."""

import click

__all__ = ["method_option", "model_option"]

model_option = click.option(
    "--model", default="demur/smollm2", show_default=True,
    help="What is trained: demur/smollm2, demur/smollm2-blunt, or demur/local/NAME, which transformers loads from a folder or the hub.",
)  # fmt: skip
method_option = click.option("--method", type=click.Choice(["sft", "dpo", "kto"]), default="sft", show_default=True)
