"""System prompts put together from building blocks, and the search among them."""

from demur.tune.prompts.block import Block, load_blocks, load_parts
from demur.tune.prompts.candidate import Candidate, draw_candidates
from demur.tune.prompts.outcome import Outcome, read_outcome
from demur.tune.prompts.planning import TuningPlan, plan_tuning
from demur.tune.prompts.search import Found, search_prompts

__all__ = [
    "Block",
    "Candidate",
    "Found",
    "Outcome",
    "TuningPlan",
    "draw_candidates",
    "load_blocks",
    "load_parts",
    "plan_tuning",
    "read_outcome",
    "search_prompts",
]
