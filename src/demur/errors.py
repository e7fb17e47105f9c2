"""Every error demur raises on purpose, in one tree, with the exit code each one ends a command with.

    DemurError
    ├── UsageError            2   an option, a name or a combination that cannot be used
    │   ├── DataError         2   a file or data set that cannot be read as what was asked for
    │   └── MissingExtraError 2   a part of demur that is not installed
    └── IncompleteError       3   the work could not be finished: an endpoint, a machine, samples that failed
        └── EndpointError     3   the model's endpoint cannot be used

A message is one line: what was found, where, what was expected, and what to try next.
"""

from typing import ClassVar

__all__ = [
    "DataError",
    "DemurError",
    "EndpointError",
    "IncompleteError",
    "MissingExtraError",
    "UsageError",
]


class DemurError(Exception):
    """The root of the tree; ``exit_code`` is what a command that ends with this error returns."""

    exit_code: ClassVar[int] = 2


class UsageError(DemurError):
    """An option, a name or a combination of them that cannot be used."""


class DataError(UsageError):
    """A file or data set that cannot be read as what was asked for; the message names the place."""


class MissingExtraError(UsageError):
    """A part of demur that is not installed; the message is the command that installs it."""


class IncompleteError(DemurError):
    """Work that could not be finished for reasons outside the question asked."""

    exit_code: ClassVar[int] = 3


class EndpointError(IncompleteError):
    """A model endpoint that is down, refuses the key, or does not speak the protocol."""
