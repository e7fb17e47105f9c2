"""Models of Inspect: opened by their name, or else one line says why not."""

from inspect_ai._util.error import PrerequisiteError
from inspect_ai.model import Model, get_model

from demur.engine.settings import EngineSettings
from demur.errors import UsageError

__all__ = ["count_connections", "open_model"]


def open_model(name: str, *, is_shared: bool = True) -> Model:
    """Open a model.

    Args:
        name: as Inspect knows it, e.g. ``openai/gpt-4o``.
        is_shared: whether the same object may be given to whoever asks for this model; one that is to be closed is not.

    Raises:
        UsageError: there is no such model, or something it needs is missing.
    """
    try:
        return get_model(name, memoize=is_shared)
    except PrerequisiteError as error:
        raise UsageError(_plain(error.message)) from None
    except (ValueError, ImportError, LookupError) as error:
        reason = " ".join((str(error) or type(error).__name__).split())
        raise UsageError(f"no such model: {name}: {reason}") from None


def count_connections(model: Model, settings: EngineSettings) -> int:
    """Say how many questions a model is asked at a time: as many as the settings say, else as its provider does."""
    return settings.connections or model.api.max_connections()


def _plain(message: object) -> str:
    from rich.text import Text

    text = Text.from_markup(message).plain if isinstance(message, str) else str(message)
    return " ".join(text.removeprefix("ERROR:").split())
