"""What a form hands in, made from what its journey says: the packet, its signatures as pictures, the paper of its receipt, and what is carried to a phone.

Strokes become a picture here and not sooner: while a visitor signs, points are all there is, and they go with the visitor.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw

from forms.carrying import Begun as Carried
from forms.carrying import BegunFile
from kiosk.flow.filling.shown import SIGNATURE, Stroke
from kiosk.receipt import ReceiptPaper
from wire.packets import Manifest, Packet, PacketFile, file_of

if TYPE_CHECKING:
    from kiosk.flow.filling.acts import Begun, Keep, PrintReceipt
    from kiosk.flow.model import Model

PRAISE = "praise"
"""What the form's first question has for it (`server.domain.said.KINDS_OF_FORM`)."""
LINE = 6
OVER = 2
"""Drawn larger and brought down, which is smoother."""
Type = Literal["image/jpeg", "image/png"]


def signature_png(strokes: tuple[Stroke, ...]) -> bytes:
    """Black on white."""
    wide, high = (side * OVER for side in SIGNATURE)
    picture = Image.new("L", (wide, high), 255)
    pen = ImageDraw.Draw(picture)
    for stroke in strokes:
        points = [(x * wide, y * high) for x, y in stroke]
        if len(points) == 1:
            (x, y), r = points[0], LINE * OVER * 0.7
            pen.ellipse((x - r, y - r, x + r, y + r), fill=0)
        else:
            pen.line(points, fill=0, width=LINE * OVER, joint="curve")
    body = io.BytesIO()
    picture.resize(SIGNATURE, Image.Resampling.LANCZOS).save(body, "PNG", optimize=True)
    return body.getvalue()


def files_of(begun: Begun, held: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files by name; raises KeyError where one is not there any more."""
    drawn = {name: signature_png(strokes) for name, strokes in begun.strokes.items()}
    return drawn | {name: held[name] for name in begun.files}


def _type(name: str) -> Type:
    return "image/png" if name.endswith(".png") else "image/jpeg"


def packet_of(effect: Keep, held: Mapping[str, bytes], packet: str, reference: str) -> Packet:
    begun = effect.begun
    files = files_of(begun, held)
    listed: tuple[PacketFile, ...] = tuple(
        file_of(name, _type(name), body) for name, body in sorted(files.items())
    )
    manifest = Manifest(
        id=packet, kind=effect.kind, reference=reference, what=begun.slug, version=begun.version, language=begun.language,
        case=effect.case, phone=effect.phone, email=effect.email, ticket=effect.ticket, answers=begun.answers,
        seconds=begun.seconds, files=listed,
    )  # fmt: skip
    return Packet(manifest, files)


def carried_of(begun: Begun, held: Mapping[str, bytes]) -> Carried:
    files = {name: BegunFile(_type(name), body) for name, body in files_of(begun, held).items()}
    return Carried(
        slug=begun.slug, version=begun.version, language=begun.language.value, answers=begun.answers, files=files,
        typed=begun.typed, at=begun.at, seconds=begun.seconds,
    )  # fmt: skip


def receipt_of(model: Model, effect: PrintReceipt) -> ReceiptPaper:
    filling, centre = model.visitor.filling, model.offer.centre
    form = filling.form if filling is not None else None
    zone = ZoneInfo(centre.timezone) if centre else UTC
    return ReceiptPaper(
        reference=effect.receipt.reference,
        language=effect.language.value,
        at=datetime.fromtimestamp(effect.receipt.at / 1000, zone),
        centre=centre.name if centre else "",
        what=form.title if form is not None else {},
        promised=_promised(model, effect.slug, filling.answers if filling is not None else {}),
        copy=effect.receipt.copies > 0,
    )


def _promised(model: Model, slug: str, answers: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """In days and not as a date: a kiosk does not know which of them are holidays, and prints without the line."""
    offered = next((each for each in model.offer.forms if each.id == slug), None)
    if offered is None or offered.promised is None:
        return ()
    acknowledge, answer = offered.promised
    if answers.get("what") == PRAISE:
        return (("passed_on", acknowledge),)
    return (("acknowledged", acknowledge), ("answered", answer))
