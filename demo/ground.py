"""The demonstration's own data: York House in a database under `var/demo`, and passwords for its staff.

Done before the server starts, by what the command line offers an administrator too. Passwords are made anew at each start, told once, and
kept nowhere: what is stored is their hash. Nobody has to change theirs, because nobody will see this database again.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import select

from demo.bookings import add_bookings
from demo.past import add_past
from server.actions import staff
from server.actions.skills import Skills
from server.centrefile import CentrePlan, read
from server.cli_addresses import load_into as load_addresses
from server.cli_centre import load_into
from server.clock import Clock
from server.domain.gazetteer import read_gazetteer
from server.domain.hours import Timetable
from server.domain.refusals import Refused
from server.store.database import Database, open_database
from server.store.schema import migrate
from server.store.tables import StaffRole
from server.store.tx import Tx
from server.web import passwords
from server.web.commands import write_alone

CENTRE_FILE = Path(__file__).resolve().parents[1] / "server" / "centrefile" / "york-house.toml"

_WORDS = """
amber birch cedar coral copper dune ember fern flint hazel indigo ivory jade larch linen maple mint onyx opal pearl
badger crane dove falcon finch heron kite lark magpie marten otter owl plover robin rook seal stoat swift tern wren
anchor barrel basket candle compass drum feather fiddle garden harbour kettle ladder lantern market orchard paddle saddle teapot wagon window
"""
WORDS = tuple(tuple(line.split()) for line in _WORDS.strip().splitlines())


@dataclass(frozen=True)
class Ground:
    """Where the demonstration keeps things."""

    folder: Path

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder / 'foyer.db'}"

    @property
    def papers(self) -> Path:
        return self.folder / "papers"

    @property
    def kiosk(self) -> Path:
        return self.folder / "kiosk"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def letters(self) -> Path:
        """What can be laid on the kiosk's plate; the same in every demonstration, so it stays."""
        return self.folder / "letters"

    @property
    def devices(self) -> Path:
        return self.folder / "devices.json"

    @property
    def _left(self) -> Path:
        return self.folder / "left_at"

    def clear(self) -> None:
        """Begin anew. Only what a demonstration made is in this folder."""
        for each in ("kiosk", "papers", "logs", "data"):
            shutil.rmtree(self.folder / each, ignore_errors=True)
        for each in ("foyer.db", "foyer.db-wal", "foyer.db-shm", "foyer.db.lock", "devices.json", "left_at"):
            (self.folder / each).unlink(missing_ok=True)

    def left_at(self) -> datetime | None:
        """The last instant that kept data may know; None when there is none (or what is kept makes no sense)."""
        try:
            return datetime.fromisoformat(self._left.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def note_time(self, now: datetime) -> None:
        fresh = self._left.with_suffix(".new")
        fresh.write_text(now.isoformat(), encoding="ascii")
        fresh.replace(self._left)


def centre_plan() -> CentrePlan:
    plan = read(CENTRE_FILE.read_text(encoding="utf-8"))
    assert isinstance(plan, CentrePlan), plan  # a test holds the file to it
    return plan


def timetable_of(plan: CentrePlan) -> Timetable:
    return Timetable(plan.timezone, plan.hours)


def three_words() -> str:
    """A password that can be read out and typed: 800,000 of them, against somebody who is on this very machine already
    and whose guesses are slowed."""
    return "-".join((*(secrets.choice(words) for words in WORDS), str(secrets.randbelow(100))))


def prepare(ground: Ground, plan: CentrePlan, now: datetime, *, bookings: bool = True) -> Mapping[str, str]:
    """Load the centre and give its staff new passwords, by user name. The server must not be running."""
    ground.folder.mkdir(parents=True, exist_ok=True)
    database = open_database(ground.database)
    try:
        migrate(database)
        load_into(database, plan, Clock(now))
        _give_skills(database)
        _give_addresses(database)
        if bookings:
            add_past(database, plan, now)
            add_bookings(database, now)
        return _set_passwords(database, plan)
    finally:
        database.close()


ADDRESSES = Path(__file__).with_name("invented-addresses.csv")
"""Three hundred in streets that are in no town, so that nobody's own home is in a demonstration."""


def _give_addresses(database: Database) -> None:
    content = ADDRESSES.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    with contextlib.suppress(Refused):  # they are there from an earlier start
        load_addresses(database, read_gazetteer(content), file_name=ADDRESSES.name, digest=digest)


SPEAKS: Mapping[str, tuple[str, ...]] = {
    "chandni": ("gu",),
    "bilal": ("ur", "pa"),
    "dorota": ("pl",),
    "amina": ("ar",),
}
"""Who of York House's invented staff speaks what besides English; Emeka signs."""
SIGNS = frozenset({"emeka"})


def _give_skills(database: Database) -> None:
    """What an administrator would tick on each person's page. Skills are about people, so no centre's file has them."""

    def write(tx: Tx) -> None:
        for username in (*SPEAKS, *SIGNS):
            person = staff.by_username(tx.session(), username)
            assert person is not None, "the centre's file was loaded just now"
            assert person.id is not None
            centre = (
                tx.session().exec(select(StaffRole.centre_id).where(StaffRole.staff_id == person.id)).first()
            )
            assert centre is not None, "everybody in the file has a role there"
            skills = Skills(frozenset(), frozenset(SPEAKS.get(username, ())), username in SIGNS)
            staff.set_skills(tx, person.id, centre, skills)

    write_alone(database, write)


def _set_passwords(database: Database, plan: CentrePlan) -> dict[str, str]:
    told = {person.username: three_words() for person in plan.staff}
    hashes = {username: passwords.hash_now(password) for username, password in told.items()}

    def write(tx: Tx) -> None:
        for username, hashed in hashes.items():
            person = staff.by_username(tx.session(), username)
            assert person is not None  # loaded just now
            staff.set_one_time_password(tx, person, hashed)
            person.must_change = False

    write_alone(database, write)
    return told
