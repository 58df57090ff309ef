"""Who is asking: staff by their browser's session, a device by its token, a program by its key, a visitor by their ticket's secret.

Every request and socket is looked up by the hash of the key it shows. What was found is remembered for `REMEMBER_SECONDS`, so a thousand
asks a second cost a thousand dictionary look-ups, and whatever cuts somebody off (sign-out, disabling, a role taken, a device revoked, by
this process or another) works within those seconds. A live socket asks `still` at least every two seconds; it answers the caller as they
are now, with the roles they have now, or None.

Time limits: a session ends `idle_minutes` after its last use and `absolute_hours` after its start. Use is written down at most once a minute.
An open page that only listens is not use.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.requests import HTTPConnection

from server.actions import sessions
from server.actions.api_keys import PREFIX, note_use
from server.actions.keys import hash_of
from server.clock import Clock, from_micros
from server.domain import browsers
from server.domain.access import NOBODY, Actor
from server.domain.proving import must_have_factor
from server.settings import Settings
from server.store.sql import Sql, Statement, document
from server.store.tx import Tx
from wire.frames import MACHINE_HEADER
from wire.vocabulary import DeviceKind, Role

REMEMBER_SECONDS = 2.0
MOST_REMEMBERED = 20_000
USE_EVERY = timedelta(minutes=1)
DEVICE_COOKIE = "foyer_device"

_UTC = ZoneInfo("UTC")

T = TypeVar("T")


class House(Protocol):
    """What identity needs of the edge."""

    settings: Settings
    clock: Clock

    async def look(self, function: Callable[[Connection], T]) -> T: ...
    async def change(self, actor: Actor, name: str, action: Callable[[Tx], T]) -> T: ...


@dataclass(frozen=True)
class Caller:
    """An actor with what the web needs besides: which key let them in, and for staff their session.

    `key` is the hash of the credential; empty for nobody. `must_change` staff have no roles until they chose a password, `must_enrol` staff none until
    they set up an authenticator app.
    """

    actor: Actor
    key: str = ""
    csrf: str = ""
    must_change: bool = False
    centre_name: str = ""
    centres: int = 0
    """At how many centres this person has a role."""
    must_enrol: bool = False
    means: str = ""
    """How they signed in (`server.store.tables.BrowserSession`)."""
    proved_at: datetime | None = None
    """When they last showed who they are."""
    evacuated_at: int | None = None
    """Since when everybody must leave the centre where this person works now."""
    zone: ZoneInfo = _UTC
    buildings: tuple[tuple[int, str], ...] = ()
    """Where whoever must choose a password or set up an app first may say all the same that everybody must leave; only told of them."""
    machine: str = ""
    """The one a device's token is good on, where it named one (`server.actions.machines`)."""

    @property
    def signed_in(self) -> bool:
        return self.actor.kind == "staff"


