"""The command line: one module a verb, and a verb is one call of the library."""

__all__: list[str] = []
