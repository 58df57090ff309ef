"""What programs change: hold a time, let it go, book it, move and cancel it. The doing is `server.actions.programs`'."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.actions import programs
from server.clock import to_micros
from server.store.tables import ApiKey
from server.store.tx import Tx
from server.web.api.v1 import shapes
from server.web.api.v1.answers import pace, refusals
from server.web.api.v1.reading import Reference, link_of
from server.web.gate import Guarded, house_of
from server.web.identity import Caller
from wire.body import Id

router = APIRouter(prefix="/api/v1", dependencies=[Depends(pace)])

Once = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9_.-]{8,80}$",
        description="The program's own name for this change, such as a UUID. Said again with the same call, it gets the first answer.",
        examples=["6f1c2a52-8e4b-4f0e-9d55-0c6a1f2b3c4d"],
    ),
]


def _links(parameter: str, *operations: str) -> dict[str, Any]:
    """Where to go on from an answer that names the thing."""
    return {
        each: {"operationId": each, "parameters": {parameter: f"$response.body#/{parameter}"}}
        for each in operations
    }


_BOOK = {
    "book": {
        "operationId": "book",
        "requestBody": {"hold": "$response.body#/hold", "visitor": {"name": "Meera Patel"}},
    }
}
_LOCATION = {"Location": {"description": "Where it is read.", "schema": {"type": "string"}}}


@router.post(
    "/holds",
    status_code=201,
    response_model=shapes.HoldOut,
    responses={201: {"links": {**_links("hold", "release"), **_BOOK}}, **refusals(404, 409, 413, 422)},
    tags=["booking"],
    operation_id="hold",
)
async def hold(request: Request, caller: Guarded, body: shapes.HoldIn, once: Once) -> Response:
    """Keep a time for ten minutes, while the visitor's details are asked for."""

    def change(tx: Tx, key: ApiKey) -> programs.Told:
        starts_at = to_micros(body.starts_at)
        return programs.hold(tx, key, body.centre, body.service, starts_at, body.interpreter)

    told = await _do(request, caller, once, body, change)
    return JSONResponse(told, 201)


@router.delete(
    "/holds/{hold}",
    status_code=204,
    responses=refusals(404),
    tags=["booking"],
    operation_id="release",
)
async def release(
    request: Request,
    caller: Guarded,
    hold: Annotated[Id, Path(description="As it was named when it was held.")],
) -> Response:
    """Let a hold go: its time is free at once."""
    await house_of(request).change(caller.actor, "api_release", partial(programs.release, hold_id=hold))
    return Response(status_code=204)


@router.post(
    "/appointments",
    status_code=201,
    response_model=shapes.AppointmentOut,
    responses={
        201: {"headers": _LOCATION, "links": _links("reference", "appointment", "move", "cancel")},
        **refusals(404, 409, 413, 422),
    },
    tags=["booking"],
    operation_id="book",
)
async def book(request: Request, caller: Guarded, body: shapes.AppointmentIn, once: Once) -> Response:
    """Make a hold an appointment. The visitor is written to, if there is a way to reach them. A hold that ran out is taken again if its time is
    still free."""

    def change(tx: Tx, key: ApiKey) -> programs.Told:
        return programs.book(tx, key, body.hold, body.visitor.model_dump())

    told = _whole(request, await _do(request, caller, once, body, change))
    return JSONResponse(told, 201, {"location": f"/api/v1/appointments/{told['reference']}"})


@router.post(
    "/appointments/{reference}/move",
    response_model=shapes.AppointmentOut,
    responses=refusals(404, 409, 413, 422),
    tags=["booking"],
    operation_id="move",
)
async def move(
    request: Request, caller: Guarded, reference: Reference, body: shapes.MoveIn, once: Once
) -> Response:
    """To another time of the same service. The reference and the link stay."""

    def change(tx: Tx, key: ApiKey) -> programs.Told:
        return programs.move(tx, key, reference, to_micros(body.starts_at), body.reason, body.tell)

    return JSONResponse(_whole(request, await _do(request, caller, once, body, change)))


@router.post(
    "/appointments/{reference}/cancel",
    response_model=shapes.AppointmentOut,
    responses=refusals(404, 409, 413, 422),
    tags=["booking"],
    operation_id="cancel",
)
async def cancel(
    request: Request, caller: Guarded, reference: Reference, body: shapes.CancelIn, once: Once
) -> Response:
    """Its time is free at once. Cancelled again, nothing happens."""

    def change(tx: Tx, key: ApiKey) -> programs.Told:
        return programs.cancel(tx, key, reference, body.reason, body.tell)

    return JSONResponse(_whole(request, await _do(request, caller, once, body, change)))


async def _do(
    request: Request,
    caller: Caller,
    once: str,
    body: shapes.Taken,
    change: Callable[[Tx, ApiKey], programs.Told],
) -> programs.Told:
    call = f"{request.method} {request.url.path}\n{body.model_dump_json()}"

    def run(tx: Tx) -> programs.Told:
        return programs.once(tx, once, call, partial(change, tx))

    return await house_of(request).change(caller.actor, "api_change", run)


def _whole(request: Request, told: programs.Told) -> dict[str, Any]:
    """With the visitor's link, which is worked out and not kept. Whom it is for is not repeated: the caller has just said it, or asks."""
    number = told.pop("booking")
    return {**told, "link": link_of(request, number), "visitor": None}
