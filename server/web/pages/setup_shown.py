"""What the forms of the set-up show beside their fields: choices to pick from, the picture of the kiosk, what is planned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from server.centrefile import CentrePlan, Fault
from server.centrefile.plan import ICONS, MOST_CHOICES
from server.domain.changes import Part, Table, day_said
from server.domain.hours import Hours
from server.web.pages import setup_forms as forms
from server.web.pages import setup_kiosk, setup_offer, setup_words
from server.web.pages.setup_desk import KINDS, Desk
from server.web.pages.setup_kiosk import Look
from server.web.render import add_filters
from wire.vocabulary import RIGHT_TO_LEFT, Activity, CounterKind, Language

ROOMS_OF = {kind: room for room, kind in KINDS.items()}
SEEN_ON_KIOSK = frozenset({"service", "choice", "layout", "centre", "private"})


def looked_at(
    kind: str,
    part: Part,
    plan: CentrePlan,
    *,
    where: CentrePlan | None = None,
    language: str = "en",
    tall: bool = True,
) -> Look | None:
    """The screen of the kiosk on which the part is seen (or was, in the plan `where`); none for what is not on the kiosk."""
    if kind not in SEEN_ON_KIOSK:
        return None
    choice = ""
    if kind == "service":
        choice = next((each.choice or "" for each in (where or plan).services if each.slug == part.name), "")
    return setup_kiosk.look_at(plan, language, choice, tall=tall)


def context_for(
    desk: Desk,
    part: Part,
    table: Table | None,
    *,
    faults: Iterable[Fault] = (),
    aspect: str = "",
    more: str = "",
) -> dict[str, Any]:
    """For the template of the part's form."""
    kind = part.kind
    values = dict(table or {})
    over: list[Table] = []
    more_shown: dict[str, Any] = {}
    if aspect == "hours":
        for key in ("exception", "closure"):
            past, values[key] = forms.upcoming(values.get(key, []), desk.today)
            over += past
        faults = [_without_past(fault, table or {}, desk) for fault in faults]
    if aspect == "appointments":
        values["appointments"] = setup_offer.filled_in(values.get("appointments"))
        more_shown = setup_offer.shown(desk, part, table or {})
    where = f"/setup/{kind}" if kind not in ROOMS_OF else f"/setup/{ROOMS_OF[kind]}/{part.name or 'add'}"
    return {
        "desk": desk,
        "kind": kind,
        "part": part,
        "room": ROOMS_OF.get(kind, ""),
        "where": where,
        "is_new": kind in ROOMS_OF and not part.name,
        "form": forms.filled(kind, values, faults),
        "languages": [(each, each in RIGHT_TO_LEFT) for each in desk.languages],
        "planned": desk.planned_for(part) if part.name or kind not in ROOMS_OF else [],
        "planned_rows": lambda change: setup_words.rows(kind, change.before, change.after, desk.coming),
        "icons": [(name, setup_words.ICON_NAMES[name]) for name in ICONS],
        "words_of": setup_words,
        "activities": [each for each in Activity if each is not Activity.DOOR_HELP],
        "counter_kinds": list(CounterKind),
        "every_language": list(Language),
        "zones": _zones() if kind == "centre" else (),
        "look": None if aspect else looked_at(kind, part, desk.coming),
        "over": over,
        "more": more,
        "most_choices": MOST_CHOICES,
        "split": forms.upcoming,
        **more_shown,
    }


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


def _without_past(fault: Fault, table: Table, desk: Desk) -> Fault:
    """The form shows what is to come only, so its rows begin to count there."""
    if (
        len(fault.path) < 2
        or fault.path[0] not in ("exception", "closure")
        or not isinstance(fault.path[1], int)
    ):
        return fault
    past, _ = forms.upcoming(table.get(str(fault.path[0]), []), desk.today)
    return Fault((fault.path[0], fault.path[1] - len(past), *fault.path[2:]), fault.say)


def in_full(at: datetime, zone: ZoneInfo) -> str:
    """`Wednesday 25 November 2026`, with the time when it is not as the day begins."""
    local = at.astimezone(zone)
    day = f"{local:%A} {local.day} {local:%B} {local:%Y}"
    return day if (local.hour, local.minute) == (0, 0) else f"{day} at {local:%H:%M}"


def hours_said(hours: Hours) -> list[str]:
    """Usual hours as people say them, days with the same hours together."""
    rows: list[Table] = []
    for each in hours.usual:
        times = {"opens": f"{each.opens:%H:%M}", "closes": f"{each.closes:%H:%M}"}
        bounds = {"from": each.from_on, "until": each.until_on}
        row = {**times, **{key: f"{on}" for key, on in bounds.items() if on}}
        day = setup_words.WEEK[each.weekday]
        if rows and {key: value for key, value in rows[-1].items() if key != "days"} == row:
            rows[-1]["days"].append(day)
        else:
            rows.append({"days": [day], **row})
    return [setup_words.usual_said(row) for row in rows]


add_filters(
    in_full=in_full,
    hours_said=hours_said,
    day_said=lambda on: day_said(str(on)),
    day_after=lambda on: on + timedelta(days=1),
)
