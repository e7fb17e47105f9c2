"""System prompts put together from building blocks, and the search among them."""
