"""Takes in what a visitor handed in: a kiosk's sealed packet, or one that the web's forms made here.

The order is what makes it safe. Whether it was taken in before is asked first and last; one packet of a number is worked on at a time. It is opened
in a thread, checked and bound in a process of its own (`server.papers.glovebox`), one at a time in the house, so that whoever calls the next
visitor is not kept waiting; sealed with new keys; put into the database a piece at a time; and made known by one last change. Whatever
fails before that leaves nothing but pieces of no document, which go at once or are swept. The answer is given after the commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from server.actions import submissions
from server.actions.forms import JudgedForm, judge_submission
from server.actions.said import Told
from server.actions.submissions import Coming, Sealed, Taken
from server.clock import from_micros
from server.domain.access import SYSTEM, Actor
from server.domain.refusals import Refused
from server.domain.said import KINDS_OF_FORM, SAID_FORM, Promise
from server.edge import House
from server.live import opened
from server.papers import glovebox, sealing
from server.papers.clamd import scan
from server.papers.glovebox import Made
from server.papers.keyring import Damaged, ForeignKey
from server.papers.sealing import Facts
from server.papers.unfit import Unfit
from server.store.tables import Centre
from wire.packets import Manifest, NotAPacket, Packet, read_packet, write_packet
from wire.vocabulary import Channel, HandedIn, RefusalCode, SaidKind, new_id

log = logging.getLogger("foyer.papers")

FOREIGN = "It is sealed to another house's key. Keep it, and see whether this device was moved to another server or the server's key file was exchanged."
DAMAGED = "It is not a packet sealed to this house, or it was damaged on its way."


@dataclass(frozen=True)
class Origin:
    """Through which door it came. `made_at` in microseconds: when its visitor sent it."""

    actor: Actor
    centre: int
    device: int | None
    channel: Channel
    made_at: int


async def take_in(
    house: House,
    actor: Actor,
    packet: Packet,
    *,
    centre_id: int,
    device_id: int | None,
    channel: Channel,
    made_at: int,
) -> Taken:
    """Take in a packet made here; the same again gets the same answer. Raises Refused."""
    origin = Origin(actor, centre_id, device_id, channel, made_at)
    clear = await asyncio.to_thread(write_packet, packet)
    body_hash = await asyncio.to_thread(house.keyring.mark, "packet", clear)
    async with _one_at_a_time(house, packet.manifest.id):
        known = await house.look(partial(submissions.known, packet=packet.manifest.id, body_hash=body_hash))
        return known or await _take(house, packet.manifest, clear, body_hash, origin)


async def take_sealed(house: House, packet_id: str, sealed: bytes, origin: Origin) -> Taken:
    """Take in what a kiosk sealed and sent under this number. Raises Refused."""
    body_hash = await asyncio.to_thread(lambda: hashlib.sha256(sealed).hexdigest())
    async with _one_at_a_time(house, packet_id):
        known = await house.look(partial(submissions.known, packet=packet_id, body_hash=body_hash))
        if known is not None:
            return known
        try:
            clear = await asyncio.to_thread(house.keyring.open, sealed)
            manifest = (await asyncio.to_thread(read_packet, clear)).manifest
        except ForeignKey:
            raise Refused(RefusalCode.NOT_ALLOWED, FOREIGN) from None
        except Damaged:
            raise Refused(RefusalCode.MALFORMED, DAMAGED) from None
        except NotAPacket as wrong:
            raise Refused(RefusalCode.MALFORMED, f"It is not a packet. {wrong}") from None
        if manifest.id != packet_id:
            raise Refused(RefusalCode.MALFORMED, "It is another packet than its address says.")
        return await _take(house, manifest, clear, body_hash, origin)


async def open_document(house: House, document_id: str) -> bytes:
    """A document in the clear. Who calls has seen to it that the one asking may look, and writes the look down. Raises Refused."""
    one = await house.read(partial(_open, house=house, document_id=document_id))
    return one.body


async def open_facts(house: House, submission_id: str) -> Facts:
    """What only the visitor's team may know. Raises Refused when it was deleted."""
    return await house.read(lambda session: opened.facts(session, house.keyring, submission_id))


def _open(session: Session, *, house: House, document_id: str) -> opened.Opened:
    return opened.document(session, house.keyring, document_id)


