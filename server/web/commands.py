"""`foyer staff ...`: accounts from the command line, above all the first administrator's.

The commands write to the database themselves, so on SQLite the server must not be running (the database's lock sees to that). Nothing has
a default password: one is made and printed once, or asked for without being shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Annotated, TypeVar

import typer
from sqlmodel import select

from server.actions import second_factors, sign_on
from server.actions import staff as actions
from server.clock import Clock
from server.connectors.sign_on import open_sign_on
from server.domain.access import SYSTEM
from server.domain.refusals import Refused
from server.settings import Settings
from server.store.database import Database, DatabaseUnusable
from server.store.schema import open_present
from server.store.sql import Sql
from server.store.tables import Centre, Staff
from server.store.tx import Tx
from server.web import passwords
from wire.vocabulary import Role

T = TypeVar("T")
commands = typer.Typer(help="Accounts of staff.", no_args_is_help=True)


@commands.callback()
def accounts() -> None:
    """Accounts of staff."""


@commands.command()
def add(
    username: Annotated[str, typer.Argument(help="what they sign in with, such as priya.shah")],
    name: Annotated[str, typer.Option(help="as colleagues know them")],
    role: Annotated[list[Role], typer.Option(help="may be given several times")],
    centre: Annotated[str, typer.Option(help="the centre's short name, such as york-house")],
    ask_password: Annotated[bool, typer.Option(help="ask for a password instead of making one")] = False,
) -> None:
    """Add an account; prints a one-time password that they replace when they first sign in."""
    password = _asked(username) if ask_password else passwords.one_time_password()
    try:
        _write(
            lambda tx: add_account(tx, username, name, role, centre, password, must_change=not ask_password)
        )
    except (Refused, DatabaseUnusable) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{name} can sign in as {actions.fold_username(username)}.")
    if not ask_password:
        typer.echo(f"One-time password, shown only now, good for 7 days: {password}")


@commands.command()
def role(
    username: Annotated[str, typer.Argument(help="whose roles to set")],
    role: Annotated[
        list[Role], typer.Option(help="may be given several times; these replace the ones there")
    ],
    centre: Annotated[str, typer.Option(help="the centre's short name, such as york-house")],
) -> None:
    """Set an account's roles at one centre; also how somebody gets to work at a second one."""
    try:
        _write(lambda tx: set_account_roles(tx, username, role, centre))
    except (Refused, DatabaseUnusable) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{actions.fold_username(username)} is {', '.join(sorted(role))} at {centre}.")


@commands.command()
def reset(
    username: Annotated[str, typer.Argument(help="whose password to replace")],
) -> None:
    """Replace a password by a one-time one and print it; whoever uses the account is signed out."""
    password = passwords.one_time_password()
    try:
        _write(lambda tx: reset_account(tx, username, password))
    except (Refused, DatabaseUnusable) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"One-time password, shown only now, good for 7 days: {password}")


@commands.command()
def emergency(
    username: Annotated[str, typer.Argument(help="whose account")],
    off: Annotated[bool, typer.Option("--off", help="no longer")] = False,
) -> None:
    """Let an account sign in here by password and authenticator app though the council's sign-on is the usual way."""
    _on_account(username, partial(sign_on.set_emergency, on=not off))
    typer.echo(f"{actions.fold_username(username)} is {'no longer ' if off else ''}an emergency account.")


@commands.command("no-app")
def no_app(username: Annotated[str, typer.Argument(help="whose phone and recovery codes are lost")]) -> None:
    """Take the authenticator app away from an account; whoever uses it is signed out, and sets up an app anew if one is asked for."""
    _on_account(username, second_factors.reset)
    typer.echo(f"{actions.fold_username(username)} signs in without an authenticator app now.")


@commands.command("join")
def join_account(
    username: Annotated[str, typer.Argument(help="the account here")],
    object_id: Annotated[str, typer.Argument(help="the person's object ID in Entra; empty parts them")],
) -> None:
    """Make an account here that of a person at the council's sign-on."""
    provider = open_sign_on(Settings())
    change = partial(sign_on.join, tenant=provider.tenant if provider else "", object_id=object_id)
    _on_account(username, change)
    typer.echo(f"{actions.fold_username(username)} is {'joined' if object_id.strip() else 'parted'}.")


def _on_account(username: str, change: Callable[[Tx, Staff], None]) -> None:
    def changing(tx: Tx) -> None:
        person = actions.by_username(tx.session(), username)
        if person is None:
            raise Refused(
                actions.UNKNOWN_ACCOUNT.code, f"There is no account '{actions.fold_username(username)}'."
            )
        change(tx, person)

    try:
        _write(changing)
    except (Refused, DatabaseUnusable) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def add_account(
    tx: Tx, username: str, name: str, roles: list[Role], centre: str, password: str, *, must_change: bool
) -> int:
    """The account's id; raises Refused with a sentence. Also for the demo, which makes its accounts at start."""
    centre_id = _centre(tx, centre)
    tx.actor = replace(tx.actor, centre=centre_id)
    hashed = passwords.hash_now(password)
    return actions.add_staff(tx, username, name, centre_id, frozenset(roles), hashed, must_change=must_change)


def set_account_roles(tx: Tx, username: str, roles: list[Role], centre: str) -> None:
    """Raises Refused when there is no such account or centre."""
    centre_id = _centre(tx, centre)
    person = actions.by_username(tx.session(), username)
    if person is None or person.id is None:
        raise Refused(
            actions.UNKNOWN_ACCOUNT.code, f"There is no account '{actions.fold_username(username)}'."
        )
    tx.actor = replace(tx.actor, centre=centre_id)
    actions.write_roles(tx, person, centre_id, frozenset(roles))


def reset_account(tx: Tx, username: str, password: str) -> None:
    person = actions.by_username(tx.session(), username)
    if person is None or person.id is None:
        raise Refused(actions.UNKNOWN_ACCOUNT.code, actions.UNKNOWN_ACCOUNT.say)
    actions.set_one_time_password(tx, person, passwords.hash_now(password))


def _centre(tx: Tx, slug: str) -> int:
    found = {centre.slug: centre.id for centre in tx.session().exec(select(Centre))}
    centre_id = found.get(slug)
    if centre_id is None:
        known = ", ".join(sorted(found)) or "none yet: load one with `foyer centre load`"
        raise Refused(actions.UNKNOWN_ACCOUNT.code, f"There is no centre '{slug}'. Centres here: {known}.")
    return centre_id


def _write(action: Callable[[Tx], T]) -> T:
    database = open_present(Settings().database)
    try:
        return write_alone(database, action)
    finally:
        database.close()


def write_alone(database: Database, action: Callable[[Tx], T]) -> T:
    """One change while no server runs."""
    with database.writing() as session:
        tx = Tx(Sql(session.connection()), SYSTEM, Clock().micros())
        result = action(tx)
        tx.finish()
        return result


def _asked(username: str) -> str:
    try:
        usual = passwords.usual_in(Settings().usual_passwords)
    except OSError as error:
        typer.echo(
            f"The file that FOYER_USUAL_PASSWORDS names cannot be read ({error.strerror}), so the password is judged by Foyer's own rules alone.",
            err=True,
        )
        usual = frozenset()
    while True:
        password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        fault = passwords.fault_of(password, username, usual)
        if fault is None:
            return password
        typer.echo(fault)
