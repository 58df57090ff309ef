"""`foyer addresses load FILE`: the council's list of addresses from the command line.

Runs where no server does (SQLite lets one process write) or beside servers on PostgreSQL. Exit code 1 means that the old list stands as it did, and a
sentence says why.
"""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from server.actions import addresses
from server.domain.gazetteer import Gazetteer, chunks, read_gazetteer
from server.domain.refusals import Refused
from server.settings import Settings
from server.store.database import Database, open_database
from server.store.schema import migrate
from server.web.commands import write_alone

app = typer.Typer(
    help="The council's list of addresses, for finding one by its postcode.", no_args_is_help=True
)

File = Annotated[Path, typer.Argument(help="an extract of the gazetteer as CSV; see docs/forms.md")]
Where = Annotated[
    str | None, typer.Option("--database", help="SQLite path or PostgreSQL address; else FOYER_DATABASE")
]
Shorter = Annotated[
    bool, typer.Option("--shorter", help="it is right that the list has less than half as many")
]


@app.callback()
def _group() -> None:
    """Keeps `load` a word of its own while it is the only one."""


@app.command("load")
def load_file(file: File, database: Where = None, shorter: Shorter = False) -> None:
    """Make what FILE lists the addresses that visitors find by postcode, instead of what was there."""
    try:
        content = file.read_bytes()
    except OSError as error:
        _fail(f"{file} cannot be read: {error.strerror}.")
    read = read_gazetteer(content)
    if read.fault:
        _fail(read.fault)
    opened = open_database(database or Settings().database)
    try:
        migrate(opened)
        load_into(
            opened,
            read,
            file_name=file.name,
            digest=hashlib.sha256(content).hexdigest(),
            much_shorter=shorter,
        )
    except Refused as refused:
        _fail(refused.refusal.say)
    finally:
        opened.close()
    typer.echo(
        f"{len(read.lines)} addresses loaded; {read.passed_over} lines without a postcode or number passed over."
    )


def load_into(
    database: Database, read: Gazetteer, *, file_name: str, digest: str, much_shorter: bool = False
) -> None:
    """As `server.web.gazetteer.replace_list`, each piece in a transaction of its own; raises Refused."""
    begin = partial(
        addresses.begin, file_name=file_name, digest=digest, lines=len(read.lines), much_shorter=much_shorter
    )
    list_id = write_alone(database, begin)
    for start, piece in chunks(read.lines, addresses.PIECE):
        write_alone(database, partial(addresses.add, list_id=list_id, lines=piece, start=start))
    write_alone(database, partial(addresses.take_over, list_id=list_id, read=read))
    while write_alone(database, addresses.sweep):
        pass


def _fail(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
