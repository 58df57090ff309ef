"""`foyer centre check | load | export`: a centre's file from the command line.

`load` runs where no server does (SQLite lets one process write) or beside servers on PostgreSQL, which it
then tells. Exit code 1 means that nothing was done, and the sentences say why.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from sqlalchemy import text

from server.actions.centres import Loaded, export, load
from server.centrefile import CentrePlan, read, write
from server.clock import Clock
from server.settings import Settings
from server.store.database import Database, DatabaseUnusable, open_database
from server.store.schema import migrate

app = typer.Typer(help="A centre as a file: check it, load it, write it.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="the centre's file, in TOML; see docs/centre-file.md")]
Address = Annotated[
    str | None, typer.Option("--database", help="SQLite path or PostgreSQL address; else FOYER_DATABASE")
]


@app.command()
def check(file: File) -> None:
    """Say every mistake in FILE with its line, and what is not said in every language."""
    plan = _read(file)
    for remark in untranslated(plan):
        _say(remark)
    services, counters = len(plan.services), len(plan.counters)
    _say(f"{plan.name}: no mistakes. {services} services, {counters} counters, {len(plan.staff)} staff.")


@app.command("load")
def load_file(file: File, database: Address = None) -> None:
    """Make the centre what FILE says. Doing it twice does no harm."""
    plan = _read(file)
    with _opened(database) as opened:
        loaded = load_into(opened, plan, Clock())
    for verb, names in (("Added", loaded.added), ("Changed", loaded.changed), ("Retired", loaded.retired)):
        if names:
            _say(f"{verb}: {', '.join(names)}.")
    _say(
        f"{plan.name} is as the file says." if loaded else f"{plan.name} was so already. Nothing was changed."
    )


@app.command("export")
def export_file(slug: str, database: Address = None) -> None:
    """Write the centre of this SLUG as a file, to the standard output."""
    with _opened(database) as opened, opened.session() as session:
        plan = export(session, slug)
    if plan is None:
        _fail([f"There is no centre '{slug}' in this database."])
    sys.stdout.write(write(plan))


def load_into(database: Database, plan: CentrePlan, clock: Clock) -> Loaded:
    """Load in one transaction; servers on the same PostgreSQL look again at once."""
    with database.writing() as session:
        loaded = load(session, plan, clock.now())
        if loaded and not database.is_sqlite:
            session.connection().execute(
                text("SELECT pg_notify('foyer', :centres)"), {"centres": str(loaded.centre_id)}
            )
    return loaded


def untranslated(plan: CentrePlan) -> Iterator[str]:
    """What a visitor would read in English though they chose another language; no mistake, but worth knowing."""
    texts = [("wait_here", plan.wait_here)]
    texts += [(f"choice '{each.slug}'", each.names) for each in plan.choices]
    texts += [(f"service '{each.slug}'", each.names) for each in plan.services]
    texts += [(f"help of '{each.slug}'", each.help) for each in plan.services if each.help]
    texts += [(f"message '{each.slug}'", each.text) for each in plan.messages]
    for name, words in texts:
        missing = [language for language in plan.languages if language not in words]
        if missing:
            yield f"Not said in {', '.join(missing)}: {name}. English is shown instead."


def _read(file: Path) -> CentrePlan:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        _fail([f"{file} is not UTF-8 text. Save it as UTF-8."])
    except OSError as error:
        _fail([f"{file} cannot be read: {error.strerror}."])
    plan = read(text)
    if isinstance(plan, list):
        _fail([*map(str, plan), f"{file} was refused. Nothing was changed."])
    return plan


@contextmanager
def _opened(address: str | None) -> Iterator[Database]:
    try:
        database = open_database(address or Settings().database)
    except DatabaseUnusable as error:
        _fail([str(error)])
    try:
        migrate(database)
        yield database
    except DatabaseUnusable as error:
        _fail([str(error)])
    finally:
        database.close()


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")


def _fail(sentences: Iterable[str]) -> NoReturn:
    for sentence in sentences:
        sys.stderr.write(f"{sentence}\n")
    raise typer.Exit(1)
