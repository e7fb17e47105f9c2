"""``demur serve``."""

from pathlib import Path

import click

from demur.errors import UsageError

__all__ = ["serve"]


@click.command
@click.option(
    "--model",
    default="demur/smollm2",
    show_default=True,
    help="A model of demur's own, or demur/local/NAME; also with an adapter or a steering: demur/smollm2@FOLDER.",
)
@click.option(
    "--adapter", type=click.Path(path_type=Path), metavar="FOLDER", help="The adapter to put on it, as demur tune train leaves it."
)  # fmt: skip
@click.option(
    "--steer", type=click.Path(path_type=Path), metavar="BUNDLE",
    help="The steering to run it with: steering.safetensors or its folder. transformers runs the model then.",
)  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Likewise.")
def serve(*, model: str, adapter: Path | None, steer: Path | None, host: str, port: int) -> None:
    """Serve a model of demur's own to any client of OpenAI's protocol.

    Answers chat completions, completions and responses, whole or streamed, and the list of models, until it is interrupted; of a
    local model, and of one that is steered, chat completions alone, and a stream of it is one piece. No
    key is asked for: whoever reaches the port is answered, which is this machine alone unless --host says otherwise. To
    put the guard in front, name the model to it: demur guard serve --upstream demur/smollm2.
    """
    from demur.serving import serve_subject
    from demur.subjects import with_adapter, with_steering

    name = model
    if adapter is not None and steer is not None:
        raise UsageError(
            "found --adapter and --steer; expected one of them: the panel of each was measured without the other"
        )
    if adapter is not None:
        name = with_adapter(model, adapter)
    elif steer is not None:
        name = with_steering(model, steer)

    def ready(address: str) -> None:
        click.echo(f"{name} listens on {address}/v1; to check it there:", err=True)
        click.echo(
            f"LOCAL_BASE_URL={address}/v1 LOCAL_API_KEY=none demur check --model openai-api/local/{name} --max-tokens 64",
            err=True,
        )

    serve_subject(name, place=(host, port), on_ready=ready)
