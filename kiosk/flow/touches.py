"""What each button does, once its touch counts (see `guard`). Leaving altogether is `journey`'s.

A button that makes no sense where it was touched does nothing: the screens need not know which do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kiosk.flow import checkin, opening
from kiosk.flow import events as e
from kiosk.flow.effects import CallPerson, Effect, NotePaper, Print, Sound, TakeTicket, Tone
from kiosk.flow.model import Model, Screen, Ticket
from kiosk.flow.offer import UNKNOWN_WAIT, Waits
from kiosk.flow.parts import PART_SCREENS, PARTS, of_act, of_screen
from kiosk.flow.scanning import steps as scanning
from kiosk.flow.shown import CHECKING, PRIVATE_TILE, Visitor
from wire.vocabulary import Language, PaperState

if TYPE_CHECKING:
    from kiosk.flow.journey import Step

TOUCH = Sound(Tone.TOUCH)
OF_CHECK_IN = (e.TypeReference, e.TypeSign, e.DeleteSign, e.WithoutReference, e.TryAgain)
NO_TICKETS = frozenset(
    {Screen.CLOSED, Screen.LOCKED, Screen.EVACUATED, Screen.OUT_OF_ORDER, Screen.SETUP, Screen.STARTING}
)


def act(model: Model, action: e.Action) -> Step:
    if isinstance(action, OF_CHECK_IN):
        return checkin.act(_visitor(model, notice=None), action)
    model = _visitor(model, notice=None)
    part = of_act(action)
    if part is not None:
        return part.act(model, action)
    match action:
        case e.ChooseLanguage():
            return _language(model, action.language)
        case e.ChooseNeed():
            return _need(model, action.choice)
        case e.ChooseService():
            return _service(model, action.service)
        case e.TalkInPrivate():
            return _private(model)
        case e.GoBack():
            return _back(model), (TOUCH,)
        case e.AskHelp() if helped := scanning.helped(model):
            return helped
        case e.AskHelp():
            asked = _visitor(model, help_asked=True, help_shown=True)
            return asked, (TOUCH, CallPerson(model.language))
        case e.PaperCameOut() | e.WithoutPaper():
            return _paper(model, action)
        case _:
            return _comfort(model, action), (TOUCH,)


def back_leaves(model: Model) -> bool:
    """Whether going back from here ends the visit: before the needs there is only the start, after the
    ticket nothing.
    """
    goes_on = {Screen.SERVICES, Screen.START} | CHECKING | PART_SCREENS
    return not model.visitor.help_shown and model.screen not in goes_on


def let_go(visitor: Visitor, screen: Screen) -> Visitor:
    """Without what belongs to parts that are shown on another screen."""
    gone: dict[str, Any] = {part.FIELD: None for part in PARTS if part.SCREEN is not screen}
    return replace(visitor, **gone)


def _visitor(model: Model, **changes: object) -> Model:
    return replace(model, visitor=replace(model.visitor, **changes))  # type: ignore[arg-type]  # names are checked by the dataclass


def _comfort(model: Model, action: e.Action) -> Model:
    visitor = model.visitor
    match action:
        case e.LargerText():
            return _visitor(model, large=not visitor.large)
        case e.HighContrast():
            return _visitor(model, contrast=not visitor.contrast)
        case e.ReachDown():
            return _visitor(model, reach_down=not visitor.reach_down)
        case e.CloseHelp():
            return _visitor(model, help_shown=False)
        case _:
            return model  # more time: the touch itself has given it


def _language(model: Model, language: Language) -> Step:
    if language not in model.languages:
        return model, ()
    chosen = _visitor(model, language=language)
    begins = model.screen is Screen.START and not model.at_exit
    return replace(chosen, screen=Screen.NEEDS) if begins else chosen, (TOUCH,)


def _need(model: Model, choice_id: str) -> Step:
    tile = next((tile for tile in model.choices if tile.id == choice_id), None)
    if model.screen is not Screen.NEEDS or tile is None:
        return model, ()
    for part in PARTS:
        entry = part.entered(model, choice_id)
        if entry is not None:
            return part.act(model, entry)
    services = model.offer.within(choice_id)
    if tile.open and checkin.is_entry(model, services[0].id if len(services) == 1 else tile.id):
        return checkin.begin(model), (TOUCH,)
    if not tile.open and len(services) == 1:
        return _visitor(model, notice=model.tile_line(tile)), (Sound(Tone.REFUSED),)
    if len(services) == 1:
        return _order(_visitor(model, choice=choice_id), services[0].id, services[0].waits, discreet=False)
    return replace(_visitor(model, choice=choice_id), screen=Screen.SERVICES), (TOUCH,)


def _service(model: Model, service_id: str) -> Step:
    if model.screen is not Screen.SERVICES:
        return model, ()
    if model.visitor.private:
        private = model.offer.private
        if private is None or service_id != PRIVATE_TILE.id:
            return model, ()
        return _order(model, private.service, private.waits, discreet=True)
    tile = next((tile for tile in model.services if tile.id == service_id), None)
    service = model.offer.service(service_id)
    if tile is None or service is None:
        return model, ()
    if not tile.open:
        return _visitor(model, notice=model.tile_line(tile)), (Sound(Tone.REFUSED),)
    if checkin.is_entry(model, service.id):
        return checkin.begin(model), (TOUCH,)
    return _order(model, service.id, service.waits, discreet=False)


def _order(model: Model, service: str, waits: Waits, *, discreet: bool) -> Step:
    told = waits if model.offer_live else UNKNOWN_WAIT
    order = TakeTicket(model.order + 1, service, model.language, discreet, told)
    return replace(model, order=order.order, ordered=True), (TOUCH, order)


def _private(model: Model) -> Step:
    """One tile, on the screen where everybody chooses. Where no private ticket can be had, a person comes
    instead.
    """
    private = model.offer.private
    can_be_had = private is not None and (private.open or not model.offer_live) and opening.centre_open(model)
    if not can_be_had or model.at_exit or model.screen in NO_TICKETS:
        return act(model, e.AskHelp())
    if model.visitor.private:
        return model, (TOUCH,)
    came_from = Screen.NEEDS if model.screen in CHECKING | {Screen.SERVICES} else model.screen
    on_the_way = _visitor(
        model, private=True, came_from=came_from, choice=None, help_shown=False, checking=None
    )
    return replace(on_the_way, screen=Screen.SERVICES), (TOUCH,)


def _back(model: Model) -> Model:
    visitor = model.visitor
    if visitor.help_shown:
        return _visitor(model, help_shown=False)
    if model.screen in CHECKING:
        return checkin.back(model)
    part = of_screen(model.screen)
    if part is not None:
        return part.back(model)
    if model.screen is not Screen.SERVICES:
        return model
    before = visitor.came_from if visitor.private else Screen.NEEDS
    return replace(_visitor(model, private=False, choice=None, came_from=Screen.START), screen=before)


def _paper(model: Model, answer: e.PaperCameOut | e.WithoutPaper) -> Step:
    """The answer to 'Did your ticket come out?'. A second paper says that it is a copy."""
    ticket = model.ticket
    if ticket is None or not ticket.asks_paper:
        return model, ()
    if isinstance(answer, e.WithoutPaper):
        return _with_ticket(model, replace(ticket, without=True)), (TOUCH,)
    if answer.yes:
        return _noted(model, replace(ticket, paper=PaperState.CONFIRMED))
    if not model.prints_again:
        return _noted(model, replace(ticket, paper=PaperState.NOT_PRINTED))
    again = replace(ticket, paper=PaperState.SENT, copies=ticket.copies + 1)
    copy = Print(
        again.id, again.code, model.language, again.taken_at, again.follow_url, True, again.appointment
    )
    return _with_ticket(model, again), (TOUCH, NotePaper(again.id, again.paper, again.copies), copy)


def _noted(model: Model, ticket: Ticket) -> Step:
    effects: tuple[Effect, ...] = (TOUCH, NotePaper(ticket.id, ticket.paper, ticket.copies))
    return _with_ticket(model, ticket), effects


def _with_ticket(model: Model, ticket: Ticket) -> Model:
    return _visitor(model, ticket=ticket)
