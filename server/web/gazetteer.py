"""Addresses at a postcode, for kiosks and public pages, and how a new list of them comes in while the house runs.

First the council's own list; where that has nothing and Ordnance Survey may be asked (`FOYER_OS_PLACES_KEY`), theirs. A visitor's page asks no more often than a
person could (`look_up_for_visitor`), so that nobody reads the whole list out of it. What was looked up is written nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from forms.references import read_postcode
from server.actions import addresses
from server.actions.tries import network_of
from server.connectors.os_places import OsPlaces
from server.domain.access import Actor
from server.domain.gazetteer import Gazetteer, Line, chunks, written_under
from server.edge import House
from server.store.sql import Sql
from server.web.throttle import Throttle

_visitors = Throttle(per_minute=20, burst=60)


@dataclass(frozen=True)
class FoundAddress:
    """`lines` as they are written under each other, at most three; `postcode` with its space."""

    uprn: str
    lines: tuple[str, ...]
    postcode: str


async def can_look_up(house: House) -> bool:
    """Whether there is anything to look up in."""
    return bool(house.settings.os_places_key.get_secret_value()) or await house.look(_has_list)


async def look_up(house: House, postcode: str) -> Sequence[FoundAddress] | None:
    """Every address known at a postcode; None when it cannot be said just now. What is no postcode has none."""
    code = read_postcode(postcode)
    if code is None:
        return ()
    listed = await house.look(partial(_listed, postcode=code.replace(" ", "")))
    key = house.settings.os_places_key.get_secret_value()
    if not listed and key:
        asked = await OsPlaces(key, house.settings.os_places_url).find(code)
        if asked is None:
            return None
        listed = asked
    return tuple(FoundAddress(each.uprn, written_under(each.line), code) for each in listed)


async def look_up_for_visitor(house: House, postcode: str, address: str) -> Sequence[FoundAddress] | None:
    """The same for somebody at `address` (of the network); None also when they ask too often."""
    return None if _visitors.wait(network_of(address)) else await look_up(house, postcode)


def _has_list(connection: Connection) -> bool:
    sql = Sql(connection)
    try:
        return addresses.has_list(sql)
    finally:
        sql.close()


def _listed(connection: Connection, *, postcode: str) -> list[Line]:
    sql = Sql(connection)
    try:
        return [Line(each.uprn, postcode, each.line) for each in addresses.find(sql, postcode)]
    finally:
        sql.close()


async def replace_list(
    house: House, actor: Actor, read: Gazetteer, *, file_name: str, digest: str, much_shorter: bool = False
) -> None:
    """Make what was read of a file the list, whole; raises Refused, and the old list then stays as it was."""
    begin = partial(
        addresses.begin, file_name=file_name, digest=digest, lines=len(read.lines), much_shorter=much_shorter
    )
    list_id = await house.change(actor, "addresses", begin)
    for start, piece in chunks(read.lines, addresses.PIECE):
        await house.change(
            actor, "addresses", partial(addresses.add, list_id=list_id, lines=piece, start=start)
        )
    await house.change(actor, "addresses", partial(addresses.take_over, list_id=list_id, read=read))
    while await house.change(actor, "addresses", addresses.sweep):
        pass
