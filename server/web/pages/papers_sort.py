"""What staff do with one submission: each a form of its page, and back to it with what was refused.

Pages are changed in memory: the file is opened, made anew, sealed and put into the database piece by piece; the last change puts it in the place of the
one that was looked at, if that is still there. What came to nothing goes at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

from fastapi import APIRouter
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import paper_looks, sorting, submissions
from server.actions.sorting import Changed
from server.actions.submissions import Sealed
from server.domain.access import SYSTEM
from server.domain.papers import PAPER_WORDS, closed_because
from server.domain.refusals import Refused
from server.edge import House
from server.live import opened
from server.live.opened import Opened
from server.papers import sealing
from server.store.tables import Document, Submission
from server.web.errors import STATUS
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages.papers import one_page
from server.web.taking_in import put
from wire.references import new_reference
from wire.vocabulary import PaperKind, RefusalCode, new_id

router = APIRouter()

LOOK_FIRST = (
    "Look at the other one first, to see that the same visitor handed in both. Then put them together."
)

Deed = Callable[[House, Caller, FormData, str], Awaitable[str]]
"""Does it; where to go afterwards."""


@router.post("/papers/{submission_id}/accept")
async def accept(request: Request, submission_id: str, caller: Guarded) -> Response:
    return await _do(request, caller, submission_id, _accept)


async def _accept(house: House, caller: Caller, form: FormData, number: str) -> str:
    await house.change(caller.actor, "accept_papers", partial(sorting.accept, submission_id=number))
    return number


@router.post("/papers/{submission_id}/reject")
async def reject(request: Request, submission_id: str, caller: Guarded) -> Response:
    return await _do(request, caller, submission_id, _reject)


async def _reject(house: House, caller: Caller, form: FormData, number: str) -> str:
    facts = await house.read(partial(_facts, house=house, number=number))
    deed = partial(
        sorting.reject,
        submission_id=number,
        why=text_of(form, "why", 40),
        phone=facts.phone,
        email=facts.email,
        nobody=bool(text_of(form, "nobody")),
    )
    await house.change(caller.actor, "reject_papers", deed)
    return number


def _facts(session: Session, *, house: House, number: str) -> sealing.Facts:
    """Empty where they cannot be opened: what is damaged must still be rejected."""
    with contextlib.suppress(Refused):
        return opened.facts(session, house.keyring, number)
    return sealing.Facts()


@router.post("/papers/{submission_id}/refile")
async def refile(request: Request, submission_id: str, caller: Guarded) -> Response:
    return await _do(request, caller, submission_id, _refile)


async def _refile(house: House, caller: Caller, form: FormData, number: str) -> str:
    deed = partial(
        sorting.refile,
        submission_id=number,
        what=text_of(form, "what", 40),
        team=text_of(form, "team", 40),
    )
    await house.change(caller.actor, "refile_papers", deed)
    return number


@router.post("/papers/{submission_id}/again")
async def again(request: Request, submission_id: str, caller: Guarded) -> Response:
    return await _do(request, caller, submission_id, _again)


async def _again(house: House, caller: Caller, form: FormData, number: str) -> str:
    await house.change(caller.actor, "send_papers_again", partial(sorting.send_again, submission_id=number))
    return number


@router.post("/papers/{submission_id}/delete")
async def delete(request: Request, submission_id: str, caller: Guarded) -> Response:
    return await _do(request, caller, submission_id, _delete)


async def _delete(house: House, caller: Caller, form: FormData, number: str) -> str:
    deed = partial(
        sorting.delete,
        submission_id=number,
        why=text_of(form, "why", 40),
        sure=bool(text_of(form, "sure")),
    )
    await house.change(caller.actor, "delete_papers", deed)
    return number


# Pages ------------------------------------------------------------------------------------------------------------------


@router.post("/papers/{submission_id}/turn")
async def turn(request: Request, submission_id: str, caller: Guarded) -> Response:
    return await _do(request, caller, submission_id, _turn)


async def _turn(house: House, caller: Caller, form: FormData, number: str) -> str:
    wanted = _numbers(form, "page")
    degrees = {"right": 90, "left": 270, "over": 180}.get(text_of(form, "way", 10))
    if degrees is None or not wanted:
        raise Refused(RefusalCode.MALFORMED, "Choose the pages to turn, and which way.")
    file = await _looked_at(house, caller, number, text_of(form, "document", 32))
    made = await _made("turn", file.body, [each - 1 for each in wanted], degrees)
    async with _kept(house, made, file.pages) as sealed:
        deed = partial(
            sorting.replace,
            submission_id=number,
            changed=Changed(file.id, sealed, file.searchable),
            deed="submission_turned",
        )
        await house.change(caller.actor, "turn_pages", deed)
    return number


@router.post("/papers/{submission_id}/split")
async def split(request: Request, submission_id: str, caller: Guarded) -> Response:
    return await _do(request, caller, submission_id, _split)


async def _split(house: House, caller: Caller, form: FormData, number: str) -> str:
    cuts = _numbers(form, "before")
    file = await _looked_at(house, caller, number, text_of(form, "document", 32))
    if len(cuts) != 1 or not 1 < cuts[0] <= file.pages:
        raise Refused(
            RefusalCode.MALFORMED,
            f"Choose the page that the new one begins with: 2 to {file.pages}."
            if file.pages > 1
            else "One page cannot be split.",
        )
    at = cuts[0] - 1
    first, rest = await _made("split", file.body, [at])
    row, facts = await house.read(partial(_row_and_facts, house=house, number=number))
    kept, gone = divided(row.papers, at)
    fresh, key = new_id(), sealing.new_key()
    new = {
        "id": fresh,
        "reference": new_reference(secrets.choice),
        "key": house.keyring.wrap(key),
        "facts": sealing.seal_facts(key, fresh, facts),
        "body_hash": hashlib.sha256(fresh.encode()).hexdigest(),
    }
    async with _kept(house, first, at) as one, _kept(house, rest, file.pages - at) as two:
        deed = partial(
            sorting.split,
            submission_id=number,
            kept=Changed(file.id, one, file.searchable),
            rest=two,
            new=new,
            papers_kept=kept,
            papers_rest=gone,
        )
        await house.change(caller.actor, "split_papers", deed)
    return number


def divided(
    papers: Sequence[Mapping[str, Any]], at: int
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """The papers before and from page `at` (from 0); one that is cut through is in both."""
    before: list[Mapping[str, Any]] = []
    after: list[Mapping[str, Any]] = []
    seen = 0
    for paper in papers:
        pages = int(paper.get("pages", 0))
        first = min(max(at - seen, 0), pages)
        if first:
            before.append({**paper, "pages": first})
        if pages - first:
            after.append({**paper, "pages": pages - first})
        seen += pages
    return before, after


def _row_and_facts(session: Session, *, house: House, number: str) -> tuple[Submission, sealing.Facts]:
    return session.get_one(Submission, number), opened.facts(session, house.keyring, number)


@router.post("/papers/{submission_id}/join")
async def join(request: Request, submission_id: str, caller: Guarded) -> Response:
    return await _do(request, caller, submission_id, _join)


async def _join(house: House, caller: Caller, form: FormData, number: str) -> str:
    other = text_of(form, "other", 32)
    if not other or other == number:
        raise Refused(RefusalCode.MALFORMED, "Choose the submission whose pages are put behind these.")
    file = await _looked_at(house, caller, number, text_of(form, "document", 32))
    behind = await house.read(partial(_first_file, house=house, caller=caller, number=other))
    parts = [(_title(file), file.body), (_title(behind), behind.body)]
    made = await _made("join", parts)
    async with _kept(house, made, file.pages + behind.pages) as sealed:
        changed = Changed(file.id, sealed, True if file.searchable and behind.searchable else None)
        deed = partial(
            sorting.join, submission_id=number, other_id=other, changed=changed, other_was=behind.id
        )
        await house.change(caller.actor, "join_papers", deed)
    return number


def _title(file: Opened) -> str:
    return f"{PAPER_WORDS[PaperKind.OTHER]} ({file.pages})"


def _first_file(session: Session, *, house: House, caller: Caller, number: str) -> Opened:
    row = session.get(Submission, number)
    if row is None or row.centre_id != caller.actor.centre:
        raise Refused(paper_looks.UNKNOWN.code, paper_looks.UNKNOWN.say)
    if row.deleted_at is not None:
        raise Refused(RefusalCode.WRONG_STATE, "The other was deleted, or put into another, meanwhile.")
    try:
        paper_looks.refuse_unless_looked(session, caller.actor, row, house.clock.micros())
    except Refused:
        raise Refused(RefusalCode.WRONG_STATE, LOOK_FIRST) from None
    if why := closed_because(row.virus):
        raise Refused(RefusalCode.WRONG_STATE, why)
    files = [
        each for each in opened.documents(session, house.keyring, number) if each.type == "application/pdf"
    ]
    if not files:
        raise Refused(RefusalCode.WRONG_STATE, "The other has no pages.")
    return files[0]


async def _looked_at(house: House, caller: Caller, number: str, document: str) -> Opened:
    """The file that was looked at, if it is still the one."""

    def reading(session: Session) -> Opened:
        row, file = session.get(Submission, number), session.get(Document, document)
        if row is None or row.centre_id != caller.actor.centre:
            raise Refused(paper_looks.UNKNOWN.code, paper_looks.UNKNOWN.say)
        paper_looks.refuse_unless_looked(session, caller.actor, row, house.clock.micros())
        if file is None or file.submission_id != number:
            raise Refused(RefusalCode.WRONG_STATE, opened.GONE if row.deleted_at else sorting.CHANGED)
        if why := closed_because(row.virus):
            raise Refused(RefusalCode.WRONG_STATE, why)
        return opened.document(session, house.keyring, document)

    return await house.read(reading)


async def _made(what: Literal["turn", "split", "join"], *arguments: Any) -> Any:
    """What `binding` makes of it; its refusals as sentences."""
    try:
        return await asyncio.to_thread(_bound, what, *arguments)
    except ValueError:
        raise Refused(RefusalCode.MALFORMED, "There is no such page. Look at the pages again.") from None


def _bound(what: Literal["turn", "split", "join"], *arguments: Any) -> Any:
    from server.papers import (
        binding,  # 20 MB of libraries, for when pages are moved about; in the thread that does it
    )

    functions: Mapping[str, Callable[..., Any]] = {
        "turn": binding.turn,
        "split": binding.split,
        "join": binding.join,
    }
    return functions[what](*arguments)


@contextlib.asynccontextmanager
async def _kept(house: House, body: bytes, pages: int) -> Any:
    """A new file, sealed and in the database, for the change inside to name; gone again if that fails."""
    key, document = sealing.new_key(), new_id()
    sealed = Sealed(
        document,
        "papers.pdf",
        "application/pdf",
        pages,
        len(body),
        sealing.how_many(len(body)),
        house.keyring.wrap(key),
    )
    try:
        await put(house, document, key, body)
        yield sealed
    except BaseException:
        with contextlib.suppress(Refused):
            drop = partial(submissions.drop_pieces, documents=[document])
            await house.change(SYSTEM, "drop_pieces", drop)
        raise


def _numbers(form: FormData, name: str) -> list[int]:
    return [
        int(each)
        for each in form.getlist(name)
        if isinstance(each, str) and each.isdecimal() and len(each) < 6
    ]


async def _do(request: Request, caller: Caller, submission_id: str, deed: Deed) -> Response:
    form = await form_of(request, caller)
    try:
        there = await deed(house_of(request), caller, form, submission_id)
    except Refused as refused:
        code = refused.refusal.code
        if code in (RefusalCode.UNKNOWN, RefusalCode.NOT_ALLOWED):
            raise
        # What it says is said on top of the submission as it is now.
        return await one_page(
            request, caller, submission_id, said=refused.refusal.say, status=STATUS.get(code, 409)
        )
    return RedirectResponse(f"/papers/{there}/look", status_code=303)
