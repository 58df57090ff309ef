"""Checking in for an appointment: hold your code up, or type its reference, or say that you do not have it.

Whatever is held up or typed becomes one question (`LookUp`), and its answer a ticket or a sentence (`telling`). While it is being looked
for, no other is taken. Nobody is kept waiting for the network: after `Limits.looking` the visitor is believed and gets a ticket
that staff sort out, as when the line is down.

A scanner is heard on the first screens too: whoever holds a code before it has said what they want. What was typed or held up is part
of the visitor and goes with them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.flow import events as e
from kiosk.flow import opening, telling
from kiosk.flow.effects import LookUp, Sound, TakeTicket, Tone
from kiosk.flow.found import NO_ANSWER, Found
from kiosk.flow.line import Line
from kiosk.flow.offer import UNKNOWN_WAIT
from kiosk.flow.shown import CHECK_IN_TILE, CHECKING, Checking, Screen
from wire.references import LENGTH, SIGNS, read_reference
from wire.vocabulary import PartState

if TYPE_CHECKING:
    from kiosk.flow.journey import Step
    from kiosk.flow.model import Model

TOUCH = Sound(Tone.TOUCH)
LISTENING = CHECKING | {Screen.START, Screen.NEEDS, Screen.SERVICES}
"""Where a code that is held up counts."""


def is_entry(model: Model, service: str) -> bool:
    booking = model.offer.booking
    return booking is not None and service in (booking.entry, CHECK_IN_TILE.id)


def begin(model: Model) -> Model:
    """To the screen that asks for the code; without camera and scanner, to the one where it is typed."""
    screen = Screen.CHECK_IN if reader_there(model) else Screen.REFERENCE
    visitor = replace(model.visitor, checking=Checking(), choice=None, private=False, came_from=Screen.START)
    return replace(model, visitor=visitor, screen=screen)


def reader_there(model: Model) -> bool:
    return camera_there(model) or scanner_there(model)


def camera_there(model: Model) -> bool:
    return model.camera not in (PartState.NONE, PartState.MISSING)


def scanner_there(model: Model) -> bool:
    return model.scanner not in (PartState.NONE, PartState.MISSING)


# What a finger asks for -------------------------------------------------------------------------------------


def act(model: Model, action: e.Action) -> Step:
    checking = model.visitor.checking
    if checking is None or model.screen not in CHECKING:
        return model, ()
    match action:
        case e.WithoutReference() if model.screen is not Screen.TOLD or (
            checking.told and checking.told.ticket
        ):
            return _walk_in(model)
        case e.TypeReference() if model.screen is Screen.CHECK_IN and not checking.reference:
            fresh = replace(model, screen=Screen.REFERENCE)
            return _checking(fresh, typed="", hint=None), (TOUCH,)
        case e.TryAgain() if model.screen is Screen.TOLD:
            return begin(model), (TOUCH,)
        case e.TypeSign() | e.DeleteSign() if model.screen is Screen.REFERENCE and not checking.reference:
            return _type(model, checking, action)
    return model, ()


def back(model: Model) -> Model:
    """One step: from what was told to asking anew, from typing to holding up, from there to the needs."""
    if model.screen is Screen.TOLD or (model.screen is Screen.REFERENCE and reader_there(model)):
        again = begin(model)
        return replace(again, screen=Screen.CHECK_IN) if reader_there(model) else again
    return replace(model, visitor=replace(model.visitor, checking=None), screen=Screen.NEEDS)


def _type(model: Model, checking: Checking, action: e.TypeSign | e.DeleteSign) -> Step:
    if isinstance(action, e.DeleteSign):
        return _checking(model, typed=checking.typed[:-1], hint=None), (TOUCH,)
    if action.sign not in SIGNS or len(checking.typed) >= LENGTH:
        return model, ()
    typed = checking.typed + action.sign
    if len(typed) < LENGTH:
        return _checking(model, typed=typed, hint=None), (TOUCH,)
    reference = read_reference(typed)
    if reference is None:
        return _checking(model, typed=typed, hint=Line("checkin.hint_slip")), (Sound(Tone.REFUSED),)
    return _look(_checking(model, typed=typed), reference)


def _walk_in(model: Model) -> Step:
    """The ordinary ticket for those with an appointment: staff ask for the name."""
    booking = model.offer.booking
    if booking is None:
        return model, ()
    order = TakeTicket(model.order + 1, booking.otherwise, model.language, False, UNKNOWN_WAIT)
    return replace(model, order=order.order, ordered=True), (TOUCH, order)


# What is held up --------------------------------------------------------------------------------------------


def scanned(model: Model, event: e.Scanned) -> Step:
    """Whoever holds something up is there, whatever it is."""
    checking = model.visitor.checking
    deaf = model.screen not in LISTENING or model.ordered or model.offer.booking is None
    if deaf or not opening.centre_open(model) or (checking is not None and checking.reference):
        return model, ()
    heard = replace(model, last_sign=max(model.last_sign, event.at), steady=max(model.steady, event.at))
    if event.text is None:
        unclear = model.screen is Screen.CHECK_IN and checking is not None and checking.hint is None
        return (_checking(heard, hint=Line("checkin.hint_unclear")) if unclear else heard), ()
    said = telling.read_scan(event.text, model.offer.centre.public_url if model.offer.centre else "")
    if checking is None or model.screen is Screen.TOLD:
        heard = replace(begin(heard), screen=Screen.CHECK_IN)
    if isinstance(said, Line):
        known = checking is not None and checking.hint == said
        return _checking(heard, hint=said), (() if known else (Sound(Tone.REFUSED),))
    return _look(heard, said)


def _look(model: Model, reference: str) -> Step:
    order = LookUp(model.order + 1, reference)
    looking = _checking(model, reference=reference, since=model.steady, hint=None, told=None)
    return replace(looking, order=order.order), (TOUCH, order)


# What comes of it -------------------------------------------------------------------------------------------


def looked_up(model: Model, event: e.LookedUp) -> Step:
    checking = model.visitor.checking
    if checking is None or not checking.reference or event.order != model.order or model.ordered:
        return model, ()
    return _answered(model, checking, event.found, event.arrival)


def tick(model: Model) -> Step:
    """Nobody is looked for for ever."""
    checking = model.visitor.checking
    if checking is None or not checking.reference or model.ordered:
        return model, ()
    if model.steady - checking.since <= model.limits.looking:
        return model, ()
    return _answered(model, checking, NO_ANSWER, "")


def _answered(model: Model, checking: Checking, found: Found, arrival: str) -> Step:
    booking = model.offer.booking
    appointment = telling.appointment(model, found)
    heard = replace(model, last_sign=model.steady)
    if appointment is None or booking is None:
        told = replace(checking, typed="", reference="", hint=None, told=telling.tell(model, found))
        return replace(heard, visitor=replace(model.visitor, checking=told), screen=Screen.TOLD), (
            Sound(Tone.WARNING),
        )
    order = TakeTicket(
        model.order + 1, booking.otherwise, model.language, False, UNKNOWN_WAIT,
        reference=checking.reference, arrival=arrival, appointment=appointment,
    )  # fmt: skip
    return replace(heard, order=order.order, ordered=True), (order,)


def _checking(model: Model, **changes: object) -> Model:
    was = model.visitor.checking or Checking()
    checking = replace(was, **changes)  # type: ignore[arg-type]  # names are checked by the dataclass
    return replace(model, visitor=replace(model.visitor, checking=checking))
