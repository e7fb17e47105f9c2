"""How a subject's refusals are turned where they are decided: conditions and moves found from a run, and tried before they are measured.

`probe` tells two sides of prompts apart by their states, `gate` makes conditions of it, `direction` is what is taken out or added, `trial` sees what that does,
and `search` puts a bundle's moves together.
"""

__all__: list[str] = []
