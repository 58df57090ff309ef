"""The page Waits and service: how long visitors waited and were served, what became of them, how appointments were kept and counters used.

It begins with today, as a manager asks "how is it going?" first. The page it grew out of told of appointments' waits alone; its address leads here, with the same days.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.domain.spans import Kind
from server.web.gate import Guarded
from server.web.pages.figures.asked import asked_of, show

router = APIRouter()


@router.get("/figures/waits")
async def waits_page(
    request: Request, caller: Guarded, kind: str = "", first: str = "", last: str = "", only: str = ""
) -> Response:
    asked = await asked_of(request, caller, kind, first, last, Kind.DAY)
    return await show(request, caller, "waits", asked, only=only)


@router.get("/appointments/waits")
async def earlier_address(request: Request, caller: Guarded) -> Response:
    query = request.url.query
    return RedirectResponse(f"/figures/waits{'?' if query else ''}{query}", status_code=303)
