"""What a submission is, in words for staff: its purpose's name, or its form's title in the version it was filled in with, and that form itself.

A purpose that is not offered any more, and a form whose text cannot be read any more, leave the short name: what was handed in stays to be dealt with.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from forms.form import Form as Shape
from forms.form import say
from forms.versions import form_of
from server.domain.hand_off import purpose_of
from server.store.tables import Centre, Form, FormVersion, Submission
from wire.vocabulary import HandedIn


@dataclass(frozen=True)
class What:
    name: str
    form: Shape | None = None


def what_is_it(session: Session, submission: Submission) -> What:
    return what(session, submission.centre_id, submission.kind, submission.what, submission.version)


def what(session: Session, centre_id: int, kind: str, slug: str, version: int) -> What:
    if kind == HandedIn.PAPERS:
        purpose = purpose_of(session.get_one(Centre, centre_id).extra, slug)
        return What(purpose.names.get("en", slug) if purpose else slug)
    text = session.exec(
        select(FormVersion.text)
        .join(Form, col(Form.id) == col(FormVersion.form_id))
        .where(col(Form.centre_id) == centre_id, col(Form.slug) == slug, col(FormVersion.number) == version)
    ).first()
    shape = form_of(text) if text else None
    return What(say(shape.title, "en") if shape else slug, shape)
