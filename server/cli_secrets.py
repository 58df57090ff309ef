"""`foyer secrets`: what secrets there are, how old they are and how each is renewed; and a new key for visitors' links."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from server.actions.keys import renew_links
from server.actions.secrets_kept import OLD_DAYS, known_secrets
from server.clock import Clock
from server.settings import Settings
from server.store.schema import open_present
from server.web.commands import write_alone

app = typer.Typer(help="What secrets there are, and how each is renewed.", invoke_without_command=True)


@app.callback()
def listed(context: typer.Context) -> None:
    """List every secret with its age and how to renew it. None is shown."""
    if context.invoked_subcommand is not None:
        return
    settings, now = Settings(), Clock().wall()
    database = open_present(settings.database, alone=False)
    try:
        with database.session() as session:
            found = known_secrets(session, settings)
    finally:
        database.close()
    for each in found:
        days = each.days(now)
        age = "age unknown" if days is None else f"{days} days old{': old' if days > OLD_DAYS else ''}"
        typer.echo(f"{each.name} ({age})\n  in {each.stands}\n  {each.how}")


@app.command("renew-links")
def renew(
    at_once: Annotated[
        bool, typer.Option("--at-once", help="links that are out end now: for a key that got out")
    ] = False,
) -> None:
    """A new key for visitors' links. On PostgreSQL servers may run meanwhile: they know it within seconds."""
    database = open_present(Settings().database)
    try:
        write_alone(database, partial(renew_links, at_once=at_once))
    finally:
        database.close()
    typer.echo(
        "Links made before do not work any more. Visitors find their appointment by its reference."
        if at_once
        else "New links are sealed with the new key; those that are out go on working."
    )
