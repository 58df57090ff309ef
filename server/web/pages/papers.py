"""What visitors handed in: the list, and one of them with its pages, its answers, who looked and what became of it.

The list is for who sorts papers. One submission is also for the adviser at whose counter its visitor is. Opening it is a look that is written down
before anything is shown; the pictures of its pages are fetched by the browser and given to who has looked. They are drawn from memory to memory, and
no browser keeps them: what is answered here says `no-store`, and a document that is downloaded is an attachment, never shown by the browser itself.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode
from weakref import WeakKeyDictionary

from fastapi import APIRouter
from sqlmodel import select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import paper_looks
from server.actions.sorting import CHANGED, could_be_joined
from server.domain import papers as rules
from server.domain.papers import DOWNLOADED
from server.domain.refusals import Refused
from server.edge import House
from server.live import opened
from server.live.paper_one import OneNow, read_one
from server.live.papers import ON_A_PAGE, SHOWN, TO_DO, PapersNow, Wanted, find, read_papers
from server.papers import picturing
from server.papers.picturing import NoPicture
from server.store.queries.paper_access import private_ones
from server.store.tables import Document, Submission
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.render import page
from wire.references import show_reference
from wire.vocabulary import RefusalCode, Role

router = APIRouter()

PAGES_AT_ONCE = 20
AT_ONCE = 2
DRAWING = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="drawing")
"""Drawing a page takes a fifth of a second of one core, of a hundred pages too; the queue has the other."""
_OPEN: WeakKeyDictionary[House, asyncio.Semaphore] = WeakKeyDictionary()
NOT_FOUND = "There is no such reference here, or it is one that you may not see. It has eight signs, without 0, 1 and vowels."


def age(micros: int) -> str:
    """`4 min`, `3 h`, `2 days`: how old something is, short enough for a table."""
    minutes = max(0, micros) // 60_000_000
    if minutes < 90:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"


@router.get("/papers")
async def papers_page(
    request: Request, caller: Guarded, shown: str = TO_DO, what: str = "", team: str = "", sheet: str = "1"
) -> Response:
    number = int(sheet) if sheet.isdecimal() and 0 < int(sheet[:6]) < 1000 else 1
    wanted = Wanted(shown if shown in SHOWN else TO_DO, what[:40], team[:40], number)
    return await _list(request, caller, wanted)


async def _list(
    request: Request, caller: Caller, wanted: Wanted, *, said: str = "", status: int = 200, typed: str = ""
) -> Response:
    house = house_of(request)
    now = house.clock.now()
    found: PapersNow = await house.read(partial(read_papers, actor=caller.actor, wanted=wanted, now=now))

    def address(sheet: int) -> str:
        kept = {"shown": wanted.shown, "what": wanted.what, "team": wanted.team, "sheet": sheet}
        return "/papers?" + urlencode({name: value for name, value in kept.items() if value})

    return page(
        request,
        "papers.html",
        said=said,
        status=status,
        papers=found,
        wanted=wanted,
        typed=typed,
        age=lambda at: age(round((now - at).total_seconds() * 1_000_000)),
        reference_of=show_reference,
        newer=address(wanted.page - 1) if wanted.page > 1 else None,
        older=address(wanted.page + 1) if found.more else None,
        on_a_page=ON_A_PAGE,
    )


@router.post("/papers/find")
async def find_page(request: Request, caller: Guarded) -> Response:
    """By reference, as a visitor reads it off their receipt. In a form's body, so that it is in no address and no log."""
    form = await form_of(request, caller)
    typed = text_of(form, "reference", 20)
    found = await house_of(request).read(partial(find, actor=caller.actor, typed=typed))
    if found is None:
        return await _list(request, caller, Wanted(), said=NOT_FOUND, status=404, typed=typed)
    return RedirectResponse(f"/papers/{found}/look", status_code=303)


@router.get("/papers/{submission_id}")
async def link(request: Request, submission_id: str, caller: Guarded) -> Response:
    """Where a mail to a team leads."""
    return RedirectResponse(f"/papers/{submission_id}/look", status_code=303)


@router.get("/papers/{submission_id}/look")
async def one(request: Request, submission_id: str, caller: Guarded, first: str = "1") -> Response:
    return await one_page(request, caller, submission_id, first=first)


