"""The databases that the audit store is tested on: files, and a real PostgreSQL server."""

from collections.abc import Iterator

import pytest
from services import PostgresServer, postgres_server


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """Run a PostgreSQL server for as long as the tests last."""
    with postgres_server() as running:
        yield running


@pytest.fixture(scope="session")
def one_database(server) -> str:
    """Make a database that tests share one after another: making one for each takes longer than most of them."""
    return server.make_database()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path) -> str:
    """Give the URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/audit.db"
    import psycopg

    url = request.getfixturevalue("one_database")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "DROP TABLE IF EXISTS events, demur_schema, review_items, review_words, review_leases, review_sources, review_schema"
        )
    return url
