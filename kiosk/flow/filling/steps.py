"""What each act and event does. The functions are those every part has (`kiosk.flow.parts`).

The way is one line: which form, what it is, its pages, check-answers, sent. Beside it stand two ways out that take along what was typed: a person,
with a ticket, and one's own phone. Both lead back to where they were entered. Back never loses what was typed; leaving does, all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from forms.rules import after, items_of, places
from kiosk.flow import events as e
from kiosk.flow.effects import Effect
from kiosk.flow.filling import acts as a
from kiosk.flow.filling import entry, pages, sending
from kiosk.flow.filling.entry import with_filling
from kiosk.flow.filling.shown import At, Filling
from kiosk.flow.finding.shown import Finding
from kiosk.flow.marks import FormAct, FormEvent
from kiosk.flow.shown import Screen, Tile
from wire.vocabulary import UseEnd

if TYPE_CHECKING:
    from kiosk.flow.events import Event, Taken
    from kiosk.flow.journey import Step
    from kiosk.flow.model import Model

SCREEN = Screen.FORM
FIELD = "filling"
ACT = FormAct
EVENT = FormEvent
TOUCH, REFUSED = pages.TOUCH, pages.REFUSED
WAITING = (a.WantPerson, a.TicketInstead, a.TypeAddress, a.CarryOn, a.Send, a.ReadAloud)
"""What may be asked for while something is awaited."""
UNDER_WAY = frozenset({At.PAGE, At.CHECK, At.FAILED, At.SENDING})


# What a finger asks for -------------------------------------------------------------------------------------


def act(model: Model, action: FormAct) -> Step:
    filling = model.visitor.filling
    if isinstance(action, a.Begin):
        begins = model.screen is Screen.NEEDS and entry.offered(model)
        return (entry.begin(model), (TOUCH,)) if begins else (model, ())
    if filling is None or model.screen is not SCREEN:
        return model, ()
    if filling.working and not isinstance(action, WAITING):
        return model, (REFUSED,)
    return _hushed(filling, _act(model, filling, action))


def _act(model: Model, filling: Filling, action: FormAct) -> Step:
    match action:
        case a.WantPerson():
            return sending.want_person(model, filling)
        case a.ReadAloud():
            return _read(model, filling)
        case a.CarryOn() if filling.at in UNDER_WAY | {At.START, At.PERSON, At.CARRY}:
            return sending.carry_on(model, filling)
        case a.TicketInstead() if filling.at is At.PERSON:
            return sending.ticket_instead(model, filling)
        case a.ChooseForm():
            return entry.choose(model, filling, action.form)
        case a.StartForm() if filling.at is At.START and filling.form is not None:
            return pages.show(model, filling, after(filling.form, filling.answers, None)), (TOUCH,)
        case a.Send() if filling.at in (At.CHECK, At.FAILED):
            return sending.send(model, filling)
        case a.Change() if filling.at is At.CHECK:
            return _change(model, filling, action)
        case a.PrintAgain() if filling.at is At.SENT:
            return sending.print_again(model, filling)
        case _ if filling.at is At.PAGE:
            return _on_page(model, filling, action)
    return model, ()


_ON_PAGE: dict[type[FormAct], Callable[[Any, Any, Any], Any]] = {
    a.Type: pages.type_,
    a.Delete: pages.type_,
    a.Into: lambda model, filling, action: pages.into(model, filling, action.part),
    a.Choose: lambda model, filling, action: pages.choose(model, filling, action.value),
    a.GoOn: lambda model, filling, action: pages.go_on(model, filling),
    a.Skip: lambda model, filling, action: pages.go_on(model, filling, empty=True),
    a.TakeMeant: lambda model, filling, action: pages.take_meant(model, filling),
    a.FindAddress: lambda model, filling, action: pages.find_address(model, filling),
    a.PickAddress: lambda model, filling, action: pages.pick_address(model, filling, action.number),
    a.TypeAddress: lambda model, filling, action: pages.type_address(model, filling),
    a.Sign: pages.sign,
    a.SignAgain: pages.sign,
    a.TakePhoto: lambda model, filling, action: pages.take_photo(model, filling),
    a.DropPhoto: lambda model, filling, action: pages.drop_photo(model, filling, action.name),
    a.AddOne: lambda model, filling, action: pages.add_one(model, filling),
    a.RemoveOne: lambda model, filling, action: pages.remove_one(model, filling, action.item),
}


def _on_page(model: Model, filling: Filling, action: FormAct) -> Step:
    if isinstance(action, a.Change):
        return _change(model, filling, action)
    do = _ON_PAGE.get(type(action))
    if do is None:
        return model, ()
    step: Step = do(model, filling, action)
    return step


def _change(model: Model, filling: Filling, action: a.Change) -> Step:
    """An answer of check-answers; on a group's page, one of that group's items."""
    form = filling.form
    if form is None or action.place not in places(form, filling.answers):
        return model, ()
    of_group = filling.group is not None and action.place.within == filling.group.key
    if filling.at is At.PAGE and not of_group:
        return model, ()
    return pages.show(
        model, replace(filling, changing=filling.at is At.CHECK or filling.changing), action.place
    ), (TOUCH,)


def _read(model: Model, filling: Filling) -> Step:
    if filling.speaking:
        return with_filling(model, replace(filling, speaking=False)), (a.Hush(),)
    if model.language not in model.speaks:
        return model, ()
    return with_filling(model, replace(filling, speaking=True)), (a.Speak(filling.session),)


def _hushed(before: Filling, step: Step) -> Step:
    """Another page: what is being read aloud is of the one before."""
    model, effects = step
    filling = model.visitor.filling
    if filling is None or not filling.speaking or _page(filling) == _page(before):
        return step
    return with_filling(model, replace(filling, speaking=False)), (*effects, a.Hush())


def _page(filling: Filling) -> Hashable:
    return filling.at, filling.place, filling.address, filling.slug


def back(model: Model) -> Model:
    filling = model.visitor.filling
    if filling is None:
        return _leave(model)
    after_, _ = _hushed(filling, (_back(model, filling), ()))
    return after_


def _back(model: Model, filling: Filling) -> Model:
    match filling.at:
        case At.PERSON | At.CARRY:
            return with_filling(model, sending.resumed(filling))
        case At.PAGE:
            return pages.back(model, filling)
        case At.CHECK:
            way = places(filling.form, filling.answers) if filling.form else ()
            return pages.show(model, filling, way[-1]) if way else model
        case At.FAILED:
            return pages.show(model, filling, None)
        case At.START | At.NOT_OPENED | At.OPENING if not (model.offer.portals and _nothing_in(filling)):
            return with_filling(model, replace(filling, at=At.LIST, working=0))
        case At.SENDING | At.SENT:
            return model  # it is on its way, or there
    return _leave(model)


def _nothing_in(filling: Filling) -> bool:
    return not (filling.answers or filling.drafts or filling.typed)


def _leave(model: Model) -> Model:
    """To where forms are chosen: the list of all that can be done, where there is one."""
    if model.offer.portals:
        back_there = replace(model.visitor, filling=None, finding=Finding(begun=model.steady))
        return replace(model, visitor=back_there, screen=Screen.FIND)
    return replace(model, visitor=replace(model.visitor, filling=None), screen=Screen.NEEDS)


# What happens -----------------------------------------------------------------------------------------------


def heard(model: Model, event: FormEvent) -> Step:
    if isinstance(event, a.CanSpeak):
        return replace(model, speaks=event.languages), ()
    filling = model.visitor.filling
    if filling is None or getattr(event, "session", 0) != filling.session:
        return model, ()
    return _hushed(filling, _heard(model, filling, event))


def _heard(model: Model, filling: Filling, event: FormEvent) -> Step:
    match event:
        case a.Opened():
            return entry.opened(model, filling, event)
        case a.BroughtBack():
            brought, place = entry.brought(model, filling, event)
            on = brought.visitor.filling
            return (pages.show(brought, on, place) if place and on else brought), ()
        case a.AddressesFound():
            return pages.addresses_found(model, filling, event)
        case a.PhotoTaken():
            return pages.photo_taken(model, filling, event)
        case a.Kept():
            return sending.was_kept(model, filling, event)
        case a.NotKept():
            return sending.not_kept(model, filling, event)
        case a.ReceiptPrinted():
            return sending.printed(model, filling, event)
        case a.CarriedOver():
            return sending.carried_over(model, filling, event)
        case a.CarriedOpened():
            return sending.carried_opened(model, filling)
        case a.Spoken():
            return with_filling(model, replace(filling, speaking=False)), ()
    return model, ()


def received(model: Model, packet: str) -> Model:
    return sending.received(model, packet)


def tick(model: Model) -> Step:
    filling = model.visitor.filling
    return _hushed(filling, sending.tick(model, filling)) if filling is not None else (model, ())


def taken(model: Model, event: Taken) -> tuple[Effect, ...]:
    return sending.with_ticket(model, event.order, event.ticket) if model.screen is SCREEN else ()


def left(model: Model, event: Event) -> tuple[Effect, ...]:
    filling = model.visitor.filling
    if filling is None:
        return ()
    used = a.TellUse(
        _ended(model, filling, event), filling.at.value, filling.slug, model.language,
        sending.seconds(model, filling), filling.receipt.packet if filling.sent and filling.receipt else "",
    )  # fmt: skip
    return used, a.Wipe(filling.session)


def _ended(model: Model, filling: Filling, event: Event) -> UseEnd:
    if filling.sent:
        return UseEnd.DONE
    if filling.at is At.CARRY and filling.carried.url:
        return UseEnd.PHONE
    if isinstance(event, e.Taken) or model.visitor.help_asked:
        return UseEnd.PERSON
    if filling.at in (At.FAILED, At.SENDING, At.NOT_OPENED) or isinstance(event, e.Faulted):
        return UseEnd.FAILED
    return UseEnd.CANCELLED if isinstance(event, e.Touched) and model.idle_left is None else UseEnd.LEFT


def may_stay(model: Model) -> bool:
    """A form that was opened stays, whatever the feed takes away meanwhile."""
    filling = model.visitor.filling
    if filling is None:
        return False
    return filling.at is not At.LIST or entry.offered(model)


def holds(model: Model) -> bool:
    """Whether somebody stands there with answers that are nowhere else: neither closing time nor a full disk takes them away."""
    filling = model.visitor.filling
    if model.screen is not SCREEN or filling is None:
        return False
    return filling.sent or bool(filling.answers or filling.drafts or filling.typed)


def idle_after(model: Model) -> float:
    filling = model.visitor.filling
    if filling is not None and filling.at is At.SENT:
        return model.limits.idle_ticket
    return model.limits.idle * (1.5 if filling is not None and filling.form is not None else 1.0)


def touchable(model: Model) -> Hashable:
    """What decides where buttons are; what is typed and chosen changes none."""
    filling = model.visitor.filling
    if filling is None:
        return None
    receipt = filling.receipt and (filling.receipt.paper, filling.receipt.copies)
    photos = filling.chosen if filling.question is not None and not filling.question.options else ()
    offered = tuple(row.id for row in model.offer.forms) if filling.at is At.LIST else ()
    items = len(items_of(filling.group, filling.answers)) if filling.group is not None else 0
    return (
        _page(filling), filling.wrong is not None, bool(filling.meant), bool(filling.working), photos, receipt, offered, items,
        filling.carried, bool(sending.service_of(model, filling)), filling.searched,
    )  # fmt: skip


def tiles(model: Model) -> tuple[Tile, ...]:
    """Not beside "Forms and online services", which lists the forms too: one door is enough."""
    return (entry.TILE,) if entry.offered(model) and not model.offer.portals else ()


def entered(model: Model, tile: str) -> FormAct | None:
    return a.Begin() if tile == entry.TILE.id else None
