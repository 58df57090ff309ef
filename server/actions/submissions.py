"""Taking in what a visitor handed in: pieces one by one, and then, in one transaction, the submission with everything that follows from it.

A piece is a change of its own, so a hundred pages never hold up the queue; until the last change names them, pieces belong to nothing and are
swept. The last change makes the submission known, finds whose visit, ticket or appointment it goes with (`goes_with`), orders the hand-off and the
receipt. It runs once for a packet's id: who hands in the same again, gets the first answer.

Nothing is turned away for what can be put right here later: a purpose that was retired meanwhile, a form whose version is not known any more but was
only begun, a reference that somebody else has already (both seldom, both told to staff).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from server.actions import goes_with, hand_offs, posting, said, uses
from server.actions.said import Told
from server.actions.uses import Used
from server.clock import from_micros
from server.domain.handing import purposes
from server.domain.refusals import Refused
from server.store.inserting import insert
from server.store.sql import Sql, Statement
from server.store.tables import Centre, Document, Piece, Submission
from server.store.tx import Tx
from wire.packets import Manifest
from wire.references import new_reference
from wire.vocabulary import Channel, HandedIn, RefusalCode, UseEnd, UseKind

ORPHANS_AFTER = 3600 * 1_000_000
"""Taking in a packet takes seconds; pieces that nobody has claimed for an hour are left over."""
PORTION = 40
REUSED = "This packet's number was already used for another. Nothing was changed."

_KNOWN = Statement("SELECT body_hash, reference, received_at FROM submission WHERE id = :id")
_TAKEN = Statement(
    "SELECT 1 FROM submission WHERE reference = :reference UNION ALL SELECT 1 FROM said WHERE reference = :reference"
)
_DROP = Statement("DELETE FROM piece WHERE document_id = :document")
_ORPHANS = Statement(
    """SELECT DISTINCT document_id || '' FROM piece WHERE at < :before
    AND NOT EXISTS (SELECT 1 FROM document WHERE document.id = piece.document_id)
    AND NOT EXISTS (SELECT 1 FROM carried WHERE SUBSTR(carried.id, 1, 28) = SUBSTR(piece.document_id, 1, 28) AND carried.body IS NOT NULL)
    LIMIT :most"""
)
"""`|| ''`: or SQLite walks the pieces in the order of their documents, and to read `at` of one it must pass over its whole body. What lies with a form that is still being filled in (`carrying.document_of`) is that form's to throw away."""


@dataclass(frozen=True)
class Sealed:
    """One document, as it is kept."""

    id: str
    name: str
    type: str
    pages: int
    size: int
    pieces: int
    key: bytes


@dataclass(frozen=True)
class Coming:
    """What is taken in, checked and sealed. `case`, `phone` and `email` are in the clear, for this one change only."""

    manifest: Manifest
    body_hash: str
    centre: int
    device: int | None
    channel: Channel
    made_at: int
    documents: Sequence[Sealed]
    key: bytes
    facts: bytes
    case: str = ""
    phone: str = ""
    email: str = ""
    team: str | None = None
    """Of a form; papers' is their purpose's."""
    virus: str = ""
    faults: Sequence[str] = ()
    """What a form's answers break, by place and rule."""
    told: Told | None = None
    """Of a form by which somebody complains, praises or suggests."""

    def __repr__(self) -> str:
        return f"Coming({self.manifest.id})"


@dataclass(frozen=True)
class Taken:
    """What was taken in; `received_at` in microseconds."""

    id: str
    reference: str
    received_at: int


def known(connection: Connection, packet: str, body_hash: str) -> Taken | None:
    """The first answer, if this packet was taken in before. Refused when its number was used for another."""
    return _known(Sql(connection), packet, body_hash)


def _known(sql: Sql, packet: str, body_hash: str) -> Taken | None:
    found = sql.one(_KNOWN, {"id": packet})
    if found is None:
        return None
    if not secrets.compare_digest(str(found[0]), body_hash):
        raise Refused(RefusalCode.ID_REUSED, REUSED)
    return Taken(packet, found[1], found[2])


# Pieces -----------------------------------------------------------------------------------------------------------------


def put_piece(tx: Tx, *, document: str, number: int, body: bytes) -> None:
    insert(tx.sql, Piece, document_id=document, number=number, body=body, at=from_micros(tx.now))


