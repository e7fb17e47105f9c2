"""Patience with an endpoint: when to stop asking it, because asking on would only fail again."""

from demur.engine.failure import Failure

__all__ = ["Patience"]


class Patience:
    """Runs out after so many failures in a row, or with the first that every question would share if none has worked."""

    def __init__(self, give_up_after: int) -> None:
        self._give_up_after = give_up_after
        self._n_failures = 0
        self._has_worked = False
        self._reason: str | None = None

    @property
    def reason(self) -> str | None:
        """Why nothing more should be asked, or None."""
        return self._reason

    def worked(self) -> None:
        """Take note of an answer."""
        self._n_failures = 0
        self._has_worked = True

    def failed(self, failure: Failure) -> bool:
        """Take note of a failure, and say whether it was the last straw."""
        self._n_failures += 1
        is_hopeless = failure.is_fatal and not self._has_worked
        if self._reason is not None or not (is_hopeless or self._n_failures >= self._give_up_after):
            return False
        in_a_row = f" ({self._n_failures} failures in a row)" if self._n_failures > 1 else ""
        self._reason = f"{failure.message}{in_a_row}"
        return True
