"""What was read of a file is had again by who sent it, for its time, at whichever server; and nobody reads it in the database."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from server.domain.access import Actor
from server.store.tables import Piece
from server.web.identity import Caller
from server.web.previews import Kept, Previews
from tests.support.house import Rehearsal, running_house

HALF_AN_HOUR = round(timedelta(minutes=30).total_seconds()) * 1_000_000


def who(staff: int = 1, centre: int = 7) -> Caller:
    return Caller(Actor(kind="staff", id=staff, centre=centre))


def kept(rehearsal: Rehearsal) -> Kept[list[str]]:
    return Kept(rehearsal.clock.micros(), 1, 7, "names.csv", "d", ["Jane Example"] * 100_000)


async def test_a_file_is_had_by_who_sent_it_where_they_sent_it(rehearsal: Rehearsal) -> None:
    house, previews = rehearsal.house, Previews[list[str]]("names", HALF_AN_HOUR)
    key = await previews.keep(house, kept(rehearsal))
    assert await previews.take(house, key, who()) == kept(rehearsal)
    assert await previews.take(house, key, who(staff=2)) is None
    assert await previews.take(house, key, who(centre=8)) is None
    assert await Previews[list[str]]("others", HALF_AN_HOUR).take(house, key, who()) is None
    await previews.drop(house, key)
    assert await previews.take(house, key, who()) is None


async def test_its_time_is_over(rehearsal: Rehearsal) -> None:
    house, previews = rehearsal.house, Previews[list[str]]("names", HALF_AN_HOUR)
    key = await previews.keep(house, kept(rehearsal))
    rehearsal.clock.go(minutes=30)
    assert await previews.take(house, key, who()) is None


async def test_no_name_stands_in_the_database_and_nothing_put_there_is_loaded(rehearsal: Rehearsal) -> None:
    house, previews = rehearsal.house, Previews[list[str]]("names", HALF_AN_HOUR)
    key = await previews.keep(house, kept(rehearsal))

    def bodies(session: Session) -> list[bytes]:
        return [bytes(each) for each in session.exec(select(Piece.body).where(Piece.document_id == key))]

    pieces = await house.read(bodies)
    assert len(pieces) > 1
    assert all(b"Jane" not in each for each in pieces)
    house.keyring.__dict__["mark"] = lambda *_: "another's"
    try:
        assert await previews.take(house, key, who()) is None
    finally:
        del house.keyring.__dict__["mark"]


@pytest.mark.postgres
async def test_another_server_has_it_too(postgres_url: str) -> None:
    previews = Previews[list[str]]("names", HALF_AN_HOUR)
    async with running_house(postgres_url) as one, running_house(postgres_url, seed=False) as two:
        key = await previews.keep(one.house, kept(one))
        assert await previews.take(two.house, key, who()) == kept(one)
