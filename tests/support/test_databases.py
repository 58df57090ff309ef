"""Each test has a database of its own, migrated and empty, on both kinds."""

from sqlalchemy import create_engine, inspect, text


def test_the_database_is_migrated_and_empty(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        assert {"alembic_version", "ticket", "visit"} <= tables
        assert connection.execute(text("select count(*) from ticket")).scalar_one() == 0
    engine.dispose()


def test_no_test_sees_another_ones_rows(database_url: str) -> None:
    _leave_a_mark(database_url)


def test_no_test_sees_another_ones_rows_either(database_url: str) -> None:
    _leave_a_mark(database_url)


def _leave_a_mark(url: str) -> None:
    """Fails if it was done before in the same database."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("create table mark (seen integer)"))
    engine.dispose()
