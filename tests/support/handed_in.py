"""Submissions as they lie in the database once they were taken in: really bound, really sealed to the house's keys, in pieces."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from sqlmodel import select

from server.actions import hand_offs
from server.clock import from_micros
from server.domain.access import Actor
from server.edge import House
from server.papers import binding, sealing
from server.papers.sealing import Facts
from server.store.tables import Centre, Document, Piece, Submission
from server.store.tx import Tx
from wire.references import new_reference
from wire.vocabulary import HandedIn, PaperKind, new_id

JANE = Facts("HB 12345", "+447700900123", "jane@example.org")
PURPOSES = [
    {"slug": "housing", "names": {"en": "Housing"}, "keep_days": 28, "team": "housing"},
    {"slug": "benefits", "names": {"en": "Benefits"}, "keep_days": 14, "team": "benefits"},
]


def page_picture(text: str, colour: str = "white", size: tuple[int, int] = (827, 1169)) -> bytes:
    """A page of A4 at 100 dots an inch with a word on it, as JPEG."""
    picture = Image.new("RGB", size, colour)
    font = ImageFont.load_default(60)
    ImageDraw.Draw(picture).text((80, 120), text, fill="black", font=font)
    out = io.BytesIO()
    picture.save(out, "JPEG", dpi=(100, 100), quality=60)
    return out.getvalue()


def pdf_of(*words: str) -> bytes:
    return binding.bind([binding.Paper("1 Letter", [page_picture(word) for word in words])])


async def with_teams(house: House, actor: Actor, *teams: Mapping[str, Any]) -> None:
    """The centre's plan has these teams, and housing and benefits as purposes."""

    def change(tx: Tx) -> None:
        centre = tx.session().get_one(Centre, actor.centre)
        centre.extra = {**centre.extra, "purposes": PURPOSES, "teams": [dict(each) for each in teams]}

    await house.change(actor, "teams", change)


async def handed_in(
    house: House,
    actor: Actor,
    *,
    files: Sequence[tuple[str, str, bytes, int]] = (),
    pages: Sequence[str] = ("One", "Two", "Three"),
    facts: Facts = JANE,
    send: bool = True,
    **more: Any,
) -> str:
    """Its id. `files`: name, type, body, pages; without any, `pages` bound as one PDF. With `send` it is on its way to its team."""
    given = list(files) or [("papers.pdf", "application/pdf", pdf_of(*pages), len(pages))]

    def make(tx: Tx) -> str:
        session, number, now = tx.session(), new_id(), from_micros(tx.now)
        key = sealing.new_key()
        values: dict[str, Any] = {
            "id": number,
            "centre_id": actor.centre,
            "kind": HandedIn.PAPERS,
            "reference": new_reference(secrets.choice),
            "what": "housing",
            "team": "housing",
            "pages": sum(each[3] for each in given),
            "papers": [{"kind": PaperKind.LETTER, "pages": sum(each[3] for each in given)}],
            "key": house.keyring.wrap(key),
            "facts": sealing.seal_facts(key, number, facts),
            "body_hash": hashlib.sha256(number.encode()).hexdigest(),
            "made_at": now,
            "received_at": now,
        }
        row = Submission(**{**values, **more})
        session.add(row)
        session.flush()
        for position, (name, kind, body, count) in enumerate(given):
            own, document = sealing.new_key(), new_id()
            sealed = list(sealing.seal(own, document, body))
            searchable = False if kind == "application/pdf" else None
            session.add(
                Document(
                    id=document,
                    submission_id=number,
                    position=position,
                    name=name,
                    type=kind,
                    pages=count,
                    size=len(body),
                    pieces=len(sealed),
                    key=house.keyring.wrap(own),
                    searchable=searchable,
                    made_at=now,
                )
            )
            for place, piece in enumerate(sealed):
                session.add(Piece(document_id=document, number=place, body=piece, at=now))
        session.flush()
        if send:
            hand_offs.begin(tx, row)
        return number

    return await house.change(actor, "hand_in", make)


async def submission(house: House, number: str) -> Submission:
    return await house.read(lambda session: session.get_one(Submission, number))


async def documents(house: House, number: str) -> list[Document]:
    """In their order."""
    wanted = select(Document).where(Document.submission_id == number).order_by("position")
    return await house.read(lambda session: list(session.exec(wanted).all()))
