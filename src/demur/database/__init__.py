"""Where what must not be lost is kept: a SQLite file or a PostgreSQL database, found, connected to, and what goes wrong with it."""

from demur.database.connection import connect, make_durable
from demur.database.failure import StoreDownError, describe_failure
from demur.database.location import Location, is_location, parse_location

__all__ = ["Location", "StoreDownError", "connect", "describe_failure", "is_location", "make_durable", "parse_location"]
