"""The figures of self-service of a span of days, for the page and its file: scans by purpose, forms, pages elsewhere, the search, and where people
gave up. Nothing in them says who, and what was searched for is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection
from sqlmodel import Session, select

from server.domain.handing import portals, purposes
from server.domain.self_service_sums import GaveUp, Sum, Use, gave_up, sums, together
from server.live.handed_in_as import what
from server.store.sql import Sql, Statement
from server.store.tables import Centre, Form
from wire.vocabulary import HandedIn, UseKind

_USES = Statement(
    """SELECT kind, slug, ended, step, seconds, pages, retakes FROM self_service_use
    WHERE centre_id = :centre AND used_on >= :first AND used_on <= :last"""
)


@dataclass(frozen=True)
class Usage:
    """Of one kind: by what it was for, and together."""

    rows: Sequence[Sum]
    total: Sum


@dataclass(frozen=True)
class UsesNow:
    first: date
    last: date
    scans: Usage
    forms: Usage
    online: Usage
    search: Sum
    gave_up: Sequence[GaveUp]
    names: Mapping[tuple[str, str], str]
    """By kind and short name."""

    def name(self, row: Sum) -> str:
        """What it is called; a use that ended before anything was chosen has no name."""
        if not row.slug:
            return "Nothing chosen yet"
        return self.names.get((row.kind.value, row.slug), row.slug)


def read_uses(connection: Connection, centre: int, first: date, last: date) -> list[Use]:
    values = {"centre": centre, "first": first.isoformat(), "last": last.isoformat()}
    return [Use(*record) for record in Sql(connection).all(_USES, values)]


def read_self_service(session: Session, centre: int, first: date, last: date) -> UsesNow:
    uses = read_uses(session.connection(), centre, first, last)
    return UsesNow(
        first=first,
        last=last,
        scans=Usage(sums(uses, UseKind.SCAN), together(uses, UseKind.SCAN)),
        forms=Usage(sums(uses, UseKind.FORM), together(uses, UseKind.FORM)),
        online=Usage(sums(uses, UseKind.ONLINE), together(uses, UseKind.ONLINE)),
        search=together(uses, UseKind.SEARCH),
        gave_up=gave_up(uses),
        names=_names(session, centre),
    )


def _names(session: Session, centre_id: int) -> dict[tuple[str, str], str]:
    extra = session.get_one(Centre, centre_id).extra
    names = {(UseKind.SCAN.value, each.slug): each.names.get("en", each.slug) for each in purposes(extra)}
    names |= {(UseKind.ONLINE.value, each.slug): each.names.get("en", each.slug) for each in portals(extra)}
    for form in session.exec(select(Form).where(Form.centre_id == centre_id)):
        found = what(session, centre_id, HandedIn.FORM, form.slug, form.version)
        names[UseKind.FORM.value, form.slug] = found.name
    return names
