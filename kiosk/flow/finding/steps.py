"""What each act and event of the finding does. The functions are those every part has (`kiosk.flow.parts`).

Whoever looks for something ends up at one of four things: a ticket, papers to scan, a form to fill in, or a page elsewhere. The first three are
done here and now by the journey and its other parts; the last can only be pointed to, with a code for one's own phone or a self-service PC that
opens it, and with a person for whom it does not work.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.flow import opening
from kiosk.flow.effects import CallPerson, Effect, Sound, TakeTicket, Tone
from kiosk.flow.filling import acts as form_acts
from kiosk.flow.filling import steps as filling
from kiosk.flow.finding import acts as a
from kiosk.flow.finding import things
from kiosk.flow.finding.shown import At, Finding
from kiosk.flow.line import Line
from kiosk.flow.marks import FindAct, FindEvent
from kiosk.flow.offer import UNKNOWN_WAIT, Portal
from kiosk.flow.scanning import acts as scan_acts
from kiosk.flow.scanning import steps as scanning
from kiosk.flow.shown import Screen, Tile
from wire.vocabulary import UseEnd, UseKind

if TYPE_CHECKING:
    from kiosk.flow.events import Event, Taken
    from kiosk.flow.journey import Step
    from kiosk.flow.model import Model

SCREEN = Screen.FIND
FIELD = "finding"
ACT = FindAct
EVENT = FindEvent
TOUCH = Sound(Tone.TOUCH)
TILE = Tile(id="_find", line=Line("find.entry"), help_line=Line("find.entry_lead"), icon="search")
MOST_TYPED = 60
PC_SECONDS = 6.0
"""How long to wait for the word that a PC opens it."""


def act(model: Model, action: FindAct) -> Step:
    if isinstance(action, a.Begin):
        begun = Finding(begun=model.steady)
        return replace(_with(model, begun), screen=SCREEN), (TOUCH,)
    finding = model.visitor.finding
    if model.screen is not SCREEN or finding is None:
        return model, ()
    match action:
        case a.Search():
            return _with(model, replace(finding, at=At.SEARCH)), (TOUCH,)
        case a.Type():
            return _typed(model, finding, (finding.typed + action.sign)[:MOST_TYPED])
        case a.Delete():
            return _typed(model, finding, finding.typed[:-1])
        case a.ShowFound() if finding.at is At.SEARCH and finding.typed.strip():
            return _with(model, replace(finding, reading=True)), (TOUCH,)
        case a.ShowKeys() if finding.at is At.SEARCH:
            return _with(model, replace(finding, reading=False)), (TOUCH,)
        case a.Open():
            return _open(model, finding, action)
        case _:
            return _at_portal(model, finding, action)


def _typed(model: Model, finding: Finding, typed: str) -> Step:
    if finding.at is not At.SEARCH:
        return model, ()
    found = things.found(model, typed)
    searched = finding.searched or len(typed.strip()) >= 3
    return _with(model, replace(finding, typed=typed, found=found, searched=searched)), (TOUCH,)


def _open(model: Model, finding: Finding, action: a.Open) -> Step:
    there = next((e for e in things.everything(model) if (e.kind, e.id) == (action.kind, action.id)), None)
    if there is None:
        return model, ()
    match action.kind:
        case things.PORTAL:
            shown = replace(finding, at=At.PORTAL, portal=action.id, came_from=finding.at)
            return _with(model, shown), (TOUCH,)
        case things.PURPOSE:
            begun, effects = scanning.act(_first_choices(model), scan_acts.Begin())
            begun, more = scanning.act(begun, scan_acts.ChoosePurpose(action.id))
            return _gone(begun), (*effects, *more)
        case things.FORM:
            begun, effects = filling.act(_first_choices(model), form_acts.Begin())
            begun, more = filling.act(begun, form_acts.ChooseForm(action.id))
            return _gone(begun), (*effects, *more)
        case _:
            return _ticket(model, finding, action.id)


def _first_choices(model: Model) -> Model:
    """Where the other parts are begun from."""
    return replace(model, screen=Screen.NEEDS)


def _at_portal(model: Model, finding: Finding, action: FindAct) -> Step:
    portal = model.offer.portal(finding.portal)
    if finding.at not in (At.PORTAL, At.ON_PC, At.PHONE) or portal is None:
        return model, ()
    match action:
        case a.OnPhone():
            return _with(model, replace(finding, at=At.PHONE)), (TOUCH,)
        case a.OnPc() if not finding.working and any(each.id == action.pc for each in model.offer.pcs):
            order = a.OpenOnPc(model.order + 1, action.pc, portal.id)
            waiting = replace(finding, working=order.order, since=model.steady, pc=action.pc)
            return replace(_with(model, waiting), order=order.order), (TOUCH, order)
        case a.DidNotWork():
            return _person(model, finding, portal)
        case _:
            return model, ()


def _person(model: Model, finding: Finding, portal: Portal) -> Step:
    """A ticket where there is somebody for this; else somebody comes."""
    service = model.offer.service(portal.service) if portal.service else None
    if service is None or not opening.service_tile(model, service).open:
        asked = replace(model.visitor, help_asked=True, help_shown=True)
        return replace(model, visitor=asked), (TOUCH, CallPerson(model.language))
    return _ticket(model, finding, service.id)


def _ticket(model: Model, finding: Finding, service_id: str) -> Step:
    service = model.offer.service(service_id)
    if service is None:
        return model, ()
    tile = opening.service_tile(model, service)
    if not tile.open:
        return _told(model, model.tile_line(tile)), (Sound(Tone.REFUSED),)
    waits = service.waits if model.offer_live else UNKNOWN_WAIT
    order = TakeTicket(model.order + 1, service.id, model.language, False, waits)
    return replace(model, order=order.order, ordered=True), (TOUCH, order)


def heard(model: Model, event: FindEvent) -> Step:
    finding = model.visitor.finding
    if not isinstance(event, a.SentToPc) or finding is None or event.order != finding.working:
        return model, ()
    if not event.done:
        return _not_sent(model, finding)
    name = next((each.name for each in model.offer.pcs if each.id == finding.pc), finding.pc)
    there = replace(finding, at=At.ON_PC, working=0, pc=name)
    return replace(_with(model, there), last_sign=model.steady), (Sound(Tone.TICKET),)


def _not_sent(model: Model, finding: Finding) -> Step:
    failed = _with(model, replace(finding, working=0, pc=""))
    return _told(failed, Line("find.pc_failed")), (Sound(Tone.REFUSED),)


def tick(model: Model) -> Step:
    finding = model.visitor.finding
    if finding is None or not finding.working or model.steady - finding.since <= PC_SECONDS:
        return model, ()
    return _not_sent(model, finding)


def back(model: Model) -> Model:
    finding = model.visitor.finding
    if finding is None or finding.at is At.BROWSE:
        return replace(_gone(model), screen=Screen.NEEDS)
    if finding.at is At.SEARCH and finding.reading:
        return _with(model, replace(finding, reading=False))
    before = {At.PORTAL: finding.came_from, At.SEARCH: At.BROWSE}.get(finding.at, At.PORTAL)
    return _with(model, replace(finding, at=before, working=0))


def taken(model: Model, event: Taken) -> tuple[Effect, ...]:
    return ()


def left(model: Model, event: Event) -> tuple[Effect, ...]:
    """A search and a page elsewhere are a use each. Nobody is counted who only looked in; and what goes on at a PC is counted there, once begun."""
    finding = model.visitor.finding
    if finding is None:
        return ()
    used: list[Effect] = []
    if finding.searched:
        searched = UseEnd.DONE if finding.found else UseEnd.FAILED
        used.append(_use(model, finding, UseKind.SEARCH, "", searched))
    ended = _ended(model, finding)
    if finding.portal and ended is not UseEnd.PC:
        used.append(_use(model, finding, UseKind.ONLINE, finding.portal, ended))
    return tuple(used)


def _ended(model: Model, finding: Finding) -> UseEnd:
    if model.ordered or model.visitor.help_asked:
        return UseEnd.DID_NOT_WORK
    return {At.PHONE: UseEnd.PHONE, At.ON_PC: UseEnd.PC}.get(finding.at, UseEnd.LEFT)


def _use(model: Model, finding: Finding, kind: UseKind, slug: str, ended: UseEnd) -> a.TellUse:
    seconds = max(0, int(model.steady - finding.begun))
    return a.TellUse(kind, slug, model.language, ended, finding.at.value, seconds)


def may_stay(model: Model) -> bool:
    finding = model.visitor.finding
    if finding is None or not tiles(model):
        return False
    return finding.at in (At.BROWSE, At.SEARCH) or model.offer.portal(finding.portal) is not None


def touchable(model: Model) -> Hashable:
    """What was found changes under a typing finger, which its keys do not: those stay where they are."""
    finding = model.visitor.finding
    if finding is None:
        return None
    pcs = tuple((each.id, each.free) for each in model.offer.pcs) if finding.at is At.PORTAL else ()
    return finding.at, finding.reading, finding.portal, finding.working, pcs


def tiles(model: Model) -> tuple[Tile, ...]:
    """Where there is something to be done elsewhere; where there are only forms, those have a door of their own (`filling.steps.tiles`)."""
    return (TILE,) if model.offer.portals else ()


def entered(model: Model, tile: str) -> FindAct | None:
    return a.Begin() if tile == TILE.id and tiles(model) else None


def _with(model: Model, finding: Finding) -> Model:
    return replace(model, visitor=replace(model.visitor, finding=finding))


def _told(model: Model, line: Line | None) -> Model:
    return replace(model, visitor=replace(model.visitor, notice=line))


def _gone(model: Model) -> Model:
    """On to another part: what was looked for is let go of."""
    return replace(model, visitor=replace(model.visitor, finding=None))
