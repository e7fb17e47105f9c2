"""Where what must not be lost is kept: a SQLite file or a PostgreSQL database, found, connected to, and what goes wrong with it."""

from demur.database.connection import connect, make_durable
from demur.database.failure import StoreDownError, describe_failure
from demur.database.location import Location, parse_location

__all__ = ["Location", "StoreDownError", "connect", "describe_failure", "make_durable", "parse_location"]
