"""The page Footfall: how many came, by what they did, for what, when, and how that compares."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.domain import spans
from server.domain.spans import Kind
from server.web.gate import Guarded
from server.web.pages.figures.asked import asked_of, show

router = APIRouter()


@router.get("/figures/footfall")
async def footfall_page(
    request: Request, caller: Guarded, kind: str = "", first: str = "", last: str = "", only: str = ""
) -> Response:
    asked = await asked_of(request, caller, kind, first, last)
    last_quarter = spans.before(spans.span_of(Kind.QUARTER, asked.today))
    return await show(
        request, caller, "footfall", asked, "figures/footfall.html", only, last_quarter=last_quarter
    )
