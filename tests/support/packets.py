"""Packets as a kiosk makes and seals them, from small but real pictures."""

from __future__ import annotations

import io
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pyrage
from PIL import Image, ImageDraw, ImageFont

from wire.packets import Manifest, Packet, PacketFile, ScannedPaper, file_of, write_packet
from wire.references import new_reference
from wire.vocabulary import HandedIn, PaperKind, new_id

TYPES: Mapping[str, Literal["image/jpeg", "image/png", "application/pdf"]] = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "pdf": "application/pdf",
}


def picture(
    text: str = "Council tax",
    *,
    kind: str = "JPEG",
    size: tuple[int, int] = (413, 585),
    dpi: int = 50,
    **save: Any,
) -> bytes:
    """A page of A4 with a word on it."""
    page = Image.new("L" if kind == "PNG" else "RGB", size, "white")
    ImageDraw.Draw(page).text(
        (40, 60), text, fill="black", font=ImageFont.load_default(max(1, size[0] // 12))
    )
    out = io.BytesIO()
    page.save(out, kind, dpi=(dpi, dpi), **save)
    return out.getvalue()


def packet_of(
    pages: Sequence[bytes] = (),
    *,
    papers: Sequence[tuple[PaperKind, int]] = (),
    files: Mapping[str, bytes] | None = None,
    **manifest: Any,
) -> Packet:
    """Papers from `pages`: all of them one letter, or as `papers` says (kind, how many pages). `files` go with it besides."""
    named = {f"page-{number}.jpg": body for number, body in enumerate(pages, 1)}
    left, told = list(named), []
    for kind, count in papers or ([(PaperKind.LETTER, len(pages))] if pages else ()):
        told.append(ScannedPaper(kind=kind, pages=tuple(left[:count])))
        left = left[count:]
    everything = {**named, **(files or {})}
    listed: list[PacketFile] = [
        file_of(name, TYPES[name.rpartition(".")[2]], body) for name, body in everything.items()
    ]
    values = {
        "id": new_id(),
        "kind": HandedIn.PAPERS,
        "reference": new_reference(secrets.choice),
        "what": "housing",
        "papers": tuple(told),
        "files": tuple(listed),
    }
    return Packet(Manifest(**{**values, **manifest}), everything)


def sealed(packet: Packet, recipients: Sequence[str]) -> bytes:
    body: bytes = pyrage.encrypt(
        write_packet(packet), [pyrage.x25519.Recipient.from_str(each) for each in recipients]
    )
    return body
