"""The page Why people came: what came of it, what need not have been, and who had to come again.

It begins with the last month that is over, because causes show in months and services may be told of whole ones.
"""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.domain.spans import Kind
from server.web.gate import Guarded
from server.web.pages.figures.asked import asked_of, show

router = APIRouter()


@router.get("/figures/why")
async def why_page(
    request: Request, caller: Guarded, kind: str = "", first: str = "", last: str = "", only: str = ""
) -> Response:
    asked = await asked_of(request, caller, kind, first, last)
    if not (kind or first or last):
        month = asked.today.replace(day=1) - timedelta(days=1)
        asked = await asked_of(request, caller, Kind.MONTH, month.isoformat())
    return await show(request, caller, "why", asked, only=only)
