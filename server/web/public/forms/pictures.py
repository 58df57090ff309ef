"""Pictures that strangers send, made fit to be kept: photographs, drawn signatures, and names that were typed instead of drawn. Blocks: call it in a thread.

A file is what it is found to be, not what its name says; it is looked into in a process of its own (`server.papers.glovebox`) before anything else
opens it. A photograph is then turned the way the telephone was held, made no larger than a page needs, and written anew, without what else was in the file.
"""

from __future__ import annotations

import base64
import binascii
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from server.papers.glovebox import handle
from server.papers.unfit import Unfit
from wire.packets import Manifest, Packet, file_of, write_packet
from wire.vocabulary import HandedIn, new_id

if TYPE_CHECKING:
    from PIL import Image

LONGEST_SIDE = 2400
SECONDS = 30.0
_FONTS = Path(__file__).resolve().parents[4] / "kiosk" / "fonts"
_SCRIPTS = (
    (0x0A80, 0x0AFF, "FoyerGujarati"),
    (0x0A00, 0x0A7F, "FoyerGurmukhi"),
    (0x0600, 0x08FF, "FoyerArabic"),
)

FileType = Literal["image/jpeg", "image/png", "application/pdf"]
_STARTS: tuple[tuple[bytes, FileType, str], ...] = (
    (b"\xff\xd8", "image/jpeg", "jpg"),
    (b"\x89PNG", "image/png", "png"),
    (b"%PDF-", "application/pdf", "pdf"),
)


@dataclass(frozen=True)
class Taken:
    type: FileType
    ending: str
    body: bytes


def prepared(body: bytes) -> Taken | str:
    """Blocks, for as long as a picture takes to be opened."""
    found = next((each for each in _STARTS if body.startswith(each[0])), None)
    if found is None:
        return "no_picture"
    _, type_, ending = found
    name = f"photo.{ending}"
    manifest = Manifest(
        id=new_id(),
        kind=HandedIn.FORM,
        reference=_ANY_REFERENCE,
        what="photo",
        files=(file_of(name, type_, body),),
    )
    try:
        made = handle(write_packet(Packet(manifest, {name: body})), seconds=SECONDS)
    except Unfit:
        return "broken"
    whole = next((each for each in made if each.type == type_), None)
    if whole is None:
        return "broken"
    if type_ == "application/pdf":
        return Taken(type_, ending, whole.body)
    return Taken("image/jpeg", "jpg", _upright(whole.body, body))


_ANY_REFERENCE = "BBBBBBBB"


def _upright(checked: bytes, sent: bytes) -> bytes:
    """The picture that was found whole, turned as the telephone that took it was held, without anything else that was in the file."""
    # Here and below: the library of pictures is loaded when somebody sends one.
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(sent), formats=["JPEG", "PNG"]) as original:
        turn = original.getexif().get(0x0112, 1)
    with Image.open(io.BytesIO(checked), formats=["JPEG", "PNG"]) as image:
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        exif = Image.Exif()
        exif[0x0112] = turn if turn in range(1, 9) else 1
        plain = _on_white(image)
        plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        plain.info["exif"] = exif.tobytes()
        plain = ImageOps.exif_transpose(plain)
        out = io.BytesIO()
        plain.save(out, "JPEG", quality=85)
        return out.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode in ("RGB", "L"):
        return image.convert("RGB")
    whole = image.convert("RGBA")
    ground = Image.new("RGBA", whole.size, "white")
    return Image.alpha_composite(ground, whole).convert("RGB")


def drawing(address: str) -> Taken | str:
    """What was drawn with a finger: a PNG in a `data:` address, as a canvas gives it."""
    head, _, coded = address.partition(",")
    if head != "data:image/png;base64":
        return "no_picture"
    try:
        body = base64.b64decode(coded, validate=True)
    except binascii.Error:
        return "broken"
    taken = prepared(body)
    if isinstance(taken, str):
        return taken
    from PIL import Image

    with Image.open(io.BytesIO(taken.body)) as image:
        dark = image.convert("L").point(lambda light: 255 if light < 160 else 0).getbbox()
    return taken if dark is not None else "not_signed"


def written_signature(name: str) -> bytes:
    """A name that was typed, as a picture: PNG, dark on white."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.truetype(str(_FONTS / f"{_font_of(name)}-Regular.ttf"), 48)
    left, top, right, bottom = font.getbbox(name)
    size = (int(right - left) + 40, int(bottom - top) + 40)
    image = Image.new("L", (min(size[0], 4000), size[1]), 255)
    ImageDraw.Draw(image).text((20 - left, 20 - top), name, font=font, fill=20)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _font_of(name: str) -> str:
    """Each has the Latin letters too."""
    for first, last, font in _SCRIPTS:
        if any(first <= ord(sign) <= last for sign in name):
            return font
    return "FoyerSans"
