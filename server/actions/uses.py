"""What visitors used by themselves: a scan station, a form, a page elsewhere, the search. One row a use, however often it is told.

A scan or a form that was brought to its end is an activity besides, counted as a tap is: a row of its own (`CountSource.SELF_SERVICE`) with the use's id.
Where it is known whose visit it was, the visit is counted with that activity once, whoever counted it first: a ticket, a greeter, the
station. A form sent from home is a use and no activity of the centre. A use has the number of the packet that it sent; the two come by different roads in any order, so whichever is last puts them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from server.clock import from_micros
from server.store.queries import counts
from server.store.sql import Statement, iso_date
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import Activity, Channel, CountSource, Language, UseEnd, UseKind

COUNTED = {UseKind.SCAN: Activity.SCAN_STATION, UseKind.FORM: Activity.FORMS}
TWICE = "This visit was counted with it already."

_ADD = Statement(
    """INSERT INTO self_service_use (id, centre_id, device_id, channel, kind, slug, language, ended, step, seconds, pages, retakes, used_on, at)
    VALUES (:id, :centre, :device, :channel, :kind, :slug, :language, :ended, :step, :seconds, :pages, :retakes, :used_on, :at)
    ON CONFLICT DO NOTHING"""
)
_VISIT_OF = Statement("SELECT visit_id FROM submission WHERE id = :id AND centre_id = :centre")
_TALLY = Statement(
    "SELECT centre_id, activity, counted_on FROM tally WHERE id = :id AND source = :source AND visit_id IS NULL AND withdrawn_at IS NULL"
)
_OF_VISIT = Statement("UPDATE tally SET visit_id = :visit WHERE id = :id")
_ONCE = Statement("UPDATE tally SET visit_id = :visit, withdrawn_at = :now, reason = :why WHERE id = :id")


@dataclass(frozen=True)
class Used:
    """One use that is over. `at` in microseconds."""

    id: str
    centre: int
    kind: UseKind
    ended: UseEnd
    at: int
    slug: str = ""
    device: int | None = None
    channel: Channel = Channel.KIOSK
    language: Language = Language.EN
    step: str = ""
    seconds: int = 0
    pages: int = 0
    retakes: int = 0


def use(tx: Tx, ask: asks.Use) -> dict[str, Any]:
    """A kiosk tells of one."""
    used = Used(
        id=ask.use,
        centre=tx.actor.centre,
        kind=ask.kind,
        ended=ask.ended,
        at=tx.now - ask.age_ms * 1000,
        slug=ask.slug,
        device=tx.actor.id,
        language=ask.language,
        step=ask.step,
        seconds=ask.seconds,
        pages=ask.pages,
        retakes=ask.retakes,
    )
    add(tx, used)
    return {"use": ask.use}


def add(tx: Tx, used: Used) -> bool:
    """Write it down; False when it was told before."""
    on = _day(tx, used.centre, used.at)
    values = {
        "id": used.id,
        "centre": used.centre,
        "device": used.device,
        "channel": used.channel.value,
        "kind": used.kind.value,
        "slug": used.slug,
        "language": used.language.value,
        "ended": used.ended.value,
        "step": used.step,
        "seconds": used.seconds,
        "pages": used.pages,
        "retakes": used.retakes,
        "used_on": on.isoformat(),
        "at": used.at,
    }
    if tx.sql.run(_ADD, values) != 1:
        return False
    activity = COUNTED.get(used.kind)
    if activity is not None and used.ended is UseEnd.DONE and used.channel is Channel.KIOSK:
        _count(tx, used, activity, on)
    return True


def _count(tx: Tx, used: Used, activity: Activity, on: date) -> None:
    found = tx.sql.one(_VISIT_OF, {"id": used.id, "centre": used.centre})
    values = {
        "id": used.id,
        "centre": used.centre,
        "activity": activity.value,
        "source": CountSource.SELF_SERVICE.value,
        "counted_on": on.isoformat(),
        "at": used.at,
        "entered_at": tx.now,
        "staff": None,
    }
    counts.add_tally(tx.sql, values)
    if found is not None and found[0] is not None:
        with_visit(tx, used.id, found[0])


def with_visit(tx: Tx, use_id: str, visit: str) -> None:
    """The use of this number was this visit's. Where that visit is counted with the activity already, the use does not count."""
    found = tx.sql.one(_TALLY, {"id": use_id, "source": CountSource.SELF_SERVICE.value})
    if found is None:
        return
    on = date.fromisoformat(iso_date(found[2]))
    twice = counts.is_counted_of(tx.sql, found[0], visit, found[1], on, use_id)
    values = {"id": use_id, "visit": visit}
    if twice:
        tx.sql.run(_ONCE, {**values, "now": tx.now, "why": TWICE})
    else:
        tx.sql.run(_OF_VISIT, values)


def _day(tx: Tx, centre: int, at: int) -> date:
    """The centre's date at an instant."""
    return from_micros(at).astimezone(ZoneInfo(counts.zone_name(tx.sql, centre))).date()
