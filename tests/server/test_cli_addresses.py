"""`foyer addresses load`: the list from the command line, refused in a sentence where it cannot be."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from server.actions import addresses
from server.cli import app
from server.store.database import open_database
from server.store.sql import Sql

INVENTED = Path(__file__).parents[2] / "demo" / "invented-addresses.csv"


def test_a_list_is_loaded_and_one_that_cannot_be_leaves_it(sqlite_url: str, tmp_path: Path) -> None:
    def load(*said: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["addresses", "load", *said, "--database", sqlite_url])
        return done.exit_code, done.output.strip()

    bad, short = tmp_path / "bad.csv", tmp_path / "short.csv"
    bad.write_text("name\nx\n")
    short.write_text("UPRN,Address,Postcode\n1,1 A Road,LE1 6ZZ\n2,Mast,\n")
    assert load(str(tmp_path / "none.csv"))[0] == 1
    assert load(str(INVENTED)) == (
        0,
        "300 addresses loaded; 0 lines without a postcode or number passed over.",
    )
    assert load(str(bad))[1].startswith("The first line names no column for the UPRN and the postcode.")
    assert load(str(short)) == (
        1,
        "This file has 1 addresses; the list has 300. If that is right, say so and load it again.",
    )
    assert found(sqlite_url) == 20
    assert load("--shorter", str(short)) == (
        0,
        "1 addresses loaded; 1 lines without a postcode or number passed over.",
    )
    assert found(sqlite_url) == 1


def found(url: str) -> int:
    database = open_database(url)
    try:
        with database.reading() as connection:
            sql = Sql(connection)
            rows = addresses.find(sql, "LE16ZZ")
            sql.close()
            return len(rows)
    finally:
        database.close()
