"""The page on the estimate itself: how right the waits were that visitors were told, and what is held back."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.web.gate import Guarded
from server.web.pages.figures.asked import asked_of, show

router = APIRouter()


@router.get("/figures/estimates")
async def estimates_page(
    request: Request, caller: Guarded, kind: str = "", first: str = "", last: str = "", only: str = ""
) -> Response:
    return await show(
        request, caller, "estimates", await asked_of(request, caller, kind, first, last), only=only
    )