# ------------------------------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def _one_at_a_time(house: House, packet_id: str) -> AsyncIterator[None]:
    """Whoever sends a packet twice at once waits, and gets the first answer. Another server's work is found by the last change."""
    lock, others = house.coming_in.get(packet_id, (asyncio.Lock(), 0))
    house.coming_in[packet_id] = lock, others + 1
    try:
        async with lock:
            yield
    finally:
        _, inside = house.coming_in[packet_id]
        if inside > 1:
            house.coming_in[packet_id] = lock, inside - 1
        else:
            del house.coming_in[packet_id]


async def _take(house: House, manifest: Manifest, clear: bytes, body_hash: str, origin: Origin) -> Taken:
    judged = await house.read(partial(_judged, manifest=manifest, origin=origin))
    made = await _checked(house, manifest, clear)
    if judged is not None and judged.files is not None:  # nothing that no answer names: it was planted
        made = [each for each in made if each.name in judged.files]
    virus = await scan(house.settings.clamd, [each.body for each in made])
    facts = Facts(
        case=manifest.case or (judged.case if judged else ""),
        phone=manifest.phone or (judged.phone if judged else ""),
        email=manifest.email or (judged.email if judged else ""),
        answers=judged.answers if judged else manifest.answers,
    )
    key = sealing.new_key()
    documents = [_named(house, each) for each in made]
    coming = Coming(
        manifest=manifest,
        body_hash=body_hash,
        centre=origin.centre,
        device=origin.device,
        channel=origin.channel,
        made_at=origin.made_at,
        documents=[each for each, _ in documents],
        key=house.keyring.wrap(key),
        facts=sealing.seal_facts(key, manifest.id, facts),
        case=facts.case,
        phone=manifest.phone,  # a receipt goes where it was wished, not wherever a form has a number
        email=manifest.email,
        team=judged.team if judged else None,
        virus=virus.value,
        faults=judged.faults if judged else (),
        told=_told(house, manifest.what, facts.answers),
    )
    kept = False
    try:
        for (sealed, own), each in zip(documents, made, strict=True):
            await put(house, sealed.id, own, each.body)
        actor = replace(origin.actor, centre=origin.centre)
        taken = await house.change(actor, "submission", partial(submissions.add, coming=coming))
        kept = True
        return taken
    finally:
        if not kept:
            await _let_go(house, [each.id for each, _ in documents])


def _told(house: House, what: str, answers: Mapping[str, Any]) -> Told | None:
    """What kind of a thing it is, if it is the form that is answered; one whose first answer nobody knows is a complaint, which has the stricter promise."""
    if what != SAID_FORM:
        return None
    kind = KINDS_OF_FORM.get(str(answers.get("what", "")), SaidKind.COMPLAINT)
    promise = Promise(house.settings.acknowledge_days, house.settings.answer_days)
    return Told(kind, promise)


async def _checked(house: House, manifest: Manifest, clear: bytes) -> list[Made]:
    if not manifest.files:
        return []
    async with house.glovebox:
        try:
            return await asyncio.to_thread(glovebox.handle, clear)
        except Unfit as unfit:
            log.warning("a submission was not taken: a file in it is not what it says it is")
            raise Refused(RefusalCode.MALFORMED, str(unfit)) from None


def _named(house: House, made: Made) -> tuple[Sealed, bytes]:
    """The document it becomes, and its key."""
    key = sealing.new_key()
    pieces = sealing.how_many(len(made.body))
    sealed = Sealed(
        new_id(), made.name, made.type, made.pages, len(made.body), pieces, house.keyring.wrap(key)
    )
    return sealed, key


async def put(house: House, document: str, key: bytes, body: bytes) -> None:
    """Seal a document into the database, piece by piece; it belongs to nothing until a later change names it."""
    for number, piece in enumerate(sealing.seal(key, document, body)):
        write = partial(submissions.put_piece, document=document, number=number, body=piece)
        await house.change(SYSTEM, "piece", write)


async def _let_go(house: House, documents: list[str]) -> None:
    """Best done at once; what is left over by a crash is swept."""
    with contextlib.suppress(Refused):
        await house.change(SYSTEM, "drop_pieces", partial(submissions.drop_pieces, documents=documents))


def _judged(session: Session, *, manifest: Manifest, origin: Origin) -> JudgedForm | None:
    """None for papers, and for a form begun whose version is not known here any more."""
    if manifest.kind is HandedIn.PAPERS:
        return None
    zone = ZoneInfo(session.get_one(Centre, origin.centre).timezone)
    on = from_micros(origin.made_at).astimezone(zone).date()
    try:
        return judge_submission(session, origin.centre, manifest, on)
    except Refused:
        if manifest.kind is HandedIn.BEGUN:
            return None
        raise
