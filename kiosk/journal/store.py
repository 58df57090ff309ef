"""The journal: what this kiosk has given out, and what the server has yet to be told of it.

A ticket is given out by one transaction here: the next code is taken and the visit written down together,
so there is no code without its visit and no visit without its code, whatever is pulled when. Its hand-over
is written in that same transaction, under the id it will be asked with for good. Everything else follows
later and can be done again.

What a visitor would not want known is not kept for long: the follow secret goes when the visitor goes,
language, service and the reference of an appointment when the server has them too; what the server may lose again stays sealed with a key
that is in no file (`kiosk.journal.kept`). Code, number, day and ids stay a week, to answer questions about a paper.

Every method blocks; all are called from one worker thread. They raise `DiskError` and nothing else for what a
disk can do.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.clocks import Clocks, Moment, Told, age_ms, moment
from kiosk.flow.found import Appointment, Standing
from kiosk.journal import jobs, kept, packets, schema, uses
from kiosk.journal.handover import Verdict
from kiosk.journal.records import Begun, DiskError, Given, Held, HeldPacket, Order, Spooled
from wire import codes
from wire.asks import CheckIn, DeviceAsk, Issue, Paper, SetAside
from wire.device_asks import Rate, Use
from wire.vocabulary import Language, PaperState, new_id

KEPT_MS = 7 * 24 * 3600 * 1000
ROOM_BYTES = 16 * 1024


class Journal:
    def __init__(self, file: Path, clocks: Clocks) -> None:
        """Opens the file, making it if there is none. Raises `DiskError`."""
        self._clocks = clocks
        self._file = file
        self._db = schema.connect(file)
        self._life: kept.Life | None = None
        with self._change() as db:
            jobs.end_what_was_cut_off(db, self.now().now)
            self._sweep(db)

    def close(self) -> None:
        self._db.close()

    def sweep(self) -> None:
        """Each day, for a kiosk that runs for months: what was let go of at the start only would lie there as long."""
        with self._change() as db:
            self._sweep(db)

    def _sweep(self, db: sqlite3.Connection) -> None:
        db.execute(
            "DELETE FROM ticket WHERE state != 'held' AND gone AND taken_at < ?"
            " AND id NOT IN (SELECT ticket FROM entry)",
            (self.now().now - KEPT_MS,),
        )
        jobs.sweep(db, self.now().now - KEPT_MS)
        uses.sweep(db)
        kept.sweep(db, self.now().now)

    def check(self) -> None:
        """Write what a dozen tickets would take; raises `DiskError` while that does not work.

        A small value can still fit where a ticket no longer does; a kiosk that took it for a cure would go in and out of order.
        """
        self._put("checked", "0" * ROOM_BYTES)
        self._put("checked", str(self._clocks.wall()))

    # Time ---------------------------------------------------------------------------------------------------

    def told(self) -> Told | None:
        """The server's clock as last kept."""
        kept = self._get("told")
        return Told(**json.loads(kept)) if kept else None

    def tell(self, told: Told) -> None:
        """Keep the server's clock for after a restart."""
        self._put("told", json.dumps(vars(told)))

    def now(self) -> Moment:
        return moment(self._clocks, self.told())

    # Giving out ---------------------------------------------------------------------------------------------

    def take(self, order: Order, at: Moment | None = None) -> Given:
        """Take the next code and write the visit down, for good when this returns."""
        at = at or self.now()
        today = datetime.fromtimestamp(at.now / 1000, UTC).astimezone(ZoneInfo(order.timezone)).date()
        secret = secrets.token_urlsafe(16)
        ticket = new_id()
        with self._change() as db:
            given = self._next(db, order, at, today)
            code = codes.write_code(order.letter, given.number)
            db.execute(
                "INSERT INTO ticket (id, visit, code, given_on, service, language, discreet, secret,"
                " follow_hash, taken_at, sure, steady, boot, wall, paper, reference, standing, starts_at, place)"
                " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (
                    *(
                        ticket,
                        new_id(),
                        code,
                        given.on.isoformat(),
                        order.service,
                        order.language.value,
                        order.discreet,
                    ),
                    *(secret, hashlib.sha256(secret.encode()).hexdigest()),
                    *(at.now, at.sure, at.steady, at.boot, at.wall, PaperState.RESERVED.value),
                    *(order.reference, *_of_appointment(order.appointment)),
                ),
            )
            if order.arrival:
                _note_arrival(db, order.arrival, code, given.on)
            db.execute("INSERT INTO entry (ask, kind, ticket) VALUES (?, 'issue', ?)", (new_id(), ticket))
        return Given(ticket, code, order.language, at.now, secret, appointment=order.appointment)

    def arrived(self, arrival: str) -> str:
        """The code given here today for the reference of this hash; empty when none was."""
        row = self._one("SELECT code FROM arrived WHERE hash = ?", (arrival,))
        return "" if row is None else str(row["code"])

    def _next(self, db: sqlite3.Connection, order: Order, at: Moment, today: date) -> codes.Given:
        row = db.execute("SELECT * FROM numbers WHERE letter = ?", (order.letter,)).fetchone()
        last, idle = None, None
        if row is not None:
            last = codes.Given(row["number"], date.fromisoformat(row["given_on"]), bool(row["sure"]))
            idle = at.steady - row["steady"] if row["boot"] == at.boot else None
        known = order.known[1] if order.known and order.known[0] == today else 0
        given = codes.next_number(last, today, sure=at.sure, idle_seconds=idle, known_to_server=known)
        db.execute(
            "INSERT OR REPLACE INTO numbers (letter, number, given_on, sure, steady, boot)"
            " VALUES (?,?,?,?,?,?)",
            (order.letter, given.number, given.on.isoformat(), given.sure, at.steady, at.boot),
        )
        return given

    # Paper --------------------------------------------------------------------------------------------------

    def paper(self, ticket: str, paper: PaperState, copies: int | None = None) -> None:
        """Note what is known of a ticket's paper; told to the server if it has been told otherwise."""
        with self._change() as db:
            db.execute(
                "UPDATE ticket SET paper = ?, copies = coalesce(?, copies) WHERE id = ?",
                (paper.value, copies, ticket),
            )
            self._tell_paper(db, ticket)

    def _tell_paper(self, db: sqlite3.Connection, ticket: str) -> None:
        """A ticket not handed over yet carries its paper with it; a later word replaces an earlier one
        still held.
        """
        row = db.execute("SELECT state, paper FROM ticket WHERE id = ?", (ticket,)).fetchone()
        if row is None or row["state"] != "handed":
            return
        db.execute("DELETE FROM entry WHERE kind = 'paper' AND ticket = ?", (ticket,))
        db.execute("INSERT INTO entry (ask, kind, ticket) VALUES (?, 'paper', ?)", (new_id(), ticket))

    def in_doubt(self, within_ms: int) -> Given | None:
        """The last ticket, if its visitor may still stand there and its paper was not known to be out when
        we stopped.

        All others' visitors are gone by now: their secrets are erased, and a paper left in doubt is called
        unknown.
        """
        now = self.now()
        row = self._one("SELECT * FROM ticket ORDER BY rowid DESC LIMIT 1")
        found = None
        waits = row is not None and not row["gone"] and row["paper"] in _DOUBTFUL
        if waits and age_ms(_moment_of(row), now) <= within_ms:
            found = Given(
                *(row["id"], row["code"], Language(row["language"]), row["taken_at"], row["secret"]),
                *(PaperState(row["paper"]), row["copies"], _appointment_of(row)),
            )
        for stale in self._all("SELECT id, paper FROM ticket WHERE NOT gone"):
            if found is None or stale["id"] != found.ticket:
                if stale["paper"] in (PaperState.RESERVED, PaperState.SENT):
                    self.paper(stale["id"], PaperState.UNKNOWN)
                self.forget(stale["id"])
        return found

    # Papers for staff -----------------------------------------------------------------------------------------

    def begin_job(self, job: str) -> Begun | None:
        """Write down that it is being printed; for good when this returns. None when it was begun before: it
        must not be printed then.
        """
        with self._change() as db:
            return jobs.begin(db, job, self.now().now)

    def end_job(self, job: str, paper: PaperState) -> None:
        """What became of it; told to the server. Its first word stands."""
        with self._change() as db:
            jobs.end(db, job, paper, self.now().now)

    # What visitors handed in, and how they used what is here ------------------------------------------------

    def add_packet(self, packet: str, reference: str, what: str, at: Moment | None = None) -> None:
        """Its sealed file is safe in the spool; for good when this returns."""
        with self._change() as db:
            packets.add(db, packet, reference, what, at or self.now())

    def adopt_packet(self, packet: str, wall: int | None) -> None:
        """A file of the spool that no row tells of, written at `wall` by the machine's calendar: its row was cut off, or its end was."""
        now = self.now()
        then = now if wall is None else Moment(max(0, now.now - (now.wall - wall)), False, 0.0, "", wall)
        self.add_packet(packet, "", "", then)

    def packets(self) -> set[str]:
        """The ids of all there are."""
        with self._change() as db:
            return packets.known(db)

    def next_packet(self) -> HeldPacket | None:
        with self._change() as db:
            return packets.next_held(db, self.now())

    def settle_packet(self, packet: str, verdict: Verdict, why: str = "") -> None:
        """Write down what became of a try. `why` is for staff, when it is set aside."""
        with self._change() as db:
            if verdict is Verdict.DONE:
                packets.taken(db, packet)
            elif verdict is Verdict.SET_ASIDE:
                packets.set_aside(db, packet, why)
            else:
                packets.passed_over(db, packet)

    def try_packets_again(self) -> list[str]:
        """Those set aside; answers with the ids of those whose time is over."""
        with self._change() as db:
            return packets.try_again(db, self.now())

    def spooled(self) -> Spooled:
        with self._change() as db:
            return packets.spooled(db, self.now())

    def tell_use(self, use: Use | Rate, at: Moment | None = None) -> None:
        """It ended just now."""
        with self._change() as db:
            uses.add(db, use, at or self.now())

    # Forgetting ---------------------------------------------------------------------------------------------

    def forget(self, ticket: str) -> None:
        """The visitor has gone. The secret is erased now, the rest as soon as the server has it."""
        with self._change() as db:
            db.execute("UPDATE ticket SET gone = 1, secret = '' WHERE id = ?", (ticket,))
            _erase(db, ticket)

    def scrub(self) -> None:
        """Cut the write-ahead log to nothing, so that what was erased is in no file. Not while a visitor
        waits.
        """
        try:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.Error as error:
            raise schema.trouble(error) from error

    # Handing over -------------------------------------------------------------------------------------------

    def next_held(self) -> Held | None:
        """What to tell the server next: in order, but those that stepped back after the others. Counts as a
        try.
        """
        while True:
            with self._change() as db:
                now = self.now().now
                row = db.execute("SELECT * FROM entry ORDER BY passed, seq LIMIT 1").fetchone()
                passed = kept.first_passed(db) if self._life is not None else None
                if self._life is not None and passed is not None and (row is None or passed <= row["passed"]):
                    again = kept.next_again(db, self._life, now)
                    if again is not None:
                        return again
                if row is None:
                    return None
                ticket = db.execute("SELECT * FROM ticket WHERE id = ?", (row["ticket"],)).fetchone()
                try:
                    body = self._body(db, row, ticket)
                    code = ticket["code"] if ticket else ""
                    held = Held(row["ask"], body, row["tries"] + 1, row["others"], code, now)
                except (ValueError, TypeError) as error:  # what stands here can never be asked: a damaged row
                    self._aside(db, row, f"The kiosk cannot read its own entry: {type(error).__name__}.")
                    continue
                first = row["kind"] == "issue" and not row["tries"]
                told = f"{ticket['paper']}/0" if first else row["told"]
                db.execute("UPDATE entry SET tries = tries + 1, told = ? WHERE seq = ?", (told, row["seq"]))
                return held

    def _body(self, db: sqlite3.Connection, entry: sqlite3.Row, ticket: sqlite3.Row) -> DeviceAsk:
        if entry["kind"] == "printed":
            return jobs.body(db, entry["ticket"])
        if entry["kind"] == "use":
            return uses.body(db, entry["ticket"], self.now())
        if entry["kind"] == "paper":
            return Paper(ticket=ticket["id"], paper=PaperState(ticket["paper"]), copies=ticket["copies"])
        if entry["kind"] == "set_aside":
            of_packet = packets.set_aside_body(db, entry["ticket"], entry["why"])
            if of_packet is not None:
                return of_packet
            return SetAside(
                entry=ticket["id"], code=ticket["code"], service=ticket["service"], why=entry["why"]
            )
        if ticket["reference"]:
            return CheckIn(
                visit=ticket["visit"],
                ticket=ticket["id"],
                code=ticket["code"],
                reference=ticket["reference"],
                otherwise=ticket["service"],
                language=Language(ticket["language"]),
                age_ms=age_ms(_moment_of(ticket), self.now()),
                follow_hash=ticket["follow_hash"],
                paper=PaperState(ticket["paper"]),
            )
        return Issue(
            visit=ticket["visit"],
            ticket=ticket["id"],
            code=ticket["code"],
            service=ticket["service"],
            language=Language(ticket["language"]),
            discreet=bool(ticket["discreet"]),
            age_ms=age_ms(_moment_of(ticket), self.now()),
            follow_hash=ticket["follow_hash"],
            paper=PaperState(ticket["paper"]),
        )

    def settle(self, held: Held, verdict: Verdict, why: str = "") -> None:
        """Write down what became of a try. `why` is for staff, when it is set aside."""
        with self._change() as db:
            if held.again:
                kept.settle(db, held, verdict, why, self.now().now)
                return
            entry = db.execute("SELECT * FROM entry WHERE ask = ?", (held.ask,)).fetchone()
            if entry is None:
                return  # a paper's word, replaced by a later one while this was on its way
            if verdict is Verdict.STEP_BACK:
                db.execute("UPDATE entry SET passed = passed + 1 WHERE ask = ?", (held.ask,))
            elif verdict is Verdict.SET_ASIDE:
                self._aside(db, entry, why)
            elif verdict is Verdict.DONE:
                db.execute("DELETE FROM entry WHERE ask = ?", (held.ask,))
                kept.another_taken(db)
                self._handed(db, entry)
                if self._life is not None:
                    kept.keep(db, self._life, held, entry["kind"], self.now().now)
            if entry["kind"] == "printed" and verdict in (Verdict.DONE, Verdict.SET_ASIDE):
                jobs.settled(db, entry["ticket"])
            if entry["kind"] == "use" and verdict in (Verdict.DONE, Verdict.SET_ASIDE):
                uses.settled(db, entry["ticket"])
            _erase(db, entry["ticket"])

    def _aside(self, db: sqlite3.Connection, entry: sqlite3.Row, why: str) -> None:
        """Out of the way. A ticket's own entry is told to staff, since somebody holds it; a lesser one is
        not.
        """
        db.execute("DELETE FROM entry WHERE seq = ?", (entry["seq"],))
        if entry["kind"] == "issue":
            db.execute("UPDATE ticket SET state = 'aside' WHERE id = ?", (entry["ticket"],))
            db.execute(
                "INSERT INTO entry (ask, kind, ticket, why) VALUES (?, 'set_aside', ?, ?)",
                (new_id(), entry["ticket"], why[:500]),
            )

    def _handed(self, db: sqlite3.Connection, entry: sqlite3.Row) -> None:
        if entry["kind"] != "issue":
            return
        db.execute("UPDATE ticket SET state = 'handed' WHERE id = ?", (entry["ticket"],))
        ticket = db.execute("SELECT paper, copies FROM ticket WHERE id = ?", (entry["ticket"],)).fetchone()
        if entry["told"] != f"{ticket['paper']}/{ticket['copies']}":
            self._tell_paper(db, entry["ticket"])

    def held(self) -> int:
        """How many tickets the server has yet to be told of, or told again."""
        return int(self._one("SELECT count(*) AS n FROM entry WHERE kind = 'issue'")["n"]) + kept.tickets(
            self._db
        )

    # Another life of the server -----------------------------------------------------------------------------

    def meet(self, life: kept.Life) -> int:
        """Which life the server is in. Answers how many entries it may have lost: they are handed in again from now on."""
        with self._change() as db:
            row = db.execute("SELECT value FROM meta WHERE key = 'life'").fetchone()
            again = kept.meet(db, "" if row is None else row["value"], life)
            db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('life', ?)", (life.id,))
        self._life = life
        return again

    def set_aside(self) -> int:
        return int(self._one("SELECT count(*) AS n FROM ticket WHERE state = 'aside'")["n"])

    # Testing itself -------------------------------------------------------------------------------------------

    def tested_on(self) -> str:
        """The local day (ISO) for whose opening it last tested itself."""
        return self._get("tested_on") or ""

    def keep_tested_on(self, on: str) -> None:
        self._put("tested_on", on)

    # The last feed ------------------------------------------------------------------------------------------

    def rows(self) -> dict[str, Any]:
        """The feed's rows as last kept, so that a kiosk started without the server knows what to offer."""
        kept = self._get("rows")
        rows = json.loads(kept) if kept else {}
        return rows if isinstance(rows, dict) else {}

    def keep_rows(self, rows: Mapping[str, Any]) -> None:
        self._put("rows", json.dumps(rows, ensure_ascii=False))

    # The file -----------------------------------------------------------------------------------------------

    def _get(self, key: str) -> str | None:
        row = self._one("SELECT value FROM meta WHERE key = ?", (key,))
        return None if row is None else str(row["value"])

    def _put(self, key: str, value: str) -> None:
        with self._change() as db:
            db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    def _one(self, sql: str, values: tuple[object, ...] = ()) -> Any:
        return next(iter(self._all(sql, values)), None)

    def _all(self, sql: str, values: tuple[object, ...] = ()) -> list[Any]:
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise schema.trouble(error) from error

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One transaction, on the disk when this ends without an exception."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk has rolled back by itself
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise schema.trouble(error) from error


