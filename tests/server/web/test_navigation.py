"""The bars on top of every page: all that somebody may go to stands in one of them, in few enough entries that none is beyond the screen's edge."""

from __future__ import annotations

import re
from contextlib import closing

import pytest

from server.domain.access import Actor
from server.web import navigation
from tests.server.web.rehearsal import Served
from wire.vocabulary import Role


def somebody(*roles: Role) -> Actor:
    return Actor("staff", 1, centre=1, roles=frozenset(roles))


@pytest.mark.parametrize("roles", [(role,) for role in Role] + [tuple(Role)])
def test_every_page_of_the_administration_is_in_a_bar_and_no_bar_is_long(roles: tuple[Role, ...]) -> None:
    actor = somebody(*roles)
    running = navigation.administration_of(actor)
    rooms = navigation.rooms_of(actor)
    assert len(rooms) <= navigation.FEW
    assert [place for room in rooms for place in room.places] in ([], running)
    for place in running:
        tabs = navigation.tabs_of(actor, place.where + "/1")
        assert place in tabs
        assert len(tabs) <= navigation.FEW
    assert not navigation.tabs_of(actor, "/counter")


def test_an_administrator_is_led_room_by_room(served: Served) -> None:
    with closing(served.signed_in("ada")) as client:
        page = client.get("/admin/releases").text
        start = client.get("/").text
    bars = re.findall(r'<nav class="bar-rooms[^"]*" aria-label="([^"]+)">(.*?)</nav>', page, re.S)
    assert [name for name, _ in bars] == ["Administration", "Pages of this part"]
    marked = [re.findall(r'aria-current="(\w+)">([^<]+)<', bar) for _, bar in bars]
    assert marked == [[("true", "Devices")], [("page", "Releases")]]
    for room in navigation.ROOMS:
        assert re.search(rf'<h2 id="wing-\d">{room.label}</h2>', start)
        assert all(f'class="tile" href="{place.where}"' in start for place in room.places)
