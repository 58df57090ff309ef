"""What staff do with one visitor at a time and no screen may do by itself: look at what a discreet visit is about, show the square to follow it.

Both are posts, with the form's token. A look is one person's deed and leaves an entry, so nothing that a browser fetches by itself (a page loaded
again, a preview) can make one. A square holds a secret made for it: it is drawn here, is in no address and in no log, and the server keeps its hash.
Showing another makes the one before worthless; the paper's goes on working.
"""

from __future__ import annotations

import secrets
from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from forms.contact import Phone, read_phone
from server.actions import discreet, posting, welcome
from server.actions.keys import hash_of
from server.domain.posting import masked
from server.domain.refusals import Refused
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.pages.counter import BACK, ticket_sheet
from server.web.render import page
from wire.vocabulary import RefusalCode

router = APIRouter()

OVERLAP = 1.04
"""Each row reaches a little into the next, or a screen whose dots fit the rows badly shows light seams between them."""
QUIET_MODULES = 4
"""The white edge that the standard (ISO/IEC 18004) asks for."""


@router.post("/floor/ticket/{ticket_id}/look")
async def look(request: Request, ticket_id: str, caller: Guarded) -> Response:
    """The sheet of one ticket with what it is about; refused without the right, and either way written down."""
    form = await form_of(request, caller)
    looking = partial(discreet.look, ticket=ticket_id)
    await house_of(request).change(caller.actor, "look", looking)
    return await ticket_sheet(request, ticket_id, caller, text_of(form, "back"), revealed=ticket_id)


@router.post("/floor/ticket/{ticket_id}/qr")
async def square(request: Request, ticket_id: str, caller: Guarded) -> Response:
    """The square a visitor's phone can read, and the address in it."""
    form = await form_of(request, caller)
    house = house_of(request)
    public = house.settings.public_url.rstrip("/")
    if not public:
        raise Refused(
            RefusalCode.WRONG_STATE, "This house has no address for phones. Print the ticket instead."
        )
    secret = secrets.token_urlsafe(16)  # as short as the kiosk's: a smaller square is read from further away
    showing = partial(welcome.show_square, ticket=ticket_id, secret_hash=hash_of(secret))
    code = await house.change(caller.actor, "show_square", showing)
    back = text_of(form, "back")
    template = "square_now.html" if "x-foyer-part" in request.headers else "square.html"
    address = f"{public}/t/{secret}"
    side, path = drawn(address)
    return page(
        request,
        template,
        code=code,
        address=address,
        side=side,
        path=path,
        back=back if back in BACK else "floor",
    )


@router.post("/greeter/arrived/{ticket_id}/text")
async def text_them(request: Request, ticket_id: str, caller: Guarded) -> Response:
    """Text a visitor when their turn is near. Pressed without a number it asks for one."""
    form = await form_of(request, caller)
    house, typed = house_of(request), text_of(form, "phone", 40)
    wrong, set_to = "", ""
    if "phone" in form:
        read = read_phone(typed)
        if not isinstance(read, Phone) or not read.textable:
            wrong = "This is no mobile number that takes texts. Ask for it again, or tell them to listen for their number."
        elif not text_of(form, "safe"):
            wrong = "Ask whether it is safe to text this number, and tick the box if it is."
        else:
            wish = partial(posting.wish_text_for_ticket, ticket=ticket_id, phone=read.e164)
            await house.change(caller.actor, "wish_text", wish)
            set_to = masked(read.e164)
    template = "text_them_now.html" if "x-foyer-part" in request.headers else "text_them.html"
    return page(request, template, ticket_id=ticket_id, wrong=wrong, typed=typed, set_to=set_to)


def drawn(text: str) -> tuple[int, str]:
    """A QR of `text`: how many modules wide with its quiet edge, and its dark modules as an SVG path."""
    import qrcode  # with what it brings for drawing, 5 MB that only who prints a sheet needs

    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=QUIET_MODULES)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    runs = [
        f"M{x} {y}h{length}v{OVERLAP}h-{length}z"
        for y, row in enumerate(rows)
        for x, length in _dark_runs(row)
    ]
    return len(rows), "".join(runs)


def _dark_runs(row: list[bool]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if dark and runs and sum(runs[-1]) == x:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((x, 1))
    return runs
