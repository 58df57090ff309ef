"""Forms that are begun and not sent: filled in on the web, on their way from a kiosk to a phone, or kept for the day somebody comes with a reference.

What is in them is sealed before it comes here, with a key made of a secret this house does not hold (`forms.carrying`), so these rows are of no use to
whoever steals them. A form being filled in lives an hour from its last page; one on its way to a phone is opened once, within minutes; one
kept under a reference lasts to the end of the next day its centre is open. Long bodies and photographs lie in pieces, whose names begin as their form's does.
When a form is over its body and pieces are gone at once; the row stays a day, so that "it was opened already" is told from "there is no such thing".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from server.actions import tries, uses
from server.clock import from_micros, to_micros
from server.domain.refusals import Refused
from server.store.sql import Statement
from server.store.tables import Carried, Piece
from server.store.tx import Tx
from wire.carrying import MINUTES
from wire.vocabulary import Channel, Language, RefusalCode, UseEnd, UseKind

LIVES = timedelta(hours=1)
ON_ITS_WAY = timedelta(minutes=MINUTES)
REMEMBERED = timedelta(days=1)
PIECE_BYTES = 1024 * 1024
IN_ROW_BYTES = 512 * 1024
"""A body up to this long stands in its row; a longer one in pieces (`BODY`)."""
BODY = 0xFFFF
"""The number of the body among what is kept with a form; files count from 0."""

_PIECES = Statement("DELETE FROM piece WHERE document_id >= :first AND document_id <= :last")
_ONE = Statement("DELETE FROM piece WHERE document_id = :document")
_OVER = Statement(
    """SELECT id, centre_id, kind, slug, language, made_at, expires_at, used_at, became FROM carried
    WHERE expires_at < :now AND body IS NOT NULL ORDER BY id LIMIT 200"""
)
_EMPTY = Statement("UPDATE carried SET body = NULL WHERE id = :id")
_OLD = Statement("DELETE FROM carried WHERE expires_at < :before AND body IS NULL")


class Kind(StrEnum):
    WEB = "web"
    PHONE = "phone"
    DAY = "day"
    """Kept under a reference for who comes to the centre with it."""


@dataclass(frozen=True)
class Held:
    """A row as it was found. `body` is empty where it lies in pieces or is over."""

    id: str
    centre_id: int
    kind: Kind
    slug: str
    version: int
    language: str
    body: bytes
    expires_at: int
    used_at: int | None
    became: str | None

    @property
    def opened(self) -> bool:
        return self.used_at is not None


class Stopped(StrEnum):
    """Why somebody cannot go on just now; `form_web.say.stopped_<value>`."""

    TRIES = "tries"


def held(session: Session, carried_id: str) -> Held | None:
    row = session.get(Carried, carried_id)
    if row is None:
        return None
    return Held(
        row.id,
        row.centre_id,
        Kind(row.kind),
        row.slug,
        row.version,
        row.language,
        row.body or b"",
        to_micros(row.expires_at),
        None if row.used_at is None else to_micros(row.used_at),
        row.became,
    )


def begin(
    tx: Tx, *, carried_id: str, centre_id: int, slug: str, version: int, language: str, body: bytes
) -> Stopped | None:
    """A form to be filled in on the web; None when it was begun."""
    if not tries.may_try(tx, "form_begin", tx.actor.address):
        return Stopped.TRIES
    _add(tx, carried_id, centre_id, Kind.WEB, slug, version, language, body, LIVES)
    return None


def keep(tx: Tx, *, carried_id: str, language: str, body: bytes) -> None:
    """What was filled in so far. A form that was sent takes no more."""
    row = _living(tx, carried_id)
    if row.became is None:
        row.body = body
    row.language = language
    row.expires_at = from_micros(tx.now) + LIVES
    tx.session().add(row)


def sent(tx: Tx, *, carried_id: str, became: str, body: bytes) -> None:
    """It is a submission now (and counted as one): only what the last page says is left (`body`), and no file."""
    row = _living(tx, carried_id)
    row.became, row.body = became, body
    row.expires_at = from_micros(tx.now) + LIVES
    tx.session().add(row)
    _drop_pieces(tx, carried_id)


def hand_over(
    tx: Tx,
    *,
    carried_id: str,
    centre_id: int,
    kind: Kind,
    slug: str,
    version: int,
    language: str,
    body: bytes,
    expires_at: int,
) -> None:
    """Keep a begun form for somebody who comes with its secret. The same again is the same; `body` is empty where it was laid down in pieces."""
    row = tx.session().get(Carried, carried_id)
    if row is not None:
        if (row.slug, row.version, row.kind) != (slug, version, kind.value) or row.used_at is not None:
            raise Refused(RefusalCode.ID_REUSED, "Something else was handed over with this secret.")
        return
    lives = timedelta(microseconds=expires_at - tx.now)
    _add(tx, carried_id, centre_id, kind, slug, version, language, body, lives)


def use(tx: Tx, *, carried_id: str) -> None:
    """It was opened. One on its way to a phone is over with that; one kept for the day may be opened again until it ends, for a visitor with the
    reference in hand is not sent away because a screen went dark. Where a greeter gave a number for it, it is over (`begun_forms`)."""
    row = _living(tx, carried_id)
    if row.kind == Kind.PHONE:
        if row.used_at is not None:
            raise Refused(RefusalCode.WRONG_STATE, "This was opened already.")
        row.body = None
        _drop_pieces(tx, carried_id)
    elif row.kind == Kind.DAY and row.became is not None:
        raise Refused(RefusalCode.WRONG_STATE, "This was used already.")
    row.used_at = from_micros(tx.now)
    tx.session().add(row)


def wants_person(tx: Tx, *, carried_id: str) -> None:
    """Whoever fills it in asked for a person: that is how it ended, unless it is sent after all."""
    row = _living(tx, carried_id)
    row.used_at = row.used_at or from_micros(tx.now)
    tx.session().add(row)


def drop(tx: Tx, *, carried_id: str, ended: UseEnd | None = UseEnd.LEFT) -> None:
    """Throw it away, with everything that lies with it. `ended` is how that use is counted, where it was one of a form on the web; None: it was none."""
    row = tx.session().get(Carried, carried_id)
    if row is not None:
        if row.kind == Kind.WEB and row.became is None and ended is not None:
            how = UseEnd.PERSON if row.used_at is not None and ended is UseEnd.LEFT else ended
            took = tx.now - to_micros(row.made_at)
            _tell(tx, row.id, row.centre_id, row.slug, row.language, how, tx.now, took // 1_000_000)
        tx.session().delete(row)
    _drop_pieces(tx, carried_id)


def _tell(
    tx: Tx, carried_id: str, centre: int, slug: str, language: str, ended: UseEnd, at: int, seconds: int
) -> None:
    """One use, told once, whatever becomes of it afterwards."""
    uses.add(
        tx,
        uses.Used(
            id=carried_id[:32],
            centre=centre,
            kind=UseKind.FORM,
            ended=ended,
            at=at,
            slug=slug,
            channel=Channel.WEB,
            language=Language(language),
            seconds=max(0, min(24 * 3600, seconds)),
        ),
    )


def empty(tx: Tx, *, carried_id: str) -> None:
    """Throw away what is in it; the row goes on saying what it became."""
    tx.sql.run(_EMPTY, {"id": carried_id})
    _drop_pieces(tx, carried_id)


def may_ask(tx: Tx, *, what: str, subject: str = "") -> bool:
    """Whether this address may do this once more."""
    return tries.may_try(tx, what, tx.actor.address, subject)


def add_piece(tx: Tx, *, document: str, number: int, body: bytes) -> None:
    tx.session().add(Piece(document_id=document, number=number, body=body, at=from_micros(tx.now)))


def drop_file(tx: Tx, *, document: str) -> None:
    tx.sql.run(_ONE, {"document": document})


def pieces_of(session: Session, document: str) -> bytes:
    """What was laid down under this name; empty when nothing was."""
    found = session.exec(
        select(Piece.body).where(col(Piece.document_id) == document).order_by(col(Piece.number))
    ).all()
    return b"".join(found)


def document_of(carried_id: str, number: int) -> str:
    """The name of a file's pieces, `BODY` for the form's own."""
    return f"{carried_id[:28]}{number:04x}"


def in_pieces(body: bytes) -> Iterable[tuple[int, bytes]]:
    return (
        (number, body[at : at + PIECE_BYTES]) for number, at in enumerate(range(0, len(body), PIECE_BYTES))
    )


def sweep(tx: Tx) -> None:
    """Let go of what has run out."""
    for carried_id, centre, kind, slug, language, made, expires, used, became in tx.sql.all(
        _OVER, {"now": tx.now}
    ):
        if kind == Kind.WEB and became is None:
            last = expires - round(LIVES / timedelta(microseconds=1))
            ended = UseEnd.LEFT if used is None else UseEnd.PERSON
            _tell(tx, carried_id, centre, slug, language, ended, last, (last - made) // 1_000_000)
        tx.sql.run(_EMPTY, {"id": carried_id})
        _drop_pieces(tx, carried_id)
    tx.sql.run(_OLD, {"before": tx.now - round(REMEMBERED / timedelta(microseconds=1))})


def _add(
    tx: Tx,
    carried_id: str,
    centre_id: int,
    kind: Kind,
    slug: str,
    version: int,
    language: str,
    body: bytes,
    lives: timedelta,
) -> None:
    now = from_micros(tx.now)
    tx.session().add(
        Carried(
            id=carried_id,
            centre_id=centre_id,
            kind=kind,
            slug=slug,
            version=version,
            language=language,
            body=body,
            made_at=now,
            expires_at=now + lives,
        )
    )


def _living(tx: Tx, carried_id: str) -> Carried:
    row = tx.session().get(Carried, carried_id)
    if row is None or to_micros(row.expires_at) <= tx.now:
        raise Refused(RefusalCode.UNKNOWN, "This form was open for too long. Begin again.")
    return row


def _drop_pieces(tx: Tx, carried_id: str) -> None:
    """The session may hold pieces that are not written yet."""
    tx.session().flush()
    span = {"first": document_of(carried_id, 0), "last": document_of(carried_id, BODY)}
    tx.sql.run(_PIECES, span)
