"""A verb whose first argument is a file, or the name of a verb of its own."""

from typing import Any

import click

__all__ = ["FileOrVerb"]


class FileOrVerb(click.Group):
    """Its first word is a verb of its own, or else there is none, and its arguments are its own."""

    allow_extra_args = False
    allow_interspersed_args = True

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Let the verb make the context if one is named; a file of that name is ``./`` and the name."""
        if args and args[0] in self.commands:
            return self.commands[args[0]].make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)