_DOUBTFUL = frozenset({PaperState.RESERVED, PaperState.SENT, PaperState.UNKNOWN})


def _erase(db: sqlite3.Connection, ticket: str) -> None:
    """What is not needed once the visitor has gone and the server (or, for one set aside, staff) has been
    told.
    """
    db.execute(
        "UPDATE ticket SET language = '', service = '', discreet = 0, follow_hash = '', standing = '', starts_at = NULL,"
        " place = '' WHERE id = ? AND gone AND state != 'held'"
        " AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.ticket = ticket.id AND kind = 'set_aside')",
        (ticket,),
    )
    db.execute("UPDATE ticket SET reference = '' WHERE id = ? AND state != 'held'", (ticket,))


def _note_arrival(db: sqlite3.Connection, arrival: str, code: str, on: date) -> None:
    """Those of other days are of no use any more: their salt was another."""
    db.execute("DELETE FROM arrived WHERE given_on != ?", (on.isoformat(),))
    db.execute(
        "INSERT OR IGNORE INTO arrived (hash, code, given_on) VALUES (?,?,?)", (arrival, code, on.isoformat())
    )


def _of_appointment(given: Appointment | None) -> tuple[str, int | None, str]:
    return ("", None, "") if given is None else (given.standing.value, given.starts_at, given.where)


def _appointment_of(row: sqlite3.Row) -> Appointment | None:
    if not row["standing"]:
        return None
    return Appointment(Standing(row["standing"]), row["starts_at"], row["place"])


def _moment_of(row: sqlite3.Row) -> Moment:
    return Moment(row["taken_at"], bool(row["sure"]), row["steady"], row["boot"], row["wall"])


__all__ = ["KEPT_MS", "DiskError", "Journal"]
