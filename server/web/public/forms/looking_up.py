"""Addresses at a postcode, for the pages of a form (`server.web.gazetteer`). Whoever asks faster than a person could finds nothing, and types it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from server.web import gazetteer
from server.web.gate import house_of
from server.web.identity import address_of


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
    """Whether this house has anything to look up in."""
    return await gazetteer.can_look_up(house_of(request))


async def addresses_at(request: Request, centre_id: int, postcode: str) -> Sequence[Found]:
    found = await gazetteer.look_up_for_visitor(house_of(request), postcode, address_of(request))
    return [Found(each.uprn, each.lines, each.postcode, each.uprn) for each in found or ()]
