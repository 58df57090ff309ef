"""A house that is restored: what comes back, what must not, and what is done before anybody is served. On both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pyrage import x25519
from sqlalchemy import text

from server.backups import plan, restoring, shelf, since
from server.backups.manifest import Manifest
from server.backups.unusable import BackupUnusable
from server.cli_backup import _made_ready
from server.clock import Clock, from_micros, to_micros
from server.domain.access import SYSTEM
from server.domain.troubles import Level
from server.edge import House
from server.jobs.after_restore import finish_restore
from server.jobs.backing_up import BackingUp, restored
from server.settings import Settings
from server.store.database import open_database
from server.store.queries.life import present_life
from server.store.sql import Sql
from server.store.tables import (
    BrowserSession,
    Device,
    LoginTry,
    Post,
    RecoveryCode,
    ServerProcess,
    Staff,
)
from server.store.tx import Tx
from tests.support.house import TUESDAY, HandClock, Rehearsal, cast_of, running_house
from tests.support.postgres import Cluster
from wire import asks
from wire.vocabulary import DeviceKind, Letter, new_id


@dataclass
class Place:
    """Where it is backed up to, and another machine."""

    address: str
    """Of the other machine's database: empty, or not there at all."""
    folder: Path
    identity: x25519.Identity

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "data": self.folder,
            "backup_folder": self.folder / "backups",
            "backup_keys": str(self.identity.to_public()),
        }


