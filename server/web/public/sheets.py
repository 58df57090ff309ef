"""The style sheet's own address: it names this very text, so a phone may keep it for a year and never asks again."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from server.web.public.look import sheet

router = APIRouter()
A_YEAR = "public, max-age=31536000, immutable"


@router.get("/book/look/{name}")
async def look(request: Request, name: str) -> Response:
    kept = sheet()
    if name != f"{kept.mark}.css":
        raise HTTPException(404)
    headers = {"cache-control": A_YEAR, "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        packed = {**headers, "content-encoding": "gzip"}
        return Response(kept.packed, media_type="text/css", headers=packed)
    return Response(kept.plain, media_type="text/css", headers=headers)
