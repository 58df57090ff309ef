"""Walks a kiosk through a visit without screen, printer, disk or server: a `Kiosk` that answers its own
orders.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kiosk.flow import events as e
from kiosk.flow.effects import Effect, Forget, LookUp, Print, TakeTicket
from kiosk.flow.found import NO_ANSWER, Found
from kiosk.flow.journey import step
from kiosk.flow.model import Limits, Model
from wire.vocabulary import Language, PaperState, PrinterState

TUESDAY_TEN = 1_795_514_400_000
"""Tuesday 24 November 2026, 10:00 in Leicester (which keeps UTC then)."""
HOUR = 3_600_000
DAY = 24 * HOUR


def service(name: str, choice: str, *, is_open: bool = True, **more: Any) -> dict[str, Any]:
    row = {
        "kind": "service",
        "id": name,
        "names": {"en": name.title(), "gu": f"{name}-gu"},
        "help": {"en": ""},
        "icon": name,
        "order": 1,
        "choice": choice,
        "open": is_open,
        "hours_today": [["09:30", "16:30"]],
        "opens_at": None,
        "closes_at": TUESDAY_TEN + 6 * HOUR + HOUR // 2,
        "waits": {"low": 5, "high": 15},
    }
    return row | more


def york_house(**centre: Any) -> dict[str, dict[str, Any]]:
    """One need with a single service, one with three (of which Citizens Advice is closed till Friday), and
    the private one.
    """
    return {
        "centre": {
            "kind": "centre",
            "name": "York House",
            "slug": "york-house",
            "timezone": "Europe/London",
            "languages": ["en", "gu", "ur", "pl"],
            "on": "2026-11-24",
            "open": True,
            "closes": "16:30",
            "closes_at": TUESDAY_TEN + 6 * HOUR + HOUR // 2,
            "opens_at": None,
            "closed_reason": None,
            "wait_here": {"en": "Please sit down by the window."},
            "public_url": "https://foyer.example/",
        }
        | centre,
        "device:k1": {
            "kind": "device",
            "id": "k1",
            "name": "Door",
            "letter": "K",
            "on": "2026-11-24",
            "last_number": 0,
            "help": "none",
        },
        "choice:money": {
            "kind": "choice",
            "id": "money",
            "names": {"en": "Council tax"},
            "icon": "pound",
            "order": 1,
            "services": ["tax"],
        },
        "choice:home": {
            "kind": "choice",
            "id": "home",
            "names": {"en": "Housing"},
            "icon": "house",
            "order": 2,
            "services": ["repairs", "homeless", "advice"],
        },
        "service:tax": service("tax", "money"),
        "service:repairs": service("repairs", "home"),
        "service:homeless": service("homeless", "home", order=2),
        "service:advice": service(
            "advice",
            "home",
            is_open=False,
            order=3,
            hours_today=[],
            opens_at=TUESDAY_TEN + 3 * DAY,
            waits={"low": None, "high": None, "why": "closed"},
        ),
        "private": {"kind": "private", "service": "listening", "open": True, "waits": {"low": 5, "high": 15}},
    }


def with_appointments(**centre: Any) -> dict[str, dict[str, Any]]:
    """The same house, where appointments are made; "I have an appointment" is one of its needs."""
    return york_house(**centre) | {
        "booking": {
            "kind": "booking",
            "on": "2026-11-24",
            "entry": "appointment",
            "otherwise": "appointment",
        },
        "choice:appointment": {
            "kind": "choice",
            "id": "appointment",
            "names": {"en": "I have an appointment"},
            "icon": "people",
            "order": 3,
            "services": ["appointment"],
        },
        "service:appointment": service("appointment", "appointment"),
    }


def locked(say: str = "Being cleaned.", **device: Any) -> dict[str, dict[str, Any]]:
    rows = york_house()
    rows["device:k1"] |= {"locked": say} | device
    return rows


def evacuated(**centre: Any) -> dict[str, dict[str, Any]]:
    return york_house(**({"evacuated_at": TUESDAY_TEN} | centre))


def wanted(*jobs: str, device: str = "k1", **more: Any) -> dict[str, dict[str, Any]]:
    """Rows of papers that staff want, by job."""
    row = {
        "kind": "print",
        "device": device,
        "what": "ticket",
        "code": "G07",
        "language": "gu",
        "service_names": None,
        "arrived_at": TUESDAY_TEN,
        "copy": False,
    }
    return {f"print:{job}": row | {"job": job} | more for job in jobs}


def announced(text: str, at: int = TUESDAY_TEN, until_at: int | None = None) -> dict[str, dict[str, Any]]:
    row = {"kind": "announcement", "id": text, "text": {"en": text}, "at": at, "until_at": until_at}
    return {f"announcement:{text}": row}


JOBS = tuple(f"{number:032x}" for number in range(1, 5))


@dataclass
class Kiosk:
    """`tap` waits a second first, as a person does; `at` and `now` move together."""

    model: Model = field(default_factory=lambda: Model(limits=Limits()))
    at: float = 100.0
    now: int = TUESDAY_TEN
    effects: list[Effect] = field(default_factory=list)
    papers: list[Print] = field(default_factory=list)
    numbers: int = 0
    watch: Callable[[Model, tuple[Effect, ...]], None] = lambda model, effects: None
    """Called after every single step."""
    known: dict[str, Found] | None = None
    """What is known of references; a reference that is not among them gets no answer. None: nobody ever answers."""
    journal_works: bool = True
    """The journal answers by itself; False leaves orders waiting."""

    def send(self, *events: e.Event) -> list[Effect]:
        """The effects of these events, and of the answers to them."""
        told: list[Effect] = []
        queue = list(events)
        while queue:
            self.model, effects = step(self.model, queue.pop(0))
            self.watch(self.model, effects)
            told += effects
            queue += [answer for effect in effects for answer in self._answers(effect)]
        self.effects += told
        self.papers += [effect for effect in told if isinstance(effect, Print)]
        return told

    def _answers(self, effect: Effect) -> list[e.Event]:
        if isinstance(effect, TakeTicket) and self.journal_works:
            return [self.taken(effect)]
        if isinstance(effect, LookUp) and self.known is not None:
            return [e.LookedUp(effect.order, self.known.get(effect.reference, NO_ANSWER), "f" * 32)]
        return []

    def taken(self, order: TakeTicket) -> e.Taken:
        self.numbers += 1
        url = f"https://foyer.example/t/secret-{self.numbers}"
        return e.Taken(
            order.order,
            f"t{self.numbers}",
            f"K{self.numbers:02d}",
            order.language,
            self.now,
            url,
            order.waits,
            order.appointment,
        )

    def wait(self, seconds: float, step_seconds: float = 1.0) -> list[Effect]:
        told: list[Effect] = []
        while seconds > 0:
            moved = min(step_seconds, seconds)
            self.at += moved
            self.now += round(moved * 1000)
            seconds -= moved
            told += self.send(e.Tick(self.at, self.now))
        return told

    def tap(self, action: e.Action, *, after: float = 1.0) -> list[Effect]:
        self.at += after
        self.now += round(after * 1000)
        return self.send(e.Touched(action, self.model.generation, self.at))

    @property
    def orders(self) -> list[TakeTicket]:
        return [effect for effect in self.effects if isinstance(effect, TakeTicket)]

    @property
    def forgotten(self) -> list[Forget]:
        return [effect for effect in self.effects if isinstance(effect, Forget)]

    def to_ticket(self, language: Language = Language.GU) -> None:
        self.tap(e.ChooseLanguage(language))
        self.tap(e.ChooseNeed("money"))
        assert self.model.ticket is not None

    def to_check_in(self, language: Language = Language.GU) -> None:
        self.tap(e.ChooseLanguage(language))
        self.tap(e.ChooseNeed("appointment"))

    def printed(self, paper: PaperState = PaperState.CONFIRMED) -> None:
        assert self.model.ticket is not None
        self.send(e.Printed(self.model.ticket.id, paper))


def open_kiosk(rows: dict[str, Any] | None = None, printer: PrinterState = PrinterState.READY) -> Kiosk:
    kiosk = Kiosk()
    kiosk.send(
        e.Started(kiosk.at, kiosk.now, "k1", {}),
        e.PrinterChanged(printer),
        e.LinkChanged(up=True),
        e.FeedChanged(york_house() if rows is None else rows),
    )
    kiosk.at += 1
    return kiosk
