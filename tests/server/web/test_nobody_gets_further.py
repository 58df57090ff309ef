"""Every route, tried as everybody who may come to the door; every way of asking that no route declares; every socket with every credential; and
every object of another centre. All of it is generated from the application's own routes, rules, asks and tables, so what is new is tried too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from starlette.routing import WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from server.domain.access import ROUTES, Actor
from server.web.gate import ENROLLING_PATHS, OWN_PASSWORD_PATHS
from tests.server.web.everybody import Line, Said, Someone, everybody, session_key
from tests.server.web.rehearsal import Served, serving
from tests.server.web.test_access import every_route, filled
from wire import frames
from wire.vocabulary import PROTOCOL, Role

WAYS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
ENDS = {("POST", "/sign-out"), ("POST", "/account/sign-out-elsewhere")}
"""Would end the session of who tries it."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    from server.store.schema import migrate_address

    address = f"sqlite:///{tmp_path_factory.mktemp('house')}/foyer.db"
    migrate_address(address)
    with serving(address) as running:
        yield running


@pytest.fixture(scope="module")
def people(house: Served) -> list[Someone]:
    return everybody(house, OWN_PASSWORD_PATHS, ENROLLING_PATHS)


def test_every_route_is_for_whom_its_rule_says_whoever_comes(house: Served, people: list[Someone]) -> None:
    wrong: list[tuple[str, ...]] = []
    for someone in people:
        with closing(Line(house.url, someone.shows)) as line:
            for (method, path), rule in ROUTES.items():
                if method == "WEBSOCKET" or (method, path) in ENDS:
                    continue
                if rule.everybody and someone.name not in ("nobody", "visitor"):
                    continue  # everybody is everybody
                said = line.ask(method, filled(path))
                allowed = rule.lets_in(someone.actor)
                why = _why_wrong(someone, path, allowed, said.status, said.say) or _untold(said)
                if not why and allowed and method == "POST" and someone.actor.kind == "staff":
                    # Let in, but a form without its token does nothing.
                    why = "" if said.say.startswith("This page was open") or someone.closed else "no token"
                if why:
                    wrong.append((why, someone.name, method, path, str(said.status), said.say))
    assert wrong == []
    assert {role for someone in people for role in someone.actor.roles} == set(Role)


SAID_BY_ALL = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
}


def _untold(said: Said) -> str:
    """Every page, document and refusal says its type, and of text the signs it is written in, for a browser would guess; and that it is nobody else's to show."""
    kind, _, more = said.headers.get("content-type", "").partition(";")
    of_signs = kind.startswith("text/") or kind.endswith("/javascript")
    for name, value in SAID_BY_ALL.items():
        if value not in said.headers.get(name, ""):
            return f"does not say {name}"
    if said.body and (not kind or (of_signs and more.strip().casefold() != "charset=utf-8")):
        return f"does not say what it is: {kind}"
    return ""


def _why_wrong(someone: Someone, path: str, allowed: bool, status: int, say: str) -> str:
    if status >= 500:
        return "a fault"
    if someone.closed is not None:
        closed = "first." in say or status == 303
        return "" if closed != (path in someone.closed) else "closed and yet not, or the other way round"
    refused = status == 401 or "have the right" in say
    if allowed:
        return "refused" if refused else ""
    expected = 401 if someone.actor.kind == "nobody" else 403
    return "" if status == expected else "let in"


def test_no_way_of_asking_that_is_not_declared_does_anything(house: Served) -> None:
    """As somebody with every role: whatever method a route does not name is not taken, and HEAD is as far as GET and no further."""
    declared: dict[str, set[str]] = {}
    for method, path in ROUTES:
        declared.setdefault(path, set()).add(method)
    wrong = []
    with closing(Line(house.url, {"cookie": f"foyer_session={_all_key()}"})) as line:
        for path, methods in declared.items():
            if methods == {"WEBSOCKET"}:
                methods = set()
            for method in WAYS:
                if method in methods:
                    continue
                said = line.ask(method, filled(path))
                others = [each for each in declared if each != path and _fits(each, filled(path))]
                taken = any(method in declared[each] for each in others)
                if said.status not in (404, 405) and not taken:
                    wrong.append((method, path, said.status))
    assert wrong == []


def _all_key() -> str:
    return session_key("all")


def _fits(pattern: str, path: str) -> bool:
    """Whether an address is one of another route's too (`/setup/hours` and `/setup/{room}`)."""
    parts, given = pattern.split("/"), path.split("/")
    if "{path:path}" in pattern:
        return path.startswith(pattern.split("{", maxsplit=1)[0])
    return len(parts) == len(given) and all(a == b or "{" in a for a, b in zip(parts, given, strict=True))


SOCKETS = {"/ws/device", "/ws/staff", "/ws/t/{secret}"}


def test_every_socket_takes_whom_its_rule_says_whatever_is_shown(
    house: Served, people: list[Someone]
) -> None:
    """What is accepted gets a snapshot to its Hello; everybody else is told goodbye or not let in, and is told nothing."""
    found = {route.path for route in every_route(house.app.routes) if isinstance(route, WebSocketRoute)}
    assert found == SOCKETS == {path for method, path in ROUTES if method == "WEBSOCKET"}
    for someone in people:
        for path in sorted(SOCKETS):
            rule = ROUTES["WEBSOCKET", path]
            kinds = {"/ws/device": "device", "/ws/staff": "staff"}
            mine = kinds.get(path) == someone.actor.kind and rule.lets_in(someone.actor)
            allowed = mine and someone.closed is None
            assert _is_told(house, path, someone) == allowed, (someone.name, path)


def _is_told(house: Served, path: str, someone: Someone) -> bool:
    address = house.url.replace("http", "ws", 1) + path.replace("{secret}", "n" * 22)
    try:
        with connect(address, additional_headers=dict(someone.shows), open_timeout=10) as socket:
            socket.send(frames.Hello(protocol=PROTOCOL).encode())
            return '"snapshot"' in str(socket.recv(timeout=10))
    except (InvalidStatus, ConnectionClosed):
        return False


def test_a_person_of_every_role_is_somebody() -> None:
    """The pure rule and what these tests go by agree that no role is a stranger."""
    for role in Role:
        actor = Actor(kind="staff", roles=frozenset({role}))
        assert any(rule.lets_in(actor) for rule in ROUTES.values() if not rule.everybody), role
