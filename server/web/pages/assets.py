"""The staff pages' own styles, scripts and icons. Looked up in a list made at start; asked for anew each time, answered 304 if unchanged."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import Response

router = APIRouter()

_FOLDER = Path(__file__).resolve().parents[1] / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@cache
def _files() -> dict[str, Path]:
    return {
        path.relative_to(_FOLDER).as_posix(): path for path in _FOLDER.rglob("*") if path.suffix in _TYPES
    }


@router.get("/static/{path:path}")
async def static(request: Request, path: str) -> Response:
    found = _files().get(path)
    if found is None:
        raise HTTPException(404)
    content = found.read_bytes()
    mark = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"etag": mark, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=_TYPES[found.suffix], headers=headers)
