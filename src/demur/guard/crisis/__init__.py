"""Help for a person in crisis: whom to call, and how it is said."""

from demur.guard.crisis.help import About, Expiry, due, expired, find_help, help_countries, word_help

__all__ = ["About", "Expiry", "due", "expired", "find_help", "help_countries", "word_help"]
