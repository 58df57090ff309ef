"""`foyer`: set up a centre, add staff, run the server. Every refusal is a sentence and a non-zero exit."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import typer
from pydantic import ValidationError

from server.cli_addresses import app as addresses_app
from server.cli_audit import app as audit_app
from server.cli_backup import app as backup_app
from server.cli_backup import restore
from server.cli_centre import app as centre_app
from server.cli_doctor import doctor
from server.cli_papers import app as papers_app
from server.cli_releases import app as releases_app
from server.cli_secrets import app as secrets_app
from server.credentials import SettingsUnusable
from server.settings import Settings
from server.store.database import DatabaseUnusable, open_database
from server.store.schema import migrate, revision_of
from server.web.commands import commands as staff_app

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Foyer: a customer centre's queue, kiosks and displays."
)
app.add_typer(centre_app, name="centre", help="Load, check and export a centre's file.")
app.add_typer(addresses_app, name="addresses", help="Load the council's list of addresses.")
app.add_typer(audit_app, name="audit", help="Whether the audit was tampered with.")
app.add_typer(backup_app, name="backup", help="Make backups, look into them, and see which there are.")
app.add_typer(papers_app, name="papers", help="The keys of what visitors hand in.")
app.add_typer(secrets_app, name="secrets", help="What secrets there are, and how each is renewed.")
app.add_typer(releases_app, name="releases", help="The keys that sign releases.")
app.add_typer(
    staff_app, name="staff", help="Staff accounts, for the first administrator and for emergencies."
)


app.command()(doctor)
app.command()(restore)


@app.command()
def serve() -> None:
    """Run the server. Settings come from the environment (FOYER_DATABASE, FOYER_HOST, FOYER_PORT ...)."""
    gc.disable()  # nothing that is loaded goes again; `serve` turns it on
    from server.serve import serve as run  # the web's libraries are needed here only

    run(Settings())


@app.command("migrate")
def migrate_command(
    look: bool = typer.Option(False, "--look", help="Only say at which schema the database is."),
) -> None:
    """Bring the database to this release. The server does this by itself at start."""
    database = open_database(Settings().database)
    try:
        if look:
            with database.reading() as connection:
                typer.echo(revision_of(connection) or "0000")
            return
        done = migrate(database)
    finally:
        database.close()
    typer.echo(
        "The database is now at this release." if done else "The database was already at this release."
    )


@app.command("letters")
def letters_command(
    file: bool = typer.Option(False, "--file", help="Write a file for FOYER_LETTERS, to put the IDs in."),
) -> None:
    """Print the texts of the templates to set up at GOV.UK Notify, in every language."""
    from server.connectors import templates

    typer.echo(templates.blank() if file else templates.sheet(), nl=False)


def _in_sentences(run: Callable[[], Any]) -> Callable[[], Any]:
    @wraps(run)
    def running() -> Any:
        try:
            return run()
        except (DatabaseUnusable, SettingsUnusable) as error:
            typer.echo(str(error), err=True)
            sys.exit(1)
        except ValidationError as error:  # never with the value: it may be a secret
            for fault in error.errors(include_input=False, include_url=False, include_context=False):
                typer.echo(f"FOYER_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}.", err=True)
            sys.exit(1)

    return running


main = _in_sentences(app)
