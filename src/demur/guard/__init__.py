"""The guard: what stands between a model and those who ask it."""

__all__: list[str] = []
