"""Whatever of another centre is named, in an address, a form or an ask, is as if it were not there, and stays as it is.

The other centre has a row in every table. Whoever asks holds every role here; somebody of that centre asks the same, so that it is known that there
was something to be found.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

import pytest
from pydantic import ValidationError

from server.domain.access import ROUTES, SYSTEM, Actor
from server.web.gate import ENROLLING_PATHS, OWN_PASSWORD_PATHS
from tests.server.web.everybody import CSRF, Line, Someone, everybody
from tests.server.web.rehearsal import Served, serving
from tests.server.web.strangers import MARK, NUMBER, SLUG, WORD, make_strangers, rows_of_strangers
from tests.server.web.test_access import BODIES, FILLED
from wire.vocabulary import DeviceKind, new_id

CANDIDATES = {str(NUMBER): "778", MARK * 32: "f" * 32, SLUG: "nozebra", "BCDF-GHJZ": "BCDF-GHJK"}
"""What names a thing of the other centre, and the like of it that names nothing anywhere."""
NO_THINGS = frozenset(
    {"{path:path}", "{deed}", "{topic}", "{step}", "{times}", "{language}", "{room}", "{kind}", "{version}"}
)
KEPT = {
    **{name: FILLED.get(name, "") for name in NO_THINGS},
    "{room}": "services",
    "{language}": "en",
    "{times}": "1",
    "{kind}": "service",
}
"""Parts of an address that name nothing of a centre."""


TELLS_APART = {
    ("POST", f"/appointments/blocks/{MARK * 32}/lift", 409, 303): "blocked at another centre, told in so many words; what is nowhere counts as given back already",
    ("PUT", f"/api/packets/{MARK * 32}", 409, 422): "a packet's number is made by its kiosk: one that is taken is refused before its body is read",
}  # fmt: skip
"""Where the two answers differ, and why they may: both ids are random numbers of 32 signs that nobody can guess."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    from server.store.schema import migrate_address

    address = f"sqlite:///{tmp_path_factory.mktemp('house')}/foyer.db"
    migrate_address(address)
    with serving(address) as running:
        running.run(stop_jobs())
        yield running


async def stop_jobs() -> None:
    """What the house does by itself every few seconds would change the other centre's rows, as it should."""
    for task in asyncio.all_tasks():
        code = getattr(task.get_coro(), "cr_code", None)
        if code is not None and "/server/jobs/" in code.co_filename:
            task.cancel()


@pytest.fixture(scope="module")
def people(house: Served) -> dict[str, Someone]:
    found = {each.name: each for each in everybody(house, OWN_PASSWORD_PATHS, ENROLLING_PATHS)}
    made = house.run(house.house.change(SYSTEM, "strangers", lambda tx: make_strangers(tx, house.ids.other)))
    assert len(made) > 55
    return found


def standing(house: Served) -> dict[str, list[str]]:
    return house.run(house.house.look(lambda connection: rows_of_strangers(connection, house.ids.other)))


def changed(before: dict[str, list[str]], after: dict[str, list[str]]) -> dict[str, tuple[list[str], ...]]:
    """By table: what is gone and what is new."""
    return {
        name: (sorted({*before[name]} - {*after[name]}), sorted({*after[name]} - {*before[name]}))
        for name in before
        if before[name] != after[name]
    }


def addresses(path: str) -> list[tuple[str, str]]:
    """Each address that names another's thing, with the one that names nothing."""
    names = re.findall(r"{[^}]+}", path)
    if not set(names) - NO_THINGS:
        return []
    return [
        (_filled(path, names, theirs), _filled(path, names, nowhere))
        for theirs, nowhere in CANDIDATES.items()
    ]


def _filled(path: str, names: list[str], candidate: str) -> str:
    for name in names:
        path = path.replace(name, (KEPT.get(name) or candidate) if name in NO_THINGS else candidate)
    return path


def test_an_address_that_names_another_centres_thing_finds_nothing_and_changes_nothing(
    house: Served, people: dict[str, Someone]
) -> None:
    before = standing(house)
    wrong, tried, found = [], 0, set()
    body = urlencode({"csrf": CSRF, "reason": "for a test", "name": "Other", "days": "30"}).encode()
    for who in ("all", "program read+book+names", "device kiosk"):
        someone = people[who]
        with closing(Line(house.url, someone.shows, accept="text/html")) as line:
            for (method, path), rule in ROUTES.items():
                if method == "WEBSOCKET" or not rule.lets_in(someone.actor) or rule.everybody:
                    continue
                form = {"content-type": "application/x-www-form-urlencoded"} if method == "POST" else {}
                sent = body if method != "GET" else None
                for theirs, nowhere in addresses(path):
                    said, none = (
                        line.ask(method, theirs, sent, **form),
                        line.ask(method, nowhere, sent, **form),
                    )
                    tried += 1
                    where = said.headers.get("location", ""), none.headers.get("location", "")
                    same = said.status == none.status and where[0].count("/") == where[1].count("/")
                    same |= (method, theirs, said.status, none.status) in TELLS_APART
                    if not same or said.status >= 500 or WORD.encode() in said.body:
                        wrong.append((who, method, theirs, said.status, none.status, *where))
    with closing(Line(house.url, people["elsewhere"].shows, accept="text/html")) as line:
        for method, path in ROUTES:
            for address, _ in addresses(path) if method == "GET" else ():
                if line.ask("GET", address).status == 200:
                    found.add(path)
    assert not wrong, "\n".join(map(str, wrong))
    assert changed(before, standing(house)) == {}
    assert tried > 400
    assert len(found) > 12, found


def test_an_ask_that_names_another_centres_thing_is_refused_and_changes_nothing(
    house: Served, people: dict[str, Someone]
) -> None:
    before = standing(house)
    kiosk = Actor(
        kind="device",
        id=house.ids.devices[DeviceKind.KIOSK],
        centre=house.ids.centre,
        device=DeviceKind.KIOSK,
    )
    bodies: dict[str, Any] = dict(BODIES)
    for name, body in bodies.items():
        given = {key: _theirs(key, value) for key, value in body.model_dump().items()}
        try:
            named = type(body).model_validate(given)
        except ValidationError:
            named = body
        for actor in (people["all"].actor, kiosk):
            answer = house.run(house.house.perform(actor, new_id(), named))
            assert WORD not in answer.encode(), (name, actor.kind)
    assert changed(before, standing(house)) == {}


def _theirs(key: str, value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch("[0-9a-f]{32}", value):
        return MARK * 32
    if isinstance(value, int) and not isinstance(value, bool) and key in ("to", "device", "bookable"):
        return NUMBER
    if isinstance(value, str) and value.startswith("no-such"):
        return SLUG
    return value
