"""A page drawn right after a change shows it, also when somebody follows the same view and its feed has not been read anew yet."""

import asyncio
import threading

import pytest

from server.domain import waiting
from server.live.hub import Topic
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import Audience


class _Kept:
    def __init__(self) -> None:
        self.messages: list[str] = []

    def put(self, message: str) -> None:
        self.messages.append(message)


async def test_what_is_glanced_at_after_the_answer_is_as_of_the_answer(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue()
    await rehearsal.sit()
    topic = Topic(rehearsal.kiosk.centre, Audience.PHONE, taken.visit)
    follower = _Kept()
    await rehearsal.house.hub.follow(topic, follower, None)
    try:
        for ask, state in (
            (asks.CallNext(), "called"),
            (asks.Arrive(ticket=taken.ticket), "serving"),
            (asks.Park(ticket=taken.ticket), "parked"),
        ):
            await rehearsal.ask("ann", ask)
            assert (await rehearsal.house.hub.glance(topic))["place"]["state"] == state
    finally:
        rehearsal.house.hub.unfollow(topic, follower)


async def test_what_estimates_need_is_loaded_by_whoever_reads_a_floor_never_by_whoever_draws_it(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded_in = []
    monkeypatch.setattr(waiting, "make_ready", lambda: loaded_in.append(threading.current_thread()))
    topic = Topic(rehearsal.kiosk.centre, Audience.LOBBY)
    await rehearsal.house.hub.glance(topic)
    assert loaded_in == []  # no desk is open
    await rehearsal.sit()
    await rehearsal.house.hub.glance(topic)
    assert loaded_in
    assert threading.main_thread() not in loaded_in


async def test_what_estimates_need_is_loaded_when_the_first_screen_is_there(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the first call after the first desk has opened is shown a tenth of a second late; on a busy machine so late that it is over before it is shown."""
    loading = asyncio.Event()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(waiting, "make_ready", lambda: loop.call_soon_threadsafe(loading.set))
    topic, follower = Topic(rehearsal.kiosk.centre, Audience.LOBBY), _Kept()
    await rehearsal.house.hub.follow(topic, follower, None)
    try:
        await asyncio.wait_for(loading.wait(), 10)
    finally:
        rehearsal.house.hub.unfollow(topic, follower)
