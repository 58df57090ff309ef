"""Accounts from the command line, and what accounts may not become."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select
from typer.testing import CliRunner

from server.actions import staff
from server.domain.access import Actor
from server.domain.refusals import Refused
from server.store.database import Database, open_database
from server.store.tables import Centre, Staff, StaffRole
from server.store.tx import Tx
from server.web import commands
from wire.vocabulary import Role


@pytest.fixture
def database(database_url: str):
    opened = open_database(database_url)
    with opened.writing() as session:
        session.add(Centre(slug="york-house", name="York House", languages=["en"], wait_here={"en": "Here"}))
    yield opened
    opened.close()


def change(database: Database, action, *, by: int = 0):
    def acting(tx: Tx):
        tx.actor = Actor(kind="staff", id=by, centre=1) if by else tx.actor
        return action(tx)

    return commands.write_alone(database, acting)


def add(database: Database, username: str, *roles: Role) -> int:
    return int(change(database, lambda tx: staff.add_staff(tx, username, "A Name", 1, roles, "hash")))


def test_the_first_administrator_comes_from_the_command_line(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(sqlite_url)
    with database.writing() as session:
        session.add(Centre(slug="york-house", name="York House", languages=["en"], wait_here={"en": "Here"}))
    database.close()
    monkeypatch.setenv("FOYER_DATABASE", sqlite_url)
    wanted = ["add", "Ada.K", "--name", "Ada Kowalska", "--role", "administrator", "--centre", "york-house"]
    done = CliRunner().invoke(commands.commands, wanted)
    assert done.exit_code == 0, done.output
    assert "Ada Kowalska can sign in as ada.k." in done.output
    password = done.output.strip().rpartition(" ")[2]
    assert len(password) > 20
    database = open_database(sqlite_url)
    with database.session() as session:
        kept = session.exec(select(Staff)).one()
        assert kept.must_change
        assert password not in kept.password_hash
        assert session.exec(select(StaffRole.role)).all() == ["administrator"]
    database.close()
    again = CliRunner().invoke(commands.commands, wanted)
    assert again.exit_code == 1
    assert "Somebody is called 'ada.k' already" in again.output


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--centre", "nowhere"], "There is no centre 'nowhere'. Centres here: york-house."),
        (["--name", " "], "Say the person's name"),
    ],
)
def test_a_command_that_cannot_be_done_says_why(
    database: Database, monkeypatch: pytest.MonkeyPatch, more: list[str], said: str
) -> None:
    address = database.url.render_as_string(hide_password=False)
    database.close()
    monkeypatch.setenv("FOYER_DATABASE", address.replace("postgresql+psycopg", "postgresql"))
    wanted = ["add", "ada", "--name", "Ada", "--role", "manager", "--centre", "york-house", *more]
    done = CliRunner().invoke(commands.commands, wanted)
    assert done.exit_code == 1
    assert said in done.output


@pytest.mark.parametrize("username", ["", "a", "with space", "ünï", "-a", "x" * 61 + " ", "<b>"])
def test_a_user_name_that_cannot_be_typed_anywhere_is_refused(database: Database, username: str) -> None:
    if username.startswith("x"):
        assert len(staff.fold_username(username)) == 60
        return
    with pytest.raises(Refused, match="2 to 60"):
        add(database, username, Role.ADVISER)


def test_user_names_differ_by_more_than_capitals(database: Database) -> None:
    add(database, "Priya.Shah", Role.ADVISER)
    with pytest.raises(Refused, match="already"):
        add(database, " priya.SHAH ", Role.ADVISER)


def test_nobody_takes_their_own_keys(database: Database) -> None:
    ada = add(database, "ada", Role.ADMINISTRATOR)
    with pytest.raises(Refused, match="the only administrator of this centre"):
        change(database, lambda tx: staff.set_roles(tx, ada, 1, {Role.GREETER}), by=ada)
    add(database, "max", Role.ADMINISTRATOR)
    with pytest.raises(Refused, match="your own administrator's role"):
        change(database, lambda tx: staff.set_roles(tx, ada, 1, {Role.GREETER}), by=ada)
    with pytest.raises(Refused, match="your own account"):
        change(database, lambda tx: staff.disable(tx, ada, 1), by=ada)
    with database.session() as session:
        assert _roles(session, ada) == {"administrator"}


def test_a_password_that_opens_another_centre_is_not_set_from_here(database: Database) -> None:
    with database.writing() as session:
        session.add(Centre(slug="elsewhere", name="Elsewhere", languages=["en"], wait_here={"en": "Here"}))
    ada, olga = add(database, "ada", Role.ADMINISTRATOR), add(database, "olga", Role.GREETER)
    change(database, lambda tx: commands.set_account_roles(tx, "olga", [Role.ADMINISTRATOR], "elsewhere"))
    for action in (
        lambda tx: staff.reset_password(tx, olga, 1, "mine"),
        lambda tx: staff.disable(tx, olga, 1),
    ):
        with pytest.raises(Refused, match="administers both"):
            change(database, action, by=ada)
    change(database, lambda tx: commands.set_account_roles(tx, "ada", [Role.ADMINISTRATOR], "elsewhere"))
    change(database, lambda tx: staff.reset_password(tx, olga, 1, "new"), by=ada)
    with database.session() as session:
        assert session.get_one(Staff, olga).password_hash == "new"


def test_roles_are_replaced_whole(database: Database) -> None:
    priya = add(database, "priya", Role.ADVISER)
    change(database, lambda tx: staff.set_roles(tx, priya, 1, {Role.GREETER, Role.MANAGER}))
    with database.session() as session:
        assert _roles(session, priya) == {"greeter", "manager"}


def _roles(session: Session, person: int) -> set[str]:
    return set(session.exec(select(StaffRole.role).where(StaffRole.staff_id == person)))