@pytest.fixture
def place(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    identity = x25519.Identity.generate()
    if database_url.startswith("sqlite"):
        yield Place(f"sqlite:///{tmp_path}/other/foyer.db", tmp_path, identity)
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    name = f"restored_{new_id()[:8]}"
    yield Place(cluster.url(name), tmp_path, identity)
    cluster.drop(name)


async def rows(rehearsal: Rehearsal, *things: Any) -> None:
    def add(tx: Tx) -> None:
        for thing in things:
            tx.session().add(thing)

    await rehearsal.house.change(SYSTEM, "rows", add)


async def does(rehearsal: Rehearsal, *statements: str) -> None:
    """Each may name `:now`."""

    def run(tx: Tx) -> None:
        for statement in statements:
            tx.session().connection().execute(text(statement), {"now": tx.now} if ":now" in statement else {})

    await rehearsal.house.change(SYSTEM, "does", run)


async def column(house: House, sql: str) -> list[Any]:
    return await house.look(lambda connection: [row[0] for row in connection.execute(text(sql))])


def restore(
    place: Place, clock: Clock, *, replace: bool = False, with_since: bool = True
) -> restoring.Restored:
    """As the command does."""
    [(file, label)] = shelf.backups(place.folder / "backups")[:1]
    told = (
        since.read(since.file_of(file.parent, label.id), label.id, [place.identity]) if with_since else None
    )

    def ready(address: str, manifest: Manifest) -> None:
        _made_ready(address, manifest.known_until, told, clock)

    return restoring.restore(
        file,
        [place.identity],
        place.address,
        work=place.folder / "work",
        clips=place.folder / "other" / "clips",
        stamp="now",
        ready=ready,
        replace=replace,
    )


def post(subject: str, minutes: int) -> Post:
    due = TUESDAY + timedelta(minutes=minutes)
    return Post(
        id=new_id(),
        subject=subject,
        centre_id=1,
        letter=Letter.CONFIRMED,
        way="sms",
        address="+447700900123",
        made_at=TUESDAY,
        due_at=due,
    )


async def furnish(there: Rehearsal) -> None:
    """What a backup knows."""
    await rows(
        there,
        BrowserSession(id="a" * 64, staff_id=1, centre_id=1, csrf="c", started_at=TUESDAY, used_at=TUESDAY),
        RecoveryCode(staff_id=1, hash="b" * 64),
        Staff(username="leaver", name="Leaver"),
        ServerProcess(id="p", host="lost", pid=1, version="1", started_at=TUESDAY, seen_at=TUESDAY),
        post("sent-meanwhile", 5),
        post("due-before-the-end", 20),
        post("due-in-its-last-minute", 27),
        post("due-after-the-end", 29),
        post("due-tomorrow", 24 * 60),
    )


async def take_away(there: Rehearsal, spare: int) -> None:
    """What it does not know any more."""
    await does(
        there,
        f"UPDATE device SET revoked_at = :now WHERE id = {spare}",
        "UPDATE recovery_code SET used_at = :now",
        "UPDATE staff SET disabled_at = :now WHERE username = 'leaver'",
        "DELETE FROM staff_role WHERE role = 'discreet'",
        "UPDATE post SET state = 'sent', sent_at = :now WHERE subject = 'sent-meanwhile'",
    )
    new = Device(
        centre_id=1,
        kind=DeviceKind.KIOSK,
        name="new",
        letter="N",
        token_hash="n" * 64,
        approved_at=TUESDAY,
    )
    await rows(there, new)


async def what_was_taken_away_is_not_back(house: House) -> None:
    assert await column(house, "SELECT id FROM browser_session WHERE ended_at IS NULL") == []
    assert await column(house, "SELECT id FROM server_process WHERE host = 'lost'") == []
    assert await column(house, "SELECT name FROM device WHERE revoked_at IS NOT NULL") == ["spare"]
    assert await column(house, "SELECT letter FROM device WHERE name = 'new'") == ["N"]
    assert await column(house, "SELECT COUNT(*) FROM recovery_code WHERE used_at IS NULL") == [0]
    assert await column(house, "SELECT username FROM staff WHERE disabled_at IS NOT NULL") == ["leaver"]
    assert await column(house, "SELECT COUNT(*) FROM staff_role WHERE role = 'discreet'") == [0]
    assert await column(house, "SELECT subject FROM post WHERE state = 'queued' ORDER BY subject") == [
        "due-after-the-end",
        "due-tomorrow",
    ]


async def what_kiosks_hand_in_again_is_entered_once(house: House, given: list[asks.Issue]) -> None:
    people, devices = cast_of(house.database)
    for each in given:
        again = each.model_copy(update={"age_ms": 40 * 60_000})
        answer = await house.perform(devices["kiosk"], new_id(), again)
        assert answer.refusal is None or answer.refusal.code.value == "id_reused"
    assert await column(house, "SELECT code FROM visit ORDER BY code") == [
        f"K0{number}" for number in range(1, 6)
    ]
    code = (await house.perform(people["greta"], new_id(), welcome())).result
    assert code is not None
    assert int(code["code"][1:]) > 10, "numbers that may be on lost papers are left out"
    fresh = (await house.perform(people["greta"], new_id(), welcome())).result
    assert fresh is not None
    assert int(fresh["code"][1:]) == int(code["code"][1:]) + 1, "once"


async def test_what_was_given_out_comes_back_and_what_was_taken_away_does_not(
    database_url: str, place: Place
) -> None:
    (place.folder / "clips" / "en").mkdir(parents=True)
    (place.folder / "clips" / "en" / "k07.wav").write_bytes(b"RIFF clip")
    async with running_house(database_url, **place.settings) as there:
        known = [await there.issue() for _ in range(3)]
        spare = there.spare.id
        await furnish(there)
        there.clock.go(minutes=1)
        job = BackingUp(there.house, gently=False)
        assert await job.back_up()
        taken_at = there.clock.now()

        there.clock.go(minutes=10)
        lost = [await there.issue() for _ in range(2)]
        await take_away(there, spare)
        there.clock.go(minutes=15)
        await job._write_since()
        there.clock.go(minutes=5)
        clock = HandClock(there.clock.now() + timedelta(minutes=20))

    done = restore(place, clock)
    assert (done.aside, done.clips) == ("", 1)
    assert (place.folder / "other" / "clips" / "en" / "k07.wav").read_bytes() == b"RIFF clip"

    async with running_house(place.address, seed=False, at=clock.now(), **place.settings) as here:
        house = here.house
        assert await column(house, "SELECT code FROM visit ORDER BY code") == ["K01", "K02", "K03"]
        life = await house.look(lambda connection: present_life(Sql(connection)))
        assert life is not None
        assert life.number == 2
        assert life.known_until is not None
        assert (
            taken_at - timedelta(seconds=30)
            <= from_micros(life.known_until)
            <= taken_at + timedelta(seconds=30)
        )

        await what_was_taken_away_is_not_back(house)
        await what_kiosks_hand_in_again_is_entered_once(house, [*known, *lost])
        assert await column(house, "SELECT why FROM house_life ORDER BY number") == ["new", "restoring"]
        await rows(here, LoginTry(username="x", address="y", at=TUESDAY - timedelta(days=3)))
        await finish_restore(house)
        assert await column(house, "SELECT why FROM house_life ORDER BY number") == ["new", "restored"]
        assert await column(house, "SELECT COUNT(*) FROM login_try") == [0], (
            "what is too old went before the doors opened"
        )
        assert await finish_restore(house) == 0


def welcome() -> asks.Welcome:
    return asks.Welcome(visit=new_id(), ticket=new_id(), service="council-tax")


async def test_two_restores_of_one_backup_are_two_lives_and_what_was_there_is_put_aside(
    database_url: str, place: Place
) -> None:
    async with running_house(database_url, **place.settings) as there:
        assert await BackingUp(there.house, gently=False).back_up()
        clock = there.clock
    restore(place, clock)
    with pytest.raises(BackupUnusable, match="say --replace"):
        restore(place, clock)

    def life() -> str:
        database = open_database(place.address)
        try:
            with database.reading() as connection:
                found = present_life(Sql(connection))
        finally:
            database.close()
        assert found is not None
        return found.id

    first = life()
    if place.address.startswith("postgresql"):
        database = open_database(place.address)
        with database.reading(), pytest.raises(BackupUnusable, match="still connected"):
            restore(place, clock, replace=True)
        database.close()
        assert life() == first, "nothing was changed"
    else:
        lock = open_database(place.address)
        with pytest.raises(Exception, match="Another Foyer process"):
            restore(place, clock, replace=True)
        lock.close()
    done = restore(place, clock, replace=True)
    assert done.aside
    assert first.partition("-")[0] == life().partition("-")[0] == "2"
    assert life() != first


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_minute_old_word_of_what_was_taken_away_is_refused_when_it_was_changed(
    database_url: str, place: Place
) -> None:
    async with running_house(database_url, **place.settings) as there:
        await rows(there, post("due-now", 0), post("due-meanwhile", 30), post("due-tomorrow", 24 * 60))
        job = BackingUp(there.house, gently=False)
        assert await job.back_up()
        await job._write_since()
        later = HandClock(there.clock.now() + timedelta(hours=1))
    [file] = (place.folder / "backups").glob("foyer-since-*.age")
    body = bytearray(file.read_bytes())
    other = str(x25519.Identity.generate().to_public())
    since.write(file.parent, shelf.backups(file.parent)[0][1].id, {}, later.micros(), [other])
    with pytest.raises(BackupUnusable, match="Put both private keys into one file"):
        restore(place, later)
    body[-20] ^= 1
    file.write_bytes(body)
    with pytest.raises(BackupUnusable, match=r"is damaged.*--without-since"):
        restore(place, later)
    restore(place, later, with_since=False)
    async with running_house(place.address, seed=False, at=later.now(), **place.settings) as here:
        assert await column(here.house, "SELECT subject FROM post WHERE state = 'queued'") == ["due-tomorrow"]
        told = restored(
            await here.house.look(lambda connection: present_life(Sql(connection))), later.micros()
        )
        assert told.level is Level.WORTH_KNOWING
    assert restored(None, 0).level is Level.FINE


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_backup_of_a_busy_house_is_one_instant(database_url: str, place: Place) -> None:
    """Visitors come all the while: every ticket in the backup has its visit, and what was acknowledged before is in it."""
    async with running_house(database_url, **place.settings) as there:
        issued: list[tuple[str, int]] = []
        done = asyncio.Event()

        async def come() -> None:
            while not done.is_set() and len(issued) < 90:
                ask = await there.issue()
                issued.append((ask.code, to_micros(Clock().now())))
                there.clock.go(seconds=1)

        coming = asyncio.create_task(come())
        assert await BackingUp(there.house, gently=False).back_up()
        done.set()
        await coming
        clock = there.clock
    done_ = restore(place, clock, with_since=False)
    assert done_.manifest.tables["visit"].rows == done_.manifest.tables["ticket"].rows
    async with running_house(place.address, seed=False, **place.settings) as here:
        codes = await column(here.house, "SELECT code FROM visit ORDER BY arrived_at, code")
        assert codes == [f"K{number:02d}" for number in range(1, len(codes) + 1)], (
            "a beginning, without holes"
        )


def test_the_plan_goes_to_the_child_as_text_and_names_no_password_on_a_command_line(tmp_path: Path) -> None:
    settings = Settings(
        database="postgresql://foyer:secret@db/foyer",
        data=tmp_path,
        backup_keys="age1a, age1b",
        secure_cookies=False,
    )
    made = plan.plan_of(settings)
    assert made.keys == ("age1a", "age1b")
    assert plan.from_text(plan.as_text(made)) == made