class Identity:
    def __init__(self, house: House) -> None:
        self._house = house
        self._known: dict[str, tuple[float, Caller]] = {}
        self._used: dict[str, int] = {}

    @property
    def session_cookie(self) -> str:
        """`__Host-` ties the cookie to this very host and to TLS; browsers refuse that name without TLS."""
        return "__Host-foyer_session" if self._house.settings.secure_cookies else "foyer_session"

    @property
    def device_cookie(self) -> str:
        return f"__Host-{DEVICE_COOKIE}" if self._house.settings.secure_cookies else DEVICE_COOKIE

    def device_token(self, connection: HTTPConnection) -> str | None:
        """What a display's browser holds. Those that were paired by an earlier release hold it under its bare name until their page is loaded anew."""
        return connection.cookies.get(self.device_cookie) or connection.cookies.get(DEVICE_COOKIE)

    async def caller(self, connection: HTTPConnection, *, using: bool = True) -> Caller:
        """Who makes this request. A device's token goes before a cookie. `using` False: a page looks by itself, nobody does."""
        address = address_of(connection)
        bearer = _bearer(connection.headers)
        if bearer is not None:
            kind = "program" if bearer.startswith(PREFIX) else "device"
            shown = await self._found(kind, bearer, address)
            if shown is None or not on_its_machine(shown, connection):
                return _nobody(address)
            await self._note_use(shown)
            return shown
        key = connection.cookies.get(self.session_cookie)
        if key:
            found = await self._found("staff", key, address)
            if found is not None:
                if using:
                    await self._note_use(found)
                return found
        token = self.device_token(connection)
        found = await self._found("device", token, address) if token else None
        return found if found is not None and on_its_machine(found, connection) else _nobody(address)

    async def staff(self, connection: HTTPConnection) -> Caller | None:
        """The member of staff whose browser this is."""
        key = connection.cookies.get(self.session_cookie)
        return await self._found("staff", key, address_of(connection)) if key else None

    async def device(self, connection: HTTPConnection, *, anywhere: bool = False) -> Caller | None:
        """The device, by its token in the Authorization header or a display's cookie; on its own machine, unless `anywhere`: then the asker judges that."""
        token = _bearer(connection.headers) or self.device_token(connection)
        found = await self._found("device", token, address_of(connection)) if token else None
        return found if found is None or anywhere or on_its_machine(found, connection) else None

    async def visitor(self, secret: str, address: str = "") -> Caller | None:
        """The visitor whose ticket carries this secret; None once the visit is over or the secret is not one."""
        return await self._found("visitor", secret, address)

    async def still(self, caller: Caller) -> Caller | None:
        """The same caller as they are now, or None when their key lets nobody in any more. Cheap when asked often."""
        if not caller.key:
            return None
        return await self._look_up(caller.actor.kind, caller.key, caller.actor.address)

    async def anew(self, caller: Caller) -> Caller | None:
        """As `still`, and without what is remembered: where something the caller had is gone at once."""
        self._known.pop(f"{caller.actor.kind}:{caller.key}", None)
        return await self.still(caller)

    def remembered(self, caller: Caller) -> Caller | None:
        """The same without looking anything up: None when it is time to ask `still`."""
        kept = self._known.get(f"{caller.actor.kind}:{caller.key}")
        if kept is None or time.monotonic() - kept[0] >= REMEMBER_SECONDS:
            return None
        return kept[1] if kept[1].actor.address == caller.actor.address else None

    async def note_use(self, caller: Caller) -> None:
        """Asks over a socket are use as much as pages are: the idle limit counts from the last."""
        await self._note_use(caller)

    def forget(self) -> None:
        """Look everybody up anew: called after whatever cuts somebody off."""
        self._known.clear()

    async def _found(self, kind: str, key: str, address: str) -> Caller | None:
        if not 20 <= len(key) <= 200:
            return None
        return await self._look_up(kind, hash_of(key), address)

    async def _look_up(self, kind: str, key: str, address: str) -> Caller | None:
        slot, at = f"{kind}:{key}", time.monotonic()
        remembered = self._known.get(slot)
        if remembered is not None and at - remembered[0] < REMEMBER_SECONDS:
            here = _at(remembered[1], address)
            self._known[slot] = remembered[0], here  # it keeps its place in the order
            return here
        now, settings = self._house.clock.now(), self._house.settings
        found = await self._house.look(lambda connection: _READERS[kind](Sql(connection), key, now, settings))
        found = None if found is None else _at(found, address)
        self._remember(slot, at, found)
        return found

    def _remember(self, slot: str, at: float, found: Caller | None) -> None:
        self._known.pop(slot, None)
        if found is not None:  # guesses are not remembered: they would fill the memory
            self._known[slot] = (at, found)
        # Who was remembered longest ago stands first. What nobody goes by any more is let go of: it names people.
        over = time.monotonic() - REMEMBER_SECONDS
        while self._known and (
            next(iter(self._known.values()))[0] < over or len(self._known) > MOST_REMEMBERED
        ):
            del self._known[next(iter(self._known))]

    async def _note_use(self, caller: Caller) -> None:
        if caller.actor.kind not in ("staff", "program"):
            return
        now = self._house.clock.micros()
        over = now - round(USE_EVERY / timedelta(microseconds=1))
        if self._used.get(caller.key, over) > over:
            return
        self._used.pop(caller.key, None)
        while self._used and next(iter(self._used.values())) <= over:
            del self._used[next(iter(self._used))]
        self._used[caller.key] = now
        using = (
            partial(sessions.use_session, session_id=caller.key)
            if caller.signed_in
            else partial(note_use, key_id=caller.actor.id)
        )
        await self._house.change(caller.actor, "note_use", using)


def _at(caller: Caller, address: str) -> Caller:
    return (
        caller
        if caller.actor.address == address
        else replace(caller, actor=replace(caller.actor, address=address))
    )


def address_of(connection: HTTPConnection) -> str:
    return (connection.client.host if connection.client else "")[:60]


def browser_of(connection: HTTPConnection) -> str:
    """What kind of browser this is, in a few words of ours."""
    return browsers.said_of(connection.headers.get("user-agent", ""))


def on_its_machine(caller: Caller, connection: HTTPConnection) -> bool:
    """Whether a device asks from the machine its token belongs to. One that never named a machine (a browser) is nowhere else."""
    return not caller.machine or connection.headers.get(MACHINE_HEADER, "") == caller.machine


def _nobody(address: str) -> Caller:
    return Caller(replace(NOBODY, address=address))


def _bearer(headers: Mapping[str, str]) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.casefold() == "bearer" and token.strip() else None


