"""The journey: what each event does to a kiosk, and what it wants done. `step(model, event) -> (model,
effects)`.

Three rules hold everywhere and are applied here once, whatever happened:

* **Where the kiosk can be** follows from what it knows (`_place`): a ticket on screen stays until its
  visitor has gone; nothing else outlives the centre closing, a fault, or the device being taken out of
  service. All of these end by themselves.
* **One touch, one action** (`guard`): a touch counts only if it was meant for what is on screen now, after
  some quiet. And from ordering a ticket until it is written down no touch counts at all. Fifty taps a
  second are one tap.
* **Gone is gone** (`_farewell`): the visitor is replaced by a stranger, never cleaned field by field.
  When everyone must leave the building that happens at once, whoever stands there.

Taking a ticket asks nobody: the order goes to the kiosk's own journal, link or no link, and the journal's
answer puts the code on screen and sends the paper.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.flow import checkin, chores, faults, guard, opening, touches
from kiosk.flow import events as e
from kiosk.flow.effects import CallPerson, Effect, Forget, NotePaper, Print, Sound, Tone
from kiosk.flow.filling import entry as form_entry
from kiosk.flow.filling import steps as filling
from kiosk.flow.marks import FindEvent, FormEvent, RateEvent, ScanEvent
from kiosk.flow.model import Model, Screen, SetUpShown, Ticket, Visitor
from kiosk.flow.offer import UNKNOWN_WAIT, read_offer
from kiosk.flow.parts import PARTS, holds, of_event, of_screen
from kiosk.flow.scanning import entry as scan_entry
from kiosk.flow.scanning import steps as scanning
from kiosk.flow.shown import CHECKING, STRANGER
from wire.vocabulary import PaperState

Step = tuple[Model, tuple[Effect, ...]]


def step(model: Model, event: e.Event) -> Step:
    """The model after `event`, and the effects to carry out in order. Total: no event is an error in any
    state.
    """
    after, effects = _react(model, event)
    if after.evacuated and (after.personal or after.ordered):
        after, gone = _farewell(after)
        effects = (*effects, *gone)
    after, chores_due = chores.due(_placed(after))
    effects = (*effects, *chores_due, *_left(model, after, event))
    if guard.touchable(after) != guard.touchable(model):
        after = replace(after, generation=model.generation + 1, last_change=after.steady)
    return after, effects


def _left(before: Model, after: Model, event: e.Event) -> tuple[Effect, ...]:
    """What the parts want done whose visitor has just gone from them, whatever took them away."""
    return tuple(
        effect
        for part in PARTS
        if getattr(before.visitor, part.FIELD) and not getattr(after.visitor, part.FIELD)
        for effect in part.left(before, event)
    )


def next_tick(model: Model) -> float:
    """Seconds until the next `Tick` is worth sending. Idle, a kiosk only waits for the clock to reach an
    opening hour.
    """
    return 1.0 if model.personal or model.ordered or model.screen is Screen.STARTING else 5.0


def _react(model: Model, event: e.Event) -> Step:
    match event:
        case e.Touched():
            return _touched(model, event)
        case e.Tick():
            return _tick(model, event)
        case e.Taken():
            return _taken(model, event)
        case e.Printed():
            return _printed(model, event), ()
        case e.Started():
            return _started(model, event), ()
        case e.PaperInDoubt():
            return _in_doubt(model, event)
        case e.Faulted():
            broken = replace(model, fault=event.fault, fault_detail=event.detail, ordered=False)
            return replace(broken, last_sign=model.steady), ()
        case e.Mended():
            return replace(model, fault=None, fault_detail=""), ()
        case ScanEvent() | FormEvent() | FindEvent() | RateEvent():
            part = of_event(event)
            assert part is not None
            return part.heard(model, event)
        case e.JobEnded():
            return chores.job_ended(model, event), ()
        case e.SelfTested():
            return chores.tested(model, event), ()
        case _:
            return _surroundings(model, event)


def _surroundings(
    model: Model,
    event: e.FeedChanged
    | e.LinkChanged
    | e.PrinterChanged
    | e.SensesChanged
    | e.Scanned
    | e.LookedUp
    | e.Received
    | e.SettingUp
    | e.SetUp,
) -> Step:
    match event:
        case e.FeedChanged():
            offer = read_offer(event.rows, model.device or "")
            return chores.feed_changed(replace(model, offer=offer, offer_live=True)), ()
        case e.LinkChanged():
            return _link(model, event)
        case e.PrinterChanged():
            return replace(model, printer=event.status), ()
        case e.Scanned() if model.at_exit:
            return model, ()
        case e.Scanned():
            return (
                form_entry.scanned(model, event)
                or scan_entry.scanned(model, event)
                or checkin.scanned(model, event)
            )
        case e.LookedUp():
            return checkin.looked_up(model, event)
        case e.SensesChanged():
            return replace(model, camera=event.camera, scanner=event.scanner), ()
        case e.Received():
            return filling.received(scanning.received(model, event.packet), event.packet), ()
        case e.SettingUp():
            return replace(model, device=None, setup=SetUpShown(event.code, event.revoked)), ()
        case e.SetUp():
            return replace(model, device=event.device, setup=None, started_at=model.steady), ()


def _started(model: Model, event: e.Started) -> Model:
    return replace(
        model,
        device=event.device,
        setup=None if event.device else SetUpShown(),
        offer=read_offer(event.rows, event.device or ""),
        offer_live=False,
        steady=event.at,
        started_at=event.at,
        last_sign=event.at,
        now=event.now,
        tested_on=event.tested_on,
    )


# Touches ----------------------------------------------------------------------------------------------------


def _touched(model: Model, event: e.Touched) -> Step:
    verdict = guard.judge(model, event)
    if model.evacuated:
        verdict = guard.Verdict.MISSED
    heard = replace(model, last_touch=max(model.last_touch, event.at))
    if verdict is guard.Verdict.DROPPED:
        return heard, ()
    heard = replace(heard, last_sign=max(model.last_sign, event.at), steady=max(model.steady, event.at))
    if verdict is guard.Verdict.MISSED:
        return heard, ()
    if isinstance(event.action, e.StartAgain | e.HideNow | e.Done):
        return _farewell(heard, Sound(Tone.TOUCH))
    if isinstance(event.action, e.GoBack) and touches.back_leaves(heard):
        return _farewell(heard, Sound(Tone.TOUCH))
    return touches.act(heard, event.action)


def _farewell(model: Model, *first: Effect) -> Step:
    """The visitor has gone. An order still under way is no longer waited for (see `_taken`)."""
    ticket = model.ticket.id if model.ticket else None
    fresh = replace(model, visitor=STRANGER, screen=Screen.START, ordered=False)
    return fresh, (*first, Forget(ticket))


# Time -------------------------------------------------------------------------------------------------------


def _tick(model: Model, event: e.Tick) -> Step:
    now = replace(model, steady=max(model.steady, event.steady), now=event.now)
    if now.ordered:
        if now.steady - now.last_sign > now.limits.taking:
            slow = replace(
                now, ordered=False, fault=e.Fault.JOURNAL_BROKEN, fault_detail="it does not answer"
            )
            return slow, ()
        return now, ()
    left = now.idle_left
    if left == 0:
        return _farewell(now)
    part = of_screen(now.screen)
    if part is not None:
        now, wanted = part.tick(now)
        if wanted:
            return now, wanted
    now, looked = checkin.tick(now)
    if looked:
        return now, looked
    warns = left is not None and model.idle_left is None
    return now, ((Sound(Tone.WARNING),) if warns else ())


# Tickets and paper ------------------------------------------------------------------------------------------


def _taken(model: Model, event: e.Taken) -> Step:
    """The ticket is written down. Prints it; shows it too, unless its visitor has gone or given up
    meanwhile.
    """
    awaited = model.ordered and event.order == model.order
    printing = faults.paper_can_come(model) and not model.evacuated
    language = model.language if awaited else event.language
    paper: Effect = (
        Print(event.ticket, event.code, language, event.taken_at, event.follow_url, False, event.appointment)
        if printing
        else NotePaper(event.ticket, PaperState.NOT_PRINTED, copies=0)
    )
    if not awaited:
        return model, (paper, Forget(event.ticket))
    ticket = Ticket(
        id=event.ticket,
        code=event.code,
        taken_at=event.taken_at,
        follow_url=event.follow_url,
        waits=event.waits,
        paper=PaperState.SENT if printing else PaperState.NOT_PRINTED,
        appointment=event.appointment,
    )
    before: tuple[Effect, ...] = (Forget(model.ticket.id),) if model.ticket else ()
    before += tuple(effect for part in PARTS for effect in part.taken(model, event))
    visitor = replace(
        model.visitor,
        ticket=ticket,
        choice=None,
        private=False,
        checking=None,
        scanning=None,
        filling=None,
        finding=None,
        came_from=Screen.START,
        notice=None,
    )
    shown = replace(model, visitor=visitor, screen=Screen.TICKET, ordered=False, last_sign=model.steady)
    return shown, (*before, paper, Sound(Tone.TICKET))


def _printed(model: Model, event: e.Printed) -> Model:
    """The runner has noted it already; here it only decides what the ticket screen says and asks."""
    if model.ticket is None or model.ticket.id != event.ticket:
        return model
    return replace(model, visitor=replace(model.visitor, ticket=replace(model.ticket, paper=event.paper)))


def _in_doubt(model: Model, event: e.PaperInDoubt) -> Step:
    """After a crash: the ticket is on screen again; printed if not a byte of it had gone, else its visitor
    is asked. Not when everyone must leave the building: nobody stands there.
    """
    if model.evacuated:
        unsent = event.paper is PaperState.RESERVED
        paper = PaperState.NOT_PRINTED if unsent else PaperState.UNKNOWN
        return model, (NotePaper(event.ticket, paper, event.copies), Forget(event.ticket))
    prints = event.paper is PaperState.RESERVED and faults.paper_can_come(model)
    ticket = Ticket(
        id=event.ticket,
        code=event.code,
        taken_at=event.taken_at,
        follow_url=event.follow_url,
        waits=UNKNOWN_WAIT,
        paper=PaperState.SENT if prints else PaperState.UNKNOWN,
        copies=event.copies,
        appointment=event.appointment,
    )
    visitor = Visitor(language=event.language, ticket=ticket)
    shown = replace(model, visitor=visitor, screen=Screen.TICKET, last_sign=model.steady)
    if not prints:
        return shown, ()
    return shown, (
        Print(
            event.ticket,
            event.code,
            event.language,
            event.taken_at,
            event.follow_url,
            False,
            event.appointment,
        ),
    )


def _link(model: Model, event: e.LinkChanged) -> Step:
    """A call for help made while staff could not be told is made good as soon as they can be."""
    changed = replace(model, link_up=event.up, line_says=event.say, offer_live=model.offer_live and event.up)
    calls = event.up and not model.link_up and model.visitor.help_asked
    return changed, ((CallPerson(model.language),) if calls else ())


# Where the kiosk can be -------------------------------------------------------------------------------------


def _placed(model: Model) -> Model:
    if model.at_exit and opening.centre_open(model):
        model = replace(model, open_last=model.now)
    screen = _place(model)
    if screen is model.screen:
        return model
    visitor = model.visitor
    if screen not in (Screen.TICKET, Screen.SERVICES):
        visitor = replace(visitor, private=False, came_from=Screen.START)
    if screen is not Screen.SERVICES:
        visitor = replace(visitor, choice=None)
    if screen not in CHECKING:
        visitor = replace(visitor, checking=None)
    if screen is not Screen.SERVICES:
        visitor = touches.let_go(visitor, screen)
    return replace(model, screen=screen, visitor=visitor)


def _place(model: Model) -> Screen:
    visitor = model.visitor
    if model.evacuated:
        return Screen.EVACUATED
    if visitor.ticket is not None and not visitor.private:
        return Screen.TICKET
    if model.setup is not None:
        return Screen.SETUP
    if model.locked and opening.centre_open(model):  # else the closed screen, which says when to come back
        return _locked(model)
    if holds(model):
        return model.screen
    if model.out_of_order is not None:
        young = model.fault is None and model.steady - model.started_at < model.limits.starting
        return Screen.STARTING if young else Screen.OUT_OF_ORDER
    if not _open_here(model) and not model.ordered:
        return Screen.TICKET if visitor.ticket else Screen.CLOSED
    if model.screen in _STANDING:
        return Screen.START
    if model.screen is Screen.SERVICES and not model.services:
        return Screen.NEEDS
    if model.screen in CHECKING and (visitor.checking is None or model.offer.booking is None):
        return Screen.NEEDS
    part = of_screen(model.screen)
    if part is not None and not part.may_stay(model):
        return Screen.NEEDS
    return model.screen


LEAVING_MS = 3600_000
"""How long after closing people still leave, and may say how it was."""


def _open_here(model: Model) -> bool:
    if opening.centre_open(model):
        return True
    return model.at_exit and model.now - model.open_last < LEAVING_MS


_STANDING = frozenset(
    {
        Screen.STARTING,
        Screen.SETUP,
        Screen.CLOSED,
        Screen.LOCKED,
        Screen.EVACUATED,
        Screen.OUT_OF_ORDER,
    }
)
"""Screens that go back to the start when what they say is over."""


def _locked(model: Model) -> Screen:
    """Closed by hand. Whoever is being given a ticket gets it first."""
    if model.ordered:
        return model.screen
    return Screen.TICKET if model.ticket else Screen.LOCKED
