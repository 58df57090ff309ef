"""Which forms the house offers on the web: each at each centre that has it, in the version whoever begins now begins with.

A form that was begun is found by its own version, also when it is offered no more: it is finished as it was begun.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from forms.form import Form as Shape
from forms.versions import form_of
from server.actions.forms import version_text
from server.live.centre_contact import contact_of
from server.live.offered_forms import forms_offered
from server.store.tables import Centre, Form
from server.web.public.drawing import Place
from server.web.public.voice import Voice


@dataclass(frozen=True)
class FormAt:
    """One form at one centre, in one version."""

    centre: Centre
    row: Form
    version: int
    shape: Shape

    @property
    def centre_id(self) -> int:
        assert self.centre.id is not None, "it was read from the database"
        return self.centre.id

    @property
    def slug(self) -> str:
        return self.row.slug

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.centre.timezone)

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()

    def place(self, voice: Voice) -> Place:
        return Place(self.centre.name, contact_of(self.centre, voice.language))


def forms_on_web(session: Session) -> tuple[FormAt, ...]:
    """All of them, in the order the centres list them."""
    return tuple(
        FormAt(centre, each.row, each.version, each.shape)
        for centre in session.exec(select(Centre).order_by(col(Centre.id))).all()
        if centre.id is not None
        for each in forms_offered(session, centre.id)
        if each.row.on_web
    )


def form_at(session: Session, centre_id: int, slug: str, version: int) -> FormAt | None:
    """A form as somebody began it, whether or not it is still offered."""
    centre = session.get(Centre, centre_id)
    row = session.exec(
        select(Form).where(col(Form.centre_id) == centre_id, col(Form.slug) == slug)
    ).one_or_none()
    if centre is None or row is None or row.id is None:
        return None
    text = version_text(session, row.id, version)
    shape = form_of(text) if text is not None else None
    return FormAt(centre, row, version, shape) if shape is not None else None


def by_slug(offered: Iterable[FormAt]) -> dict[str, list[FormAt]]:
    """Each form with the centres that have it."""
    found: dict[str, list[FormAt]] = {}
    for each in offered:
        found.setdefault(each.slug, []).append(each)
    return found
