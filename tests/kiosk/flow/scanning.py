"""A kiosk with a plate, walked through a scan without camera, disk or server."""

from __future__ import annotations

from typing import Any

from kiosk.flow import events as e
from kiosk.flow.effects import Effect
from kiosk.flow.model import Screen
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.shown import At, Hint, Scanning
from tests.kiosk.flow.walking import Kiosk, open_kiosk, service, with_appointments
from wire.vocabulary import Language, PartState, PrinterState

SQUARE = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))


def purpose(slug: str, order: int, **more: Any) -> dict[str, Any]:
    return {
        "kind": "purpose", "id": slug, "names": {"en": slug.title()}, "icon": "form", "order": order, "asks": {},
        "ready": {"en": "Proof"}, "keep_days": 28, "whom": {"en": "The desk"}, "service": "",
    } | more  # fmt: skip


def with_plate(*, is_open: bool = True, tax_open: bool = True, **centre: Any) -> dict[str, dict[str, Any]]:
    return with_appointments(open=is_open, **centre) | {
        "hand_in": {"kind": "hand_in", "recipients": ["age1one"]},
        "purpose:tax": purpose("tax", 1, asks={"en": "Account number"}, service="tax"),
        "purpose:parking": purpose("parking", 2),
        "service:tax": service("tax", "money", is_open=tax_open),
    }


class Station(Kiosk):
    """Answers nothing of a scan by itself."""

    shots: int = 0

    @property
    def scanning(self) -> Scanning:
        found = self.model.visitor.scanning
        assert found is not None
        return found

    def types(self, text: str) -> None:
        """As fast as anybody can, after a look at the screen."""
        self.wait(1)
        for sign in text:
            self.tap(a.Type(sign), after=0.15)

    def of(self, kind: type[Any]) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def begin(self, purpose: str = "parking", *, first: bool = False) -> None:
        self.tap(e.ChooseLanguage(Language.GU))
        self.tap(e.ChooseNeed("_scan"))
        if purpose:
            self.tap(a.ChoosePurpose(purpose))

    def to_plate(self) -> None:
        self.begin()
        self.tap(a.GoOn())
        assert self.scanning.at is At.PLATE

    def sees(self, **saw: Any) -> list[Effect]:
        self.at += 0.1
        return self.send(a.Saw(self.scanning.session, self.at, saw.pop("hint", Hint.HOLD), **saw))

    def shot(self, session: int | None = None) -> a.Shot:
        """A page whose name says whose it is."""
        self.shots += 1
        number = self.scanning.session if session is None else session
        return a.Shot(f"s{number}-{self.shots}", 1654, 2339, SQUARE)

    def page(self, count: int = 1) -> None:
        """A page is laid there, lies still, and is taken."""
        self.sees(fresh=False)
        self.sees(ready=True, lies=True, fresh=True, outlined=True)
        taking = self.of(a.Capture)[-1]
        shots = tuple(self.shot() for _ in range(count))
        self.send(a.Captured(taking.session, taking.order, shots, at=self.at))

    def kept(self) -> None:
        keep = self.of(a.Keep)[-1]
        self.send(a.Kept(keep.session, keep.order, "f" * 32, "BCDFGHJW", self.now))


def station(printer: PrinterState = PrinterState.READY, *, first: bool = False, **rows: Any) -> Station:
    plain = open_kiosk(with_plate() | rows, printer)
    made = Station(model=plain.model, at=plain.at, now=plain.now)
    made.send(a.PlateIs(PartState.READY, first=first))
    assert made.model.screen is Screen.START
    return made
