"""The guard: rules on what goes in and what comes out, and what is done when one holds."""

__all__: list[str] = []
