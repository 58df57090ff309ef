"""Everything that joins the house to other systems, as its administrators see it: calendars, webhooks, programs' keys, and how they fare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from server.store.tables import ApiKey, Bookable, CalendarFeed, Hook, HookCall, Service, Staff

MOST_CALLS = 30


@dataclass(frozen=True)
class FeedSeen:
    id: int
    name: str
    kind: str
    made_by: str
    made_at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class KeySeen:
    id: int
    name: str
    rights: tuple[str, ...]
    services: tuple[str, ...]
    """Names of those it is limited to; empty: all that are not private."""
    made_by: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class HookSeen:
    """`waiting`: to be made or made again; `dead`: given up; `why`: what the last one to be tried again met."""

    id: int
    name: str
    url: str
    events: tuple[str, ...]
    made_by: str
    made_at: datetime
    paused_at: datetime | None
    paused_why: str
    both_until: datetime | None
    waiting: int
    dead: int
    done_at: datetime | None
    why: str


@dataclass(frozen=True)
class CallSeen:
    id: str
    event: str
    reference: str
    made_at: datetime
    attempts: int
    due_at: datetime
    done_at: datetime | None
    dead_at: datetime | None
    why: str


def feeds_of(session: Session, centre: int, staff: int | None = None) -> list[FeedSeen]:
    """The addresses that can be read; of one person's own calendar when `staff` is given."""
    found = (
        select(CalendarFeed, Bookable, Staff.name)
        .join(Bookable, col(Bookable.id) == col(CalendarFeed.bookable_id))
        .join(Staff, col(Staff.id) == col(CalendarFeed.made_by), isouter=True)
        .where(CalendarFeed.centre_id == centre, col(CalendarFeed.revoked_at).is_(None))
        .order_by(col(Bookable.name), col(CalendarFeed.id))
    )
    if staff is not None:
        found = found.where(Bookable.staff_id == staff)
    return [
        FeedSeen(feed.id or 0, whose.name, whose.kind, by or "", feed.made_at, feed.read_at)
        for feed, whose, by in session.exec(found)
    ]


def bookables_of(session: Session, centre: int, staff: int | None = None) -> list[tuple[int, str, str]]:
    """Number, name and kind of those that have a calendar."""
    found = select(Bookable).where(Bookable.centre_id == centre, col(Bookable.retired_at).is_(None))
    if staff is not None:
        found = found.where(Bookable.staff_id == staff)
    return [(each.id or 0, each.name, each.kind) for each in session.exec(found.order_by(col(Bookable.name)))]


def keys_of(session: Session, centre: int) -> list[KeySeen]:
    names = dict(services_of(session, centre))
    found = (
        select(ApiKey, Staff.name)
        .join(Staff, col(Staff.id) == col(ApiKey.made_by), isouter=True)
        .where(ApiKey.centre_id == centre, col(ApiKey.revoked_at).is_(None))
        .order_by(col(ApiKey.name), col(ApiKey.id))
    )
    return [
        KeySeen(
            key.id or 0,
            key.name,
            tuple(key.rights),
            tuple(names.get(slug, slug) for slug in key.services),
            by or "",
            key.made_at,
            key.used_at,
        )
        for key, by in session.exec(found)
    ]


def services_of(session: Session, centre: int) -> list[tuple[str, str]]:
    """Slug and name of those that can be booked."""
    here = select(Service).where(Service.centre_id == centre, col(Service.retired_at).is_(None))
    return [
        (each.slug, each.names["en"])
        for each in session.exec(here.order_by(col(Service.position), col(Service.id)))
        if each.booking
    ]


def hooks_of(session: Session, centre: int, only: int | None = None) -> list[HookSeen]:
    """The webhooks of a centre, or one of them."""
    found = (
        select(Hook, Staff.name)
        .join(Staff, col(Staff.id) == col(Hook.made_by), isouter=True)
        .where(Hook.centre_id == centre, col(Hook.retired_at).is_(None))
        .order_by(col(Hook.name), col(Hook.id))
    )
    if only is not None:
        found = found.where(Hook.id == only)
    return [_hook(session, hook, by or "") for hook, by in session.exec(found).all()]


def _hook(session: Session, hook: Hook, by: str) -> HookSeen:
    mine = select(func.count()).where(HookCall.hook_id == hook.id)
    open_ones = mine.where(col(HookCall.done_at).is_(None))
    last_done = select(func.max(col(HookCall.done_at))).where(HookCall.hook_id == hook.id)
    tried = (
        select(HookCall.why)
        .where(HookCall.hook_id == hook.id, col(HookCall.done_at).is_(None), HookCall.why != "")
        .order_by(col(HookCall.due_at).desc())
        .limit(1)
    )
    return HookSeen(
        id=hook.id or 0,
        name=hook.name,
        url=hook.url,
        events=tuple(hook.events),
        made_by=by,
        made_at=hook.made_at,
        paused_at=hook.paused_at,
        paused_why=hook.paused_why,
        both_until=hook.old_until,
        waiting=session.exec(open_ones.where(col(HookCall.dead_at).is_(None))).one(),
        dead=session.exec(mine.where(col(HookCall.dead_at).is_not(None))).one(),
        done_at=session.exec(last_done).one(),
        why=session.exec(tried).first() or "",
    )


def calls_of(session: Session, hook: int) -> tuple[list[CallSeen], list[CallSeen]]:
    """The latest calls, and those that were given up, the latest first."""
    mine = select(HookCall).where(HookCall.hook_id == hook)
    latest = session.exec(
        mine.order_by(col(HookCall.made_at).desc(), col(HookCall.id).desc()).limit(MOST_CALLS)
    )
    seen = [_call(each) for each in latest.all()]
    dead = session.exec(
        mine.where(col(HookCall.dead_at).is_not(None))
        .order_by(col(HookCall.dead_at).desc())
        .limit(MOST_CALLS)
    )
    return seen, [_call(each) for each in dead.all()]


def _call(call: HookCall) -> CallSeen:
    return CallSeen(
        call.id,
        call.event,
        str(call.body.get("subject", "")),
        call.made_at,
        call.attempts,
        call.due_at,
        call.done_at,
        call.dead_at,
        call.why,
    )


def in_trouble(session: Session, centre: int) -> Mapping[int, tuple[str, str]]:
    """Webhooks that a person must look at, by their number: name, and what is the matter."""
    found = {}
    for each in hooks_of(session, centre):
        if each.paused_why:
            found[each.id] = (each.name, f"Paused by itself. {each.paused_why}")
        elif each.dead:
            found[each.id] = (each.name, f"{each.dead} calls were given up. {each.why}")
    return found
