"""What each act and event does. The functions are those every part has (`kiosk.flow.parts`).

The way is one line: what for, a reference, what will happen, the plate, the check, sent. Everything beside it (turning a page, telling what a paper
is, a receipt by text, black and white) is entered from the line and leads back to it, and may be left alone: somebody with a letter
touches a purpose, "start", "that is all" and "send".

Back never loses a page: from the plate it goes up the line, and from its top to the check, once there are pages.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.flow import events as e
from kiosk.flow.effects import CallPerson, Effect
from kiosk.flow.marks import ScanAct, ScanEvent
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning import entry, pages, sending
from kiosk.flow.scanning.pages import REFUSED, TOUCH, change
from kiosk.flow.scanning.shown import TROUBLE, At, Scanning, Wanted
from kiosk.flow.shown import Screen, Tile
from wire.vocabulary import PartState, UseEnd

if TYPE_CHECKING:
    from kiosk.flow.events import Event, Taken
    from kiosk.flow.journey import Step
    from kiosk.flow.model import Model

SCREEN = Screen.SCAN
FIELD = "scanning"
ACT = ScanAct
EVENT = ScanEvent

OF_A_PAGE = (a.TurnPage, a.MoveCorners, a.ChangeCorners, a.ChooseKind, a.IsKind, a.BeginsPaper, a.Retake, a.DeletePage)  # fmt: skip
ON_A_PAGE = frozenset({At.PAGE, At.CORNERS, At.KIND})
ASIDE = {
    At.PLATE: At.BEFORE, At.CORNERS: At.PAGE, At.KIND: At.PAGE,
    At.RECEIPT: At.CHECK, At.PHONE: At.RECEIPT, At.EMAIL: At.RECEIPT,
}  # fmt: skip
"""Where back leads from pages that always lead back to the same."""
UNHINDERED = (a.WantPerson, a.TicketInstead, a.Type, a.Erase, a.Send, a.ShowPage, a.AllDone)
"""What may be asked for while a picture is on its way."""


# What a finger asks for -------------------------------------------------------------------------------------


def act(model: Model, action: ScanAct) -> Step:
    scanning = model.visitor.scanning
    if isinstance(action, a.Begin):
        begins = model.screen is Screen.NEEDS and entry.offered(model)
        return (entry.begin(model), (TOUCH,)) if begins else (model, ())
    if scanning is None or model.screen is not SCREEN:
        return model, ()
    if scanning.working and not isinstance(action, UNHINDERED):
        return model, (REFUSED,)
    if isinstance(action, OF_A_PAGE):
        return pages.edit(model, scanning, action) if scanning.at in ON_A_PAGE else (model, ())
    match action:
        case a.WantPerson():
            return sending.want_person(model, scanning)
        case a.TicketInstead() if scanning.at is At.PERSON:
            return sending.ticket_instead(model, scanning)
        case a.Send() if scanning.at in (At.CHECK, At.FAILED):
            return sending.send(model, scanning)
        case a.PrintAgain() if scanning.at is At.SENT:
            return sending.print_again(model, scanning)
        case _:
            return _along(model, scanning, action)


def _along(model: Model, scanning: Scanning, action: ScanAct) -> Step:
    match scanning.at, action:
        case At.PURPOSE, a.ChoosePurpose():
            on = entry.chosen(model, action.purpose)
            return (on, (TOUCH,)) if on is not model else (model, ())
        case ((At.REFERENCE | At.PHONE | At.EMAIL), (a.Type() | a.Erase())):
            return sending.typed(model, scanning, action)
        case At.REFERENCE, (a.GoOn() | a.Without()):
            said = entry.clean_case(scanning.typed) if isinstance(action, a.GoOn) else ""
            return change(model, at=At.BEFORE, case=said), (TOUCH,)
        case At.BEFORE, a.GoOn():
            return pages.to_plate(model), (TOUCH,)
        case ((At.PHONE | At.EMAIL), (a.GoOn() | a.TakeMeant())):
            return sending.contact(model, scanning, meant=isinstance(action, a.TakeMeant))
        case ((At.PHONE | At.EMAIL | At.RECEIPT), a.Without()):
            return change(model, at=At.CHECK, wrong=None, meant=""), (TOUCH,)
        case At.PLATE, _:
            return _at_plate(model, scanning, action)
        case At.CHECK, _:
            return _at_check(model, scanning, action)
        case At.RECEIPT, (a.ByText() | a.ByEmail()):
            return sending.ask(model, At.PHONE if isinstance(action, a.ByText) else At.EMAIL), (TOUCH,)
        case At.PAGE, a.GoOn():
            return change(model, at=At.CHECK, page=""), (TOUCH,)
    return model, ()


def _at_plate(model: Model, scanning: Scanning, action: ScanAct) -> Step:
    match action:
        case a.TakePicture():
            taking, effects = pages.capture(model)
            return taking, ((TOUCH, *effects) if effects else (REFUSED,))
        case a.NextPaper() if scanning.pages and not scanning.replaces:
            return change(model, next_begins=not scanning.next_begins), (TOUCH,)
        case a.AllDone() if scanning.pages and not (scanning.working and scanning.replaces):
            return change(model, at=At.CHECK, replaces="", next_begins=False), (TOUCH,)
        case a.ShowPage() if not scanning.working:
            return _show(model, scanning, action)
    return model, ()


def _at_check(model: Model, scanning: Scanning, action: ScanAct) -> Step:
    match action:
        case a.ShowPage() if not scanning.working:
            return _show(model, scanning, action)
        case a.AddPages():
            return pages.to_plate(model), (TOUCH,)
        case a.SwitchColour():
            switched, order = pages.ordered(model, colour=not scanning.colour)
            return switched, (TOUCH, a.Recolour(scanning.session, order, not scanning.colour))
        case a.AskReceipt():
            return change(model, at=At.RECEIPT), (TOUCH,)
    return model, ()


def _show(model: Model, scanning: Scanning, action: a.ShowPage) -> Step:
    if action.page not in [page.id for page in scanning.pages]:
        return model, ()
    return change(model, at=At.PAGE, page=action.page), (TOUCH,)


def back(model: Model) -> Model:
    scanning = model.visitor.scanning
    if scanning is None:
        return _leave(model)
    if scanning.working and scanning.at in ON_A_PAGE | {At.CHECK, At.SENDING}:
        return model  # what was asked for is on its way, and would come to nowhere
    if scanning.at in ASIDE and not scanning.replaces:
        return change(model, at=ASIDE[scanning.at], wrong=None, meant="")
    if scanning.at in (At.PURPOSE, At.REFERENCE, At.BEFORE):
        return _up_the_line(model, scanning)
    match scanning.at:
        case At.PLATE if scanning.replaces:
            return change(model, at=At.PAGE, page=scanning.replaces, replaces="")
        case At.PAGE | At.FAILED:
            return change(model, at=At.CHECK, page="", working=0)
        case At.CHECK:
            return pages.to_plate(model)
        case At.PERSON:
            return change(model, at=scanning.back_to or At.PURPOSE, back_to=None)
    return model  # it was sent


def _up_the_line(model: Model, scanning: Scanning) -> Model:
    """From its top to the check, or away."""
    purpose = entry.purpose_of(model, scanning.purpose)
    if scanning.at is At.BEFORE and purpose is not None and purpose.asks:
        return change(model, at=At.REFERENCE, typed=scanning.case, keys=False)
    if scanning.at is not At.PURPOSE and len(model.offer.purposes) > 1:
        return change(model, at=At.PURPOSE, wrong=None)
    return change(model, at=At.CHECK) if scanning.pages else _leave(model)


def _leave(model: Model) -> Model:
    return replace(model, visitor=replace(model.visitor, scanning=None), screen=Screen.NEEDS)


# What happens -----------------------------------------------------------------------------------------------


def heard(model: Model, event: ScanEvent) -> Step:
    if isinstance(event, a.PlateIs):
        station = replace(
            model.station, state=event.state, trouble=event.trouble, live=event.live, feeds=event.feeds,
            first=event.first,
        )  # fmt: skip
        return replace(model, station=station), ()
    scanning = model.visitor.scanning
    if isinstance(event, a.Saw) and event.session == 0:
        return _left_there(model, event)
    if scanning is None or getattr(event, "session", 0) != scanning.session:
        return model, ()
    match event:
        case a.Saw():
            return pages.saw(model, scanning, event)
        case a.Captured():
            return pages.captured(model, scanning, event)
        case a.Reworked():
            return pages.reworked(model, scanning, event)
        case a.Kept():
            return sending.kept(model, scanning, event)
        case a.NotKept():
            return sending.not_kept(model, scanning, event)
        case a.ReceiptPrinted():
            return sending.printed(model, scanning, event)
    return model, ()


def _left_there(model: Model, event: a.Saw) -> Step:
    """A paper whose visitor has gone: somebody must come before the next one finds it."""
    if event.lies == model.station.left:
        return model, ()
    changed = replace(model, station=replace(model.station, left=event.lies))
    return changed, ((CallPerson(model.language),) if event.lies and not model.evacuated else ())


def helped(model: Model) -> Step | None:
    """ "Help" at the station is "I need a person"; None where it is what it is everywhere."""
    scanning = model.visitor.scanning
    return sending.want_person(model, scanning) if scanning is not None and model.screen is SCREEN else None


def received(model: Model, packet: str) -> Model:
    """The server has what this visitor sent."""
    scanning = model.visitor.scanning
    if scanning is None or scanning.receipt is None or scanning.receipt.packet != packet:
        return model
    return change(model, receipt=replace(scanning.receipt, received=True))


def tick(model: Model) -> Step:
    scanning = model.visitor.scanning
    if scanning is None:
        return model, ()
    model = pages.tick(model, scanning)
    return sending.tick(model, model.visitor.scanning or scanning)


def taken(model: Model, event: Taken) -> tuple[Effect, ...]:
    """What was scanned so far goes with the ticket, so that nobody is asked for it twice."""
    scanning = model.visitor.scanning
    if scanning is None or model.screen is not SCREEN or not scanning.pages or not scanning.purpose:
        return ()
    return (sending.keep(model, scanning, event.order, event.ticket),)


def left(model: Model, event: Event) -> tuple[Effect, ...]:
    scanning = model.visitor.scanning
    if scanning is None:
        return ()
    count = scanning.receipt.pages if scanning.receipt else len(scanning.pages)
    used = a.TellUse(
        _ended(model, scanning, event), scanning.at.value, scanning.purpose, model.language,
        sending.seconds(model, scanning), count, min(scanning.retakes, 1000),
        scanning.receipt.packet if scanning.sent and scanning.receipt else "",
    )  # fmt: skip
    return used, a.Wipe(scanning.session)


def _ended(model: Model, scanning: Scanning, event: Event) -> UseEnd:
    if scanning.sent:
        return UseEnd.DONE
    if isinstance(event, e.Taken) or model.visitor.help_asked:
        return UseEnd.PERSON
    if scanning.at in (At.FAILED, At.SENDING) or isinstance(event, e.Faulted):
        return UseEnd.FAILED
    return UseEnd.CANCELLED if isinstance(event, e.Touched) and not _idle(model) else UseEnd.LEFT


def _idle(model: Model) -> bool:
    return model.idle_left is not None


def may_stay(model: Model) -> bool:
    return model.visitor.scanning is not None


def holds(model: Model) -> bool:
    """Whether somebody stands there with pages that are nowhere else: neither closing time nor a full disk takes them away."""
    scanning = model.visitor.scanning
    return model.screen is SCREEN and scanning is not None and bool(scanning.pages or scanning.sent)


def idle_after(model: Model) -> float:
    """Handling papers takes the hands off the glass."""
    scanning = model.visitor.scanning
    if scanning is not None and scanning.at is At.SENT:
        return model.limits.idle_ticket
    busy = scanning is not None and scanning.at in (At.PLATE, At.CHECK, At.FAILED)
    return model.limits.idle * (1.5 if busy else 1.0)


def touchable(model: Model) -> Hashable:
    scanning = model.visitor.scanning
    if scanning is None:
        return None
    trouble = scanning.at is At.PLATE and (model.station.trouble is not None or scanning.hint in TROUBLE)
    page = scanning.page in (each.id for each in scanning.pages)
    listed = tuple(each.id for each in scanning.pages) if scanning.at is At.CHECK else bool(scanning.pages)
    receipt = scanning.receipt and (scanning.receipt.paper, scanning.receipt.copies)
    purposes = tuple(each.id for each in model.offer.purposes) if scanning.at is At.PURPOSE else ()
    return (
        scanning.at,
        scanning.page,
        page,
        listed,
        trouble,
        receipt,
        purposes,
        bool(scanning.meant),
        scanning.keys,
    )


def built(model: Model) -> Hashable:
    """What its screens are built for; all else changes in place: what is seen on the plate, what is typed, what was taken."""
    scanning = model.visitor.scanning
    if scanning is None:
        return None
    at = scanning.at
    pages = tuple((page.id, page.version, page.begins, page.kind) for page in scanning.pages)
    checking = (
        (pages, scanning.colour, scanning.phone, scanning.email, model.printer) if at is At.CHECK else ()
    )
    page = (pages, scanning.page) if at in ON_A_PAGE else ()
    plate = (scanning.next_begins, scanning.replaces) if at is At.PLATE else ()
    sent = (scanning.receipt, scanning.lies, model.link_up) if at is At.SENT else ()
    station = (model.station.live, model.station.trouble)
    said = (scanning.failed, scanning.wrong)
    return (touchable(model), scanning.purpose, checking, page, plate, sent, said, station)


def tiles(model: Model) -> tuple[Tile, ...]:
    return (entry.TILE,) if entry.offered(model) else ()


def entered(model: Model, tile: str) -> ScanAct | None:
    return a.Begin() if tile == entry.TILE.id else None


def wanted(model: Model) -> Wanted:
    """What the camera is to do just now. It is on only where somebody can see why."""
    scanning = model.visitor.scanning
    if scanning is None or model.screen is not SCREEN or model.plate is PartState.NONE:
        return Wanted.NOTHING
    if scanning.at is At.PLATE:
        return Wanted.PAGES
    if scanning.at in (At.PURPOSE, At.REFERENCE) and model.station.live and not model.station.left:
        return Wanted.CODES
    return Wanted.WHETHER_IT_LIES if scanning.at is At.SENT else Wanted.NOTHING
