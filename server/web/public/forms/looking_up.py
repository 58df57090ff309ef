"""Addresses at a postcode, for the pages of a form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session, col, select
from starlette.requests import Request

from server.store.tables import Address
from server.web.gate import house_of

MOST_FOUND = 200


@dataclass(frozen=True)
class Found:
    """One address: `key` names it in the list, `lines` as they are written under each other."""

    key: str
    lines: tuple[str, ...]
    postcode: str
    uprn: str = ""

    @property
    def shown(self) -> str:
        return ", ".join(self.lines)


async def can_look_up(request: Request) -> bool:
    """Whether this house has a list at all."""
    return (
        await house_of(request).read(lambda session: session.exec(select(Address.id).limit(1)).first())
        is not None
    )


async def addresses_at(request: Request, centre_id: int, postcode: str) -> Sequence[Found]:
    return await house_of(request).read(partial(_listed, postcode=postcode))


def _listed(session: Session, *, postcode: str) -> Sequence[Found]:
    rows = session.exec(
        select(Address)
        .where(col(Address.postcode) == postcode.replace(" ", "").upper())
        .order_by(col(Address.position), col(Address.id))
        .limit(MOST_FOUND)
    ).all()
    return [Found(row.uprn, _lines(row.line), postcode, row.uprn) for row in rows]


def _lines(line: str) -> tuple[str, ...]:
    """Three at most: what is over stands in the last."""
    parts = [part.strip() for part in line.split(",") if part.strip()]
    return tuple(parts[:2] + ([", ".join(parts[2:])] if len(parts) > 2 else []))
