"""Which forms a centre offers now, read from the text of their newest versions.

One that has no version yet, or whose text cannot be read any more, is not offered: visitors are shown nothing rather than half of something.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, and_, col, select

from forms.form import Form as Shape
from forms.versions import form_of
from server.store.tables import Form, FormVersion


@dataclass(frozen=True)
class OfferedNow:
    """A form in the version that whoever begins now begins with."""

    row: Form
    version: int
    digest: str
    shape: Shape

    @property
    def slug(self) -> str:
        return self.row.slug


def forms_offered(session: Session, centre_id: int) -> tuple[OfferedNow, ...]:
    """In the order they are shown."""
    found = session.exec(
        select(Form, FormVersion)
        .join(
            FormVersion,
            and_(col(FormVersion.form_id) == col(Form.id), col(FormVersion.number) == col(Form.version)),
        )
        .where(col(Form.centre_id) == centre_id, col(Form.retired_at).is_(None), col(Form.version) > 0)
        .order_by(col(Form.position), col(Form.id))
    ).all()
    return tuple(
        OfferedNow(row, version.number, version.digest, shape)
        for row, version in found
        if (shape := form_of(version.text)) is not None
    )
