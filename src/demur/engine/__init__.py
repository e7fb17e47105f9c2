"""The engine: the only room that knows Inspect AI. Its parts are imported by name, so that none is loaded unasked."""

__all__: list[str] = []
