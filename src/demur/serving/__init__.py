"""A subject as a server: a model of demur's own behind OpenAI's protocol, for a check-up, the guard, or any client."""

from demur.serving.server import Place, serve_subject, served

__all__ = ["Place", "serve_subject", "served"]
