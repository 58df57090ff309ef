"""Page by page: when a picture is taken by itself, and what can be done with one that was.

A picture is taken by itself when the station says that a page lies still, sharp, without glare and whole (`Saw.ready`), and that it has not
been taken yet: the plate must have changed since the last one, so no page is ever taken twice but by a finger. While one picture is
being taken no other is. Nobody is put off for ever by a camera that does not answer: after a time it is said that it was not taken.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.flow.effects import Effect, Sound, Tone
from kiosk.flow.marks import ScanAct
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.shown import At, Hint, Page, Scanning
from wire.packets import MOST_PAGES

if TYPE_CHECKING:
    from kiosk.flow.journey import Step
    from kiosk.flow.model import Model

TOUCH, TAKEN, REFUSED = Sound(Tone.TOUCH), Sound(Tone.TICKET), Sound(Tone.REFUSED)
LIVE_SECONDS, GLASS_SECONDS = 15.0, 80.0
"""How long a picture may take: from a camera, and from a scanner that moves its carriage; so long may all pages take too."""


def change(model: Model, **changes: object) -> Model:
    scanning = model.visitor.scanning or Scanning()
    changed = replace(scanning, **changes)  # type: ignore[arg-type]  # names are checked by the dataclass
    return replace(model, visitor=replace(model.visitor, scanning=changed))


def ordered(model: Model, **changes: object) -> tuple[Model, int]:
    """With the next order, whose answer is now awaited."""
    order = model.order + 1
    return change(replace(model, order=order), working=order, since=model.steady, **changes), order


# The plate --------------------------------------------------------------------------------------------------


def to_plate(model: Model, *, replaces: str = "") -> Model:
    hint = Hint.LAY if model.station.live else Hint.NO_SHEET if model.station.feeds else Hint.LAY_FLAT
    return change(model, at=At.PLATE, replaces=replaces, hint=hint, outlined=False, page="", back_to=None)


def saw(model: Model, scanning: Scanning, event: a.Saw) -> Step:
    came = event.fresh and not scanning.fresh
    seen = change(model, hint=event.hint, outlined=event.outlined, lies=event.lies, fresh=event.fresh)
    if came or (event.lies != scanning.lies and scanning.at is At.PLATE):
        seen = replace(seen, last_sign=max(model.last_sign, event.at))  # a hand was here
    if scanning.at is At.SENT and event.lies and not scanning.lies:
        return seen, (Sound(Tone.WARNING),)
    now = seen.visitor.scanning
    if now is None or now.at is not At.PLATE or not event.ready:
        return seen, ()
    if now.working or model.visitor.help_shown or model.idle_left is not None:
        return seen, ()
    return capture(seen)


def full(scanning: Scanning) -> bool:
    return len(scanning.pages) >= MOST_PAGES and not scanning.replaces


def capture(model: Model) -> Step:
    scanning = model.visitor.scanning
    if scanning is None or scanning.working:
        return model, ()
    if full(scanning):
        return change(model, hint=Hint.FULL), ()
    taking, order = ordered(model, hint=Hint.TAKING)
    return taking, (a.Capture(scanning.session, order, scanning.replaces, scanning.colour),)


def captured(model: Model, scanning: Scanning, event: a.Captured) -> Step:
    if event.order != scanning.working:
        return model, (
            (a.Drop(scanning.session, tuple(shot.id for shot in event.pages)),) if event.pages else ()
        )
    alive = replace(model, last_sign=max(model.last_sign, event.at))
    if not event.pages:
        if scanning.feeding and event.why is Hint.NO_SHEET:
            return change(alive, working=0, feeding=False, hint=Hint.NEXT), ()  # the last was the last
        return change(alive, working=0, feeding=False, hint=event.why), (REFUSED,)
    old = next((page for page in scanning.pages if page.id == scanning.replaces), None)
    room = MOST_PAGES - len(scanning.pages) + (old is not None)
    shots, over = event.pages[:room], event.pages[room:]
    new = tuple(
        Page(shot.id, 1, shot.wide, shot.high, shot.corners, begins=begins)
        for shot, begins in zip(
            shots, _begins(scanning, old, len(shots), sheets=model.station.feeds), strict=True
        )
    )
    gone = tuple(shot.id for shot in over) + ((old.id,) if old else ())
    effects: tuple[Effect, ...] = (TAKEN, a.Drop(scanning.session, gone)) if gone else (TAKEN,)
    if old is None:
        pages = (*scanning.pages, *new)
        hint = Hint.FULL if over or len(pages) >= MOST_PAGES else Hint.NEXT
        feeding = event.more and hint is not Hint.FULL and scanning.at in (At.PLATE, At.CHECK)
        taken = change(
            alive, pages=pages, working=0, hint=hint, next_begins=False, fresh=False, feeding=feeding
        )
        if not feeding:
            return taken, effects
        on, next_ = capture(taken)
        return on, (*effects, *next_)
    at = scanning.pages.index(old)
    new = (replace(new[0], kind=old.kind), *new[1:])
    pages = (*scanning.pages[:at], *new, *scanning.pages[at + 1 :])
    done = change(
        alive, pages=pages, working=0, feeding=False, replaces="", fresh=False, retakes=scanning.retakes + 1
    )
    return change(done, at=At.PAGE, page=new[0].id, back_to=At.CHECK), effects


def _begins(scanning: Scanning, old: Page | None, count: int, *, sheets: bool) -> list[bool]:
    """Several at once are papers of their own; sheets of a feeder are pages of one."""
    if count > 1 and sheets:
        return [scanning.next_begins if old is None else old.begins, *[False] * (count - 1)]
    if count > 1:
        return [True] * count
    return [old.begins if old is not None else scanning.next_begins]


# One page ---------------------------------------------------------------------------------------------------


def edit(model: Model, scanning: Scanning, action: ScanAct) -> Step:
    """What is asked for on the page that is looked at."""
    page = scanning.now
    if page is None:
        return model, ()
    match action:
        case a.TurnPage():
            turning, order = ordered(model)
            return turning, (TOUCH, a.Rework(scanning.session, order, page.id, turn=90))
        case a.MoveCorners() if scanning.at is At.CORNERS and page.corners:
            moving, order = ordered(change(model, at=At.PAGE))
            return moving, (TOUCH, a.Rework(scanning.session, order, page.id, corners=action.corners))
        case a.ChangeCorners() if page.corners:
            return change(model, at=At.CORNERS), (TOUCH,)
        case a.ChooseKind():
            return change(model, at=At.KIND), (TOUCH,)
        case a.IsKind() if scanning.at is At.KIND:
            return change(model, at=At.PAGE, pages=_of_kind(scanning, page, action)), (TOUCH,)
        case a.BeginsPaper() if page != scanning.pages[0]:
            return change(model, pages=_with(scanning, replace(page, begins=not page.begins))), (TOUCH,)
        case a.Retake():
            return to_plate(model, replaces=page.id), (TOUCH,)
        case a.DeletePage():
            return _delete(model, scanning, page)
    return model, ()


def _with(scanning: Scanning, page: Page) -> tuple[Page, ...]:
    return tuple(page if each.id == page.id else each for each in scanning.pages)


def _of_kind(scanning: Scanning, page: Page, action: a.IsKind) -> tuple[Page, ...]:
    first = next(paper[0] for paper in scanning.papers if page in paper)
    return _with(scanning, replace(first, kind=action.kind))


def _delete(model: Model, scanning: Scanning, page: Page) -> Step:
    """The paper it began begins with the page after it."""
    at = scanning.pages.index(page)
    rest = list(scanning.pages[:at] + scanning.pages[at + 1 :])
    if at < len(rest) and (page.begins or at == 0) and not rest[at].begins:
        rest[at] = replace(rest[at], begins=page.begins, kind=page.kind)
    without = change(model, pages=tuple(rest), retakes=scanning.retakes + 1, page="")
    gone = (TOUCH, a.Drop(scanning.session, (page.id,)))
    return (change(without, at=At.CHECK) if rest else to_plate(without)), gone


def reworked(model: Model, scanning: Scanning, event: a.Reworked) -> Step:
    if event.order != scanning.working:
        return model, ()
    shots = {shot.id: shot for shot in event.pages}
    pages = tuple(
        replace(page, version=page.version + 1, wide=shot.wide, high=shot.high, corners=shot.corners)
        if (shot := shots.get(page.id))
        else page
        for page in scanning.pages
    )
    alive = replace(model, last_sign=max(model.last_sign, model.steady))
    return change(alive, pages=pages, working=0), ()


def tick(model: Model, scanning: Scanning) -> Model:
    """A picture that never comes is given up."""
    all_of_them = scanning.at is At.CHECK  # a hundred pages are not made black in a moment
    longest = LIVE_SECONDS if model.station.live and not all_of_them else GLASS_SECONDS
    if (
        not scanning.working
        or scanning.at in (At.SENDING, At.FAILED)
        or model.steady - scanning.since <= longest
    ):
        return model
    return change(model, working=0, feeding=False, hint=Hint.NOT_TAKEN)
