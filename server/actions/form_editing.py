"""An administrator's work on a centre's forms: written as a draft, published as a version, put back to an older one; and where each is offered.

A draft is one text a form, seen by nobody but administrators. What is written is held against what its writer had before them (`seen`, a digest): where
somebody else has saved since, nothing is overwritten and both texts are shown (`Clash`). Only a text without a fault is published, and a version never
changes afterwards: who began with it finishes with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from forms.versions import digest_of, form_of
from server.actions.forms import DRAFT, MOST_NUMBER, changed, publish_text, version_text
from server.clock import from_micros
from server.domain.refusals import Refused
from server.store.tables import Form, FormVersion
from server.store.tx import Tx
from wire.vocabulary import RefusalCode

MOST_TEXT = 400_000
"""Of a form: eighty pages in six languages are half of that."""
MOST_FORMS = 100
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
_SLUG_LINE = re.compile(r"^slug:.*$", re.MULTILINE)


@dataclass(frozen=True)
class Clash:
    """Somebody else has written since: what stands there now, and by whom (a staff id)."""

    theirs: str
    digest: str
    by: int | None


def form_here(session: Session, centre_id: int, form_id: int) -> Form:
    """The centre's form; Refused when it has none such."""
    row = session.get(Form, form_id) if form_id <= MOST_NUMBER else None
    if row is None or row.centre_id != centre_id:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such form.")
    return row


def text_now(session: Session, row: Form) -> tuple[str, FormVersion | None]:
    """What the editor shows: the draft if there is one, else the newest version; empty for a form without words."""
    assert row.id is not None, "it was read from the database"
    draft = _version(session, row.id, DRAFT)
    if draft is not None:
        return draft.text, draft
    return version_text(session, row.id, row.version) or "", None


def _version(session: Session, form_id: int, number: int) -> FormVersion | None:
    return session.exec(
        select(FormVersion).where(col(FormVersion.form_id) == form_id, col(FormVersion.number) == number)
    ).one_or_none()


def save_draft(tx: Tx, *, form_id: int, text: str, seen: str) -> Clash | None:
    """None when it was saved. The text may be wrong in any way: it is a draft."""
    session = tx.session()
    row = form_here(session, tx.actor.centre, form_id)
    if len(text) > MOST_TEXT:
        raise Refused(RefusalCode.TOO_LARGE, f"A form has at most {MOST_TEXT:,} signs. Make it shorter.")
    clash = _clash(session, row, text, seen)
    if clash is not None:
        return clash
    _write_draft(tx, row, text)
    return None


def _clash(session: Session, row: Form, text: str, seen: str) -> Clash | None:
    now, draft = text_now(session, row)
    digest = digest_of(now)
    if digest in (seen, digest_of(text)):
        return None
    return Clash(now, digest, draft.made_by if draft is not None else None)


def _write_draft(tx: Tx, row: Form, text: str) -> None:
    session, by = tx.session(), tx.actor.id if tx.actor.kind == "staff" else None
    assert row.id is not None, "it was read from the database"
    draft = _version(session, row.id, DRAFT)
    if draft is None:
        draft = FormVersion(
            form_id=row.id, number=DRAFT, text="", digest="", made_at=from_micros(tx.now), made_by=by
        )
    draft.text, draft.digest = text, digest_of(text)
    draft.made_at, draft.made_by = from_micros(tx.now), by
    session.add(draft)


def publish(tx: Tx, *, form_id: int, text: str, seen: str) -> Clash | int:
    """Its new number. Refused while anything is wrong with it; the draft goes."""
    session = tx.session()
    row = form_here(session, tx.actor.centre, form_id)
    clash = _clash(session, row, text, seen)
    if clash is not None:
        return clash
    shape = form_of(text)
    if shape is None:
        raise Refused(RefusalCode.MALFORMED, "Something is wrong with it. Put that right, then publish.")
    if shape.slug != row.slug:
        raise Refused(
            RefusalCode.MALFORMED,
            f"Its first line must say slug: {row.slug}. A form keeps its name for good.",
        )
    assert row.id is not None, "it was read from the database"
    if version_text(session, row.id, row.version) == text:
        raise Refused(RefusalCode.WRONG_STATE, f"This is version {row.version} already: nothing has changed.")
    _drop_draft(session, row.id)
    number = publish_text(
        session, row, text, from_micros(tx.now), tx.actor.id if tx.actor.kind == "staff" else None
    )
    tx.audit("form_published", f"form:{row.slug}", version=number)
    changed(tx, row.centre_id)
    return number


def discard(tx: Tx, *, form_id: int) -> None:
    """Throw the draft away."""
    row = form_here(tx.session(), tx.actor.centre, form_id)
    assert row.id is not None, "it was read from the database"
    _drop_draft(tx.session(), row.id)
    tx.audit("form_draft_dropped", f"form:{row.slug}")


