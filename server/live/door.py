"""What a greeter needs besides the floor: what can be chosen and by which words it is found, where paper can come out, what is being told.

It reads the set-up as it is now, so a service added a minute ago is found. Which service is open and how long it takes is the kiosks' view's
business and comes from there. Instants are microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from server.store.sql import Sql, Statement, document
from wire.vocabulary import DeviceKind, PrinterState


@dataclass(frozen=True)
class Offered:
    """A service to choose. `found_by` is every word that leads to it, small letters."""

    slug: str
    name: str
    help: str
    choice: str
    found_by: str
    discreet: bool


@dataclass(frozen=True)
class PaperPlace:
    """A device that can print a ticket. `ready` is False when it cannot do so now; `say` tells why, or what to expect."""

    id: int
    name: str
    ready: bool
    say: str


@dataclass(frozen=True)
class Told:
    """An announcement that is being told."""

    id: str
    say: str
    until_at: int | None


@dataclass(frozen=True)
class PrintNow:
    """A ticket sent to a printer: where, when, and what became of its paper (empty: nothing heard yet)."""

    device: str
    at: int
    paper: str
    done: bool


@dataclass(frozen=True)
class DoorNow:
    services: tuple[Offered, ...]
    languages: tuple[str, ...]
    printers: tuple[PaperPlace, ...]
    told: tuple[Told, ...]
    emergency_letter: str


_CENTRE = Statement("SELECT languages, emergency_letter FROM centre WHERE id = :centre")
_SERVICES = Statement(
    """SELECT s.slug, s.names, s.help, s.synonyms, c.names, s.discreet, s.private FROM service s
    LEFT JOIN choice c ON c.id = s.choice_id WHERE s.centre_id = :centre AND s.retired_at IS NULL AND s.walk_in
    ORDER BY c.position, s.position, s.id"""
)
_USED = Statement(
    """SELECT s.slug, COUNT(*) FROM ticket t JOIN service s ON s.id = t.service_id
    WHERE t.centre_id = :centre AND t.ended_at >= :since AND t.ended_at < :until AND t.counted GROUP BY s.slug"""
)
_PRINTERS = Statement(
    """SELECT id, name, health, locked_say FROM device WHERE centre_id = :centre AND revoked_at IS NULL
    AND kind IN (:kiosk, :station) ORDER BY name, id"""
)
_TOLD = Statement(
    """SELECT id, text, until_at FROM announcement WHERE centre_id = :centre AND ended_at IS NULL
    AND (until_at IS NULL OR until_at > :now) ORDER BY at, id"""
)
_PRINTS = Statement(
    """SELECT d.name, p.at, p.paper, p.done_at FROM print_job p JOIN device d ON d.id = p.device_id
    WHERE p.ticket_id = :ticket ORDER BY p.at DESC, p.id DESC LIMIT 3"""
)


def read_door(connection: Connection, centre: int, now: int) -> DoorNow:
    sql = Sql(connection)
    try:
        record = sql.one(_CENTRE, {"centre": centre})
        assert record is not None, "a session names a centre that exists"
        kinds = {"kiosk": DeviceKind.KIOSK.value, "station": DeviceKind.SCAN_STATION.value}
        return DoorNow(
            services=tuple(_offered(row) for row in sql.all(_SERVICES, {"centre": centre})),
            languages=tuple(document(record[0])),
            printers=tuple(
                place
                for row in sql.all(_PRINTERS, {"centre": centre, **kinds})
                if (place := _paper_place(row)) is not None
            ),
            told=tuple(
                Told(row[0], document(row[1]).get("en", ""), row[2])
                for row in sql.all(_TOLD, {"centre": centre, "now": now})
            ),
            emergency_letter=record[1],
        )
    finally:
        sql.close()


def most_used_first(
    connection: Connection, centre: int, services: Sequence[Offered], since: int, until: int
) -> tuple[Offered, ...]:
    """`services` by how many came for each from `since` to `until` (microseconds), then as they were set up.

    Whoever gives numbers all day learns where a service stands, so `until` should be the start of the day: an order that changed under
    the finger would be worse than any. What is private is always last: its place tells nothing, and no stray touch hits it.
    """
    sql = Sql(connection)
    try:
        rows = sql.all(_USED, {"centre": centre, "since": since, "until": until})
        used = {row[0]: int(row[1]) for row in rows}
        return tuple(sorted(services, key=lambda each: (each.discreet, -used.get(each.slug, 0))))
    finally:
        sql.close()


def read_prints(connection: Connection, ticket: str) -> tuple[PrintNow, ...]:
    """What became of the papers that staff sent for this ticket, the latest first."""
    sql = Sql(connection)
    try:
        rows = sql.all(_PRINTS, {"ticket": ticket})
        return tuple(PrintNow(row[0], row[1], row[2] or "", row[3] is not None) for row in rows)
    finally:
        sql.close()


def _offered(row: Any) -> Offered:
    names, help_texts, choice = document(row[1]), document(row[2]) or {}, document(row[4]) or {}
    words = (
        names["en"],
        help_texts.get("en", ""),
        choice.get("en", ""),
        *(document(row[3]) or ()),
        *names.values(),
    )
    found_by = " ".join(dict.fromkeys(" ".join(words).casefold().split()))
    return Offered(
        row[0], names["en"], help_texts.get("en", ""), choice.get("en", ""), found_by, bool(row[5] or row[6])
    )


_PAPER: Mapping[PrinterState, tuple[bool, str]] = {
    PrinterState.READY: (True, "paper is fine"),
    PrinterState.LOW: (True, "paper is low"),
    PrinterState.OUT: (False, "no paper"),
    PrinterState.COVER_OPEN: (False, "its cover is open"),
    PrinterState.MISSING: (False, "its printer is not connected"),
    PrinterState.SILENT: (True, "its printer does not answer: look whether it comes out"),
}


def _paper_place(row: Any) -> PaperPlace | None:
    """None for a device that has no printer."""
    health = document(row[2]) or {}
    state = PrinterState(health.get("printer", PrinterState.NONE))
    if state not in _PAPER:
        return None
    ready, say = _PAPER[state]
    if row[3]:
        return PaperPlace(row[0], row[1], False, "it is locked")
    return PaperPlace(row[0], row[1], ready, say)
