"""Everything that needs a person now at one centre, in the order it should be seen to.

One list of two kinds: what was asked for (help, an alarm, a safe room, an entry set aside) and what the house noticed by itself
(`server.domain.concerns`), the latter with who took it where somebody has. The staff pages draw this list, and the mark that makes them
draw it anew is made of it as well, so that a wait that grows too long rings though nobody did anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.domain.concerns import Concern, rank
from server.store.queries import concerns
from server.store.queries.concerns import Row
from server.store.sql import Sql
from wire.references import read_reference, show_reference
from wire.vocabulary import AttentionKind


@dataclass(frozen=True)
class AttentionNow:
    """One thing to see to. Take and done go by `request` where there is one (`take_attention`), else by `subject` (`take_concern`).

    `say` is one sentence for staff, or two. `staff` is who asked, `device` the device's name, `since_at` None when it is not known.
    """

    kind: AttentionKind
    say: str
    since_at: int | None
    request: str | None = None
    subject: str | None = None
    ticket: str | None = None
    code: str = ""
    device: str = ""
    device_id: int | None = None
    staff: str = ""
    staff_id: int | None = None
    taken_by: str = ""
    taken_by_id: int | None = None
    language: str = ""
    """Of the visitor who pressed for help."""

    @property
    def key(self) -> str:
        """Names it on a page, whatever becomes of it."""
        return self.subject or self.request or ""


def attention_now(sql: Sql, centre: int, now: int) -> tuple[AttentionNow, ...]:
    """What needs a person at `centre` at `now` (microseconds), the most urgent first. For staff only."""
    rows = concerns.open_rows(sql, centre)
    taken = {row.subject: row for row in rows if row.subject is not None}
    asked = [_asked(row) for row in rows if row.subject is None]
    noticed = [
        _noticed(concern, taken.get(concern.subject)) for concern in concerns.noticed(sql, centre, now)
    ]
    return tuple(sorted((*asked, *noticed), key=lambda each: rank(each.kind, each.since_at, each.key)))


def _noticed(concern: Concern, taken: Row | None) -> AttentionNow:
    return AttentionNow(
        kind=concern.kind,
        say=concern.say,
        since_at=concern.since_at,
        subject=concern.subject,
        ticket=concern.ticket,
        code=concern.code,
        device_id=concern.device,
        taken_by=taken.taken_name if taken else "",
        taken_by_id=taken.taken_by if taken else None,
    )


def _asked(row: Row) -> AttentionNow:
    return AttentionNow(
        kind=row.kind,
        say=_SAYS.get(row.kind, _help)(row),
        since_at=row.at,
        request=row.id,
        ticket=row.ticket,
        code=row.code or _text(row.detail, "code"),
        device=row.device_name,
        device_id=row.device,
        staff=row.staff_name,
        staff_id=row.staff,
        taken_by=row.taken_name,
        taken_by_id=row.taken_by,
        language=_text(row.detail, "language"),
    )


def _text(detail: Mapping[str, Any], key: str) -> str:
    return str(detail.get(key) or "")


def _alarm(row: Row) -> str:
    return f"{row.staff_name or 'A colleague'} needs help now. Where: {_text(row.detail, 'where') or 'not said'}."


def _safe_room(row: Row) -> str:
    where = _text(row.detail, "where")
    wanted = f"A safe room is wanted{f' for {row.code}' if row.code else ''}."
    return " ".join(
        filter(None, (wanted, where and f"Where: {where}.", "Take them to one now, out of sight of others."))
    )


def _help(row: Row) -> str:
    return f"Somebody at {row.device_name or 'a kiosk'} asks for help. Go to them."


_AT_CHECK_IN = {
    "unknown": "{code} says they have an appointment, and nobody knows the reference they gave. Find their appointment by name or time, check"
    " them in, and put {code} into the new number.",
    "other_day": "{code} came for an appointment that is on another day. Tell them when it is, or see them today.",
    "other_centre": "{code} came for an appointment at another centre. Tell them where it is, or see them here.",
    "cancelled": "{code} came for an appointment that was cancelled. They wait as a walk-in. Tell them, and help them to book again.",
    "second_paper": "{code} and {into} are two papers of one visitor with an appointment, who is called as {into}. Tell them.",
}
"""What came of a check-in at a kiosk, by what `server.actions.arriving` found."""


def _set_aside(row: Row) -> str:
    found = _AT_CHECK_IN.get(_text(row.detail, "check_in"))
    if found is not None:
        return found.format(code=_text(row.detail, "code"), into=_text(row.detail, "into"))
    if _text(row.detail, "what") == "packet":
        code = _text(row.detail, "code")
        receipt = f" Its visitor's receipt says {show_reference(code)}." if read_reference(code) else ""
        return (
            f"{row.device_name or 'A kiosk'} could not hand in papers or a form.{receipt} {_text(row.detail, 'why')}"
            " If they come back or call, ask them to hand it in again."
        )
    return (
        f"{row.device_name or 'A kiosk'} could not hand over {_text(row.detail, 'code') or 'a ticket'}. {_text(row.detail, 'why')}"
        " Somebody may hold this number: find them and give them a new ticket."
    )


_SAYS = {
    AttentionKind.ALARM: _alarm,
    AttentionKind.SAFE_ROOM: _safe_room,
    AttentionKind.SET_ASIDE: _set_aside,
    AttentionKind.HELP: _help,
}
