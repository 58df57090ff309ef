"""A centre's file and the database say the same, and loading never takes anything from those who wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from sqlmodel import Session, col, select
from typer.testing import CliRunner

from server.actions.centres import export, load
from server.centrefile import CentrePlan, read, write
from server.cli_centre import app as commands
from server.domain.hours import Closure, Hours, Special, Usual
from server.store.database import Database, open_database
from server.store.tables import (
    Centre,
    Counter,
    Message,
    Opening,
    Seat,
    Service,
    Staff,
    StaffRole,
    Ticket,
    Visit,
)
from wire.vocabulary import Role, new_id

YORK_HOUSE = Path(__file__).resolve().parents[3] / "server" / "centrefile" / "york-house.toml"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def york_house() -> CentrePlan:
    plan = read(YORK_HOUSE.read_text(encoding="utf-8"))
    assert isinstance(plan, CentrePlan)
    return plan


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    yield database
    database.close()


def service(session: Session, slug: str) -> Service:
    return session.exec(select(Service).where(Service.slug == slug)).one()


def without(plan: CentrePlan, slug: str) -> CentrePlan:
    return replace(
        plan,
        services=tuple(each for each in plan.services if each.slug != slug),
        bookables=tuple(each for each in plan.bookables if each.services != (slug,)),
    )


def test_what_was_loaded_is_exported_the_same(database: Database, york_house: CentrePlan) -> None:
    with database.writing() as session:
        loaded = load(session, york_house, NOW)
        assert "centre york-house" in loaded.added
        assert "service council-tax" in loaded.added
        assert loaded.retired == ()
    with database.session() as session:
        exported = export(session, "york-house")
    assert exported == york_house
    assert read(write(exported)) == york_house


def test_loading_twice_changes_nothing_and_does_not_raise_the_version(
    database: Database, york_house: CentrePlan
) -> None:
    with database.writing() as session:
        first = load(session, york_house, NOW)
    with database.writing() as session:
        assert session.exec(select(Centre)).one().version == 1
        again = load(session, york_house, LATER)
        assert not again
        assert again.centre_id == first.centre_id
        assert session.exec(select(Centre)).one().version == 1
        assert len(session.exec(select(Service)).all()) == len(york_house.services)
        assert len(session.exec(select(Staff)).all()) == len(york_house.staff)


def test_a_change_is_told_and_raises_the_version(database: Database, york_house: CentrePlan) -> None:
    hours = Hours(
        usual=(Usual(4, time(22), time(1, 30), date(2027, 1, 1), date(2027, 6, 1)),),
        special=(Special(date(2026, 12, 5), time(10), time(12)),),
        closures=(Closure(date(2026, 12, 25), date(2026, 12, 25), {"en": "Closed."}),),
    )
    changed = replace(
        york_house,
        address="Elsewhere",
        hours=hours,
        messages=york_house.messages[:1],
        counters=tuple(replace(each, area=None) for each in york_house.counters),
        staff=(replace(york_house.staff[0], roles=(Role.MANAGER,)), *york_house.staff[1:]),
    )
    with database.writing() as session:
        load(session, york_house, NOW)
    with database.writing() as session:
        loaded = load(session, changed, LATER)
        assert loaded.added == ()
        assert loaded.changed == ("centre york-house", "hours", "roles of grace")
        assert loaded.retired == tuple(f"message {each.slug}" for each in york_house.messages[1:])
        assert session.exec(select(Centre)).one().version == 2
    with database.session() as session:
        assert export(session, "york-house") == changed
        assert len(session.exec(select(Message)).all()) == 1
        centre_wide = select(Opening).where(col(Opening.service_id).is_(None))
        assert len(session.exec(centre_wide).all()) == 1


def test_a_service_no_longer_in_the_file_is_retired_and_its_tickets_still_wait(
    database: Database, york_house: CentrePlan
) -> None:
    with database.writing() as session:
        load(session, york_house, NOW)
        retired = service(session, "debt-and-rights")
        ticket = _waiting(session, retired)
    with database.writing() as session:
        loaded = load(session, without(york_house, "debt-and-rights"), LATER)
        assert loaded.retired == ("service debt-and-rights",)
        assert "hours of debt-and-rights" not in loaded.changed
    with database.session() as session:
        assert service(session, "debt-and-rights").retired_at == LATER
        assert session.get_one(Ticket, ticket).service_id == service(session, "debt-and-rights").id
        assert export(session, "york-house") == without(york_house, "debt-and-rights")


def test_a_service_in_the_file_again_is_taken_up_again_under_its_old_id(
    database: Database, york_house: CentrePlan
) -> None:
    with database.writing() as session:
        load(session, york_house, NOW)
        before = service(session, "debt-and-rights").id
        load(session, without(york_house, "debt-and-rights"), LATER)
        load(session, york_house, LATER)
        assert service(session, "debt-and-rights").id == before
        assert service(session, "debt-and-rights").retired_at is None
        assert export(session, "york-house") == york_house


def test_counters_and_choices_are_retired_and_not_deleted(database: Database, york_house: CentrePlan) -> None:
    fewer = replace(
        york_house,
        counters=york_house.counters[1:],
        choices=york_house.choices[:-1],
        services=tuple(
            replace(each, choice=None) if each.choice == "other" else each for each in york_house.services
        ),
    )
    with database.writing() as session:
        load(session, york_house, NOW)
        loaded = load(session, fewer, LATER)
        assert loaded.retired == ("choice other", "counter desk-1")
        assert len(session.exec(select(Counter)).all()) == len(york_house.counters)
        assert export(session, "york-house") == fewer


def test_staff_not_in_the_file_keep_their_account_and_roles(
    database: Database, york_house: CentrePlan
) -> None:
    with database.writing() as session:
        load(session, york_house, NOW)
        nobodys = Staff(username="first.administrator", name="First", password_hash="argon2")
        session.add(nobodys)
        session.flush()
        assert nobodys.id is not None
        first_administrator = nobodys.id
        centre = session.exec(select(Centre)).one()
        assert centre.id is not None
        session.add(StaffRole(staff_id=first_administrator, centre_id=centre.id, role=Role.ADMINISTRATOR))
    with database.writing() as session:
        assert not load(session, york_house, LATER)
        roles = session.exec(select(StaffRole).where(StaffRole.staff_id == first_administrator)).all()
        assert [role.role for role in roles] == [Role.ADMINISTRATOR]


def test_loading_never_touches_a_password_and_gives_none(database: Database, york_house: CentrePlan) -> None:
    with database.writing() as session:
        load(session, york_house, NOW)
        assert {person.password_hash for person in session.exec(select(Staff))} == {""}
        session.exec(select(Staff).where(Staff.username == "amina")).one().password_hash = "argon2"
    renamed = replace(
        york_house, staff=tuple(replace(each, name=f"{each.name} B") for each in york_house.staff)
    )
    with database.writing() as session:
        load(session, renamed, LATER)
        amina = session.exec(select(Staff).where(Staff.username == "amina")).one()
        assert (amina.password_hash, amina.name) == ("argon2", "Amina Yusuf B")


def test_who_is_no_adviser_any_more_leaves_the_counter(database: Database, york_house: CentrePlan) -> None:
    with database.writing() as session:
        loaded = load(session, york_house, NOW)
        amina = session.exec(select(Staff).where(Staff.username == "amina")).one()
        desk = session.exec(select(Counter).where(Counter.slug == "desk-1")).one()
        assert amina.id is not None
        assert desk.id is not None
        seat = Seat(
            centre_id=loaded.centre_id, staff_id=amina.id, counter_id=desk.id, services=[], since_at=NOW
        )
        session.add(seat)
    greeter = tuple(
        replace(each, roles=(Role.GREETER,)) if each.username == "amina" else each
        for each in york_house.staff
    )
    with database.writing() as session:
        load(session, replace(york_house, staff=greeter), LATER)
        assert session.exec(select(Seat)).one().until_at == LATER


def test_two_centres_do_not_mix(database: Database, york_house: CentrePlan) -> None:
    other = replace(
        york_house,
        slug="oadby",
        name="Oadby",
        services=york_house.services[-1:],
        choices=(),
        hours=Hours(),
        bookables=(),
    )
    with database.writing() as session:
        load(session, york_house, NOW)
        load(session, other, NOW)
    with database.session() as session:
        assert export(session, "york-house") == york_house
        assert export(session, "oadby") == other
        assert export(session, "wigston") is None


def _waiting(session: Session, of: Service) -> str:
    visit = Visit(
        id=new_id(),
        centre_id=of.centre_id,
        arrived_on=NOW.date(),
        code="A01",
        follow_hash="0" * 64,
        arrived_at=NOW,
    )
    session.add(visit)
    session.flush()
    assert of.id is not None
    ticket = Ticket(
        id=new_id(),
        visit_id=visit.id,
        centre_id=of.centre_id,
        service_id=of.id,
        arrived_at=NOW,
        counts_from=NOW,
    )
    session.add(ticket)
    return ticket.id


# From the command line ----------------------------------------------------------------------------------------


def test_check_load_and_export_from_the_command_line(database_url: str, york_house: CentrePlan) -> None:
    run = CliRunner().invoke
    assert "York House: no mistakes." in run(commands, ["check", str(YORK_HOUSE)]).stdout
    first = run(commands, ["load", str(YORK_HOUSE), "--database", database_url])
    assert first.exit_code == 0, first.output
    assert "York House is as the file says." in first.stdout
    again = run(commands, ["load", str(YORK_HOUSE), "--database", database_url])
    assert again.stdout == "York House was so already. Nothing was changed.\n"
    exported = run(commands, ["export", "york-house", "--database", database_url])
    assert read(exported.stdout) == york_house


def test_a_file_with_mistakes_is_refused_and_nothing_is_changed(sqlite_url: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    good = YORK_HOUSE.read_text(encoding="utf-8")
    bad.write_text(good.replace('icon = "car"', 'icon = "cart"'), encoding="utf-8")
    line = 1 + good[: good.index('icon = "car"')].count("\n")
    refused = CliRunner().invoke(commands, ["load", str(bad), "--database", sqlite_url])
    assert refused.exit_code == 1
    assert f"Line {line}: 'icon' cannot be 'cart'. Did you mean 'car'?" in refused.stderr
    assert "Nothing was changed." in refused.stderr
    database = open_database(sqlite_url)
    with database.session() as session:
        assert session.exec(select(Centre)).all() == []
    database.close()


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "centre.toml"
    if content is not None:
        file.write_bytes(content)
    result = CliRunner().invoke(commands, ["check", str(file)])
    assert result.exit_code == 1
    assert str(file) in result.stderr


def test_a_centre_that_is_not_there_cannot_be_exported(sqlite_url: str) -> None:
    result = CliRunner().invoke(commands, ["export", "nowhere", "--database", sqlite_url])
    assert (result.exit_code, result.stderr) == (1, "There is no centre 'nowhere' in this database.\n")
