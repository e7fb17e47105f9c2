"""A model's refusals turned while it runs: what is done to its states, on which conditions, and the file that says so.

`move` is what is done and when, `steered` does it, `bundle` is the file. torch is loaded when a model is, not before.
"""

__all__: list[str] = []
