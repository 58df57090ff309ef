"""What one server changes, screens at another server on the same PostgreSQL show at once; without a doorbell they show it later."""

import asyncio
import time

import psycopg
import pytest
from sqlalchemy import create_engine, text

from server.live import doorbell
from server.live.doorbell import centres_of
from server.live.hub import MOST_REST, POLL_SECONDS, Topic, rest_after
from server.web.socket import Outbox
from tests.server.conftest import Behind
from tests.support.house import Rehearsal, running_house
from wire.frames import Delta, read_server_frame
from wire.vocabulary import Audience


@pytest.mark.parametrize("payload", ["", "x", "1;2", "-1", "１"])
def test_a_strange_notification_rings_for_nobody(payload: str) -> None:
    assert centres_of(payload) == frozenset()


async def seconds_until_shown(issuing: Rehearsal, showing: Rehearsal) -> float:
    outbox = Outbox()
    await showing.house.hub.follow(Topic(showing.kiosk.centre, Audience.LOBBY), outbox, None)
    began = time.monotonic()
    await issuing.issue()
    while True:
        message = await asyncio.wait_for(outbox.take(), 3 * POLL_SECONDS)
        assert message is not None
        frame = read_server_frame(message)
        if isinstance(frame, Delta) and "line:council-tax" in frame.put:
            return time.monotonic() - began


@pytest.mark.postgres
async def test_the_other_servers_screens_hear_at_once_also_after_the_line_was_cut(postgres_url: str) -> None:
    async with running_house(postgres_url) as one, running_house(postgres_url, seed=False) as two:
        assert await seconds_until_shown(one, two) < POLL_SECONDS / 2
        engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as other:
            other.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
                    " AND pid <> pg_backend_pid()"
                )
            )
        engine.dispose()
        assert await seconds_until_shown(one, two) < 3 * POLL_SECONDS


@pytest.mark.postgres
async def test_a_line_that_says_nothing_is_let_go_of_with_whoever_waits_for_it(
    behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorbell, "PATIENCE_SECONDS", 0.05)
    connection = await psycopg.AsyncConnection.connect(behind.url, autocommit=True)
    number = connection.fileno()
    behind.line.cut()
    with pytest.raises(TimeoutError):
        await doorbell._ask(connection, "SELECT 1")
    watched = asyncio.get_running_loop().remove_reader(number)
    assert not watched, (
        "a number that is watched and closed is given to the next line, which then hears nothing"
    )
    assert asyncio.all_tasks() == {asyncio.current_task()}
    connection.pgconn.finish()
    doorbell._shut(connection)  # one that has ended by itself meanwhile does not hide why all is to end


@pytest.mark.parametrize(("seconds", "rests"), [(0.0, 0.0), (0.1, 0.2), (4.5, MOST_REST), (60.0, MOST_REST)])
def test_a_reading_that_waited_for_a_dead_line_is_not_rested_from_for_as_long(
    seconds: float, rests: float
) -> None:
    assert rest_after(seconds) == pytest.approx(rests)


def test_a_number_longer_than_any_centre_has_rings_for_nobody() -> None:
    assert centres_of(f"{'9' * 5000},7") == {7}
