"""What a kiosk hands in for a visitor, in one piece: a manifest and the files it names.

A packet is made in memory, sealed to the house's public key (age, by the kiosk), kept sealed until the server has it, and sent as one body of
`PUT /api/packets/<id>` (with `Foyer-Age-Ms`: how long ago the visitor sent it, by the kiosk's steady clock). Its id is made when the visitor says "send", so however often a dead line makes the kiosk send it again, it is received
once. The manifest says how long each file is and what it hashes to; a packet that does not say the truth about itself is no packet.

    FOYER1\n | length of the manifest, 4 bytes big-endian | manifest, UTF-8 JSON | the files, one after the other

Pictures are JPEG as the station made them; the server binds them into a PDF without touching a pixel.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from wire.body import Body, Hash, Id, Slug, clean_text
from wire.references import read_reference
from wire.vocabulary import HandedIn, Language, PaperKind

MAGIC = b"FOYER1\n"
MOST_PAGES = 100
"""In one packet. Who has more sends them in two."""
MOST_FILES = MOST_PAGES + 20
MOST_BYTES = 160 * 1024 * 1024
MOST_MANIFEST_BYTES = 1024 * 1024

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}\.(jpg|png|pdf)$")]


def _is_json(answers: Mapping[str, Any]) -> Mapping[str, Any]:
    """NaN and Infinity are numbers to the reader of JSON here and to hardly anybody's who gets the answers later."""
    left: list[Any] = list(answers.values())
    while left:
        each = left.pop()
        if isinstance(each, float) and not math.isfinite(each):
            raise ValueError("is not a number")
        if isinstance(each, Mapping):
            left.extend(each.values())
        elif isinstance(each, list | tuple):
            left.extend(each)
    return answers


def _is_reference(text: str) -> str:
    if read_reference(text) != text:
        raise ValueError("is not a reference")
    return text


class PacketFile(Body):
    """One file of the packet, in the order they follow."""

    name: Name
    type: Literal["image/jpeg", "image/png", "application/pdf"]
    bytes: int = Field(ge=1, le=MOST_BYTES)
    sha256: Hash


class ScannedPaper(Body):
    """One paper: its pages by name, both sides one after the other."""

    kind: PaperKind = PaperKind.OTHER
    pages: tuple[Name, ...] = Field(min_length=1, max_length=MOST_PAGES)


class Manifest(Body):
    """What is handed in. What only the visitor's team may know stands here and nowhere outside the seal."""

    id: Id
    kind: HandedIn
    reference: Annotated[str, AfterValidator(_is_reference)]
    """Made by whoever made the packet (`wire.references`), because the visitor is told it before the server has it."""
    what: Slug
    """The purpose's slug, or the form's."""
    version: int = Field(default=0, ge=0, lt=2**31)
    """Of the form; 0 for papers."""
    language: Language = Language.EN
    case: Annotated[str, StringConstraints(max_length=40), AfterValidator(clean_text)] = ""
    """The visitor's own reference, as they typed it."""
    phone: Annotated[str, StringConstraints(pattern=r"^(\+[0-9]{5,15})?$")] = ""
    """Where they wish a receipt by text (E.164)."""
    email: Annotated[str, StringConstraints(max_length=254)] = ""
    follow: Annotated[str, StringConstraints(max_length=100)] = ""
    """The secret in the QR of the ticket they hold: what is handed in goes to whoever serves it."""
    ticket: Id | None = None
    """The ticket the kiosk gave with it ("I need a person")."""
    papers: tuple[ScannedPaper, ...] = Field(default=(), max_length=MOST_PAGES)
    answers: Annotated[Mapping[str, Any], AfterValidator(_is_json)] = Field(default_factory=dict)
    """Of a form, as `forms.rules` keeps them."""
    seconds: int = Field(default=0, ge=0, le=24 * 3600)
    """How long the visitor took."""
    retakes: int = Field(default=0, ge=0, le=1000)
    files: tuple[PacketFile, ...] = Field(default=(), max_length=MOST_FILES)


@dataclass(frozen=True)
class Packet:
    manifest: Manifest
    files: Mapping[str, bytes]


class NotAPacket(ValueError):
    """`str()` says what is wrong with it, never what is in it."""


def file_of(
    name: str, type_: Literal["image/jpeg", "image/png", "application/pdf"], body: bytes
) -> PacketFile:
    return PacketFile(name=name, type=type_, bytes=len(body), sha256=hashlib.sha256(body).hexdigest())


def write_packet(packet: Packet) -> bytes:
    """The packet as bytes, in the clear. Raises NotAPacket where the files are not those the manifest names."""
    return b"".join(packet_pieces(packet))


def packet_pieces(packet: Packet) -> list[bytes]:
    """The same in pieces, for who would rather not hold it twice: the files are the packet's own."""
    _agree(packet.manifest, packet.files)
    manifest = packet.manifest.model_dump_json().encode()
    if len(manifest) > MOST_MANIFEST_BYTES:
        raise NotAPacket("The answers are longer than a packet can hold.")
    bodies = [packet.files[each.name] for each in packet.manifest.files]
    return [MAGIC, len(manifest).to_bytes(4, "big"), manifest, *bodies]


def read_packet(body: bytes) -> Packet:
    """The packet in the bytes; raises NotAPacket."""
    if not body.startswith(MAGIC):
        raise NotAPacket("It does not begin as a packet does.")
    start = len(MAGIC) + 4
    length = int.from_bytes(body[len(MAGIC) : start], "big")
    if length > MOST_MANIFEST_BYTES or start + length > len(body):
        raise NotAPacket("Its manifest is cut off or too long.")
    try:
        manifest = Manifest.model_validate_json(body[start : start + length])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "manifest"
        raise NotAPacket(f"{place}: {first['msg']}") from None
    at, files = start + length, {}
    for each in manifest.files:
        files[each.name] = body[at : at + each.bytes]
        at += each.bytes
    if at != len(body):
        raise NotAPacket("It is longer or shorter than its manifest says.")
    _agree(manifest, files)
    return Packet(manifest, files)


def _agree(manifest: Manifest, files: Mapping[str, bytes]) -> None:
    names = [each.name for each in manifest.files]
    if len(set(names)) != len(names) or set(names) != set(files):
        raise NotAPacket("Its files are not those its manifest names.")
    for each in manifest.files:
        if len(files[each.name]) != each.bytes or hashlib.sha256(files[each.name]).hexdigest() != each.sha256:
            raise NotAPacket("A file is not what its manifest says.")
    pages = [page for paper in manifest.papers for page in paper.pages]
    if len(pages) > MOST_PAGES:
        raise NotAPacket(f"It has more than {MOST_PAGES} pages.")
    if len(set(pages)) != len(pages) or not set(pages) <= set(names):
        raise NotAPacket("A page of a paper is missing, or stands there twice.")
    if manifest.kind is HandedIn.PAPERS and not pages:
        raise NotAPacket("It has no page.")
