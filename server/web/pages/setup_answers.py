"""The two pages a form of the set-up is answered with: the form again, or what would change, from what to what, and when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.domain.changes import Part, Table, mark_of
from server.store.tables import Change
from server.web.icons import ICONS as DRAWINGS
from server.web.pages import setup_words
from server.web.pages.setup_desk import Desk, Outlook
from server.web.pages.setup_shown import ROOMS_OF, context_for, looked_at
from server.web.render import page


def form_page(
    request: Request,
    desk: Desk,
    part: Part,
    table: Table | None,
    *,
    mark: str = "",
    faults: Any = (),
    said: str = "",
    status: int = 200,
    aspect: str = "",
    more: str = "",
    shown: Mapping[str, Any] | None = None,
) -> Response:
    """The form of a part, filled with `table`. Without a name it is one to be added."""
    context = context_for(desk, part, table, faults=faults, aspect=aspect, more=more)
    template = f"setup/service_{aspect}.html" if aspect else f"setup/{part.kind}.html"
    stands = desk.table(part) if part.name or part.kind not in ROOMS_OF else None
    return page(
        request,
        template,
        said=said,
        status=status,
        mark=mark or mark_of(stands),
        drawings=DRAWINGS,
        **{**context, **(shown or {})},
    )


def rows_of(desk: Desk, change: Change) -> list[setup_words.Row]:
    """What a change changes, in words."""
    kind = change.part.partition(":")[0]
    return setup_words.rows(kind, change.before, change.after, desk.coming)


def preview(
    request: Request,
    desk: Desk,
    outlook: Outlook,
    *,
    aspect: str = "",
    said: str = "",
    status: int = 200,
    **typed: str,
) -> Response:
    part = outlook.draft.part
    kind = part.kind
    sent = {
        "part": str(part),
        "after": outlook.draft.after,
        "mark": outlook.draft.mark,
        "undoes": outlook.draft.undoes,
        "aspect": aspect,
    }
    return page(
        request,
        "setup/preview.html",
        said=said,
        status=status,
        desk=desk,
        outlook=outlook,
        kind=kind,
        rows=setup_words.rows(
            kind, outlook.before, outlook.after, outlook.plan if outlook.after else desk.plan
        ),
        draft=json.dumps(sent, ensure_ascii=False),
        planned=desk.planned_for(part),
        planned_rows=partial(rows_of, desk),
        look=looked_at(kind, part, outlook.plan, where=desk.plan if outlook.after is None else outlook.plan),
        drawings=DRAWINGS,
        typed={"when": "now" if not outlook.not_now else "tomorrow", "on": "", **typed},
    )