_SESSION = Statement(
    """SELECT s.staff_id, s.centre_id, s.csrf, s.started_at, s.used_at, f.name, f.must_change, c.name,
    f.emergency, s.means, s.proved_at, a.confirmed_at, c.evacuated_at, c.timezone FROM browser_session s
    JOIN staff f ON f.id = s.staff_id JOIN centre c ON c.id = s.centre_id LEFT JOIN second_factor a ON a.staff_id = s.staff_id
    WHERE s.id = :key AND s.ended_at IS NULL AND s.means <> 'half' AND f.disabled_at IS NULL"""
)
_ROLES = Statement("SELECT centre_id, role FROM staff_role WHERE staff_id = :staff")
_BUILDINGS = Statement(
    "SELECT DISTINCT c.id, c.name FROM centre c JOIN staff_role r ON r.centre_id = c.id WHERE r.staff_id = :staff ORDER BY c.name"
)
_DEVICE = Statement(
    "SELECT id, centre_id, kind, name, machine FROM device WHERE token_hash = :key AND revoked_at IS NULL"
)
_PROGRAM = Statement(
    "SELECT id, centre_id, name, rights FROM api_key WHERE token_hash = :key AND revoked_at IS NULL"
)
_VISIT = Statement("SELECT id, centre_id FROM visit WHERE follow_hash = :key AND ended_at IS NULL")
_SHOWN = Statement("SELECT id, centre_id FROM visit WHERE shown_hash = :key AND ended_at IS NULL")
"""Two statements, for each has an index of its own; most visitors hold paper, so it is asked for first."""
_MERGED = (
    Statement("SELECT merged_into FROM visit WHERE follow_hash = :key AND merged_into IS NOT NULL"),
    Statement("SELECT merged_into FROM visit WHERE shown_hash = :key AND merged_into IS NOT NULL"),
)
_BECAME = Statement("SELECT id, centre_id, merged_into, ended_at FROM visit WHERE id = :visit")
MOST_MERGES = 8
"""A visit became part of another, that of a third, and so on: nobody takes more tickets than this."""


def _read_staff(sql: Sql, key: str, now: datetime, settings: Settings) -> Caller | None:
    found = sql.one(_SESSION, {"key": key})
    if found is None:
        return None
    (
        staff,
        centre,
        csrf,
        started,
        used,
        name,
        must_change,
        centre_name,
        emergency,
        means,
        proved,
        has_factor,
        evacuated_at,
        timezone,
    ) = found
    if is_over(from_micros(started), from_micros(used), now, settings):
        return None
    held = sql.all(_ROLES, {"staff": staff})
    roles = frozenset(Role(role) for where, role in held if where == centre)
    if not roles:
        return None
    everywhere = {Role(role) for _, role in held}
    must_enrol = has_factor is None and must_have_factor(
        settings.second_factor, everywhere, emergency=bool(emergency), means=means
    )
    closed = must_change or must_enrol
    actor = Actor(kind="staff", id=staff, centre=centre, roles=frozenset() if closed else roles, name=name)
    return Caller(
        actor,
        key,
        csrf,
        bool(must_change),
        centre_name,
        len({where for where, _ in held}),
        must_enrol,
        means,
        from_micros(proved or started),
        evacuated_at=evacuated_at,
        zone=ZoneInfo(timezone),
        buildings=tuple((number, called) for number, called in sql.all(_BUILDINGS, {"staff": staff}))
        if closed
        else (),
    )


def is_over(started: datetime, used: datetime, now: datetime, settings: Settings) -> bool:
    """Whether a session that nobody ended has run out."""
    idle = now - used > timedelta(minutes=settings.idle_minutes)
    return idle or now - started > timedelta(hours=settings.absolute_hours)


def _read_device(sql: Sql, key: str, now: datetime, settings: Settings) -> Caller | None:
    found = sql.one(_DEVICE, {"key": key})
    if found is None:
        return None
    number, centre, kind, name, machine = found
    actor = Actor(kind="device", id=number, centre=centre, device=DeviceKind(kind), name=name)
    return Caller(actor, key, machine=machine)


def _read_program(sql: Sql, key: str, now: datetime, settings: Settings) -> Caller | None:
    found = sql.one(_PROGRAM, {"key": key})
    if found is None:
        return None
    number, centre, name, rights = found
    actor = Actor(kind="program", id=number, centre=centre, name=name, rights=frozenset(document(rights)))
    return Caller(actor, key)


def _read_visitor(sql: Sql, key: str, now: datetime, settings: Settings) -> Caller | None:
    found = sql.one(_VISIT, {"key": key}) or sql.one(_SHOWN, {"key": key}) or _what_it_became(sql, key)
    return None if found is None else Caller(Actor(kind="visitor", centre=found[1], visit=found[0]), key)


def _what_it_became(sql: Sql, key: str) -> tuple[str, int] | None:
    """Whoever took two tickets may follow by either paper: the open visit that this secret's visit became part of."""
    into = next((found[0] for each in _MERGED if (found := sql.one(each, {"key": key})) is not None), None)
    for _ in range(MOST_MERGES):
        became = sql.one(_BECAME, {"visit": into}) if into is not None else None
        if became is None or became[3] is None:
            return None if became is None else (became[0], became[1])
        into = became[2]
    return None


_READERS: Mapping[str, Callable[[Sql, str, datetime, Settings], Caller | None]] = {
    "staff": _read_staff,
    "device": _read_device,
    "program": _read_program,
    "visitor": _read_visitor,
}