async def one_page(
    request: Request,
    caller: Caller,
    submission_id: str,
    *,
    first: str = "1",
    said: str = "",
    status: int = 200,
) -> Response:
    """The look is written down first; a refused one too."""
    house = house_of(request)
    looking = partial(paper_looks.look, submission_id=submission_id)
    refusal = await house.change(caller.actor, "look_at_papers", looking)
    if refusal is not None:
        raise Refused(refusal.code, refusal.say)
    now = house.clock.now()
    found: OneNow = await house.read(
        partial(read_one, keyring=house.keyring, submission_id=submission_id, now=now)
    )
    gone = found.row.deleted_at is not None
    sorts = Role.PAPERS in caller.actor.roles
    others: list[Submission] = []
    if sorts and not gone and rules.may_turn_pages(found.row.kind):
        others = await house.read(partial(_others, submission_id=submission_id, caller=caller))
    start = int(first) if first.isdecimal() and len(first) < 5 else 1
    context: dict[str, Any] = {
        "one": found,
        "row": found.row,
        "sorts": sorts,
        "others": others,
        "start": max(1, start),
        "at_once": PAGES_AT_ONCE,
        "age": age(round((now - found.row.made_at).total_seconds() * 1_000_000)),
        "reference_of": show_reference,
        "unusable": rules.UNUSABLE,
        "turns": rules.may_turn_pages(found.row.kind) and not found.done and not found.closed,
        "may_see_paper": True,
    }
    return page(request, "paper.html", said=said, status=410 if gone and status == 200 else status, **context)


def _others(session: Any, *, submission_id: str, caller: Caller) -> list[Submission]:
    row = session.get_one(Submission, submission_id)
    found = could_be_joined(session, row)
    private = private_ones(session, row.centre_id, found)
    return [
        each for each in found if rules.may_see(caller.actor.roles, private=each.id in private, served=False)
    ]


@router.get("/papers/{submission_id}/files/{document_id}/{number}.jpg")
async def picture(
    request: Request, submission_id: str, document_id: str, number: int, caller: Guarded, width: int = 1000
) -> Response:
    """One page as a picture, for who has looked at the submission."""
    wide = min((each for each in picturing.WIDTHS if each >= width), default=picturing.WIDTHS[-1])
    async with _few(house_of(request)):
        kind, body = await _opened(request, caller, submission_id, document_id)
        if kind.startswith("image/"):
            return _inline(body, kind)
        try:
            draw = partial(picturing.picture, body, number - 1, wide)
            drawn = await asyncio.get_running_loop().run_in_executor(DRAWING, draw)
        except NoPicture as error:
            raise Refused(RefusalCode.UNKNOWN, str(error)) from None
    return _inline(drawn, "image/jpeg")


def _few(house: House) -> asyncio.Semaphore:
    """A browser asks for all pages at once, and for each the whole file is opened: no more of them are in memory than are drawn."""
    return _OPEN.setdefault(house, asyncio.Semaphore(AT_ONCE))


def _inline(body: bytes, kind: str) -> Response:
    headers = {
        "cache-control": "no-store, private",
        "content-disposition": "inline",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(body, media_type=kind, headers=headers)


async def _opened(
    request: Request, caller: Caller, submission_id: str, document_id: str
) -> tuple[str, bytes]:
    house = house_of(request)

    def reading(session: Any) -> tuple[str, bytes]:
        row = session.get(Submission, submission_id)
        document = session.get(Document, document_id)
        if row is None or row.centre_id != caller.actor.centre:
            raise Refused(paper_looks.UNKNOWN.code, paper_looks.UNKNOWN.say)
        paper_looks.refuse_unless_looked(session, caller.actor, row, house.clock.micros())
        if row.deleted_at is not None:
            raise Refused(RefusalCode.CLOSED, opened.GONE)
        if document is None:
            document = _now_instead(session, submission_id)
        if document is None or document.submission_id != submission_id:
            raise Refused(RefusalCode.UNKNOWN, CHANGED)
        if why := rules.closed_because(row.virus):
            raise Refused(RefusalCode.WRONG_STATE, why)
        found = opened.document(session, house.keyring, document.id)
        return found.type, found.body

    return await house.read(reading)


def _now_instead(session: Any, submission_id: str) -> Document | None:
    """What stands now where a file was that was made searchable, or turned, since the page was loaded; None where that is not plain."""
    files = select(Document).where(
        Document.submission_id == submission_id, Document.type == "application/pdf"
    )
    found = session.exec(files).all()
    return found[0] if len(found) == 1 else None


@router.post("/papers/{submission_id}/files/{document_id}/download")
async def download(request: Request, submission_id: str, document_id: str, caller: Guarded) -> Response:
    """The file itself. It leaves the house with this, which is written down before it does."""
    await form_of(request, caller)
    house = house_of(request)
    looking = partial(paper_looks.look, submission_id=submission_id, what=DOWNLOADED)
    refusal = await house.change(caller.actor, "download_papers", looking)
    if refusal is not None:
        raise Refused(refusal.code, refusal.say)
    kind, body = await _opened(request, caller, submission_id, document_id)

    def named(session: Any) -> str:
        document = session.get(Document, document_id) or _now_instead(session, submission_id)
        return f"{session.get_one(Submission, submission_id).reference}-{document.name if document else 'papers.pdf'}"

    name = await house.read(named)
    headers = {
        "cache-control": "no-store, private",
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(body, media_type=kind, headers=headers)