def drop_pieces(tx: Tx, *, documents: Sequence[str]) -> None:
    """Of documents that came to nothing."""
    for document in documents:
        tx.sql.run(_DROP, {"document": document})


def orphans(connection: Connection, now: int) -> list[str]:
    """Documents that have pieces and do not exist, and did not come about for an hour."""
    values = {"before": now - ORPHANS_AFTER, "most": PORTION}
    return [record[0] for record in Sql(connection).all(_ORPHANS, values)]


# The submission ---------------------------------------------------------------------------------------------------------


def add(tx: Tx, coming: Coming) -> Taken:
    """Make it known, once."""
    manifest = coming.manifest
    before = _known(tx.sql, manifest.id, coming.body_hash)
    if before is not None:
        return before
    session, now = tx.session(), from_micros(tx.now)
    visit, ticket, booking = goes_with.found(tx, manifest, coming.centre, coming.case)
    submission = Submission(
        id=manifest.id,
        centre_id=coming.centre,
        kind=manifest.kind,
        reference=_reference(tx, manifest),
        what=manifest.what,
        version=manifest.version,
        team=_team(tx, coming),
        channel=coming.channel,
        device_id=coming.device,
        visit_id=visit,
        ticket_id=ticket,
        booking_id=booking,
        language=manifest.language,
        pages=sum(each.pages for each in coming.documents),
        papers=[{"kind": paper.kind.value, "pages": len(paper.pages)} for paper in manifest.papers],
        retakes=manifest.retakes,
        seconds=manifest.seconds,
        virus=coming.virus,
        key=coming.key,
        facts=coming.facts,
        body_hash=coming.body_hash,
        made_at=from_micros(min(coming.made_at, tx.now)),
        received_at=now,
    )
    session.add(submission)
    session.flush()
    for position, each in enumerate(coming.documents):
        session.add(
            Document(
                id=each.id,
                submission_id=manifest.id,
                position=position,
                name=each.name,
                type=each.type,
                pages=each.pages,
                size=each.size,
                pieces=each.pieces,
                key=each.key,
                made_at=now,
            )
        )
    session.flush()
    _follow(tx, coming, submission)
    return Taken(submission.id, submission.reference, tx.now)


def _follow(tx: Tx, coming: Coming, submission: Submission) -> None:
    """What comes of it: it goes to its team, its visitor has a receipt, and it is an activity of their visit."""
    about = f"submission:{submission.id}"
    if submission.reference != coming.manifest.reference:
        tx.audit("submission_reference_changed", about, told=coming.manifest.reference)
    if not submission.team and submission.kind != HandedIn.BEGUN:
        tx.audit("submission_without_team", about, slug=submission.what)
    if coming.faults:
        tx.audit("submission_breaks_rules", about, places=list(coming.faults)[:20])
    if coming.virus == "found":
        tx.audit("virus_found", about)
    hand_offs.begin(tx, submission)
    if coming.told is not None and submission.kind == HandedIn.FORM:
        said.from_form(tx, submission, coming.told)
    if submission.kind != HandedIn.BEGUN:
        posting.receipt(tx, submission, coming.phone, coming.email)
    if coming.channel is Channel.WEB and submission.kind == HandedIn.FORM:
        uses.add(tx, _sent_on_the_web(coming))  # no kiosk tells of it
    if submission.visit_id is not None:
        uses.with_visit(tx, submission.id, submission.visit_id)
    tx.touch(coming.centre)


def _sent_on_the_web(coming: Coming) -> Used:
    manifest = coming.manifest
    return Used(
        id=manifest.id,
        centre=coming.centre,
        kind=UseKind.FORM,
        ended=UseEnd.DONE,
        at=coming.made_at,
        slug=manifest.what,
        channel=Channel.WEB,
        language=manifest.language,
        step="sent",
        seconds=manifest.seconds,
    )


def _reference(tx: Tx, manifest: Manifest) -> str:
    """The one its visitor was told; another only where that one is taken, which one packet in a hundred thousand is."""
    reference = manifest.reference
    while tx.sql.one(_TAKEN, {"reference": reference}) is not None:
        reference = new_reference(secrets.choice)
    return reference


def _team(tx: Tx, coming: Coming) -> str:
    if coming.team is not None:
        return coming.team
    extra = tx.session().get_one(Centre, coming.centre).extra
    return next((each.team for each in purposes(extra) if each.slug == coming.manifest.what), "")
