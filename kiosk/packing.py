"""What the scan station hands in, made from what its journey says and the files of its pages; and what its receipt says.

The pages are named by their order, and nothing of what the visitor typed is in a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kiosk.flow.scanning.entry import purpose_of
from kiosk.receipt import ReceiptPaper
from wire.packets import Manifest, Packet, ScannedPaper, file_of
from wire.vocabulary import HandedIn

if TYPE_CHECKING:
    from kiosk.flow.model import Model
    from kiosk.flow.scanning.acts import Keep, PrintReceipt
    from kiosk.flow.scanning.shown import Page


def packet_of(effect: Keep, bodies: Mapping[str, bytes], packet: str, reference: str) -> Packet:
    names: dict[str, str] = {}
    for number, page in enumerate((page for paper in effect.papers for page in paper), 1):
        names[page.id] = f"page-{number:03d}.jpg"
    files = {names[id_]: body for id_, body in bodies.items()}
    manifest = Manifest(
        id=packet,
        kind=HandedIn.PAPERS if effect.ticket is None else HandedIn.BEGUN,
        reference=reference,
        what=effect.purpose,
        language=effect.language,
        case=effect.case,
        phone=effect.phone,
        email=effect.email,
        follow=effect.follow,
        ticket=effect.ticket,
        papers=tuple(_scanned(paper, names) for paper in effect.papers),
        seconds=effect.seconds,
        retakes=effect.retakes,
        files=tuple(file_of(name, "image/jpeg", body) for name, body in sorted(files.items())),
    )
    return Packet(manifest, files)


def _scanned(paper: tuple[Page, ...], names: dict[str, str]) -> ScannedPaper:
    return ScannedPaper(kind=paper[0].kind, pages=tuple(names[page.id] for page in paper))


def receipt_of(model: Model, effect: PrintReceipt) -> ReceiptPaper:
    centre, purpose = model.offer.centre, purpose_of(model, effect.purpose)
    zone = ZoneInfo(centre.timezone) if centre else UTC
    receipt = effect.receipt
    return ReceiptPaper(
        reference=receipt.reference,
        language=effect.language.value,
        at=datetime.fromtimestamp(receipt.at / 1000, zone),
        centre=centre.name if centre else "",
        what=purpose.names if purpose else {},
        whom=purpose.whom if purpose else {},
        pages=receipt.pages,
        kinds=tuple(kind.value for kind in receipt.kinds),
        keep_days=purpose.keep_days if purpose else 0,
        copy=receipt.copies > 0,
    )
