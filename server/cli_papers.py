"""`foyer papers ...`: the key file of what visitors hand in, from the command line, while no server runs (on SQLite the database's lock sees to that).

`key` says which keys there are. `new-key` puts a fresh one on top: what comes from now on is sealed with it, and the old ones go on opening what they
sealed. `give-up` is for a key that is lost for good: what only it could open is deleted, with a line of the audit each, so that the server starts again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

import typer
from sqlalchemy import Connection

from server.actions import deleting
from server.actions.deleting import Why
from server.actions.paper_keys import key_file
from server.clock import Clock
from server.domain.access import Actor
from server.papers.keyring import Damaged, ForeignKey, Keyring, KeysUnusable, add_key, open_keyring
from server.settings import Settings
from server.store.database import Database
from server.store.schema import open_present
from server.store.sql import Sql, Statement
from server.store.tx import Tx

app = typer.Typer(help="The keys of what visitors hand in.", no_args_is_help=True)

_SEALED = Statement(
    "SELECT id, centre_id, key FROM submission WHERE deleted_at IS NULL AND key IS NOT NULL ORDER BY id"
)
_KEYS = Statement("SELECT key FROM document WHERE submission_id = :id")


@app.command()
def key() -> None:
    """Where the key file is, and the public keys in it: the first seals."""
    path = key_file(Settings())
    if not path.exists():
        typer.echo(f"There is no key file at {path} yet. The server makes one at its first start.")
        return
    typer.echo(f"{path}:")
    for number, public in enumerate(open_keyring(path).known):
        typer.echo(f"{public}{'  (seals)' if number == 0 else ''}")


@app.command("new-key")
def new_key() -> None:
    """Put a new key on top of the file, which running servers take up by themselves. Keep a copy of the file."""
    path = key_file(Settings())
    if not path.exists():
        raise KeysUnusable(
            f"There is no key file at {path}. If the server has run before, put the copy back or name its place in FOYER_PAPER_KEYS;"
            " otherwise start it, and it makes one."
        )
    before = open_keyring(path)
    add_key(path)
    typer.echo(
        f"{open_keyring(path).known[0]} seals from now on; servers that run take it up within seconds. {_old(len(before.known))} Copy the file anew."
    )


def _old(count: int) -> str:
    return "The old one goes on opening." if count == 1 else f"The {count} old ones go on opening."


@app.command("give-up")
def give_up(
    yes: Annotated[
        bool, typer.Option("--yes", help="the key is lost for good, and so are the papers")
    ] = False,
) -> None:
    """Delete what no key here can open. Only when the file that could is lost for good."""
    path = key_file(Settings())
    database = open_present(Settings().database)
    try:
        ring = open_keyring(path) if path.exists() else None
        with database.reading() as connection:
            lost = unopenable(connection, ring)
        if not lost:
            typer.echo("Nothing is to be given up: whatever is kept can be opened.")
            return
        if not yes:
            typer.echo(
                f"{_so_many(len(lost))} cannot be opened with {path}{' (there is no such file)' if ring is None else ''}."
                " To delete what cannot be opened, say --yes: nothing brings it back."
            )
            return
        for number, centre in lost:
            delete_now(database, number, centre)
        typer.echo(f"Deleted: {_so_many(len(lost))}. Tell the teams: their visitors hold receipts.")
    finally:
        database.close()


def _so_many(count: int) -> str:
    return "one submission" if count == 1 else f"{count} submissions"


def unopenable(connection: Connection, ring: Keyring | None) -> list[tuple[str, int]]:
    """What has a key that none of ours opens: id, centre. Without a key file that is everything."""
    sql = Sql(connection)
    found = []
    for number, centre, own in sql.all(_SEALED):
        wrapped = [own, *(record[0] for record in sql.all(_KEYS, {"id": number}))]
        if ring is None or not all(_opens(ring, bytes(each)) for each in wrapped):
            found.append((number, centre))
    return found


def _opens(ring: Keyring, wrapped: bytes) -> bool:
    try:
        ring.unwrap(wrapped)
    except (ForeignKey, Damaged):
        return False
    return True


def delete_now(database: Database, number: str, centre: int) -> None:
    """All steps of deleting one submission, while no server runs."""

    def step(action: Callable[[Tx], object]) -> None:
        with database.writing() as session:
            tx = Tx(Sql(session.connection()), Actor(kind="system", centre=centre), Clock().micros())
            action(tx)
            tx.finish()

    step(partial(deleting.take_keys, submission=number, why=Why.KEY_LOST))
    with database.reading() as connection:
        pieces = deleting.pieces_of(connection, number)
    for document, piece in pieces:
        step(partial(deleting.drop_piece, document=document, number=piece))
    with database.reading() as connection:
        left = deleting.remains(Sql(connection), number)
    if not left.nothing:
        step(partial(deleting.finish, submission=number))
