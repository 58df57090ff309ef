"""The page Centres: those where the reader is manager, side by side."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.domain.spans import Kind
from server.web.gate import Guarded
from server.web.pages.figures.asked import asked_of, show

router = APIRouter()


@router.get("/figures/centres")
async def centres_page(
    request: Request, caller: Guarded, kind: str = "", first: str = "", last: str = "", only: str = ""
) -> Response:
    asked = await asked_of(request, caller, kind, first, last, Kind.MONTH)
    return await show(request, caller, "centres", asked, "figures/centres.html", only)
