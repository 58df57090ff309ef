"""Everybody who may come to a house's door, each with what they show: one person for each role alone, those whose session is closed or over, programs
with each right, devices of each kind and one that was revoked, a visitor. Their sessions are rows, so nobody waits for a password.

`Line` asks over one kept connection, which is a quarter of the time of a new client for each of thousands of calls.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from server.actions.api_keys import PREFIX
from server.actions.keys import hash_of
from server.clock import from_micros
from server.domain.access import NOBODY, SYSTEM, Actor
from server.store.tables import ApiKey, BrowserSession, Device, Staff, StaffRole
from server.store.tx import Tx
from tests.server.web.rehearsal import TOKENS, Served
from wire.vocabulary import DeviceKind, Role

CSRF = "t" * 44
RIGHTS = ("read", "book", "names")


@dataclass(frozen=True)
class Someone:
    """Who asks and what they show. `closed`: the paths that are theirs until they have chosen a password or set up their app; None: not closed."""

    name: str
    actor: Actor
    shows: Mapping[str, str]
    closed: frozenset[str] | None = None


def cookie(key: str) -> dict[str, str]:
    return {"cookie": f"foyer_session={key}"}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def session_key(name: str) -> str:
    return f"session-of-{name}-for-these-tests"


def everybody(house: Served, must_change: frozenset[str], must_enrol: frozenset[str]) -> list[Someone]:
    """Made once in a house. The closed ones may go to the paths that are given."""
    found: list[Someone] = [Someone("nobody", NOBODY, {})]

    def make(tx: Tx) -> None:
        for role in Role:
            found.append(_staff(tx, house, f"only {role.value}", {role}))
        found.append(_staff(tx, house, "all", set(Role)))
        found.append(_staff(tx, house, "elsewhere", set(Role), centre=house.ids.other))
        closed_ones: tuple[tuple[str, dict[str, Any], frozenset[str]], ...] = (
            ("must change", {"must_change": True}, must_change),
            ("must enrol", {"emergency": True}, must_enrol),
        )
        for name, is_so, closed in closed_ones:
            person = _staff(tx, house, name, set(Role), **is_so)
            found.append(Someone(name, _bare(person.actor), person.shows, closed))
        now = from_micros(tx.now)
        out: tuple[tuple[str, set[Role], dict[str, Any], dict[str, Any]], ...] = (
            ("disabled", set(Role), {"disabled_at": now}, {}),
            ("half signed in", set(Role), {}, {"means": "half"}),
            ("signed out", set(Role), {}, {"ended_at": now}),
            ("away too long", set(Role), {}, {"used_at": now - timedelta(hours=9)}),
            ("here too long", set(Role), {}, {"started_at": now - timedelta(days=2)}),
            ("without any role", set(), {}, {}),
        )
        for name, roles, person_is, session_is in out:
            person = _staff(tx, house, name, roles, session=session_is, **person_is)
            found.append(Someone(name, NOBODY, person.shows))
        _programs(tx, house, found)
        _devices(tx, house, found)

    house.run(house.house.change(SYSTEM, "everybody", make))
    _ticket, _code, secret = house.visitor()
    found.append(Someone("visitor", NOBODY, {**bearer(secret), **cookie(secret)}))
    return found


def _bare(actor: Actor) -> Actor:
    return Actor(kind="staff", id=actor.id, centre=actor.centre)


def _staff(
    tx: Tx,
    house: Served,
    name: str,
    roles: set[Role],
    *,
    centre: int = 0,
    session: Mapping[str, Any] | None = None,
    **more: Any,
) -> Someone:
    centre, orm = centre or house.ids.centre, tx.session()
    person = Staff(username=name.replace(" ", "-"), name=name.title(), **more)
    orm.add(person)
    orm.flush()
    assert person.id is not None
    for role in roles:
        orm.add(StaffRole(staff_id=person.id, centre_id=centre, role=role))
    now = from_micros(tx.now)
    row = {
        "id": hash_of(session_key(name)),
        "staff_id": person.id,
        "centre_id": centre,
        "csrf": CSRF,
        "started_at": now,
        "used_at": now,
        "proved_at": now,
    }
    orm.add(BrowserSession(**{**row, **(session or {})}))
    actor = Actor(kind="staff", id=person.id, centre=centre, roles=frozenset(roles))
    return Someone(name, actor, cookie(session_key(name)))


def _programs(tx: Tx, house: Served, found: list[Someone]) -> None:
    for rights in ((), *((each,) for each in RIGHTS), RIGHTS):
        for revoked in (None, from_micros(tx.now)) if rights == RIGHTS else (None,):
            name = f"program {'+'.join(rights) or 'without rights'}{' revoked' if revoked else ''}"
            token = f"{PREFIX}{hash_of(name)[:40]}"
            key = ApiKey(
                centre_id=house.ids.centre,
                name=name[:40],
                token_hash=hash_of(token),
                rights=list(rights),
                made_at=from_micros(tx.now),
                revoked_at=revoked,
            )
            tx.session().add(key)
            tx.session().flush()
            actor = Actor(kind="program", id=key.id or 0, centre=house.ids.centre, rights=frozenset(rights))
            found.append(Someone(name, NOBODY if revoked else actor, bearer(token)))


def _devices(tx: Tx, house: Served, found: list[Someone]) -> None:
    for kind in DeviceKind:
        actor = Actor(kind="device", id=house.ids.devices[kind], centre=house.ids.centre, device=kind)
        found.append(Someone(f"device {kind.value}", actor, bearer(TOKENS[kind])))
    token = "token-of-a-revoked-kiosk-for-these-tests"
    now = from_micros(tx.now)
    tx.session().add(
        Device(
            centre_id=house.ids.centre,
            kind=DeviceKind.KIOSK,
            name="Revoked",
            token_hash=hash_of(token),
            approved_at=now,
            revoked_at=now,
        )
    )
    found.append(Someone("device revoked", NOBODY, bearer(token)))


@dataclass(frozen=True)
class Said:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def say(self) -> str:
        """The refusal's sentence, if it is one."""
        try:
            read = json.loads(self.body)
            return str(read["refusal"]["say"] if "refusal" in read else read.get("detail", ""))
        except (ValueError, TypeError, KeyError):
            return ""


class Line:
    """One connection to a house; opened again when it was closed."""

    def __init__(self, url: str, shows: Mapping[str, str], accept: str = "application/json") -> None:
        parts = urlsplit(url)
        self._open: Callable[[], http.client.HTTPConnection] = lambda: http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=20
        )
        self._connection = self._open()
        self._headers = {"accept": accept, **shows}

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Said:
        given = {**self._headers, **headers}
        try:
            return self._once(method, path, body, given)
        except (http.client.RemoteDisconnected, ConnectionError):
            self._connection.close()
            self._connection = self._open()
            return self._once(method, path, body, given)

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Said:
        self._connection.request(method, path, body, dict(headers))
        answer = self._connection.getresponse()
        said = answer.read()
        return Said(answer.status, {name.lower(): value for name, value in answer.getheaders()}, said)

    def close(self) -> None:
        self._connection.close()