def _drop_draft(session: Session, form_id: int) -> None:
    draft = _version(session, form_id, DRAFT)
    if draft is not None:
        session.delete(draft)
        session.flush()


def restore(tx: Tx, *, form_id: int, number: int) -> None:
    """Begin a draft with an older version. Refused while there is a draft that says something else."""
    session = tx.session()
    row = form_here(session, tx.actor.centre, form_id)
    assert row.id is not None, "it was read from the database"
    text = version_text(session, row.id, number)
    if text is None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such version.")
    draft = _version(session, row.id, DRAFT)
    if draft is not None and draft.text != text:
        raise Refused(
            RefusalCode.WRONG_STATE, "There is a draft already. Publish it or throw it away, then try again."
        )
    _write_draft(tx, row, text)
    tx.audit("form_restored", f"form:{row.slug}", version=number)


@dataclass(frozen=True)
class Offer:
    """Where a form is offered, who deals with it, and how long it is kept."""

    at_kiosks: bool
    on_web: bool
    service: str
    team: str
    keep_days: int
    icon: str


def set_offer(tx: Tx, *, form_id: int, offer: Offer) -> None:
    session = tx.session()
    row = form_here(session, tx.actor.centre, form_id)
    before = {name: getattr(row, name) for name in offer.__dataclass_fields__}
    for name in before:
        setattr(row, name, getattr(offer, name))
    session.add(row)
    differing = {
        name: getattr(offer, name) for name, value in before.items() if getattr(offer, name) != value
    }
    if differing:
        tx.audit("form_offer", f"form:{row.slug}", **differing)
        changed(tx, row.centre_id)


def add(tx: Tx, *, slug: str, text: str) -> int:
    """A new form, as a draft; its id. It begins from `text`, which gets the new name."""
    session, centre = tx.session(), tx.actor.centre
    if _SLUG.fullmatch(slug) is None:
        raise Refused(
            RefusalCode.MALFORMED,
            "A form's name in addresses has small letters, digits and hyphens, and begins with a letter.",
        )
    here = session.exec(select(Form).where(col(Form.centre_id) == centre)).all()
    if any(each.slug == slug for each in here):
        raise Refused(RefusalCode.MALFORMED, f"There is a form {slug} already. Choose another name.")
    if len(here) >= MOST_FORMS:
        raise Refused(RefusalCode.TOO_LARGE, f"A centre has at most {MOST_FORMS} forms.")
    last = session.exec(select(func.max(Form.position)).where(col(Form.centre_id) == centre)).one()
    row = Form(centre_id=centre, slug=slug, position=(last or 0) + 1, at_kiosks=False, on_web=False)
    session.add(row)
    session.flush()
    assert row.id is not None, "it has been written"
    _write_draft(tx, row, named(text, slug))
    tx.audit("form_added", f"form:{slug}")
    return row.id


def named(text: str, slug: str) -> str:
    """The text with this name in its first lines."""
    line = f"slug: {slug}"
    return _SLUG_LINE.sub(line, text, count=1) if _SLUG_LINE.search(text) else f"{line}\n{text}"


def move(tx: Tx, *, form_id: int, up: bool) -> None:
    """One place up or down in the order visitors see."""
    session = tx.session()
    row = form_here(session, tx.actor.centre, form_id)
    order = list(
        session.exec(
            select(Form)
            .where(col(Form.centre_id) == row.centre_id, col(Form.retired_at).is_(None))
            .order_by(col(Form.position), col(Form.id))
        ).all()
    )
    if row not in order:
        raise Refused(RefusalCode.WRONG_STATE, "It is offered no more. Bring it back first.")
    at = order.index(row)
    other = at - 1 if up else at + 1
    if 0 <= other < len(order):
        order[at], order[other] = order[other], order[at]
        for position, each in enumerate(order):
            each.position = position
            session.add(each)
        changed(tx, row.centre_id)


def retire(tx: Tx, *, form_id: int) -> None:
    """Offer it no more. Its versions stay, for who has begun and for what was sent."""
    session = tx.session()
    row = form_here(session, tx.actor.centre, form_id)
    row.retired_at = from_micros(tx.now)
    session.add(row)
    tx.audit("form_retired", f"form:{row.slug}")
    changed(tx, row.centre_id)


def bring_back(tx: Tx, *, form_id: int) -> None:
    session = tx.session()
    row = form_here(session, tx.actor.centre, form_id)
    row.retired_at = None
    session.add(row)
    tx.audit("form_brought_back", f"form:{row.slug}")
    changed(tx, row.centre_id)
